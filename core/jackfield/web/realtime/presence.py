"""Who is looking at which conversation: told again every few seconds, forgotten when silent."""

from __future__ import annotations

import time

from jackfield import ids

TTL = 30.0  # seconds without a word; sessions repeat themselves every 20


class Presence:
    """By conversation, by session: an operator and when he was last heard of."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, tuple[int, float]]] = {}

    def seen(self, conversation: str, session: str, operator: int, on: bool) -> list[str]:
        """Note it; return all who look at this conversation now."""
        here = self._seen.setdefault(conversation, {})
        if on:
            here[session] = (operator, time.monotonic())
        else:
            here.pop(session, None)
        return self.who(conversation)

    def who(self, conversation: str) -> list[str]:
        since = time.monotonic() - TTL
        here = self._seen.get(conversation, {})
        return sorted({ids.show("o", operator) for operator, at in here.values() if at >= since})

    def forget_silent(self) -> None:
        since = time.monotonic() - TTL
        for conversation, here in list(self._seen.items()):
            for session, (_, at) in list(here.items()):
                if at < since:
                    del here[session]
            if not here:
                del self._seen[conversation]
