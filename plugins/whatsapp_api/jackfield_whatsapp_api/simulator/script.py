"""What a test may ask the provider to do wrong, and how often: the scripted faults, which are data."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from msgspec import Struct

from .clock import Clock


class _Fault(Struct, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Used up after `times` uses (0: never); `number` and `user` narrow it to one number or customer.

    `chance`: how likely it is used at each opportunity, 0 to 1. `lasts`: seconds by the simulator's clock
    after which it is over though it was not used up; 0: it waits.
    """

    times: int = 1
    number: str = ""
    user: str = ""
    chance: float = 1.0
    lasts: float = 0


class Refuse(_Fault, kw_only=True, tag="refuse"):
    """The next sends are answered with this error."""

    code: int
    details: str = ""
    retry_after: int = 0  # seconds, in the Retry-After header


class RefuseCall(_Fault, kw_only=True, tag="refuse_call"):
    """The next calls of an edge ("message_templates", "media" …) are answered with this error.

    `edge` "": calls of an id alone; "*": any call at all. `method` "": any. `id`: only of this object.
    """

    edge: str
    code: int
    method: str = ""
    id: str = ""
    details: str = ""
    subcode: int | None = None
    retry_after: int = 0


class FailLater(_Fault, kw_only=True, tag="fail_later"):
    """The next sends are accepted, and a `failed` status follows: after this other status."""

    code: int
    after: Literal["accepted", "sent", "delivered"] = "accepted"
    details: str = ""


class SkipDelivered(_Fault, kw_only=True, tag="skip_delivered"):
    """The next messages go from sent straight to read."""


class Late(_Fault, kw_only=True, tag="late"):
    """The statuses of the next messages begin so many seconds later."""

    seconds: float


class Hang(_Fault, kw_only=True, tag="hang"):
    """The next sends are answered only after so many seconds; `taken`: the message goes out all the same."""

    seconds: float
    taken: bool = True


class Break(_Fault, kw_only=True, tag="break"):
    """The next sends are answered with a bare HTTP status (no envelope); `taken` as in Hang."""

    status: int = 502
    taken: bool = False


class Duplicate(_Fault, kw_only=True, tag="duplicate"):
    """The next webhooks are delivered `copies` times more."""

    copies: int = 1


class Gather(_Fault, kw_only=True, tag="gather"):
    """The next `size` webhooks are held back and leave together: as many `entries` of one body, as
    `changes` of one entry, as `items` of one change; or one by one, the last first (`reversed`).

    `within`: seconds after which they leave even if they are fewer; 0: they wait."""

    size: int
    shape: Literal["entries", "changes", "items", "reversed"]
    within: float = 0


class ExpiredUrl(_Fault, kw_only=True, tag="expired_url"):
    """The next media addresses that are looked up have run out already."""


class FailedWithContacts(_Fault, kw_only=True, tag="failed_with_contacts"):
    """The next `failed` statuses carry contacts[], which the provider leaves out."""


Fault = (
    Refuse
    | RefuseCall
    | FailLater
    | SkipDelivered
    | Late
    | Hang
    | Break
    | Duplicate
    | Gather
    | ExpiredUrl
    | FailedWithContacts
)

_F = TypeVar("_F", bound=Fault)


class Script:
    """The faults that wait for their moment, oldest first. With the same seed the same luck."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: list[tuple[Fault, datetime | None]] = []  # with the end of what lasts
        self._luck = random.Random(0)  # noqa: S311  # for accidents, not for secrets

    @property
    def waiting(self) -> Sequence[Fault]:
        return tuple(self._waiting())

    def seed(self, seed: int) -> None:
        self._luck.seed(seed)

    def add(self, fault: Fault) -> None:
        if fault.times < 0:
            raise ValueError("times must be 0 (for ever) or more")
        if not 0 < fault.chance <= 1:
            raise ValueError("chance must be above 0 and at most 1")
        ends = self._clock.now() + timedelta(seconds=fault.lasts) if fault.lasts else None
        self._queue.append((fault, ends))

    def clear(self) -> None:
        self._queue.clear()

    def _waiting(self) -> list[Fault]:
        now = self._clock.now()
        self._queue = [(fault, ends) for fault, ends in self._queue if ends is None or now < ends]
        return [fault for fault, _ in self._queue]

    def take(self, kind: type[_F], *, number: str = "", user: str = "") -> _F | None:
        """The oldest fault of this kind that fits, used up by one."""
        for fault in self._of(kind):
            if (fault.number and fault.number != number) or (fault.user and fault.user != user):
                continue
            if self._use(fault):
                return fault
        return None

    def take_call(self, method: str, edge: str, id_: str) -> RefuseCall | None:
        """The oldest refusal meant for this call, used up by one."""
        for fault in self._of(RefuseCall):
            if fault.edge not in ("*", edge) or fault.method not in ("", method):
                continue
            if fault.id not in ("", id_) or fault.number not in ("", id_):
                continue
            if self._use(fault):
                return fault
        return None

    def _of(self, kind: type[_F]) -> list[_F]:
        return [fault for fault in self._waiting() if isinstance(fault, kind)] if self._queue else []

    def _use(self, fault: Fault) -> bool:
        """Whether luck has it used now."""
        if fault.chance < 1 and self._luck.random() >= fault.chance:
            return False
        if fault.times == 1:
            self._queue = [one for one in self._queue if one[0] is not fault]
        elif fault.times:
            fault.times -= 1
        return True
