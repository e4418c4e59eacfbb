"""A real engine in its own process, on the mock of WhatsApp's servers: what tests of the bridge share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest
from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.line import Gone, Line
from mock_whatsapp import MockWhatsApp, Phone, leading

from jackfield.channel import AnyEvent

T = TypeVar("T")
TESTS = Path(__file__).parent
WITHIN = 60.0  # seconds, on a busy machine


class Town:
    """The network with a shop and a customer on it."""

    def __init__(self, mock: MockWhatsApp) -> None:
        self.mock = mock
        self.shop: Phone = mock.add("4915550001", "900000000000001", "Shop owner", business="Flowers")
        self.customer: Phone = mock.add("4915550002", "900000000000002", "Karla")
        self.third: Phone = mock.add("4915550003", "900000000000003", "Third")


def environment(mock: MockWhatsApp) -> dict[str, str]:
    """As leading.environment, in a hurry: nobody is banned here for asking or typing too fast."""
    return leading.environment(mock) | {"JACKFIELD_BRIDGE_PAUSE": "0.1", "JACKFIELD_BRIDGE_HASTE": "0.05"}


@asynccontextmanager
async def town(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Town]:
    """Bridges started inside believe the mock, and reach nobody else."""
    async with MockWhatsApp(folder).running() as mock:
        for name, value in environment(mock).items():
            monkeypatch.setenv(name, value)
        yield Town(mock)


class Bridge:
    """A line with its bridge, and everything it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.line = Line(folder, self._hear)
        self.said: list[say.FromBridge] = []
        self._news = asyncio.Condition()
        self._read = 0
        self.refuses = False  # to store what is heard, as a full disk does
        self.refused = asyncio.Event()  # something was

    async def _hear(self, frame: say.FromBridge) -> None:
        if self.refuses and isinstance(frame, say.Heard):
            self.refused.set()
            raise OSError("no space left")
        async with self._news:
            self.said.append(frame)
            self._news.notify_all()

    async def until(self, wanted: Callable[[say.FromBridge], T | None]) -> T:
        """The first thing said after what was read last that this finds something in."""
        async with asyncio.timeout(WITHIN), self._news:
            while True:
                while self._read < len(self.said):
                    self._read += 1
                    if (found := wanted(self.said[self._read - 1])) is not None:
                        return found
                await self._news.wait()

    async def state(self, state: say.LinkState) -> say.Status:
        return await self.until(
            lambda said: said if isinstance(said, say.Status) and said.state == state else None
        )

    async def event(self, kind: type[T]) -> T:
        """The next event of a kind."""

        def find(said: say.FromBridge) -> T | None:
            if not isinstance(said, say.Heard):
                return None
            return next((event for event in said.events if isinstance(event, kind)), None)

        return await self.until(find)

    @property
    def events(self) -> list[AnyEvent]:
        return [event for said in self.said if isinstance(said, say.Heard) for event in said.events]

    async def link(self, phone: Phone, mock: MockWhatsApp, *, by_characters: bool = False) -> say.Linked:
        await self.state("unlinked")
        number = phone.account.phone if by_characters else ""
        await self.line.ask(say.Link(ref=self.line.ref(), phone=number))
        code = await self.until(lambda said: said if isinstance(said, say.Code) else None)
        if by_characters:
            await mock.pairing.type(code.text, phone.account)
        else:
            await mock.pairing.scan(code.text, phone.account)
        linked = await self.until(lambda said: said if isinstance(said, say.Linked) else None)
        await self.state("connected")
        return linked


@asynccontextmanager
async def bridge(folder: Path) -> AsyncGenerator[Bridge]:
    """A running one; it may have been killed meanwhile."""
    started = Bridge(folder)
    task = asyncio.create_task(started.line.hold())
    try:
        yield started
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Gone):
            await task
