"""Broken calls of a provider through the real door: never a 500, all of them kept, and no message lost.

FUZZ=100000 FUZZ_SEED=7 makes a long run of the test of mutations; each seed is another one.
"""

from __future__ import annotations

import copy
import gzip
import io
import json
import os
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import cast

import pytest
from msgspec import Struct
from oddities import BRIEF, ODD, spoilt
from waba_cloud import APP_SECRET
from waba_house import WabaHouse, open_waba_house
from waba_mutations import PAYLOADS, Mutations, every_field, own_ids
from waba_samples import wanted_ids

from jackfield.settings import Settings
from jackfield_whatsapp_api.payload import TooDeep, Unreadable, decode
from jackfield_whatsapp_api.signature import sign

MANY = int(os.environ.get("FUZZ", "2000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))


@pytest.fixture
async def house(sqlite_settings: Settings) -> AsyncIterator[WabaHouse]:
    async with open_waba_house(sqlite_settings) as opened:
        yield opened


class Expected(Struct, kw_only=True):
    """What must be found after everything was sent."""

    calls: int = 0
    unreadable: int = 0
    messages: set[str]

    def add(self, body: bytes) -> bytes:
        self.calls += 1
        try:
            payload = decode(body)
        except TooDeep:
            pass  # kept whole, as something nobody recognised
        except Unreadable:
            self.unreadable += 1
        else:
            self.messages.update(wanted_ids(payload))
        return body


async def found_by(house: WabaHouse) -> dict[str, int]:
    """How often each message of the provider is there."""
    rows = await house.jackfield.store.fetch(
        "SELECT external_id, count(*) FROM message WHERE channel_id = $1 GROUP BY external_id",
        house.client.channel,
    )
    return cast("dict[str, int]", dict(rows))


def some(names: Iterable[str]) -> list[str]:
    """As many as one wants to read of."""
    return sorted(names)[:10]


async def hold(house: WabaHouse, expected: Expected, answered: Mapping[int, int]) -> None:
    """All was taken; what was received is stored, or failed because it is no JSON; each message is there
    once; and whatever it was, the API can show it."""
    assert answered == {200: expected.calls}
    summary = await house.summary()
    assert summary["received"] == expected.calls
    assert (summary["failed"], summary["stored"]) == (
        expected.unreadable,
        expected.calls - expected.unreadable,
    )
    found = await found_by(house)
    assert some(expected.messages - found.keys()) == []
    assert some(name for name, count in found.items() if count != 1 and name) == []
    shown = set[str]()
    async for row in house.pages("/api/v1/conversations", status="all"):
        shown |= {message.get("external_id", "") async for message in house.thread(row["id"])}
    assert some(expected.messages - shown) == []
    async for contact in house.pages("/api/v1/contacts", workspace=house.client.id):
        await house.get(f"/api/v1/contacts/{contact['id']}")


async def test_mutated_calls_are_all_kept_and_no_message_of_them_is_lost(house: WabaHouse) -> None:
    """One in ten comes again later, as a provider does that did not hear our answer."""
    mutations, expected = Mutations(SEED), Expected(messages=set())
    luck = random.Random(SEED)

    def calls() -> Iterator[bytes]:
        again: list[bytes] = []
        for _ in range(MANY):
            yield expected.add(body := mutations.one())
            if luck.random() < 0.1:
                again.append(body)
            if len(again) > luck.randint(1, 200):
                yield expected.add(again.pop(luck.randrange(len(again))))

    await hold(house, expected, await house.calls(calls()))
    assert expected.calls >= MANY
    assert expected.messages
    assert expected.unreadable


async def test_nothing_that_stands_in_a_field_loses_its_call_or_its_neighbours(house: WabaHouse) -> None:
    """Null, a list, an object, a number, a text, a huge text in each; and a good message beside."""
    expected, beside = Expected(messages=set()), copy.deepcopy(PAYLOADS[0])

    def calls() -> Iterator[bytes]:
        for run, (number, path) in enumerate(every_field()):
            for kind in BRIEF:
                payload = copy.deepcopy(PAYLOADS[number])
                own_ids(payload, f".{run}.{kind[0]}")
                whole = copy.deepcopy(beside)
                own_ids(whole, f".beside.{run}.{kind}")
                body = json.loads(spoilt(payload, path, ODD[kind]))
                if isinstance(body.get("entry"), list):
                    body["entry"] += whole["entry"]
                yield expected.add(json.dumps(body).encode())

    await hold(house, expected, await house.calls(calls()))
    assert expected.calls > 1_500
    assert len([name for name in expected.messages if ".beside." in name]) > 1_400


async def test_a_call_without_end_is_cut_off(house: WabaHouse) -> None:
    """Whether it says how long it is or not; nothing of it is kept."""
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(1_000):
            taken += 1
            yield b" " * 64 * 1024

    assert await house.call(endless(), signature="sha256=0") == 413
    assert taken < 200
    long = io.BytesIO(b" " * (3 * 1024 * 1024 + 1))
    assert await house.call(long, signature="sha256=0") == 413
    assert (await house.summary())["received"] == 0


async def test_what_is_packed_is_not_unpacked(house: WabaHouse) -> None:
    """A little gzip that would be 64 MiB: it is looked at as it came, and no JSON."""
    bomb = gzip.compress(b" " * 64 * 1024 * 1024)
    where = f"{house.url}/hooks/{house.client.channel_id}"
    headers = {"X-Hub-Signature-256": sign(APP_SECRET, bomb), "Content-Encoding": "gzip"}
    async with house.http.post(where, data=bomb, headers=headers) as answer:
        assert answer.status == 200
    summary = await house.summary()
    assert (summary["received"], summary["failed"]) == (1, 1)
    where = f"{house.url}/api/v1/tokens"
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with house.owner.post(where, data=bomb, headers=headers) as refused:
        assert refused.status == 400
