"""Messages, and what changes or annotates one: reaction, edit, revoke, system."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from jackfield.channel import (
    Address,
    AnyEvent,
    ConversationId,
    Delete,
    Edit,
    Message,
    MessageId,
    Origin,
    Reaction,
    Referral,
    Sender,
)
from jackfield_whatsapp_api.ids import group_of, make_conversation, make_message
from jackfield_whatsapp_api.payload import LONGEST_ID, Node, need_id, need_node, node, text, when

from .content import parts_of
from .ground import Ground
from .system import system

CHANGES = frozenset({"reaction", "edit", "revoke", "system"})  # no bubbles of their own
ANSWERED_WITHIN, FREE_ENTRY = 24 * 3600, 72 * 3600  # seconds: Meta's "free entry points"


class Said(Struct, frozen=True, kw_only=True):
    """Who said it, and where."""

    conversation: ConversationId
    sender: Sender
    group: bool = False
    peer: tuple[Address, ...] = ()
    origin: Origin = "person"
    history: bool = False


def heard(item: Node, ground: Ground) -> Said:
    """What a person said to us, alone or in a group."""
    scope = ground.account.scope
    who = ground.book.person(item.get("from"), item.get("from_user_id"), item.get("from_parent_user_id"))
    if group := group_of(text(item.get("group_id"))):
        return Said(conversation=make_conversation(group), sender=who.sender(scope), group=True)
    return Said(conversation=who.conversation(), sender=who.sender(scope))


def echoed(item: Node, ground: Ground, *, origin: Origin) -> Said:
    """What was said in our name elsewhere: on the business's own phone, or by its bot."""
    if group := group_of(text(item.get("group_id"))):
        return Said(
            conversation=make_conversation(group), sender=Sender(from_me=True), group=True, origin=origin
        )
    to = ground.book.person(item.get("to"), item.get("to_user_id"), item.get("to_parent_user_id"))
    return Said(
        conversation=to.conversation(),
        sender=Sender(from_me=True),
        peer=to.addresses(ground.account.scope),
        origin=origin,
    )


def inbound(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    """One of `messages`. Raises Odd only for what is not a bubble, or has no id to find it by."""
    if text(item.get("type")) == "system":
        return system(item, ground)
    return spoken(item, heard(item, ground), ground)


def spoken(item: Node, said: Said, ground: Ground) -> Iterator[AnyEvent]:
    match text(item.get("type")):
        case "reaction":
            yield _reaction(item, said, ground)
        case "edit":
            yield _edit(item, said, ground)
        case "revoke":
            yield _revoke(item, said, ground)
        case _:
            yield bubble(item, said, ground)


def bubble(item: Node, said: Said, ground: Ground) -> Message:
    """Raises Odd only if there is no id."""
    own, context = need_id(item), node(item.get("context"))
    return Message(
        at=when(item.get("timestamp"), ground.at),
        conversation=said.conversation,
        id=make_message(own),
        sender=said.sender,
        parts=parts_of(item),
        group=said.group,
        reply_to=_answered(context, own),
        origin=said.origin,
        forwarded=context.get("forwarded") is True or context.get("frequently_forwarded") is True,
        history=said.history,
        referral=_referral(item),
        peer=said.peer,
    )


def _answered(context: Node, own: str) -> MessageId | None:
    """What it answers. Some samples answer themselves: that is no answer."""
    said = text(context.get("id"))
    return make_message(said) if 0 < len(said) <= LONGEST_ID and said != own else None


def _reaction(item: Node, said: Said, ground: Ground) -> Reaction:
    reaction = need_node(item, "reaction")
    return Reaction(
        at=when(item.get("timestamp"), ground.at),
        conversation=said.conversation,
        target=make_message(need_id(reaction, "message_id")),
        sender=said.sender,
        emoji=text(reaction.get("emoji")),  # absent: taken away
        id=make_message(need_id(item)),
    )


def _edit(item: Node, said: Said, ground: Ground) -> Edit:
    edit = need_node(item, "edit")
    return Edit(
        at=when(item.get("timestamp"), ground.at),
        conversation=said.conversation,
        target=make_message(need_id(edit, "original_message_id")),
        parts=parts_of(need_node(edit, "message")),
        id=make_message(need_id(item)),
    )


def _revoke(item: Node, said: Said, ground: Ground) -> Delete:
    revoke = need_node(item, "revoke")
    return Delete(
        at=when(item.get("timestamp"), ground.at),
        conversation=said.conversation,
        target=make_message(need_id(revoke, "original_message_id")),
        id=make_message(need_id(item)),
    )


def _referral(item: Node) -> Referral | None:
    """The advertisement or post the person tapped."""
    said = node(item.get("referral"))
    if not said:
        return None
    return Referral(
        source=text(said.get("source_type")),
        id=text(said.get("source_id")),
        url=text(said.get("source_url")),
        headline=text(said.get("headline")),
        body=text(said.get("body")),
        click_id=text(said.get("ctwa_clid")),
        media=text(said.get("media_type")),
        picture=text(said.get("thumbnail_url")) or text(said.get("image_url")),
        greeting=text(node(said.get("welcome_message")).get("text")),
        answer_within=ANSWERED_WITHIN,
        free_for=FREE_ENTRY,
    )
