"""Writing to somebody first: a phone number becomes a contact and a conversation."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers
from msgspec import Struct

from jackfield.channel import Address, ConversationId, Starts
from jackfield.errors import Invalid, NotFound, NotSendable
from jackfield.ids import read, show
from jackfield.inbox.columns import clip
from jackfield.inbox.conversations import add_conversation
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.identity import (
    identity_at,
    identity_need,
    live_conversations,
    refresh_conversations,
    resolve,
    whole,
)
from jackfield.inbox.protection.asking import refusal
from jackfield.inbox.protection.beginning import begin, beginning_need, check_beginning
from jackfield.inbox.protection.limits import guarded, watch
from jackfield.inbox.thread import live
from jackfield.store.indexes import CHANNEL, PEER
from jackfield.store.rows import ChannelRow, ContactRow, ConversationRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import StartConversation, Started

from ._verb import Outcome, Scene
from .ground import ground


class Starting(Struct, frozen=True):
    scene: Scene
    command: StartConversation

    def needs(self, uow: Uow) -> Iterator[Need]:
        channel_id, address = read("ch", self.command.channel), phone_address(self.command.phone)
        yield CHANNEL(channel_id)
        yield identity_need(self.scene.workspace, address)
        identity = identity_at(uow, self.scene.workspace, address)
        channel = self.scene.channels(channel_id)
        if isinstance(channel, Starts):
            yield PEER(channel_id, channel.conversation_with(address))
        if guarded(channel):
            yield beginning_need(channel_id)
        if identity is not None:
            yield from whole(identity.contact_id)

    def apply(self, uow: Uow) -> Outcome:
        row = uow.one(CHANNEL, read("ch", self.command.channel))
        if row is None or row.workspace_id != self.scene.workspace or row.removed_at is not None:
            raise NotFound(what="ch")
        address = phone_address(self.command.phone)
        channel = self.scene.channels(row.id)
        if not isinstance(channel, Starts):
            raise NotSendable(code="cannot_start", alternatives=[], until=None)
        to = channel.conversation_with(address)
        peer = uow.one(PEER, row.id, to)
        if peer is not None:
            return self._again(uow, row, live(uow, show("c", peer.conversation_id)))
        contact = self._contact(uow, row, address)
        known = live_conversations(uow, contact.id, row.id)
        if known:
            return self._again(uow, row, known[0])
        return _started(self._open(uow, row, contact, to).id)

    def _again(self, uow: Uow, row: ChannelRow, conversation: ConversationRow | None) -> Outcome:
        """It is there. Where an account is used with care, whoever was silent for long is begun with anew."""
        assert conversation is not None, "a peer without its conversation"
        seen, automatic = watch(self.scene.channels(row.id), row), self.scene.by.automatic
        silent = seen is not None and refusal(seen, conversation, automatic=automatic, now=uow.now)
        if seen is not None and silent:
            check_beginning(uow, seen, row.id, automatic=automatic)
            begin(uow, conversation)
        return _started(conversation.id)

    def _contact(self, uow: Uow, row: ChannelRow, address: Address) -> ContactRow:
        contact = resolve(uow, _source(self.scene, row), (address,))
        assert contact is not None, "an address leads to somebody"
        name = self.command.name.strip()
        if name and not contact.name:
            uow.edit(contact)
            contact.name, contact.named_by = clip(name, 300), "operator"
            refresh_conversations(uow, contact)
        return contact

    def _open(self, uow: Uow, row: ChannelRow, contact: ContactRow, to: ConversationId) -> ConversationRow:
        source = _source(self.scene, row)
        seen = watch(self.scene.channels(row.id), row)
        if seen is not None:
            check_beginning(uow, seen, row.id, automatic=self.scene.by.automatic)
        conversation = add_conversation(uow, source, to, contact=contact, group=False, at=uow.now)
        if seen is not None:
            begin(uow, conversation)
        place = ground(uow, self.scene, conversation)
        answer = place.can_send
        if not answer.ok and "template" not in answer.alternatives:
            raise NotSendable(code=answer.reason, alternatives=[], until=answer.until)
        _, caps = place.open()
        conversation.windowed = caps.free_form_closed or caps.free_form_until is not None
        return conversation


def phone_address(text: str) -> Address:
    """The address of a phone number as a person writes it, with its country. Raises Invalid."""
    try:
        number = phonenumbers.parse(text if text.lstrip().startswith("+") else f"+{text}")
    except phonenumbers.NumberParseException as error:
        raise Invalid(f"not a phone number: {error}", code="phone", field="phone") from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid("no phone number of any country", code="phone", field="phone")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Address(kind="phone", value=written)


def _source(scene: Scene, row: ChannelRow) -> ChannelFacts:
    return ChannelFacts(workspace=scene.workspace, channel=row.id, kind=row.kind)


def _started(conversation: int) -> Outcome:
    return Outcome(Started(seq=0, conv=show("c", conversation)))
