"""However deliveries are shuffled, repeated and cut, the conversation comes out the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from inbox_line import (
    IVAN,
    IVAN_BSUID,
    OLGA,
    Line,
    another_line,
    deleted,
    edited,
    ours,
    reacted,
    receipt,
    said,
)
from inbox_reduce import Verify

from jackfield.channel import AnyEvent, Failure
from jackfield.ids import show
from jackfield.inbox.reading import Reading
from jackfield.store.rows import ContactRow, ConversationRow, DeliveryCountRow, WaitingRow
from jackfield.wire.realtime import Folder

OLGAS = "phone:+79997654321"
IVANS = [
    ([IVAN], "phone:+79991234567"),
    ([IVAN_BSUID], "bsuid:RU.111"),
    ([IVAN_BSUID, IVAN], "bsuid:RU.111"),
]


def history(chance: random.Random) -> list[AnyEvent]:
    """What two people and we said and did, in its true order."""
    events: list[AnyEvent] = []
    heard: list[str] = []
    ours_out: list[str] = []
    for minute in range(chance.randint(4, 14)):
        match chance.choice(["ivan", "ivan", "olga", "ours", "edit", "react", "delete", "receipt", "reply"]):
            case "ivan":
                by, peer = chance.choice(IVANS)
                heard.append(f"i{minute}")
                words = f"ivan {minute}"
                events.append(said(words, key=f"i{minute}", minute=minute, by=by, name="Ivan", peer=peer))
            case "olga":
                heard.append(f"l{minute}")
                words = f"olga {minute}"
                events.append(
                    said(words, key=f"l{minute}", minute=minute, by=[OLGA], name="Olga", peer=OLGAS)
                )
            case "ours":
                ours_out.append(f"o{minute}")
                events.append(ours(f"we {minute}", key=f"o{minute}", minute=minute, origin="api"))
            case "edit" if heard:
                events.append(edited(f"edited {minute}", key=chance.choice(heard), minute=minute))
            case "delete" if heard:
                events.append(deleted(key=chance.choice(heard), minute=minute))
            case "react" if heard:
                emoji = chance.choice(["👍", "❤", ""])
                target, mine = chance.choice(heard), chance.random() < 0.5
                events.append(reacted(emoji, key=target, minute=minute, from_me=mine))
            case "reply" if heard:
                heard.append(f"r{minute}")
                target = chance.choice(heard[:-1])
                events.append(
                    said(f"reply {minute}", key=f"r{minute}", minute=minute, reply_to=target, name="Ivan")
                )
            case "receipt" if ours_out:
                level = chance.choice(["sent", "delivered", "read", "failed"])
                failure = Failure(code="unreachable") if level == "failed" else None
                events.append(receipt(level, chance.choice(ours_out), minute=minute, failure=failure))  # type: ignore[arg-type]  # a level
            case _:
                pass
    both = [IVAN_BSUID, IVAN]  # at some time we learn that the two are one
    return [said("first", key="i-first", minute=-1, by=both, name="Ivan"), *events]


def deliveries(chance: random.Random, events: Sequence[AnyEvent]) -> list[list[AnyEvent]]:
    """The events doubled here and there, shuffled, and cut into deliveries."""
    found = [event for event in events for _ in range(chance.choice([1, 1, 2]))]
    chance.shuffle(found)
    cut: list[list[AnyEvent]] = []
    while found:
        size = chance.randint(1, 4)
        cut.append(found[:size])
        found = found[size:]
    return cut


async def outcome(line: Line) -> Any:
    """What people see, without what depends on the order of arrival (ids, positions, revisions)."""
    reading = Reading(line.store)
    rows, _ = await reading.conversations([line.workspace], Folder(status="all"), me=0, after=None, limit=200)
    shown: dict[str, Any] = {}
    for row in rows:
        page = await reading.thread([line.workspace], row.id, limit=200)
        shown[row.name] = {
            "unread": row.unread,
            "last": None if row.last is None else (row.last.text, row.last.at, row.last.st, row.last.kind),
            "last_at": row.last_at,
            "window": row.window_until,
            "peer": row.peer,
            "messages": sorted(
                (
                    view.at,
                    view.external_id,
                    view.text,
                    view.st,
                    view.dir,
                    view.edited_at,
                    view.deleted_at,
                    None if view.fail is None else view.fail.code,
                    None if view.reply is None else view.reply.id is not None,
                    [(one.emoji, one.at, one.by.kind) for one in view.reactions],
                )
                for view in page.messages
            ),
            "order": [view.at for view in page.messages] == sorted(view.at for view in page.messages),
        }
    return shown


@pytest.mark.parametrize("seed", range(16))
async def test_the_order_of_deliveries_does_not_matter(line: Line, seed: int) -> None:
    chance = random.Random(seed)  # not a secret
    events = history(chance)
    straight = await another_line(line, "straight")
    for event in events:
        await straight.take(event)
    crooked = await another_line(line, "crooked")
    parts = deliveries(chance, events)
    async with Verify(Reading(line.store), crooked.workspace, line.stream):
        for part in parts:
            await crooked.take(*part)
    assert await outcome(crooked) == await outcome(straight), f"seed {seed}"

    (count,) = await line.all(DeliveryCountRow, "WHERE channel_id = $1", crooked.channel)
    assert (count.received, count.stored, count.failed) == (len(parts), len(parts), 0)
    assert await line.all(WaitingRow) == []
    for one in (straight, crooked):
        alive = "= $1 AND merged_into IS NULL"
        contacts = await line.all(ContactRow, f"WHERE workspace_id {alive}", one.workspace)
        threads = await line.all(ConversationRow, f"WHERE channel_id {alive}", one.channel)
        assert len(contacts) == len(threads), f"{show('w', one.workspace)}: one conversation for each person"
