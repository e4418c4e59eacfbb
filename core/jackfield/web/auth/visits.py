"""When sessions and tokens were last used: noted beside the request, which never waits for it."""

from __future__ import annotations

import asyncio
import logging

from tortoise.exceptions import BaseORMException

from jackfield.errors import Problem
from jackfield.store.tables import ApiToken, Session

log = logging.getLogger("jackfield.web")

EVERY = 5.0  # seconds between two looks at what is to be noted


class Visits:
    """Collects in memory; run() stores. What is lost with the process was not worth a failed request."""

    def __init__(self) -> None:
        self._sessions: dict[int, int] = {}
        self._tokens: dict[int, int] = {}

    def session(self, number: int, at: int) -> None:
        self._sessions[number] = at

    def token(self, number: int, at: int) -> None:
        self._tokens[number] = at

    async def flush(self) -> None:
        """Store what was collected. What the database does not take is forgotten: the next visit comes."""
        sessions, self._sessions = self._sessions, {}
        tokens, self._tokens = self._tokens, {}
        try:
            for number, at in sessions.items():
                await Session.filter(id=number).update(seen_at=at)
            for number, at in tokens.items():
                await ApiToken.filter(id=number).update(used_at=at)
        except (Problem, BaseORMException, OSError) as error:
            log.warning("%d visits were not noted: %s", len(sessions) + len(tokens), error)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self.flush()
