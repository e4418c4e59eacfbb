"""Deliveries twice, in any order, many in one, one bad among good ones, and all at once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import aiohttp
from msgspec import Struct

from chaos.audit import audit_inbound, unread_is_right
from chaos.figures import Figures, together
from chaos.ground import Ground, Wish, ground_of
from chaos.traffic import Customers, settled
from jackfield_whatsapp_api.simulator import Duplicate, Gather, Number

AT_ONCE = 64
CONVERSATIONS = 1_000
FIRST = 1_795_000_000  # seconds since 1970: when the first message of a burst was written
BAD: Sequence[Any] = (
    None,
    "a message",
    {"id": 5, "from": None, "type": []},
    {"from": "15550000000", "type": "text"},
    {"id": "wamid.bad.3", "from": "15550000000", "timestamp": "soon", "type": "text", "text": {"body": 7}},
    {"id": "wamid.bad.4", "from": {"a": 1}, "timestamp": "1795000000", "type": "text", "text": None},
)


class Item(Struct, frozen=True, kw_only=True):
    """One message of a burst: `place` is its place in its conversation."""

    user: str
    place: int

    @property
    def id(self) -> str:
        return f"wamid.{self.user}.{self.place}"

    @property
    def body(self) -> dict[str, Any]:
        at = str(FIRST + self.place)
        text = {"body": f"message {self.place}"}
        return {"from": self.user, "id": self.id, "timestamp": at, "type": "text", "text": text}


class Provider:
    """Calls our webhook directly, many at once; comes again until it is taken, as the provider does."""

    def __init__(self, ground: Ground, http: aiohttp.ClientSession) -> None:
        self._number: Number = ground.numbers[0]
        self._url = f"{ground.process.url}/hooks/whatsapp_api"
        self._secret = ground.sim.settings.app_secret.encode()
        self._http = http
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.answers: Counter[int] = Counter()

    async def tell(self, items: Sequence[Any]) -> int:
        users = {item.user for item in items if isinstance(item, Item)}
        value = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": self._number.phone,
                "phone_number_id": self._number.id,
            },
            "contacts": [{"profile": {"name": f"Customer {user}"}, "wa_id": user} for user in users],
            "messages": [item.body if isinstance(item, Item) else item for item in items],
        }
        entry = {"id": self._number.account, "changes": [{"field": "messages", "value": value}]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        signed = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signed}"}
        async with self._slots:
            for _ in range(10):
                async with self._http.post(self._url, data=body, headers=headers) as answer:
                    self.answers[answer.status] += 1
                    if answer.status == 200:
                        return 200
                await asyncio.sleep(0.2)
        return 0


async def deliveries(wish: Wish) -> Figures:
    """The simulator repeats, reverses and gathers; and one call brings bad items among good ones."""
    async with ground_of(wish) as ground, aiohttp.ClientSession() as http:
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        ground.sim.script(Duplicate(times=60, copies=2))
        for _ in range(max(1, round(wish.seconds / 5))):
            for shape in ("reversed", "entries", "changes", "items"):
                ground.sim.script(Gather(size=10, shape=shape))
                for _ in range(10):
                    customers.write()
        ground.sim.release()
        await settled(ground.install, ground.sim)
        found = await audit_inbound(ground.install, ground.sim, customers.written)
        unread = await unread_is_right(ground.install, customers.written)
        provider = Provider(ground, http)
        wrong = [*unread]
        for place, bad in enumerate(BAD):
            good = [Item(user=f"1666000{place}{side}", place=place) for side in (1, 2)]
            if await provider.tell([good[0], bad, good[1]]) != 200:
                wrong.append(f"a call with {bad!r} among good ones is answered {dict(provider.answers)}")
            wanted = ", ".join(f"'{item.id}'" for item in good)
            rows = await ground.install.rows(f"SELECT id FROM message WHERE external_id IN ({wanted})")
            if len(rows) != len(good):
                wrong.append(f"{bad!r} spoils its neighbours: {len(rows)} of {len(good)} are there")
        ((failed, unrecognised),) = await ground.install.rows(
            "SELECT SUM(failed), SUM(unrecognised) FROM delivery_count"
        )
    measured = {"bad items": len(BAD), "kept as unrecognised": unrecognised, "failed": failed}
    return together([found, Figures(wrong=tuple(wrong), measured=measured)])


async def order(wish: Wish) -> Figures:
    """Bursts of many conversations at once, shuffled, some together in one call, some twice."""
    many = min(CONVERSATIONS, max(100, round(wish.seconds * 20)))
    luck = random.Random(wish.seed)
    items = [
        Item(user=f"1777{number:07d}", place=place)
        for number in range(many)
        for place in range(luck.randint(2, 5))
    ]
    calls = _shuffled(items, luck)
    async with ground_of(wish, customers=0) as ground, aiohttp.ClientSession() as http:
        provider = Provider(ground, http)
        started = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(provider.tell(call))
        took = time.monotonic() - started
        found = await audit_inbound(ground.install, ground.sim, [])
        wrong, lost = await _as_written(ground, items)
        shown = await _as_shown(ground, items)
    measured = {"conversations": many, "calls": len(calls), "calls/s": len(calls) / took}
    about = Figures(written=len(items), deliveries=provider.answers[200], lost=tuple(lost),
                    wrong=(*wrong, *shown), measured=measured)  # fmt: skip
    return together([found, about])


def _shuffled(items: Sequence[Item], luck: random.Random) -> list[list[Item]]:
    mixed = list(items)
    luck.shuffle(mixed)
    calls: list[list[Item]] = []
    while mixed:
        size = luck.choice((1, 1, 1, 2, 5))
        calls.append([mixed.pop() for _ in range(min(size, len(mixed)))])
    return calls + luck.sample(calls, len(calls) // 10)


async def _as_written(ground: Ground, items: Sequence[Item]) -> tuple[list[str], list[str]]:
    """One conversation a person, in the order of the provider's times, every message unread."""
    rows = await ground.install.rows(
        "SELECT m.conversation_id, c.unread, m.external_id FROM message m"
        " JOIN conversation c ON c.id = m.conversation_id ORDER BY m.conversation_id, m.at, m.pos"
    )
    threads: defaultdict[int, list[str]] = defaultdict(list)
    unread = {conversation: count for conversation, count, _ in rows}
    for conversation, _, external_id in rows:
        threads[conversation].append(external_id)
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        wanted[item.user].append(item.id)
    there = {thread[0].split(".")[1]: (number, thread) for number, thread in threads.items()}
    wrong = [f"{len(threads)} conversations with {len(wanted)} people"] * (len(threads) != len(wanted))
    for user, ids in wanted.items():
        number, thread = there.get(user, (0, []))
        if thread != ids:
            wrong.append(f"the thread of {user} is {thread}")
        elif unread[number] != len(ids):
            wrong.append(f"unread of {user} is {unread[number]}, not {len(ids)}")
    stored = {external_id for *_, external_id in rows}
    return wrong, [f"message {item.id}" for item in items if item.id not in stored]


async def _as_shown(ground: Ground, items: Sequence[Item]) -> list[str]:
    """What the API shows of the newest conversations: newest first, the last message the last written."""
    last = {item.user: item.place for item in items}
    page = await ground.operator.get("/conversations?limit=60")
    wrong: list[str] = []
    for row in page["items"]:
        thread = (await ground.operator.get(f"/conversations/{row['id']}/messages"))["items"]
        said = [one["parts"][0]["body"] for one in thread]
        user = thread[0]["external_id"].split(".")[1] if "external_id" in thread[0] else ""
        places = [int(one.split()[1]) for one in said]
        if places != sorted(places) or (user and places[-1] != last[user]):
            wrong.append(f"{row['id']} shows {said}")
    times = [row["last_at"] for row in page["items"]]
    return wrong + ["the list is not newest first"] * (times != sorted(times, reverse=True))
