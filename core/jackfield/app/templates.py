"""Templates read by themselves: once an hour, and soon after a provider says that one reads otherwise."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping
from typing import Protocol

from tortoise.exceptions import BaseORMException

from jackfield.channel import ChannelError, DesignsTemplates
from jackfield.errors import Problem
from jackfield.inbox.templates.copies import account_of
from jackfield.inbox.templates.reading import AFTER_TROUBLE, read
from jackfield.inbox.templates.works import Claim
from jackfield.store.store import Store
from jackfield.web.parts import Line

log = logging.getLogger("jackfield.templates")

EVERY = 5.0  # seconds between two looks

Account = tuple[int, str]
"""A workspace and an account in it."""


class AllLines(Protocol):
    """The channels that are open here."""

    @property
    def all(self) -> Mapping[int, Line]: ...


class TemplateReader:
    """run() until it is cancelled. It reads for the channels whose lease this process holds."""

    def __init__(self, store: Store, lines: AllLines, owner: str, *, every: float = EVERY) -> None:
        self._store, self._lines, self._owner, self._every = store, lines, owner, every

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except (Problem, BaseORMException, OSError) as error:
                log.warning("no look at the templates this time: %s", error)
            await asyncio.sleep(self._every)

    async def look(self) -> int:
        """Read the accounts whose time has come. Answers how many there were."""
        ours = dict(self._ours())
        if not ours:
            return 0
        now = time.time_ns() // 1_000_000
        held = {
            number
            for (number,) in await self._store.fetch(
                "SELECT id FROM channel WHERE lease_owner = $1 AND lease_until > $2", self._owner, now
            )
        }
        waiting = {
            (workspace, account)
            for workspace, account in await self._store.fetch(
                "SELECT workspace_id, account FROM template_account WHERE wanted_at > $1", now
            )
        }
        due = {about: line for about, line in ours.items() if line.id in held and about not in waiting}
        for about, line in due.items():
            await self._read(about, line)
        return len(due)

    def _ours(self) -> Iterator[tuple[Account, Line]]:
        """Each account with one of its channels that are open here."""
        for line in self._lines.all.values():
            if isinstance(line.channel, DesignsTemplates):
                yield (line.workspace, account_of(line.kind.name, line.channel.template_account)), line

    async def _read(self, about: Account, line: Line) -> None:
        workspace, account = about
        busy_until = time.time_ns() // 1_000_000 + AFTER_TROUBLE
        claim = Claim(workspace=workspace, account=account, busy_until=busy_until)
        if not isinstance(line.channel, DesignsTemplates) or not await self._store.writer.do(claim):
            return
        try:
            await read(
                self._store,
                workspace=workspace,
                channel_id=line.id,
                kind=line.kind.name,
                channel=line.channel,
            )
        except ChannelError as error:
            log.warning("the templates of channel %s could not be read: %s", line.id, error)
        except Exception:  # a plugin that breaks must not end the others' reading
            log.exception("the templates of channel %s could not be read", line.id)
