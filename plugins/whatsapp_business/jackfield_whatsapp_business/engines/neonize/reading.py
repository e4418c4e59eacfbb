"""Which events are kept in the journal, and what each becomes."""

# pyright: reportMissingTypeStubs=false
# (the package does not say that it is typed)
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf.json_format import MessageToJson
from msgspec import Raw
from neonize.events import INT_TO_EVENT
from neonize.proto import Neonize_pb2 as neo

from jackfield.channel import AnyEvent, Unrecognised
from jackfield_whatsapp_business.protocol import Linked

from . import heard, past


def keeps(kind: int) -> bool:
    event = INT_TO_EVENT.get(kind)
    return event is not None and event.DESCRIPTOR.name in READERS


def linked(kind: int, body: bytes) -> Linked | None:
    """Whose device it is from now on."""
    event = INT_TO_EVENT.get(kind)
    if event is not neo.PairStatus:
        return None
    pair = neo.PairStatus.FromString(body)
    if pair.Error or not pair.ID.User:
        return None
    return Linked(phone=pair.ID.User, name=pair.BusinessName, platform=pair.Platform)


def events(kind: int, body: bytes) -> Sequence[AnyEvent]:
    """Raises google.protobuf's DecodeError, KeyError for an event of another engine."""
    event = INT_TO_EVENT[kind].FromString(body)
    return tuple(READERS.get(event.DESCRIPTOR.name, _unknown)(event))


def _joined(event: neo.JoinedGroup) -> Iterator[AnyEvent]:
    info = heard.group_members(event.GroupInfo, datetime.now(UTC))
    if info is not None:
        yield info


def _unknown(event: Any) -> Iterator[AnyEvent]:
    raw = Raw(MessageToJson(event).encode())
    yield Unrecognised(at=datetime.now(UTC), kind=str(event.DESCRIPTOR.name), raw=raw)


READERS: Mapping[str, Callable[[Any], Iterable[AnyEvent]]] = {
    "Message": heard.message,
    "Receipt": heard.receipt,
    "ChatPresence": lambda event: heard.typing(event, datetime.now(UTC)),
    "HistorySync": lambda event: past.chunk(event.Data),
    "UndecryptableMessage": heard.undecryptable,
    "GroupInfoEvent": heard.group,
    "JoinedGroup": _joined,
    "CallOffer": lambda event: heard.call(event, "offer"),
    "CallTerminate": lambda event: heard.call(event, "terminate"),
}
"""What is part of a conversation, by the name of its message class: that is kept."""
