"""A number that is also on a phone: echoes of what the phone sent, its history, its address book."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from jackfield.channel import AnyEvent, Edit, HistoryChunk, LimitChange, Message, Profile, Unsupported
from jackfield_whatsapp_api.ids import phone
from jackfield_whatsapp_api.payload import Node, Odd, is_node, listed, node, raw, text, when, whole

from .ground import Ground, each, guarded, unknown
from .messages import CHANGES, Said, bubble, echoed, heard, spoken
from .people import Person, person


def echoes(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The field `smb_message_echoes`."""
    yield from each("message_echoes", value.get("message_echoes"), ground, _echo)


def _echo(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    return spoken(item, echoed(item, ground, origin="phone"), ground)


def history(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The field `history`: threads of the past, then, one by one, the files that were placeholders."""
    yield from each("history", value.get("history"), ground, _chunk)
    yield from each("history.messages", value.get("messages"), ground, _file)
    yield from each("history.message_echoes", value.get("message_echoes"), ground, _file)


def _chunk(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    for error in listed(item.get("errors")):
        said = node(error)
        yield LimitChange(
            at=ground.at,
            about="history",
            value=text(said.get("code")) or "declined",
            text=text(node(said.get("error_data")).get("details")) or text(said.get("message")),
            detail=raw(error),
        )
    messages: list[Message] = []
    for thread in listed(item.get("threads")):
        for event in guarded("history.thread", thread, ground, _thread):
            if isinstance(event, Message):
                messages.append(event)
            else:
                yield event
    progress = whole(node(item.get("metadata")).get("progress"))
    if messages or progress is not None:
        known = progress if progress is not None and 0 <= progress <= 100 else None
        yield HistoryChunk(at=ground.at, messages=tuple(messages), progress=known, done=known == 100)


def _thread(thread: Node, ground: Ground) -> Iterator[AnyEvent]:
    who = _owner(thread, ground)
    if who.username:
        attributes = {"username": who.username}
        yield Profile(at=ground.at, person=who.addresses(ground.account.scope), attributes=attributes)
    for item in listed(thread.get("messages")):
        yield from guarded(
            "history.messages",
            item,
            ground,
            lambda item, ground: _recalled(item, who, ground),  # pyright: ignore[reportUnknownLambdaType]
        )


def _owner(thread: Node, ground: Ground) -> Person:
    context = node(thread.get("context"))
    said = ground.book.person(
        context.get("wa_id") or thread.get("id"), context.get("user_id"), context.get("parent_user_id")
    )
    return structs.replace(said, username=text(context.get("username")) or said.username)


def _recalled(item: Node, who: Person, ground: Ground) -> Iterator[AnyEvent]:
    """A message of the past; a change to one is kept as it came, for the past is told as it ended."""
    if text(item.get("type")) in CHANGES:
        yield unknown(f"history.{text(item.get('type'))}", item, ground)
        return
    yield bubble(item, _said(item, who, ground), ground)


def _said(item: Node, who: Person, ground: Ground) -> Said:
    scope = ground.account.scope
    if not _from_us(item, ground):
        return Said(conversation=who.conversation(), sender=who.sender(scope), history=True)
    said = echoed(item, ground, origin="phone")
    return structs.replace(said, conversation=who.conversation(), peer=who.addresses(scope), history=True)


def _file(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    """A file of the past: a message if its placeholder never came, its content if it did."""
    ours = _from_us(item, ground) or item.get("to") is not None or item.get("to_user_id") is not None
    said = echoed(item, ground, origin="phone") if ours else heard(item, ground)
    message = bubble(item, structs.replace(said, history=True), ground)
    yield HistoryChunk(at=ground.at, messages=(message,))
    if not isinstance(message.parts[0], Unsupported):
        yield Edit(at=message.at, conversation=message.conversation, target=message.id, parts=message.parts)


def _from_us(item: Node, ground: Ground) -> bool:
    sender = phone(text(item.get("from")))
    return bool(sender) and sender == ground.own_number


def app_state(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The field `smb_app_state_sync`: the address book of the business's phone."""
    yield from each("state_sync", value.get("state_sync"), ground, _contact)


def _contact(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    contact = item.get("contact")
    if not is_node(contact):
        raise Odd("contact is missing")
    who = person(
        wa_id=contact.get("phone_number") or contact.get("wa_id"),
        user_id=contact.get("user_id"),
        parent=contact.get("parent_user_id"),
    )
    if not who.peers:
        raise Odd("contact has no number and no id")
    attributes = {"address_book": "removed" if text(item.get("action")) == "remove" else "listed"}
    if username := text(contact.get("username")):
        attributes["username"] = username
    at = when(node(item.get("metadata")).get("timestamp"), ground.at)
    profile = Profile(at=at, person=who.addresses(ground.account.scope), attributes=attributes)
    called = text(contact.get("full_name")) or text(contact.get("first_name"))
    yield structs.replace(profile, name=called) if called else profile
