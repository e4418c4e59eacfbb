"""After a restore nothing leaves by itself: the world went on after the backup was made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec
from backup_evening import an_evening_of_messages
from backup_world import Make
from inbox_world import Place, World
from scripted_channel import Able

from jackfield.backup import dump
from jackfield.backup.dump import back_up
from jackfield.backup.restore import Wish, restore
from jackfield.bus.memory import MemoryBus
from jackfield.inbox.clock import Clock
from jackfield.inbox.derive import derive
from jackfield.inbox.outbox import Outbox
from jackfield.settings import Settings
from jackfield.store.rows import ChannelRow, ConversationRow, MessageRow, OutboxRow, WorkspaceRow
from jackfield.store.store import open_store


async def restored(engine: str, install: Make, tmp_path: Path) -> tuple[Settings, Place, Mapping[str, int]]:
    old, new = await install(engine, "old"), await install(engine, "new")
    place, messages = await an_evening_of_messages(old)
    await back_up(old, tmp_path / "backup.tar", dump.Wish())
    done = await restore(new, tmp_path / "backup.tar", Wish())
    assert (done.held, done.unknown) == (3, 1)  # overdue, waiting and the edit; leaving
    return new, place, messages


async def test_what_waited_is_held_and_what_was_on_its_way_is_unknown(
    engine: str, install: Make, tmp_path: Path
) -> None:
    new, place, messages = await restored(engine, install, tmp_path)
    async with open_store(new) as store:
        rows = {row.message_id: row for row in await store.rows(OutboxRow, "WHERE op = 'send'")}
        others = {row.op: row.state for row in await store.rows(OutboxRow, "WHERE op <> 'send'")}
        st = {row.id: row.st for row in await store.rows(MessageRow, "")}
        (channel,) = await store.rows(ChannelRow, "WHERE id = $1", place.channel)
        (conversation,) = await store.rows(ConversationRow, "WHERE id = $1", place.conversation)
    assert {name: (rows[number].state, st[number]) for name, number in messages.items()} == {
        "sent": ("done", "delivered"),
        "later": ("waiting", "scheduled"),
        "overdue": ("held", "held"),
        "leaving": ("unknown", "unknown"),
        "waiting": ("held", "held"),
    }
    assert others == {"edit": "held", "read": "gone"}
    assert (channel.lease_owner, channel.lease_until) == ("", 0)
    last = msgspec.json.decode(conversation.last_message)
    assert last["st"] == st[int(messages["overdue"])] == "held"


async def test_the_provider_hears_nothing_before_a_person_lets_it_go(
    engine: str, install: Make, tmp_path: Path
) -> None:
    new, place, _ = await restored(engine, install, tmp_path)
    async with open_store(new, derive=derive) as store:
        bus = MemoryBus()
        world = World(store, bus)
        channel = Able()
        world.here = place
        await world.change(ChannelRow, place.channel, lease_owner="the new one")
        async with Outbox(store, bus, {place.channel: channel}.get, owner="the new one") as outbox:
            outbox.start(place.channel, place.workspace)
            assert await Clock(store, bus).queue() == 0
            await asyncio.sleep(0.3)
            assert channel.calls == []
            assert await outbox.release(place.channel) == 3
            async with asyncio.timeout(10):
                while len(channel.calls) < 3:  # noqa: ASYNC110  # a channel of a test has no event
                    await asyncio.sleep(0.02)
    assert sorted(call.op for call in channel.calls) == ["edit", "send", "send"]


async def test_a_stream_goes_on_without_a_gap_under_its_new_name(
    engine: str, install: Make, tmp_path: Path
) -> None:
    """What was held is told, in a stream that begins with it."""
    new, place, _ = await restored(engine, install, tmp_path)
    async with open_store(new) as store:
        (workspace,) = await store.rows(WorkspaceRow, "WHERE id = $1", place.workspace)
        seqs = await store.fetch(
            "SELECT seq FROM stream WHERE workspace_id = $1 ORDER BY seq", place.workspace
        )
    assert workspace.epoch != "e"
    assert [seq for (seq,) in seqs] == list(range(workspace.seq - len(seqs) + 1, workspace.seq + 1))
    assert seqs
