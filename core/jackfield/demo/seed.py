"""What the demo puts into an empty install: people, workspaces, labels, channels, a past."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

import msgspec

from jackfield import ids
from jackfield.app import Jackfield
from jackfield.channel import DemoChannel
from jackfield.inbox.perform import Actor
from jackfield.store.rows import ChannelRow
from jackfield.store.tables import ApiToken, Operator
from jackfield.web.auth.keys import API_TOKEN, digest, new_key
from jackfield.web.clock import now_ms
from jackfield.web.works import MakeWorkspace, SetRole, split_config
from jackfield.wire.commands import Assign, LabelConversation, MarkRead, Saved, SaveLabel, SendMessage
from jackfield.wire.realtime import Folder

from .script import COLLEAGUE, COLORS, LABELS, NOTES, OWNER
from .stage import Stage
from .works import PutChannel


class People(msgspec.Struct, frozen=True):
    """`password` is new with every start: it is printed, not kept."""

    owner: int
    colleague: int
    email: str
    password: str
    token: str


async def people(jackfield: Jackfield) -> People:
    """The demo's operators, with a fresh password and a fresh token for the owner."""
    password, token = secrets.token_urlsafe(12), new_key(API_TOKEN)
    hashed = await jackfield.passwords.hash(password)
    owner = await _operator(OWNER.email, OWNER.name, staff=True)
    colleague = await _operator(COLLEAGUE.email, COLLEAGUE.name, staff=False)
    await Operator.filter(id=owner).update(password=hashed)
    await ApiToken.filter(operator_id=owner, name="demo").update(revoked_at=now_ms())
    await ApiToken.create(
        id=ids.new_id(), operator_id=owner, name="demo", token=digest(token), created_at=now_ms()
    )
    return People(owner, colleague, OWNER.email, password, token)


async def _operator(email: str, name: str, *, staff: bool) -> int:
    found = await Operator.get_or_none(email=email)
    if found is not None:
        return found.id
    made = await Operator.create(id=ids.new_id(), email=email, name=name, staff=staff, created_at=now_ms())
    return made.id


async def known_channels(jackfield: Jackfield) -> dict[str, int]:
    """The channels of an earlier demo in this folder, by external id."""
    rows = await jackfield.store.rows(ChannelRow, "WHERE removed_at IS NULL")
    return {row.external_id: row.id for row in rows}


async def channels(
    jackfield: Jackfield, who: People, stage: Stage, wanted: Sequence[DemoChannel], old: Mapping[str, int]
) -> None:
    """Each into the workspace of its name; a channel that is there gets today's addresses."""
    made = dict[str, int]()
    rows = {row.id: row for row in await jackfield.store.rows(ChannelRow, "WHERE removed_at IS NULL")}
    for place, channel in enumerate(wanted):
        number = stage.channel(channel.external_id)
        there = rows.get(number)
        if there is not None:
            workspace = there.workspace_id
        elif channel.name in made:
            workspace = made[channel.name]
        else:
            workspace = await _workspace(jackfield, who, channel.name, COLORS[place % len(COLORS)])
        made.setdefault(channel.name, workspace)
        await _put(jackfield, workspace, number, channel)
        await jackfield.lines.reload(number)
        if channel.external_id not in old and channel.history:
            await _past(jackfield, who, workspace, number, channel)


async def _workspace(jackfield: Jackfield, who: People, name: str, color: str) -> int:
    make = MakeWorkspace(name=name, color=color, owner=who.owner, id=ids.new_id())
    workspace = await jackfield.store.writer.do(make)
    await jackfield.store.writer.do(SetRole(workspace=workspace, operator=who.colleague, role="operator"))
    return workspace


async def _put(jackfield: Jackfield, workspace: int, number: int, channel: DemoChannel) -> None:
    kind = jackfield.host.kind(channel.kind)
    config, hidden = split_config(channel.config, [field.name for field in kind.fields if field.secret])
    sealed = jackfield.box.seal(msgspec.json.encode(hidden).decode(), about=f"channel:{number}")
    await jackfield.store.writer.do(
        PutChannel(
            workspace=workspace,
            channel=number,
            kind=channel.kind,
            name=kind.title,
            external_id=channel.external_id,
            config=config,
            secrets=sealed,
        )
    )


async def _past(jackfield: Jackfield, who: People, workspace: int, number: int, channel: DemoChannel) -> None:
    """What was said before the demo began, and what the operators made of it."""
    for event in channel.history:
        await jackfield.intake.events(number, [event])
    owner = Actor(operator=who.owner, name=OWNER.name, roles={workspace: "owner"})
    colleague = Actor(operator=who.colleague, name=COLLEAGUE.name, roles={workspace: "operator"})
    labels = [
        await _label(jackfield, owner, workspace, name, color) for name, color in LABELS[channel.language]
    ]
    rows, _ = await jackfield.reading.conversations([workspace], Folder(), me=who.owner, after=None, limit=60)
    perform, notes = jackfield.inbox.perform, NOTES[channel.language]
    for place, row in enumerate(rows):
        if place % 3 == 1:
            await perform(owner, Assign(conv=row.id, to=ids.show("o", who.owner)), cid=None)
        if place % 4 == 2:
            await perform(colleague, Assign(conv=row.id, to=ids.show("o", who.colleague)), cid=None)
        if place % 3 == 0:
            label = labels[place % len(labels)]
            await perform(owner, LabelConversation(conv=row.id, add=(label,)), cid=None)
        if place < len(notes):
            note = SendMessage(conv=row.id, parts=(notes[place],), mode="note", anyway=True)
            await perform(colleague, note, cid=None)
        if place > 3:
            await perform(owner, MarkRead(conv=row.id, pos=row.last_pos + 1), cid=None)


async def _label(jackfield: Jackfield, actor: Actor, workspace: int, name: str, color: str) -> str:
    save = SaveLabel(ws=ids.show("w", workspace), name=name, color=color)
    saved = await jackfield.inbox.perform(actor, save, cid=None)
    assert isinstance(saved, Saved), saved
    return saved.id
