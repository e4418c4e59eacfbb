"""How far a number is with the provider: proven, registered, on a phone too, asked for its past. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from .errors import GraphError, invalid

REGISTRATIONS, SPAN = 10, timedelta(hours=72)
SYNC_WITHIN = timedelta(hours=24)
SYNCS = ("smb_app_state_sync", "history")


class Enrolment(Struct, kw_only=True):
    """`status` "": as it follows from the rest. `on_phone`: the WhatsApp Business app has the number too;
    `joined`: when it was connected to the API; `declined`: its owner keeps the past to himself."""

    proven: bool = True
    registered: bool = True
    on_phone: bool = False
    status: str = ""
    name_status: str = "APPROVED"
    health: str = "AVAILABLE"
    code: str = ""
    pin: str = ""
    moves: list[datetime] = field(default_factory=list[datetime])  # registered or deregistered
    joined: datetime | None = None
    declined: bool = False
    synced: set[str] = field(default_factory=set[str])

    def view(self) -> dict[str, Any]:
        """Its part of what a look at the number shows."""
        status = "CONNECTED" if self.registered else "DISCONNECTED" if self.proven else "PENDING"
        return {
            "code_verification_status": "VERIFIED" if self.proven else "NOT_VERIFIED",
            "platform_type": "CLOUD_API" if self.registered else "NOT_APPLICABLE",
            "status": self.status or status,
            "name_status": self.name_status,
            "is_on_biz_app": self.on_phone,
            "is_pin_enabled": bool(self.pin),
            "health_status": {"can_send_message": self.health, "entities": []},
        }

    def register(self, pin: str, now: datetime) -> None:
        self._move(now)
        check_pin(pin)
        if not self.proven:
            raise GraphError(133006, "The phone number has to be verified before it is registered.")
        if self.pin and self.pin != pin:
            raise GraphError(133005, "The two-step verification PIN does not match.")
        self.pin, self.registered, self.status = pin, True, ""

    def deregister(self, now: datetime) -> None:
        self._move(now)
        if not self.registered:
            raise GraphError(133010)
        self.registered, self.pin = False, ""

    def _move(self, now: datetime) -> None:
        if self.on_phone:
            raise GraphError(
                100, "A number of the WhatsApp Business app cannot be registered or deregistered."
            )
        self.moves = [at for at in self.moves if now - at < SPAN]
        if len(self.moves) >= REGISTRATIONS:
            raise GraphError(133016, "The number was registered and deregistered too often.")
        self.moves.append(now)

    def set_pin(self, pin: str) -> None:
        check_pin(pin)
        self.pin = pin

    def send_code(self, way: str) -> None:
        if way not in ("SMS", "VOICE"):
            raise invalid("code_method must be SMS or VOICE.")
        if self.proven:
            raise GraphError(136024, "The phone number is verified already.")
        self.code = str(secrets.randbelow(900_000) + 100_000)

    def take_code(self, code: str) -> None:
        if not self.code or code != self.code:
            raise GraphError(136025, "The code is wrong, or it has run out.")
        self.proven, self.code = True, ""

    def sync(self, kind: str, now: datetime) -> None:
        """Note that contacts or the past were asked for. Raises GraphError where they may not be."""
        if kind not in SYNCS:
            raise invalid(f"sync_type must be one of {', '.join(SYNCS)}.")
        if not self.on_phone:
            raise GraphError(100, "The number is not on the WhatsApp Business app.")
        if kind in self.synced:
            raise GraphError(2593107, "This synchronisation was requested already.")
        if self.joined is not None and now - self.joined > SYNC_WITHIN:
            raise GraphError(2593108, "The 24 hours for this synchronisation are over.")
        self.synced.add(kind)


def check_pin(pin: str) -> None:
    if not (len(pin) == 6 and pin.isdecimal()):
        raise invalid("pin must have six digits.")


def shares(count: int, phases: int = 3) -> Iterator[tuple[int, int]]:
    """How `count` things are cut into phases: from, to."""
    for phase in range(phases):
        yield count * phase // phases, count * (phase + 1) // phases
