"""Holds what the provider knows against what Jackfield has stored: lost, doubled, or otherwise wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from jackfield import ids
from jackfield_whatsapp_api.simulator import Said, Simulator

from .figures import Figures
from .install import Install
from .operator import Commands

ARRIVED = ("sent", "delivered", "read")


async def audit_inbound(install: Install, sim: Simulator, written: Iterable[Said]) -> Figures:
    """Every message of a customer once, every call answered 200 kept, counters and streams true."""
    said = list(written)
    stored = Counter(
        external_id
        for (external_id,) in await install.rows("SELECT external_id FROM message WHERE dir = 'in'")
    )
    answered = Counter(bytes(one.body) for one in sim.deliveries if one.status == 200)
    kept = Counter(bytes(body) for (body,) in await install.rows("SELECT body FROM delivery"))
    lost = [f"message {one.id}" for one in said if not stored[one.id]]
    lost += [f"a call answered 200 is not kept: {body[:200]!r}" for body in answered - kept]
    doubled = [f"message {external_id} × {count}" for external_id, count in stored.items() if count > 1]
    doubled += [
        f"{count} conversations with {peer}"
        for peer, count in await install.rows(
            "SELECT peer, COUNT(*) FROM conversation WHERE merged_into IS NULL"
            " GROUP BY channel_id, peer HAVING COUNT(*) > 1"
        )
    ]
    doubled += await _split(install, said)
    return Figures(
        deliveries=sum(answered.values()),
        written=len(said),
        lost=tuple(lost),
        doubled=tuple(doubled),
        wrong=(*await _counts(install), *await _streams(install)),
    )


async def _split(install: Install, said: Iterable[Said]) -> list[str]:
    """One conversation a customer and number, whatever ids the customer goes by."""
    rows = await install.rows("SELECT external_id, conversation_id FROM message WHERE dir = 'in'")
    where = dict(rows)
    found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for one in said:
        if one.id in where:
            found[one.number, one.user].add(where[one.id])
    return [f"{pair} is in {len(places)} conversations" for pair, places in found.items() if len(places) > 1]


async def _counts(install: Install) -> list[str]:
    """DeliveryCount says how many raw payloads there are; unread says how many messages are."""
    sql = (
        "SELECT c.channel_id, c.received, c.stored, c.failed, COUNT(d.id) FROM delivery_count c"
        " LEFT JOIN delivery d ON d.channel_id = c.channel_id"
        " GROUP BY c.channel_id, c.received, c.stored, c.failed"
    )
    return [
        f"channel {channel}: received {received}, stored {stored}, failed {failed}, kept {kept}"
        for channel, received, stored, failed, kept in await install.rows(sql)
        if not received == stored + failed == kept
    ]


async def _streams(install: Install) -> list[str]:
    """Each stream is without a gap up to its head."""
    sql = (
        "SELECT w.id, w.seq, COUNT(s.id), MAX(s.seq) FROM workspace w"
        " LEFT JOIN stream s ON s.workspace_id = w.id AND s.audience IS NULL GROUP BY w.id, w.seq"
    )
    seqs: defaultdict[int, list[int]] = defaultdict(list)
    for workspace, seq in await install.rows("SELECT workspace_id, seq FROM stream ORDER BY seq"):
        seqs[workspace].append(seq)
    wrong: list[str] = []
    for workspace, head, *_ in await install.rows(sql):
        found = seqs[workspace]
        if found != list(range(head - len(found) + 1, head + 1)):
            wrong.append(f"the stream of {workspace} has gaps: {len(found)} rows up to {head}")
    return wrong


async def unread_is_right(install: Install, said: Iterable[Said]) -> list[str]:
    """Where no operator has read or answered anything."""
    wanted = Counter((one.number, one.user) for one in said)
    channels = {channel: number for number, channel in install.channels.items()}
    rows = await install.rows(
        "SELECT DISTINCT c.channel_id, c.id, c.unread, m.external_id FROM conversation c"
        " JOIN message m ON m.conversation_id = c.id WHERE c.merged_into IS NULL AND m.dir = 'in'"
    )
    users = {one.id: one.user for one in said}
    found = {
        (channels[channel], users[external_id]): unread
        for channel, _, unread, external_id in rows
        if external_id in users
    }
    return [f"unread of {pair} is {found.get(pair)}, not {count}" for pair, count in wanted.items()
            if found.get(pair) != count]  # fmt: skip


async def audit_outbound(
    install: Install, sim: Simulator, commands: Commands, *, apart: Collection[str] = ()
) -> Figures:
    """Every accepted command is one message; the provider has it once where we say that it has it.

    `apart`: messages that were meant to end otherwise than sent; how they ended is not judged here.
    """
    rows = await install.rows("SELECT id, st, conversation_id, pos, fail FROM message WHERE dir = 'out'")
    there = {ids.show("m", row[0]): row for row in rows}
    taken = Counter(one.tracker for one in _of_business(sim))
    accepted = [message for messages in commands.accepted.values() for message in messages]
    lost = [f"accepted and not stored: {message}" for message in accepted if message not in there]
    doubled = [f"the provider has {txn} × {count}" for txn, count in taken.items() if count > 1]
    doubled += [f"stored and never accepted: {message}" for message in there.keys() - set(accepted)]
    wrong: list[str] = []
    for message, (_, st, _, _, fail) in there.items():
        if st in ARRIVED and not taken[message]:
            lost.append(f"{message} is shown as {st} and the provider never had it")
        if st == "unknown" and taken[message]:
            wrong.append(f"{message} is shown as unknown though its statuses came")
        if st not in (*ARRIVED, "unknown") and message not in apart:
            lost.append(f"{message} is {st} at the end {fail}".rstrip())
    wrong += _disordered(sim, there)
    unknown = sum(1 for row in rows if row[1] == "unknown")
    return Figures(
        sent=len(accepted), unknown=unknown, lost=tuple(lost), doubled=tuple(doubled), wrong=tuple(wrong)
    )


def _of_business(sim: Simulator) -> list[Said]:
    return [one for one in sim.messages.values() if one.by == "business"]


def _disordered(sim: Simulator, there: Mapping[str, tuple[Any, ...]]) -> list[str]:
    """What reached the provider did so in the order of its conversation."""
    reached: defaultdict[int, list[int]] = defaultdict(list)
    for one in _of_business(sim):
        if one.tracker in there:
            _, _, conversation, pos, _ = there[one.tracker]
            reached[conversation].append(pos)
    return [f"conversation {number} left out of order: {places}" for number, places in reached.items()
            if places != sorted(places)]  # fmt: skip
