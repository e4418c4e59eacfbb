"""Controls of what is told: any kind of message or news, by its name."""

from __future__ import annotations

from typing import Any

from msgspec import field

from jackfield_whatsapp_api.simulator import kinds

from .wish import Gets, Posts, Wish


class Play(Wish, kw_only=True):
    """`over` takes the place of parts of the sample."""

    number: str
    user: str
    kind: str
    over: dict[str, Any] = field(default_factory=dict[str, Any])


POSTS: Posts = {"kinds": (Play, lambda w, b: kinds.tell(w, b.number, b.user, b.kind, b.over))}
GETS: Gets = {"kinds": lambda _, __: kinds.names()}
