"""What the plugin asks of the provider, and what the simulator answers, is held against Meta's OpenAPI file.

Where the file covers a call, the call validates, or `data/openapi-deviations.jsonl` says why it does not
and by which document. A deviation that is not listed fails, and so does a listed one that is none any more.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct
from waba_openapi import Deviation, deviations, operation, spec
from waba_tour import NOT_SHOWN, SHOWN_BY, STEPS, begin, walk

from jackfield import channel
from jackfield_whatsapp_api.channel import CloudChannel
from jackfield_whatsapp_api.simulator import Received, Settings, Simulator

LISTED = Path(__file__).parent / "data/openapi-deviations.jsonl"


class Listed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`call`: steps of the tour, with * for any. `document`: by whom it is as it is."""

    call: str
    side: str
    at: str
    says: str
    because: str
    document: str

    def covers(self, one: Deviation) -> bool:
        same = (self.side, self.at, self.says) == (one.side, one.at, one.says)
        return same and fnmatchcase(one.call, self.call)


class Walked(Struct, frozen=True, kw_only=True):
    channel: CloudChannel
    calls: dict[str, list[Received]]
    kinds: dict[str, str]

    def deviations(self) -> set[Deviation]:
        return {
            one
            for name, calls in self.calls.items()
            for call in calls
            for one in deviations(call, self.kinds, name)
        }


def listed() -> list[Listed]:
    return [msgspec.json.decode(line, type=Listed) for line in LISTED.read_text().splitlines()]


async def _walked() -> Walked:
    async with Simulator.start(Settings(speed=50)) as sim:
        tour = begin(sim)
        calls, kinds = await walk(tour)
        return Walked(channel=tour.channel, calls=calls, kinds=kinds)


@pytest.fixture(scope="module")
def walked() -> Walked:
    """One tour for all."""
    return asyncio.run(_walked())


def test_every_step_asks_the_provider_something(walked: Walked) -> None:
    assert walked.calls.keys() == STEPS.keys()
    assert [name for name, calls in walked.calls.items() if not calls] == []
    assert [one for calls in walked.calls.values() for one in calls if one.status != 200] == []


def test_every_deviation_is_listed_with_its_reason(walked: Walked) -> None:
    known = listed()
    assert [one for one in sorted(walked.deviations()) if not any(row.covers(one) for row in known)] == []
    assert all(row.because and row.document for row in known)


def test_what_is_listed_is_still_so(walked: Walked) -> None:
    found = walked.deviations()
    assert [row for row in listed() if not any(row.covers(one) for one in found)] == []


def test_no_ability_is_left_out(walked: Walked) -> None:
    """Every ability of a channel that this plugin has is shown by a step, but for those without a call."""
    contract = [one for one in vars(channel).values() if getattr(one, "_is_runtime_protocol", False)]
    own = {one for one in contract if isinstance(walked.channel, one)}
    assert SHOWN_BY.keys() == own - NOT_SHOWN.keys()
    assert {name for names in SHOWN_BY.values() for name in names} <= STEPS.keys()


def test_most_calls_are_covered(walked: Walked) -> None:
    calls = [one for several in walked.calls.values() for one in several]
    covered = [one for one in calls if operation(one, walked.kinds) is not None]
    assert len(covered) > 0.8 * len(calls)


def test_the_file_is_one_that_validates() -> None:
    schemas = spec()["components"]["schemas"]
    assert len(spec()["paths"]) == 78
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_a_wrong_call_is_seen() -> None:
    body = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "1", "type": "text"}
    call = Received(
        method="POST",
        path="/v23.0/1/messages",
        body={**body, "text": {"body": "Hi", "preview_url": "yes"}},
        status=200,
        at=msgspec.json.decode('"2026-11-01T12:00:00Z"', type=datetime),
        kind="application/json",
        query={"colour": "red"},
        answer={"messaging_product": "whatsapp", "contacts": [], "messages": "none"},
    )
    found = {(one.side, one.says) for one in deviations(call, {"1": "Phone-Number-ID"}, "x")}
    assert {("request", "query"), ("request", "type"), ("answer", "type")} <= found
    assert [one.says for one in deviations(call, {}, "x")] == ["path"]
