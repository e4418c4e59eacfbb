"""The channels of the install as this process has them open: kept current by the bus."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import msgspec

from jackfield import ids
from jackfield.bus import Bus
from jackfield.channel import Channel, ChannelId, State
from jackfield.errors import Problem
from jackfield.host import Host, HostError
from jackfield.store.box import Box
from jackfield.store.rows import ChannelRow
from jackfield.store.store import Store
from jackfield.web.parts import Line
from jackfield.web.works import join_config

from .abilities import abilities_of
from .standing import SetAbilities, SetState

log = logging.getLogger("jackfield.channels")

SUBJECT = "channels"


class Changed(msgspec.Struct, frozen=True):
    """On the bus: this channel's row is another now."""

    channel: int


class OpenLines:
    """web.parts.Lines. Every process opens every enabled channel, so that any can take a webhook in;
    which process runs one is the business of leases."""

    def __init__(self, store: Store, box: Box, host: Host, bus: Bus) -> None:
        self._store, self._box, self._host, self._bus = store, box, host, bus
        self._lines: dict[int, Line] = {}
        self._by_kind: dict[str, dict[int, Line]] = defaultdict(dict)
        self._due: asyncio.Queue[int] = asyncio.Queue()
        self.changed: Callable[[], None] = lambda: None  # told when a channel came, went or changed

    def get(self, channel: int) -> Line | None:
        return self._lines.get(channel)

    def of_kind(self, kind: str) -> Sequence[Line]:
        return list(self._by_kind[kind].values())

    def channel(self, channel: int) -> Channel | None:
        line = self._lines.get(channel)
        return None if line is None else line.channel

    @property
    def all(self) -> Mapping[int, Line]:
        return self._lines

    async def open_all(self) -> None:
        """Open what is connected. One that cannot be opened is left out, with its reason as its state."""
        for row in await self._store.rows(ChannelRow, "WHERE removed_at IS NULL AND enabled"):
            await self._open(row)

    async def announce(self, channel: int) -> None:
        """Tell every process, this one too, that a channel changed."""
        await self._bus.publish(SUBJECT, msgspec.json.encode(Changed(channel)))

    async def follow(self) -> None:
        """Reload channels as they change, until cancelled."""
        stop = self._bus.subscribe(
            SUBJECT, lambda data: self._due.put_nowait(msgspec.json.decode(data, type=Changed).channel)
        )
        try:
            while True:
                channel = await self._due.get()
                try:
                    await self.reload(channel)
                except Problem:
                    log.exception("channel %s could not be reloaded", channel)
        finally:
            stop()

    async def reload(self, channel: int) -> None:
        """Open, reopen or close one channel as its row says now."""
        rows = await self._store.rows(ChannelRow, "WHERE id = $1", channel)
        if rows and rows[0].enabled and rows[0].removed_at is None:
            await self._open(rows[0])
            if rows[0].state == State.CONNECTING:  # it was connected anew, perhaps with what it had before
                with suppress(HostError):
                    self._host.wake(ChannelId(ids.show("ch", channel)))
        else:
            self._forget(channel)
            name = ChannelId(ids.show("ch", channel))
            if rows and rows[0].removed_at is not None:
                await self._host.forget(name, rows[0].kind)
            else:
                await self._host.close(name)
        self.changed()

    async def _open(self, row: ChannelRow) -> None:
        name = ChannelId(ids.show("ch", row.id))
        try:
            config = self.config_of(row)
            channel = await self._host.open(name, row.kind, config)
            kind = self._host.kind(row.kind)
        except (HostError, Problem, msgspec.DecodeError) as error:
            log.warning("channel %s cannot be opened: %s", name, error)
            self._forget(row.id)
            await self._host.close(name)
            code = getattr(error, "code", "") or "cannot_open"
            stopped = SetState.of(row, state="stopped", code=code, text=str(error))
            await self._store.writer.do(stopped)
            return
        line = Line(id=row.id, workspace=row.workspace_id, kind=kind, channel=channel, config=config)
        self._lines[row.id] = line
        self._by_kind[row.kind][row.id] = line
        await self._describe(row, channel)

    async def _describe(self, row: ChannelRow, channel: Channel) -> None:
        """Keep what it can do in its row, so that every process says the same of it, open there or not."""
        abilities = msgspec.json.encode(abilities_of(channel)).decode()
        if abilities == row.abilities:
            return
        work = SetAbilities(workspace=row.workspace_id, channel=row.id, abilities=abilities)
        try:
            await self._store.writer.do(work)
        except Problem as error:
            log.warning("what channel %d can do was not stored: %s", row.id, error)

    def config_of(self, row: ChannelRow) -> dict[str, str]:
        """A channel's configuration with its secrets. Raises a Problem if this key does not open them."""
        return join_config(row, self._box)

    def _forget(self, channel: int) -> None:
        line = self._lines.pop(channel, None)
        if line is not None:
            self._by_kind[line.kind.name].pop(channel, None)
