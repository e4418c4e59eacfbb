"""Using an invitation up: in the transaction that stores what came of it, so that it is used once."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from jackfield.errors import Conflict, NotFound
from jackfield.store.indexes import CHANNEL, INVITATION
from jackfield.store.uow import Need, Uow
from jackfield.web.problems import LinkUsed
from jackfield.web.works import StoreChannel


class UseInvitation(Struct, frozen=True, kw_only=True):
    """Store the channel a client has linked. Answers its id.

    Raises LinkUsed where the invitation was used or taken back meanwhile. A channel that is renewed
    stays with its number: the client may have picked up another phone.
    """

    invitation: int
    channel: StoreChannel

    @property
    def workspace(self) -> int:
        return self.channel.workspace

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield INVITATION(self.invitation)
        yield from self.channel.needs(uow)

    def apply(self, uow: Uow) -> int:
        row = uow.one(INVITATION, self.invitation)
        if row is None:
            raise NotFound(what="iv")
        if row.used_at is not None or row.revoked_at is not None:
            raise LinkUsed()
        if self.channel.again is not None:
            known = uow.one(CHANNEL, self.channel.again)
            if known is not None and known.external_id != self.channel.external_id:
                raise Conflict("another account than the one of this channel", code="other_account")
        channel = self.channel.apply(uow)
        uow.edit(row)
        row.used_at, row.channel_id = uow.now, channel
        return channel
