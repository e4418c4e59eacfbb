"""Events that cannot be stored, told apart before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator

from jackfield.channel import AnyEvent, ChatEvent, Delete, Edit, Message, Reaction, Receipt, SamePerson, Seen

MESSAGE_MAX, PEER_MAX, TXN_MAX = 300, 200, 40  # characters, as the columns have them


def complaint(event: AnyEvent) -> str:
    """Why an event cannot be applied; "" if it can. Its ids are opaque, so they are never shortened."""
    for name, value, most in _ids(event):
        if len(value) > most:
            return f"{name} is longer than {most} characters"
        if not value:
            return f"{name} is empty"
        if "\x00" in value:
            return f"{name} holds a zero byte"
    return ""


def _ids(event: AnyEvent) -> Iterator[tuple[str, str, int]]:
    match event:
        case Message():
            yield "message id", event.id, MESSAGE_MAX
            if event.reply_to is not None:
                yield "reply_to", event.reply_to, MESSAGE_MAX
            if event.txn is not None:
                yield "txn", event.txn, MESSAGE_MAX
        case Edit() | Delete() | Reaction():
            yield "target", event.target, MESSAGE_MAX
        case Seen(upto=targets) | Receipt(targets=targets):
            for target in targets:
                yield "target", target, MESSAGE_MAX
            if isinstance(event, Receipt) and event.txn is not None:
                yield "txn", event.txn, MESSAGE_MAX
        case SamePerson():
            for peer in (event.conversation, event.was):
                if peer is not None:
                    yield "conversation", peer, PEER_MAX
        case _:
            pass
    if isinstance(event, ChatEvent):
        yield "conversation", event.conversation, PEER_MAX
