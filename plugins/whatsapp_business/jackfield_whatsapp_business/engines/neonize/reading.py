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
from jackfield_whatsapp_business.engines.base import Names
from jackfield_whatsapp_business.protocol import Linked

from . import groups, heard, past


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


def events(kind: int, body: bytes, names: Names) -> Sequence[AnyEvent]:
    """Raises google.protobuf's DecodeError, KeyError for an event of another engine."""
    event = INT_TO_EVENT[kind].FromString(body)
    return tuple(READERS.get(event.DESCRIPTOR.name, _unknown)(event, names))


def _joined(event: neo.JoinedGroup, names: Names) -> Iterator[AnyEvent]:
    info = groups.whole(event.GroupInfo, datetime.now(UTC), names)
    if info is not None:
        yield info


def _unknown(event: Any, _: Names) -> Iterator[AnyEvent]:
    raw = Raw(MessageToJson(event).encode())
    yield Unrecognised(at=datetime.now(UTC), kind=str(event.DESCRIPTOR.name), raw=raw)


Reader = Callable[[Any, Names], Iterable[AnyEvent]]

READERS: Mapping[str, Reader] = {
    "Message": heard.message,
    "Receipt": lambda event, _: heard.receipt(event),
    "ChatPresence": lambda event, names: heard.typing(event, datetime.now(UTC), names),
    "HistorySync": lambda event, names: past.chunk(event.Data, names),
    "UndecryptableMessage": heard.undecryptable,
    "GroupInfoEvent": groups.change,
    "JoinedGroup": _joined,
    "Picture": lambda event, _: heard.picture(event),
    "CallOffer": lambda event, names: heard.call(event, "offer", names),
    "CallOfferNotice": lambda event, names: heard.call(event, "offer", names),
    "CallTerminate": lambda event, names: heard.call(event, "terminate", names),
}
"""What is part of a conversation, by the name of its message class: that is kept."""
