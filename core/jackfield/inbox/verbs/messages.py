"""What is done with a message that is there already: edit, delete, react, pin, retry, cancel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec
from msgspec import Struct

from jackfield.channel import Deletes, Edits, Level, Part, Pins, Reacts
from jackfield.errors import Conflict, Invalid, NotFound, NotSendable
from jackfield.ids import read
from jackfield.inbox import changes
from jackfield.inbox.outbox_rows import Asked, enqueue, finish, revive, send_of
from jackfield.inbox.policy import NOTE_MAX, at_most, check_sendable
from jackfield.inbox.templates.sending import fitted, template_needs
from jackfield.inbox.thread import set_status
from jackfield.store.indexes import CONVERSATION, MESSAGE, OUTBOX_OF
from jackfield.store.rows import ConversationRow, MessageRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import (
    CancelMessage,
    DeleteMessage,
    EditMessage,
    PinMessage,
    ReactToMessage,
    RetryMessage,
    Sendable,
)

from ._verb import DID, Outcome, Scene, may_change
from .ground import Ground, ground, ground_needs

SENDABLE = msgspec.json.Decoder(tuple[Sendable, ...])
NOT_LEFT = frozenset({"scheduled", "queued", "held"})
IN_HOUSE = frozenset({"note"})


class Editing(Struct, frozen=True):
    scene: Scene
    command: EditMessage

    def needs(self, uow: Uow) -> Iterator[Need]:
        return _needs(uow, self.command.message)

    def apply(self, uow: Uow) -> Outcome:
        message, conversation = _message(uow, self.scene, self.command.message)
        _must_be_ours(message)
        may_change(self.scene.by, message.author_id)
        parts = changes.with_text(message, self.command.text)
        asked = _asked(self.scene, parts=parts)
        if message.dir in IN_HOUSE:
            at_most("text", self.command.text, NOTE_MAX)
            changes.edit(uow, message, asked)
            return DID
        place = ground(uow, self.scene, conversation)
        channel, caps = place.open()
        at_most("text", self.command.text, caps.text_max)
        if message.st in NOT_LEFT:
            changes.edit(uow, message, asked)
            return DID
        can = isinstance(channel, Edits) and caps.edit > Level.DROPPED
        _check_change(uow, message, "edit", can=can, within=caps.edit_within)
        enqueue(uow, message, "edit", asked=asked)
        return Outcome(DID.answer, lane=message.channel_id)


class Deleting(Struct, frozen=True):
    scene: Scene
    command: DeleteMessage

    def needs(self, uow: Uow) -> Iterator[Need]:
        return _needs(uow, self.command.message)

    def apply(self, uow: Uow) -> Outcome:
        message, conversation = _message(uow, self.scene, self.command.message)
        _must_be_ours(message)
        may_change(self.scene.by, message.author_id)
        if message.dir in IN_HOUSE or message.st in ("failed", "cancelled"):
            changes.delete(uow, message)
            return DID
        if message.st in NOT_LEFT:
            _take_back(uow, message, conversation)
            changes.delete(uow, message)
            return DID
        channel, caps = ground(uow, self.scene, conversation).open()
        can = isinstance(channel, Deletes) and caps.delete > Level.DROPPED
        _check_change(uow, message, "delete", can=can, within=caps.delete_within)
        enqueue(uow, message, "delete", asked=_asked(self.scene))
        return Outcome(DID.answer, lane=message.channel_id)


class Reacting(Struct, frozen=True):
    scene: Scene
    command: ReactToMessage

    def needs(self, uow: Uow) -> Iterator[Need]:
        return _needs(uow, self.command.message)

    def apply(self, uow: Uow) -> Outcome:
        message, conversation = _message(uow, self.scene, self.command.message)
        if message.dir == "system" or message.deleted_at is not None:
            raise Conflict("there is nothing to react to", code="not_reactable")
        asked = _asked(self.scene, emoji=self.command.emoji.strip())
        if message.dir in IN_HOUSE:
            changes.react(uow, message, asked)
            return DID
        place = ground(uow, self.scene, conversation)
        channel, caps = place.open()
        can = isinstance(channel, Reacts) and caps.react > Level.DROPPED
        _check_change(uow, message, "react", can=can, within=None)
        _must_be_allowed(place)
        enqueue(uow, message, "react", asked=asked)
        return Outcome(DID.answer, lane=message.channel_id)


class Pinning(Struct, frozen=True):
    scene: Scene
    command: PinMessage

    def needs(self, uow: Uow) -> Iterator[Need]:
        return _needs(uow, self.command.message)

    def apply(self, uow: Uow) -> Outcome:
        message, conversation = _message(uow, self.scene, self.command.message)
        if message.dir == "system" or message.dir in IN_HOUSE or message.deleted_at is not None:
            raise Conflict("this is not pinned", code="not_pinnable")
        place = ground(uow, self.scene, conversation)
        channel, caps = place.open()
        can = isinstance(channel, Pins) and caps.pin > Level.DROPPED
        _check_change(uow, message, "pin", can=can, within=None)
        _must_be_allowed(place)
        if self.command.days > caps.pin_days:
            raise Invalid(
                f"{self.command.days} days, at most {caps.pin_days} are allowed",
                code="pinned_too_long",
                field="days",
                limit=caps.pin_days,
            )
        enqueue(uow, message, "pin", asked=_asked(self.scene, days=self.command.days))
        return Outcome(DID.answer, lane=message.channel_id)


class Retrying(Struct, frozen=True):
    scene: Scene
    command: RetryMessage

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from _needs(uow, self.command.message)
        message = uow.peek(MESSAGE, read("m", self.command.message))
        if message is not None and message.kind == "template":
            channel = self.scene.channels(message.channel_id)
            yield from template_needs(uow, message.channel_id, channel, SENDABLE.decode(message.parts))

    def apply(self, uow: Uow) -> Outcome:
        message, conversation = _message(uow, self.scene, self.command.message)
        if message.dir != "out" or message.st not in ("failed", "held", "unknown"):
            raise Conflict("only what failed, is held or has no answer is sent again", code="not_retryable")
        if message.deleted_at is not None:
            raise Conflict("it is deleted", code="not_retryable")
        place = ground(uow, self.scene, conversation)
        parts = SENDABLE.decode(message.parts)
        check_sendable(place.can_send, parts, place.contact)
        for part in parts:  # a template may have been stopped meanwhile
            fitted(uow, message.channel_id, place.channel, part)
        row = send_of(uow, message)
        if row is None:  # it failed so long ago that its row was cleaned away
            row = enqueue(uow, message, "send")
        revive(uow, row, message)
        row.automatic = self.scene.by.automatic
        return Outcome(DID.answer, lane=message.channel_id)


class Cancelling(Struct, frozen=True):
    scene: Scene
    command: CancelMessage

    def needs(self, uow: Uow) -> Iterator[Need]:
        return _needs(uow, self.command.message)

    def apply(self, uow: Uow) -> Outcome:
        message, conversation = _message(uow, self.scene, self.command.message)
        if message.dir != "out" or message.st not in (*NOT_LEFT, "unknown"):
            raise Conflict(
                "it is on its way, or has arrived: too late", code="not_cancellable", st=message.st
            )
        _take_back(uow, message, conversation)
        return DID


def _needs(uow: Uow, shown: str) -> Iterator[Need]:
    number = read("m", shown)
    yield MESSAGE(number)
    yield OUTBOX_OF(number)
    message = uow.one(MESSAGE, number) if uow.knows(MESSAGE, number) else None
    if message is not None:
        yield CONVERSATION(message.conversation_id)
        conversation = (
            uow.one(CONVERSATION, message.conversation_id)
            if uow.knows(CONVERSATION, message.conversation_id)
            else None
        )
        if conversation is not None:
            yield from ground_needs(conversation)


def _message(uow: Uow, scene: Scene, shown: str) -> tuple[MessageRow, ConversationRow]:
    message = uow.one(MESSAGE, read("m", shown))
    if message is None or message.workspace_id != scene.workspace:
        raise NotFound(what="m")
    conversation = uow.one(CONVERSATION, message.conversation_id)
    assert conversation is not None, "a message without its conversation"
    return message, conversation


def _must_be_ours(message: MessageRow) -> None:
    if message.dir not in ("out", "note"):
        raise Conflict("it is not ours to change", code="not_ours")
    if message.deleted_at is not None:
        raise Conflict("it is deleted already", code="deleted")


def _check_change(uow: Uow, message: MessageRow, what: str, *, can: bool, within: timedelta | None) -> None:
    """Raise NotSendable if the channel has no such thing or the time for it is over; Conflict if the
    provider does not know the message (yet)."""
    if not can:
        raise NotSendable(code=f"cannot_{what}", alternatives=[], until=None)
    if message.external_id is None:
        raise Conflict("the provider does not know it yet", code="not_sent_yet", st=message.st)
    if within is not None and uow.now > message.at + within / timedelta(milliseconds=1):
        until = message.at + int(within / timedelta(milliseconds=1))
        raise NotSendable(code=f"too_late_to_{what}", alternatives=[], until=until)


def _must_be_allowed(place: Ground) -> None:
    """A reaction or a pin is free text to a provider's window."""
    if not place.can_send.ok:
        raise NotSendable(code=place.can_send.reason, alternatives=[], until=place.can_send.until)


def _take_back(uow: Uow, message: MessageRow, conversation: ConversationRow) -> None:
    """It does not leave any more. One whose outcome is unknown keeps its failure: it may have arrived."""
    row = send_of(uow, message)
    if row is not None:
        if row.state == "sending":
            raise Conflict("it is on its way", code="not_cancellable", st=message.st)
        finish(uow, row, "gone")
    if message.st == "queued" and message.fail:  # why it waited is of no interest any more
        uow.edit(message)
        message.fail, message.due_at = "", None
    set_status(uow, conversation, message, "cancelled")


def _asked(scene: Scene, *, parts: tuple[Part, ...] = (), emoji: str = "", days: int = 0) -> Asked:
    assert scene.by.id is not None, "verbs are done by somebody"
    return Asked(by=scene.by.id, name=scene.by.name, parts=parts, emoji=emoji, days=days)
