"""Sending: a reply or a note, one message per part, and whom to send it to in the first place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from jackfield.channel import Text, files_in
from jackfield.errors import Collision, Invalid, NotFound
from jackfield.ids import read, show
from jackfield.inbox.carrying import check_part
from jackfield.inbox.columns import to_json
from jackfield.inbox.outbox_rows import enqueue
from jackfield.inbox.policy import NOTE_MAX, at_most, check_sendable
from jackfield.inbox.protection.limits import guarded
from jackfield.inbox.protection.saying import check_saying, remember, saying_needs
from jackfield.inbox.read_upto import AT_POS
from jackfield.inbox.templates.sending import fitted, template_needs
from jackfield.inbox.thread import append, conversation_in, conversation_needs, live, tell
from jackfield.inbox.words import preview
from jackfield.store.indexes import DRAFT, MESSAGE
from jackfield.store.rows import ConversationRow, FileRow, MessageRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import Sendable, SendMessage, Sent
from jackfield.wire.views import MediaView, MessageStatus, Quote

from ._verb import Outcome, Scene
from .drafts import drop_draft
from .ground import Ground, completed, file_needs, files_of, ground, ground_needs
from .read_marks import catch_up, catch_up_needs

LOOK_BACK = 50  # messages: a collision further back was on nobody's screen
FURTHEST = 366 * 24 * 3_600_000  # ms: nothing is scheduled further ahead


class Send(Struct, frozen=True):
    scene: Scene
    command: SendMessage
    cid: str | None

    def needs(self, uow: Uow) -> Iterator[Need]:
        command = self.command
        yield from conversation_needs(uow, command.conv)
        yield from file_needs(command.parts)
        if command.reply_to is not None:
            yield MESSAGE(read("m", command.reply_to))
        conversation = live(uow, command.conv)
        if conversation is None:
            return
        yield from ground_needs(conversation)
        yield DRAFT(conversation.id, self.scene.by.id)
        for pos in self._unseen(conversation):
            yield AT_POS(conversation.id, pos)
        if command.mode == "reply":
            yield from catch_up_needs(conversation, conversation.last_pos)
            channel = self.scene.channels(conversation.channel_id)
            yield from template_needs(uow, conversation.channel_id, channel, command.parts)
            if guarded(channel):
                yield from saying_needs(conversation.channel_id, command.parts)

    def apply(self, uow: Uow) -> Outcome:
        command, scene = self.command, self.scene
        conversation = conversation_in(uow, scene.workspace, command.conv)
        files = files_of(uow, scene.workspace, command.parts)
        target = self._reply_target(uow, conversation)
        if command.mode == "note":
            _check_note(command)
            messages = self._write(uow, conversation, target, command.parts, files, due_at=None)
            drop_draft(uow, conversation, scene.by)
            return Outcome(_sent(messages))
        due_at = _due(command, uow.now)
        place = ground(uow, scene, conversation, now=due_at)
        parts = self._checked(uow, conversation, place, files, due_at=due_at)
        catch_up(uow, scene, conversation, conversation.last_pos)
        if conversation.status == "closed":
            uow.edit(conversation).status = "open"
            tell(uow, conversation, scene.by, "reopened")
        messages = self._write(uow, conversation, target, parts, files, due_at=due_at)
        automatic = scene.by.automatic or due_at is not None
        for message, part in zip(messages, command.parts, strict=True):
            message.txn = show("m", message.id)
            uow.place(message)
            if place.watch is not None:
                remember(uow, message, part, automatic=automatic, at=due_at or uow.now)
            enqueue(uow, message, "send", due_at=due_at, expires_at=command.expires_at, automatic=automatic)
        uow.edit(conversation).failed = False
        drop_draft(uow, conversation, scene.by)
        return Outcome(_sent(messages), lane=conversation.channel_id)

    def _checked(
        self,
        uow: Uow,
        conversation: ConversationRow,
        place: Ground,
        files: Mapping[str, FileRow],
        *,
        due_at: int | None,
    ) -> list[Sendable]:
        """The parts as they will be seen, if they may leave then and the channel carries them."""
        scene = self.scene
        check_sendable(place.can_send, self.command.parts, place.contact)
        channel, caps = place.open()
        parts = [fitted(uow, conversation.channel_id, channel, part) for part in self.command.parts]
        check_sendable(place.can_send, parts, place.contact)  # the provider may call a template marketing
        for part in parts:
            check_part(part, caps, files)
        self._check_collision(uow, conversation)
        if place.watch is not None and (scene.by.automatic or not self.command.anyway):
            check_saying(uow, place.watch, conversation, self.command.parts, at=due_at or uow.now)
        return parts

    def _check_collision(self, uow: Uow, conversation: ConversationRow) -> None:
        """Raise Collision if somebody else has answered since the sender looked."""
        for pos in self._unseen(conversation):
            other = uow.one(AT_POS, conversation.id, pos)
            if other is None or other.dir != "out" or other.deleted_at is not None:
                continue
            if (other.author_kind, other.author_id) != ("operator", self.scene.by.id):
                by = show("o", other.author_id) if other.author_id and other.author_kind == "operator" else ""
                raise Collision(
                    "somebody answered meanwhile", by=by, name=other.author_name, msg=show("m", other.id)
                )

    def _unseen(self, conversation: ConversationRow) -> Iterable[int]:
        command = self.command
        if command.mode == "note" or command.anyway or command.seen_pos is None:
            return ()
        last = conversation.last_pos
        return range(last, max(command.seen_pos, last - LOOK_BACK, 0), -1)

    def _reply_target(self, uow: Uow, conversation: ConversationRow) -> MessageRow | None:
        if self.command.reply_to is None:
            return None
        target = uow.one(MESSAGE, read("m", self.command.reply_to))
        if target is None or target.conversation_id != conversation.id:
            raise NotFound(what="m")
        return target

    def _write(
        self,
        uow: Uow,
        conversation: ConversationRow,
        target: MessageRow | None,
        parts: Sequence[Sendable],
        files: Mapping[str, FileRow],
        *,
        due_at: int | None,
    ) -> list[MessageRow]:
        """The messages, one per part; the quote belongs to the first."""
        note = self.command.mode == "note"
        st: MessageStatus = "received" if note else "queued" if due_at is None else "scheduled"
        messages: list[MessageRow] = []
        for place, said in enumerate(parts):
            part = completed(said, files)
            message = append(
                uow, conversation, self.scene.by, (part,), direction="note" if note else "out", st=st
            )
            if self.cid is not None:
                message.cid = self.cid if place == 0 else f"{self.cid}#{place + 1}"
            if target is not None and place == 0:
                message.reply_id, message.reply_external_id = target.id, target.external_id
                message.quote = to_json(quote_of(target))
            message.due_at = due_at
            _attach(uow, message, part, files)
            messages.append(message)
        return messages


def quote_of(message: MessageRow) -> Quote:
    gone = message.deleted_at is not None
    return Quote(
        id=show("m", message.id),
        kind=message.kind,
        text="" if gone else preview(message.text),
        by=message.author_name,
        dir=message.dir,  # type: ignore[arg-type]  # written from the same words
    )


def _attach(uow: Uow, message: MessageRow, part: Sendable, files: Mapping[str, FileRow]) -> None:
    attached = [files[media.ref] for media in files_in(part)]
    for file in attached:
        if file.message_id is None:  # a file that was sent before stays with its first message
            uow.edit(file).message_id = message.id
            uow.place(file)
    if attached:
        message.media = to_json([_media_view(file) for file in attached])


def _media_view(file: FileRow) -> MediaView:
    shown = show("f", file.id)
    return MediaView(
        id=shown,
        part=0,
        state="ready",
        url=f"/media/{shown}",
        mime=file.mime,
        name=file.name,
        size=file.size,
        width=file.width,
        height=file.height,
        duration=file.duration,
    )


def _check_note(command: SendMessage) -> None:
    if command.due_at is not None or command.expires_at is not None:
        raise Invalid("a note is not sent: it has no time", code="note_has_no_time", field="due_at")
    for part in command.parts:
        if isinstance(part, Text):
            at_most("text", part.body, NOTE_MAX)


def _due(command: SendMessage, now: int) -> int | None:
    """When it is to leave, if that is not at once. Raises Invalid for times that cannot be meant."""
    due = command.due_at if command.due_at is not None and command.due_at > now else None
    if due is not None and due > now + FURTHEST:
        raise Invalid("scheduled more than a year ahead", code="too_far", field="due_at", limit=FURTHEST)
    if command.expires_at is not None and command.expires_at <= (now if due is None else due):
        raise Invalid("it would expire before it leaves", code="expired", field="expires_at")
    return due


def _sent(messages: Sequence[MessageRow]) -> Sent:
    return Sent(seq=0, messages=tuple(show("m", message.id) for message in messages))
