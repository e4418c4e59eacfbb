"""Chats and bubbles of one phone, and how a page is told of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from mock_whatsapp.devices import Account, Group

from .content import File

TICKS = ("", "sent", "delivered", "read")


@dataclass(eq=False)
class Bubble:
    """One message. `ticks`: of one of ours. `at`: ms since 1970."""

    id: str
    author: Account
    mine: bool
    at: int
    kind: str
    text: str = ""
    file: File | None = None
    reply_to: str = ""
    ticks: str = ""
    reactions: dict[str, str] = field(default_factory=dict[str, str])  # by who
    edited: bool = False
    seen: bool = False  # by this phone's owner


@dataclass(eq=False)
class Chat:
    """With a person or a group. `typing`: who is, just now."""

    peer: Account | Group
    bubbles: dict[str, Bubble] = field(default_factory=dict[str, Bubble])
    typing: str = ""

    @property
    def id(self) -> str:
        return str(self.peer.jid if isinstance(self.peer, Group) else self.peer.jid())

    def latest(self) -> int:
        return max((bubble.at for bubble in self.bubbles.values()), default=0)

    def view(self) -> dict[str, Any]:
        group = self.peer if isinstance(self.peer, Group) else None
        return {
            "id": self.id,
            "name": name_of(self.peer),
            "group": group is not None,
            "members": [name_of(one) for one in group.members] if group is not None else [],
            "typing": self.typing,
            "unread": sum(not (bubble.mine or bubble.seen) for bubble in self.bubbles.values()),
            "messages": [
                self._said(bubble) for bubble in sorted(self.bubbles.values(), key=lambda one: one.at)
            ],
        }

    def _said(self, bubble: Bubble) -> dict[str, Any]:
        quoted, file = self.bubbles.get(bubble.reply_to), bubble.file
        return {
            "id": bubble.id,
            "mine": bubble.mine,
            "by": name_of(bubble.author),
            "at": bubble.at,
            "kind": bubble.kind,
            "text": bubble.text,
            "file": None if file is None else f"/api/files/{bubble.id}",
            "mime": "" if file is None else file.mime,
            "name": "" if file is None else file.name,
            "ticks": bubble.ticks,
            "reply_to": None if quoted is None else {"by": name_of(quoted.author), "text": quoted.text},
            "reactions": [{"emoji": emoji, "by": by} for by, emoji in bubble.reactions.items()],
            "edited": bubble.edited,
        }


def name_of(who: Account | Group) -> str:
    return who.name if isinstance(who, Group) else who.business or who.name


def now_ms() -> int:
    return time.time_ns() // 1_000_000
