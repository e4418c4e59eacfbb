"""Saying the same to many: what is to leave is remembered by a digest of its words, and counted by chats."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from jackfield.channel import Media, Part, files_in
from jackfield.errors import NotSendable
from jackfield.ids import new_id
from jackfield.inbox.words import text_of
from jackfield.store.indexes import DEPARTURES_SAYING
from jackfield.store.rows import ConversationRow, DepartureRow, MessageRow
from jackfield.store.uow import Need, Uow

from .limits import HOUR, Watch


def digest_of(part: Part) -> str:
    """The same for what reads the same; without words, for the same file. "": nothing to compare."""
    read = part.caption if isinstance(part, Media) else text_of((part,))  # not the name of a file
    words = " ".join(read.casefold().split())
    said = words or " ".join(media.ref for media in files_in(part))
    return hashlib.sha256(said.encode()).hexdigest() if said else ""


def saying_needs(channel: int, parts: Iterable[Part]) -> Iterator[Need]:
    return (DEPARTURES_SAYING(channel, digest) for digest in _digests(parts))


def check_saying(
    uow: Uow, watch: Watch, conversation: ConversationRow, parts: Iterable[Part], *, at: int
) -> None:
    """Raise NotSendable "same_text", with how many chats were told the same within an hour of `at` (ms), if
    those are as many as may be. Needs saying_needs()."""
    for digest in _digests(parts):
        rows = uow.all(DEPARTURES_SAYING, conversation.channel_id, digest)
        told = {row.conversation_id for row in rows if abs(at - row.due_at) <= HOUR}
        told.discard(conversation.id)
        if len(told) >= watch.limits.same_text_chats:
            raise NotSendable(code="same_text", alternatives=["anyway"], until=None, count=len(told))


def remember(uow: Uow, message: MessageRow, part: Part, *, automatic: bool, at: int) -> None:
    """It is to leave at `at`, ms."""
    uow.add(
        DepartureRow(
            id=new_id(),
            workspace_id=message.workspace_id,
            channel_id=message.channel_id,
            conversation_id=message.conversation_id,
            message_id=message.id,
            digest=digest_of(part),
            automatic=automatic,
            due_at=at,
        )
    )


def _digests(parts: Iterable[Part]) -> Iterator[str]:
    return (digest for part in parts if (digest := digest_of(part)))
