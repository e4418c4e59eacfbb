"""What every converter stands on: whose channel, what time, who is who; and how one bad item is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from msgspec import Struct, structs

from jackfield.channel import AnyEvent, TxnId, Unrecognised
from jackfield_whatsapp_api.ids import Scope, phone
from jackfield_whatsapp_api.payload import LONGEST_ID, Node, Odd, is_node, listed, name, raw, text

from .people import Book


class Account(Struct, frozen=True, kw_only=True):
    """The channel a payload is read for."""

    phone_number_id: str
    waba_id: str
    scope: Scope
    display_phone_number: str = ""


class Ground(Struct, frozen=True, kw_only=True):
    """`at` is the time of whatever does not say its own."""

    account: Account
    at: datetime
    book: Book = Book()
    own_number: str = ""  # "+" and digits, as the change says it

    def of(self, value: Node) -> Ground:
        """The ground of one change: its contacts, and the number it came to."""
        metadata = value.get("metadata")
        said = text(metadata.get("display_phone_number")) if is_node(metadata) else ""
        return structs.replace(
            self,
            book=Book.read(value.get("contacts"), self.account.scope),
            own_number=phone(said or self.account.display_phone_number),
        )


Convert = Callable[[Node, Ground], Iterable[AnyEvent]]


def txn_of(item: Node) -> TxnId | None:
    """What we gave along when we sent it. What is too long to be ours is not."""
    said = text(item.get("biz_opaque_callback_data"))
    return TxnId(said) if 0 < len(said) <= LONGEST_ID else None


def unknown(kind: str, item: object, ground: Ground, note: str = "") -> Unrecognised:
    return Unrecognised(at=ground.at, kind=kind, raw=raw(item), note=note)


def each(kind: str, items: object, ground: Ground, convert: Convert) -> Iterator[AnyEvent]:
    """Every item on its own: a bad one is kept as it came and spoils none of its neighbours."""
    for item in listed(items):
        yield from guarded(kind, item, ground, convert)


def guarded(kind: str, item: object, ground: Ground, convert: Convert) -> Iterable[AnyEvent]:
    if not is_node(item):
        return (unknown(kind, item, ground, "not an object"),)
    events: list[AnyEvent] = []
    try:
        events.extend(convert(item, ground))
    except Exception as error:  # whatever it was, neither the item nor what was read of it may be lost
        events.append(unknown(kind_of(kind, item), item, ground, reason(error)))
    return events


def kind_of(kind: str, item: Node) -> str:
    """The kind of something not understood: "messages.<type>", "statuses.<status>"."""
    said = name(item.get("type")) or name(item.get("status"))
    return f"{kind}.{said}" if said else kind


def reason(error: Exception) -> str:
    """Why something could not be read, in words."""
    return str(error) if isinstance(error, Odd) else f"{type(error).__name__}: {error}"[:200]
