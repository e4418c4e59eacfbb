"""What a person wants of us and what we decided about him, kept among his attributes with time and source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from jackfield.channel import Failure
from jackfield.ids import show
from jackfield.store.rows import ContactRow
from jackfield.store.uow import Uow

from .columns import ATTRIBUTES, to_json

CONSENT, MARKETING, EVERYTHING = "consent.", "consent.marketing", "consent.messages"
BLOCKED = "blocked."
LEARNT = frozenset({"opted_out", "blocked_by_us"})  # failures that tell something of the person

Attributes = Mapping[str, str]


def attributes_of(contact: ContactRow | None) -> Attributes:
    return {} if contact is None else ATTRIBUTES.decode(contact.attributes)


def wants_nothing(attributes: Attributes) -> bool:
    """The person wants no message from us at all."""
    return attributes.get(EVERYTHING) == "stop"


def wants_no_marketing(attributes: Attributes) -> bool:
    return attributes.get(MARKETING) == "stop"


def is_blocked(attributes: Attributes, channel: int) -> bool:
    """We let the provider refuse this person on this channel."""
    return bool(attributes.get(_blocked(channel)))


def with_consent(attributes: Attributes, said: Attributes, *, at: int, source: str) -> dict[str, str]:
    """The attributes with what was said, and of each consent since when and from whom; at in ms.

    What is older than what is known of a consent changes nothing: news may overtake one another.
    """
    now = dict(attributes)
    moment = _iso(at)
    late = {
        key
        for key in said
        if key.startswith(CONSENT) and key.count(".") == 1 and now.get(f"{key}.at", "") > moment
    }
    for key, value in said.items():
        if ".".join(key.split(".")[:2]) in late:
            continue
        now[key] = value
        if key.startswith(CONSENT) and key.count(".") == 1:
            now[f"{key}.at"], now[f"{key}.source"] = moment, source
    return {key: value for key, value in now.items() if value}


def learn(uow: Uow, contact: ContactRow, channel: int, failure: Failure, *, at: int) -> None:
    """Take from a failure what it tells of the person. Needs identity.whole(contact.id)."""
    match failure.code:
        case "opted_out":
            had = attributes_of(contact)
            if wants_no_marketing(had):
                return
            said = with_consent(had, {MARKETING: "stop"}, at=at, source="provider")
            uow.edit(contact).attributes = to_json(said)
        case "blocked_by_us":
            set_blocked(uow, contact, channel, at=at)
        case _:
            pass


def set_blocked(uow: Uow, contact: ContactRow, channel: int, *, at: int | None) -> None:
    """Since when he is blocked on a channel, ms; None: not any more. Needs identity.whole(contact.id)."""
    now, key = dict(attributes_of(contact)), _blocked(channel)
    if at is None:
        now.pop(key, None)
    else:
        now.setdefault(key, _iso(at))
    uow.edit(contact).attributes = to_json(now)


def _blocked(channel: int) -> str:
    return BLOCKED + show("ch", channel)


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
