"""How a linked device is, as the state of its channel: what core does, and what a person is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from jackfield.channel import State

from .protocol import LinkState, Status


class Told(NamedTuple):
    """`code`: what a person can do is under "whatsapp_business.advice.<code>" in the catalogue."""

    state: State
    code: str = ""


STATES: Mapping[LinkState, Told] = {
    "unlinked": Told(State.LOGGED_OUT, "unlinked"),
    "linking": Told(State.CONNECTING),
    "linked": Told(State.CONNECTING),
    "syncing": Told(State.BACKFILLING),
    "connected": Told(State.CONNECTED),
    "reconnecting": Told(State.TRANSIENT, "reconnecting"),
    "restricted": Told(State.CONNECTED, "restricted"),
    "link_expired": Told(State.LOGGED_OUT, "link_expired"),
    "link_failed": Told(State.LOGGED_OUT, "link_failed"),
    "needs_passkey": Told(State.LOGGED_OUT, "needs_passkey"),
    "replaced": Told(State.STOPPED, "replaced"),
    "temp_banned": Told(State.SUSPENDED, "temp_banned"),
    "locked": Told(State.SUSPENDED, "locked"),
    "banned": Told(State.SUSPENDED, "banned"),
    "logged_out": Told(State.LOGGED_OUT, "logged_out"),
    "engine_outdated": Told(State.STOPPED, "engine_outdated"),
}

ENDS: frozenset[State] = frozenset({State.LOGGED_OUT, State.STOPPED, State.SUSPENDED})
"""A person has to do something first: trying again by itself would make it worse."""


def told(status: Status) -> Told:
    return STATES[status.state]
