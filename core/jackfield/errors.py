"""What can go wrong inside Jackfield: one tree; translated at the edge (problem details, socket `err`).

Problem                    code             HTTP
├── NotFound               not_found        404   also: not yours. Nothing leaks, not even existence
├── Forbidden              forbidden        403   your role does not allow it
├── Unauthorised           unauthorised     401
├── Invalid                invalid          422   `fields` says where
├── Conflict               conflict         409   changed meanwhile, or exists already
│   └── Collision          collision        409   somebody answered while you typed
├── NotSendable            (its reason)     409   can_send said no; alternatives in `data`
├── Refused                (its reason)     409   the provider behind a channel said no
├── TooMany                too_many         429   `after` seconds
├── TooLarge               too_large        413
├── PreconditionFailed     precondition     412
└── Unavailable            unavailable      503   the store or the bus is away: try again
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class Problem(Exception):
    """`code` is stable and picks the words ("problem.<code>"); `data` goes out with it."""

    code: str = "problem"
    status: ClassVar[int] = 400

    def __init__(self, detail: str = "", *, code: str = "", **data: Any) -> None:
        super().__init__(detail or code or self.code)
        self.code = code or self.code
        self.detail = detail
        self.data: Mapping[str, Any] = data


class NotFound(Problem):
    code, status = "not_found", 404


class Forbidden(Problem):
    code, status = "forbidden", 403


class Unauthorised(Problem):
    code, status = "unauthorised", 401


class Invalid(Problem):
    code, status = "invalid", 422


class Conflict(Problem):
    code, status = "conflict", 409


class Collision(Conflict):
    code = "collision"


class NotSendable(Problem):
    code, status = "not_sendable", 409


class Refused(Problem):
    """`code` is that of the channel's error and picks its words ("error.<code>"); `words` in `data` is a key
    that says more; `detail` is the provider's own sentence."""

    code, status = "refused", 409


class TooMany(Problem):
    code, status = "too_many", 429


class TooLarge(Problem):
    code, status = "too_large", 413


class PreconditionFailed(Problem):
    code, status = "precondition", 412


class Unavailable(Problem):
    code, status = "unavailable", 503
