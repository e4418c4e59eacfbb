"""What a verb stands on when something is to leave: the channel, the person, and what can be done there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, structs

from jackfield.channel import Capabilities, Channel, Media, files_in
from jackfield.errors import Conflict, Invalid, NotFound, NotSendable
from jackfield.ids import read
from jackfield.inbox.policy import Situation, can_send, facts
from jackfield.inbox.protection.limits import Watch, watch
from jackfield.store.indexes import CHANNEL, CONTACT, FILE, IDENTITIES_OF
from jackfield.store.rows import ContactRow, ConversationRow, FileRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import Sendable
from jackfield.wire.views import CanSend

from ._verb import Scene


class Ground(Struct, frozen=True, kw_only=True):
    channel: Channel | None
    capabilities: Capabilities | None
    contact: ContactRow | None
    can_send: CanSend
    watch: Watch | None = None

    def open(self) -> tuple[Channel, Capabilities]:
        """The channel and what it can do. Raises NotSendable with the reason if it is not there."""
        if self.channel is None or self.capabilities is None:
            raise NotSendable(code=self.can_send.reason, alternatives=["note"], until=None)
        return self.channel, self.capabilities


def ground_needs(conversation: ConversationRow) -> Iterator[Need]:
    yield CHANNEL(conversation.channel_id)
    if conversation.contact_id is not None:
        yield CONTACT(conversation.contact_id)
        yield IDENTITIES_OF(conversation.contact_id)


def ground(uow: Uow, scene: Scene, conversation: ConversationRow, *, now: int | None = None) -> Ground:
    """`now`: when it would leave, ms; the moment of the transaction if it is not said."""
    row = uow.one(CHANNEL, conversation.channel_id)
    if row is None or row.workspace_id != scene.workspace:
        raise NotFound(what="ch")
    contact_id = conversation.contact_id
    contact = None if contact_id is None else uow.one(CONTACT, contact_id)
    identities = () if contact_id is None else uow.all(IDENTITIES_OF, contact_id)
    channel = scene.channels(row.id)
    when = uow.now if now is None else now
    caps = None if channel is None else channel.capabilities(facts(conversation, identities, now=when))
    seen = watch(channel, row)
    situation = Situation(
        role=scene.by.role,
        channel=row,
        conversation=conversation,
        contact=contact,
        capabilities=caps,
        watch=seen,
        automatic=scene.by.automatic,
        now=when,
    )
    return Ground(
        channel=channel, capabilities=caps, contact=contact, can_send=can_send(situation), watch=seen
    )


# -- files of a message -------------------------------------------------------------------------------


def refs_of(parts: Sequence[Sendable]) -> list[str]:
    return [media.ref for part in parts for media in files_in(part)]


def file_needs(parts: Sequence[Sendable]) -> Iterator[Need]:
    """Raises NotFound for what is no id of a file."""
    return (FILE(read("f", ref)) for ref in refs_of(parts))


def files_of(uow: Uow, workspace: int, parts: Sequence[Sendable]) -> Mapping[str, FileRow]:
    """The files by ref. Raises NotFound for another's, Conflict for one that is not there yet."""
    refs = refs_of(parts)
    if len(set(refs)) != len(refs):
        raise Invalid("one file cannot be sent twice by one command", code="file_twice", field="media")
    files: dict[str, FileRow] = {}
    for ref in refs:
        file = uow.one(FILE, read("f", ref))
        if file is None or file.workspace_id != workspace:
            raise NotFound(what="f")
        if file.state != "ready":
            raise Conflict("the file is not here yet", code="file_not_ready", file=ref)
        files[ref] = file
    return files


def completed(part: Sendable, files: Mapping[str, FileRow]) -> Sendable:
    """The part with what is known of its file: the sender's page may have said less, or wrong."""
    if not isinstance(part, Media) or not part.ref:
        return part
    file = files[part.ref]
    return structs.replace(
        part,
        mime=file.mime,
        name=part.name or file.name,
        size=file.size,
        width=file.width,
        height=file.height,
        duration=part.duration if file.duration is None else file.duration,
    )
