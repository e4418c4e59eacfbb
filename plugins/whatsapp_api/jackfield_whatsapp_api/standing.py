"""How the number stands with the provider, as words to compare: what changed, and how fast it may send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct, structs

from jackfield.channel import LimitChange, Pace

from .numbers import Number, read_number
from .payload import Node, listed, name, node, raw, text
from .tiers import people

Severity = Literal["info", "warning", "critical"]
STANDING = "standing"  # the key under which a channel keeps what was told

SEVERE: Mapping[tuple[str, str], Severity] = {
    ("quality", "yellow"): "warning",
    ("quality", "red"): "critical",
    ("status", "flagged"): "warning",
    ("status", "restricted"): "critical",
    ("status", "rate_limited"): "warning",
    ("status", "banned"): "critical",
    ("status", "disconnected"): "critical",
    ("status", "pending"): "warning",
    ("name", "declined"): "warning",
    ("name", "rejected"): "warning",
    ("name", "expired"): "warning",
    ("sending", "limited"): "warning",
    ("sending", "blocked"): "critical",
    ("webhook", "elsewhere"): "warning",
    ("webhook", "silent"): "warning",
}
"""What asks for somebody. All else is good to know."""

ABOUT = (
    "quality",
    "status",
    "name",
    "verification",
    "throughput",
    "platform",
    "messaging_limit",
    "sending",
    "webhook",
    "phone",
    "history",
)
"""What is told of a number by itself; webhooks tell of more."""

STANDARD, HIGH, ON_PHONE = 80, 1000, 20  # messages a second


class Seen(Struct, frozen=True, kw_only=True):
    """What was told last: about what → its value; and what `pace` goes by."""

    told: Mapping[str, str] = {}
    throughput: str = ""
    limit: str = ""
    on_phone: bool = False


_SEEN = msgspec.json.Decoder(Seen)


def recall(kept: bytes | None) -> Seen:
    """What a channel kept; nothing where it cannot be read any more."""
    try:
        return _SEEN.decode(kept or b"{}")
    except msgspec.MsgspecError:
        return Seen()


def keep(seen: Seen) -> bytes:
    return msgspec.json.encode(seen)


def facts(said: Node) -> dict[str, str]:
    """About what → its value, for all that an answer of the API says of a number."""
    number = read_number(said)
    found = {
        "quality": number.quality,
        "status": number.status,
        "name": number.name_status,
        "verification": number.verified,
        "throughput": number.throughput,
        "platform": "on_phone" if number.on_phone else number.platform,
        "messaging_limit": people(number.limit),
        "sending": name(node(said.get("health_status")).get("can_send_message")),
    }
    return {about: value.lower() for about, value in found.items() if value}


def changes(
    before: Mapping[str, str], now: Mapping[str, str], said: Node, at: datetime
) -> Iterator[LimitChange]:
    """What is another than it was. What is not said any more stays as it was."""
    for about, value in now.items():
        if before.get(about) == value:
            continue
        yield LimitChange(
            at=at,
            about=about,
            value=value,
            severity=SEVERE.get((about, value), "info"),
            text=_why(said) if about == "sending" else "",
            detail=raw(said["health_status"]) if about == "sending" else raw(None),
        )


def _why(said: Node) -> str:
    """What the provider says is in the way of sending."""
    health = node(said.get("health_status"))
    words = [
        text(error.get("error_description"))
        for entity in map(node, listed(health.get("entities")))
        for error in map(node, listed(entity.get("errors")))
    ]
    return " ".join(dict.fromkeys(filter(None, words)))


def learnt(seen: Seen, number: Number, told: Mapping[str, str]) -> Seen:
    """What is known after a look. What the answer leaves out stays as it was."""
    return structs.replace(
        seen,
        told={**seen.told, **told},
        throughput=number.throughput or seen.throughput,
        limit=people(number.limit) or seen.limit,
        on_phone=number.on_phone,
    )


def pace(seen: Seen, pool: str) -> Pace:
    """80 messages a second, 1,000 after an upgrade, 20 beside a phone; to one person one in six seconds.

    `pool`: the portfolio, whose numbers share the limit of people that may be written to first.
    """
    rate, at_once = STANDARD, 32
    if seen.on_phone:
        rate, at_once = ON_PHONE, 16
    elif seen.throughput.upper() == "HIGH":
        rate, at_once = HIGH, 256
    return Pace(
        per_second=rate,
        # Less at once than the provider allows: what was held up on the line comes to it together.
        burst=rate // 2,
        conversation_per_second=1 / 6,
        conversation_burst=44,
        at_once=at_once,
        pool=pool,
        new_people_per_day=int(seen.limit) if seen.limit.isdecimal() else None,
    )
