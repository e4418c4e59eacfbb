"""The changes the web part itself decides: workspaces, memberships and channels, as works of the writer."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from jackfield.errors import Conflict, NotFound
from jackfield.ids import new_id, show
from jackfield.inbox.facts import peek
from jackfield.inbox.identity import whole
from jackfield.inbox.wishes import set_blocked
from jackfield.store.box import Box
from jackfield.store.indexes import (
    CHANNEL,
    CHANNEL_VALUE,
    CONTACT,
    COUNTERS,
    DELIVERY,
    MEMBERSHIP,
    OPERATOR,
    WORKSPACE,
)
from jackfield.store.rows import (
    ChannelRow,
    ChannelValueRow,
    FileRow,
    MembershipRow,
    StreamRow,
    WorkspaceRow,
)
from jackfield.store.uow import Index, Need, Uow
from jackfield.wire.stream import AnyStreamEvent
from jackfield.wire.views import Role

MEMBERS = Index(MembershipRow, "workspace_id", many=True)
CHANNEL_BY_ADDRESS = Index(ChannelRow, "kind", "external_id")


class MakeWorkspace(Struct, frozen=True, kw_only=True):
    """A new workspace with its first owner. Answers its id."""

    name: str
    color: str
    owner: int
    id: int
    workspace: int = 0  # nobody else knows it yet: there is nothing to lock

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield WORKSPACE(self.id)
        yield COUNTERS(self.id)
        yield MEMBERSHIP(self.id, self.owner)
        yield OPERATOR(self.owner)

    def apply(self, uow: Uow) -> int:
        uow.add(
            WorkspaceRow(
                id=self.id,
                name=self.name,
                color=self.color,
                epoch=secrets.token_hex(8),
                created_at=uow.now,
            )
        )
        uow.add(MembershipRow(id=new_id(), workspace_id=self.id, operator_id=self.owner, role="owner"))
        return self.id


class SetRole(Struct, frozen=True, kw_only=True):
    """Let somebody into a workspace, give another role, or (None) take it away. The last owner stays."""

    workspace: int
    operator: int
    role: Role | None

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield MEMBERS(self.workspace)
        yield MEMBERSHIP(self.workspace, self.operator)
        yield OPERATOR(self.operator)

    def apply(self, uow: Uow) -> None:
        if uow.one(OPERATOR, self.operator) is None:
            raise NotFound(what="o")
        row = uow.one(MEMBERSHIP, self.workspace, self.operator)
        owners = [member for member in uow.all(MEMBERS, self.workspace) if member.role == "owner"]
        if row is not None and self.role != "owner" and [owner.id for owner in owners] == [row.id]:
            raise Conflict("a workspace keeps at least one owner", code="last_owner")
        if row is None and self.role is None:
            raise NotFound(what="o")
        if row is None and self.role is not None:
            uow.add(
                MembershipRow(
                    id=new_id(), workspace_id=self.workspace, operator_id=self.operator, role=self.role
                )
            )
        elif row is not None and self.role is None:
            uow.remove(row)
        elif row is not None and self.role is not None:
            uow.edit(row).role = self.role


class Announce(Struct, frozen=True, kw_only=True):
    """Put an event about something outside of the conversation model into a workspace's stream."""

    workspace: int
    event: AnyStreamEvent

    def needs(self, uow: Uow) -> Iterable[Need]:
        return ()

    def apply(self, uow: Uow) -> None:
        data = msgspec.json.encode(self.event).decode()
        uow.add(StreamRow(id=new_id(), workspace_id=self.workspace, seq=0, data=data, at=uow.now))


class StoreChannel(Struct, frozen=True, kw_only=True):
    """What a login came to: a new channel, or `again` the one whose login was renewed. Answers its id.

    An address (kind and external id) has one channel. One that was removed from this workspace comes
    back with its conversations; one removed from another workspace makes room. `secrets` are sealed for
    the channel, "channel:<id>". `id`: that of a new one, if its address has been told to somebody already.
    """

    workspace: int
    kind: str
    name: str
    external_id: str
    config: str
    secrets: Mapping[str, str]
    box: Box
    kept: Mapping[str, bytes | None] = {}
    again: int | None = None
    id: int | None = None
    by_client: bool = False  # who linked his own account, by an invitation

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield CHANNEL_BY_ADDRESS(self.kind, self.external_id)
        if self.again is not None:
            yield CHANNEL(self.again)
        known = self._known(uow)
        if known is not None:
            yield from (CHANNEL_VALUE(known.id, key) for key in self.kept)

    def apply(self, uow: Uow) -> int:
        row = self._known(uow)
        if row is None and self.again is not None:
            raise NotFound(what="ch")
        there = uow.one(CHANNEL_BY_ADDRESS, self.kind, self.external_id)
        if there is not None and there is not row:
            if there.removed_at is None:
                raise Conflict("this address is connected already", code="channel_exists")
            uow.edit(there).external_id = f"{there.external_id[:160]}~{show('ch', there.id)}"
            uow.place(there)
        if row is None:
            row = uow.add(
                ChannelRow(
                    id=self.id or new_id(),
                    workspace_id=self.workspace,
                    kind=self.kind,
                    name=self.name,
                    external_id=self.external_id,
                    created_at=uow.now,
                    state_at=uow.now,
                )
            )
        uow.edit(row)
        row.external_id, row.config = self.external_id, self.config
        sealed = msgspec.json.encode(self.secrets).decode()
        row.secrets = self.box.seal(sealed, about=f"channel:{row.id}")
        row.enabled, row.removed_at, row.linked_at = True, None, uow.now
        code = "linked_by_client" if self.by_client else ""
        row.state, row.state_code, row.state_text, row.state_at = "connecting", code, "", uow.now
        uow.place(row)
        self._keep(uow, row.id)
        return row.id

    def _known(self, uow: Uow) -> ChannelRow | None:
        """The channel this login is of: the one it renews, or one that was removed from here."""
        row = (
            peek(uow, CHANNEL_BY_ADDRESS, self.kind, self.external_id)
            if self.again is None
            else peek(uow, CHANNEL, self.again)
        )
        if row is None or (row.workspace_id, row.kind) != (self.workspace, self.kind):
            return None
        renewed, removed = self.again is not None, row.removed_at is not None
        return row if renewed != removed else None

    def _keep(self, uow: Uow, channel: int) -> None:
        """What the login put aside becomes the channel's own."""
        for key, value in self.kept.items():
            row = peek(uow, CHANNEL_VALUE, channel, key)
            if row is None and value is not None:
                uow.add(ChannelValueRow(id=new_id(), channel_id=channel, key=key, value=value))
            elif row is not None and value is None:
                uow.remove(row)
            elif row is not None and value is not None:
                uow.edit(row).value = value


class Delivered(Struct, frozen=True, kw_only=True):
    """A call that named no channel of ours was given to its channels after all."""

    delivery: int
    workspace: int = 0

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield DELIVERY(self.delivery)

    def apply(self, uow: Uow) -> None:
        row = uow.one(DELIVERY, self.delivery)
        if row is None:
            raise NotFound(what="d")
        uow.edit(row)
        row.state, row.reason, row.replayed_at = "stored", "", uow.now


class AddFile(Struct, frozen=True, kw_only=True):
    """A file that somebody uploaded."""

    workspace: int
    file: FileRow

    def needs(self, uow: Uow) -> Iterable[Need]:
        return ()

    def apply(self, uow: Uow) -> FileRow:
        return uow.add(self.file)


class ChangeChannel(Struct, frozen=True, kw_only=True):
    """Rename it, switch it on or off. None: as it is."""

    workspace: int
    channel: int
    name: str | None = None
    enabled: bool | None = None

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield CHANNEL(self.channel)

    def apply(self, uow: Uow) -> ChannelRow:
        row = uow.edit(_channel(uow, self.workspace, self.channel))
        if self.name is not None:
            row.name = self.name
        if self.enabled is not None and self.enabled != row.enabled:
            row.enabled = self.enabled
            row.state = "connecting" if self.enabled else "stopped"
            row.state_code, row.state_text, row.state_at = "", "", uow.now
        return row


class SetBlocked(Struct, frozen=True, kw_only=True):
    """What became of blocking somebody on a channel, or of letting him write again."""

    workspace: int
    channel: int
    contact: int
    blocked: bool

    def needs(self, uow: Uow) -> Iterable[Need]:
        return whole(self.contact)

    def apply(self, uow: Uow) -> None:
        contact = uow.one(CONTACT, self.contact)
        while contact is not None and contact.merged_into is not None:
            contact = uow.peek(CONTACT, contact.merged_into)
        if contact is not None and contact.workspace_id == self.workspace:
            set_blocked(uow, contact, self.channel, at=uow.now if self.blocked else None)


class RemoveChannel(Struct, frozen=True, kw_only=True):
    """Disconnect for good. Its conversations stay; its secrets go."""

    workspace: int
    channel: int

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield CHANNEL(self.channel)

    def apply(self, uow: Uow) -> None:
        row = uow.edit(_channel(uow, self.workspace, self.channel))
        row.removed_at, row.enabled, row.secrets = uow.now, False, ""
        row.state, row.state_code, row.state_text, row.state_at = "stopped", "", "", uow.now


def _channel(uow: Uow, workspace: int, channel: int) -> ChannelRow:
    row = uow.one(CHANNEL, channel)
    if row is None or row.workspace_id != workspace or row.removed_at is not None:
        raise NotFound(what="ch")
    return row


def join_config(row: ChannelRow, box: Box) -> dict[str, str]:
    """A channel's configuration with its secrets. Raises a Problem if this key does not open them."""
    secrets = box.open(row.secrets, about=f"channel:{row.id}")
    config = msgspec.json.decode(row.config, type=dict[str, str])
    return config | (msgspec.json.decode(secrets, type=dict[str, str]) if secrets else {})


def split_config(config: Mapping[str, str], secret: Iterable[str]) -> tuple[str, dict[str, str]]:
    """A channel's configuration as it is stored: the open part as JSON text, and what is to be sealed."""
    hidden = set(secret)
    open_part = {name: value for name, value in config.items() if name not in hidden}
    return (
        msgspec.json.encode(open_part).decode(),
        {name: value for name, value in config.items() if name in hidden},
    )
