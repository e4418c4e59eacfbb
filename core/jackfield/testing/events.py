"""Whether an event is sound: what core, the log and the browsers rely on."""

from __future__ import annotations

from typing import get_args

import msgspec

from jackfield.channel import AnyEvent, HistoryChunk, Message, Reaction, Receipt, Typing

WORDS = get_args(AnyEvent)


def faults_of(event: AnyEvent) -> list[str]:
    """What is wrong with it, in sentences; nothing if it is sound."""
    name = type(event).__name__
    if type(event) not in WORDS:
        return [f"{name} is no event of jackfield.channel: the union is closed, use Unrecognised"]
    faults = _round_trip(event, name)
    if event.at.tzinfo is None:
        faults.append(f"{name}.at is {event.at!r}: times are aware")
    match event:
        case Message():
            faults += _message_faults(event)
        case HistoryChunk():
            faults += [fault for message in event.messages for fault in faults_of(message)]
        case Reaction() | Typing():
            if not event.sender.addresses and not event.sender.from_me:
                faults.append(f"{name} has a sender without an address")
        case Receipt():
            if not all(event.targets) or not (event.targets or event.txn):
                faults.append("a Receipt says neither by id nor by txn which message it is about")
        case _:
            pass
    return faults


def _round_trip(event: AnyEvent, name: str) -> list[str]:
    try:
        back = msgspec.json.decode(msgspec.json.encode(event), type=AnyEvent)
    except (msgspec.MsgspecError, TypeError) as err:
        return [f"{name} does not survive JSON: {err}"]
    return [] if back == event else [f"{name} comes back from JSON as something else: {back}"]


def _message_faults(message: Message) -> list[str]:
    faults: list[str] = []
    if not message.id or not message.conversation:
        faults.append(f"a Message has no id or no conversation: {message}")
    if not message.parts:
        faults.append(f"Message {message.id} has no parts: what cannot be shown is Unsupported")
    if not message.sender.addresses and not message.sender.from_me:
        faults.append(f"Message {message.id} is from nobody: only from_me may lack an address")
    return faults
