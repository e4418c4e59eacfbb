"""What a test may ask the provider to do wrong, and how often: the scripted faults."""

from __future__ import annotations

from typing import Literal, TypeVar

from msgspec import Struct


class _Fault(Struct, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """`times` counts down with every use; `number` and `user` narrow it to one number or customer."""

    times: int = 1
    number: str = ""
    user: str = ""


class Refuse(_Fault, kw_only=True, tag="refuse"):
    """The next sends are answered with this error."""

    code: int
    details: str = ""
    retry_after: int = 0  # seconds, in the Retry-After header


class FailLater(_Fault, kw_only=True, tag="fail_later"):
    """The next sends are accepted, and a `failed` status follows: after this other status."""

    code: int
    after: Literal["accepted", "sent", "delivered"] = "accepted"
    details: str = ""


class SkipDelivered(_Fault, kw_only=True, tag="skip_delivered"):
    """The next messages go from sent straight to read."""


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
    `changes` of one entry, as `items` of one change; or one by one, the last first (`reversed`)."""

    size: int
    shape: Literal["entries", "changes", "items", "reversed"]


class FailedWithContacts(_Fault, kw_only=True, tag="failed_with_contacts"):
    """The next `failed` statuses carry contacts[], which the provider leaves out."""


Fault = Refuse | FailLater | SkipDelivered | Hang | Break | Duplicate | Gather | FailedWithContacts

_F = TypeVar("_F", bound=Fault)


class Script:
    """The faults that wait for their moment, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        if fault.times < 1:
            raise ValueError("times must be 1 or more")
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, kind: type[_F], *, number: str = "", user: str = "") -> _F | None:
        """The oldest fault of this kind that fits, used up by one."""
        for fault in self._waiting:
            if not isinstance(fault, kind):
                continue
            if (fault.number and fault.number != number) or (fault.user and fault.user != user):
                continue
            fault.times -= 1
            if fault.times == 0:
                self._waiting.remove(fault)
            return fault
        return None
