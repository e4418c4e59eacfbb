"""A wire that drops, doubles, reorders, cuts and stalls: every client ends with the server's state."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
from hostile_wire import HostileWire
from inbox_reduce import same, snapshot
from mirror import SILENCE, Mirror
from realtime_world import Desk, Process

from jackfield.ids import show
from jackfield.inbox.reading import Reading
from jackfield.web.realtime import session
from jackfield.wire import commands as do

FAULTS = 270  # in each of the four forms of the test: more than a thousand together
WHO = ("admin", "admin", "operator", "operator")
WITHIN = 60.0  # seconds


def anything(desk: Desk, luck: random.Random, number: int) -> do.AnyCommand:
    """Something an admin may do here."""
    here = desk.world.here
    conv, label = here.conv, show("l", here.label)
    admin = show("o", here.roles["admin"])
    return luck.choice(
        (
            do.Close(conv=conv),
            do.Reopen(conv=conv),
            do.Snooze(conv=conv, until=4_000_000_000_000 + number),
            do.Assign(conv=conv, to=luck.choice((None, admin))),
            do.LabelConversation(conv=conv, add=(label,)),
            do.LabelConversation(conv=conv, remove=(label,)),
            do.SaveDraft(conv=conv, text=luck.choice(("", f"draft {number}"))),
            do.SaveLabel(ws=desk.ws, name=f"label {number}", color="#00aa00", id=label),
            do.SaveContact(contact=show("p", here.contact), name=f"name {number}"),
            do.MarkUnread(conv=conv),
            do.MarkRead(conv=conv, pos=10_000),
        )
    )


@asynccontextmanager
async def mirrors(desk: Desk, server: Process, wire: HostileWire) -> AsyncGenerator[list[Mirror]]:
    """Two of one operator, two of another: they have drafts of their own."""
    made = [
        Mirror(
            Reading(desk.world.store),
            desk.here,
            partial("{}/realtime?who={}".format, wire.url, who),
            me=desk.actors[who].operator,
        )
        for who in WHO
    ]
    tasks = [asyncio.create_task(one.run()) for one in made]
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() for task in tasks), [task for task in tasks if not task.cancelled()]


async def there(desk: Desk, everybody: list[Mirror]) -> bool:
    """Whether all was said and answered, and everybody has heard the last of it."""
    heads = [(await desk.log(desk.actors[who].operator, 0))[-1] for who in WHO]
    return all(one.idle and one.last >= head for one, head in zip(everybody, heads, strict=True))


async def test_every_client_of_a_bad_wire_ends_with_the_servers_state(
    desk: Desk, server: Process, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(session, "HEARTBEAT", SILENCE / 4)
    seed = sum(request.node.name.encode())
    luck = random.Random(seed)
    hostile = HostileWire(f"ws://127.0.0.1:{server.port}", seed=seed, rate=0.2, stall=SILENCE * 1.3)
    notes = 0
    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(hostile.running())
        everybody = await stack.enter_async_context(mirrors(desk, server, wire))
        async with asyncio.timeout(WITHIN):
            for number in range(100_000):
                if wire.faults.total() >= FAULTS:
                    break
                await desk.world.do(anything(desk, luck, number), role="admin")
                if number % 5 == 0:
                    await desk.world.more_inbound(f"said {number}")
                if number % 3 == 0:
                    notes += 1
                    part = {"type": "text", "body": f"note {notes}"}
                    await luck.choice(everybody).command(
                        op="message.send", conv=desk.world.here.conv, parts=[part], mode="note"
                    )
                await asyncio.sleep(0.01)
        wire.calm()
        async with asyncio.timeout(WITHIN):
            while not await there(desk, everybody):
                for one in everybody:
                    await one.probe()
                await asyncio.sleep(0.1)
        for one, who in zip(everybody, WHO, strict=True):
            me = desk.actors[who].operator
            read = await snapshot(Reading(desk.world.store), desk.here, me=me)
            one.state.seq = read.seq  # the last number may be of an event for somebody else
            same(one.state, read)
            assert one.connections > 3, "the wire did nothing to it"
    texts = [row.text for row in await desk.world.thread() if row.dir == "note"]
    assert sorted(texts) == sorted(f"note {number}" for number in range(1, notes + 1)), "each once"
    assert len(wire.faults) >= 8, wire.faults
