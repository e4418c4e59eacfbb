"""Linking a phone: an honest notice, a code to scan or to type, and whose phone it was."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from jackfield.channel import Ask, ChannelId, Done, Field, Login, LoginPort, Show, Step

from . import protocol as say
from .engines.neonize.check import EngineMissing, installed
from .line import COMMAND, Gone, Line, NoAnswer, NotKept

if TYPE_CHECKING:

    def protocols(it: DeviceLogin) -> Login:
        return it


NOTICE, SCAN, TYPE = (f"whatsapp_business.{step}" for step in ("notice", "scan", "type"))
MISSING, NOT_PHONE, NO_ENGINE, TAKEN_HERE, TAKEN_ELSEWHERE, NO_START = (
    f"whatsapp_business.login.{key}"
    for key in ("missing", "not_phone", "no_engine", "taken_here", "taken_elsewhere", "no_start")
)
READY = 30.0  # seconds for the bridge to start
SHORTEST = 7  # digits of a phone number
FAILED: frozenset[say.LinkState] = frozenset(
    {"link_expired", "link_failed", "needs_passkey", "engine_outdated", "temp_banned", "locked", "banned"}
)


class DeviceLogin:
    """One attempt. The bridge of the channel to be runs meanwhile, and is killed if it comes to nothing:
    an engine that waits for a phone does not end when it is asked to."""

    def __init__(self, port: LoginPort, *, by_code: bool) -> None:
        self._port, self._by_code = port, by_code
        self._phone, self._understood = "", ""  # as they were given last
        self._frames: asyncio.Queue[say.FromBridge | None] = asyncio.Queue()  # None: it has ended
        self._line: Line | None = None
        self._holding: asyncio.Task[None] | None = None
        self._linked: say.Linked | None = None
        self._connected = False  # and linked: nothing more is waited for
        self._again = False

    async def start(self, again: ChannelId | None = None) -> Step:
        self._again = again is not None
        return self._notice()

    async def submit(self, values: Mapping[str, str]) -> Step:
        self._phone = "".join(sign for sign in values.get("phone", "") if sign.isdigit())
        self._understood = "1" if values.get("understood") == "1" else ""
        if not self._understood:
            return self._notice(understood=MISSING)
        if self._by_code and len(self._phone) < SHORTEST:
            return self._notice(phone=NOT_PHONE)
        try:
            if not os.environ.get(COMMAND):  # another bridge has what it needs, or says what it lacks
                installed()
        except EngineMissing:
            return self._notice(**{"": NO_ENGINE})
        await self._drop()
        try:
            line = await self._begin()
            await line.ask(say.Link(ref=line.ref(), phone=self._phone if self._by_code else ""))
        except (Gone, NoAnswer):
            await self._drop()
            return self._notice(**{"": NO_START})
        return await self.wait()

    async def wait(self) -> Step:
        """The next code, or what became of it. May be cancelled anywhere, and asked again."""
        if self._connected and self._linked is not None:
            return await self._done(self._linked)
        while (frame := await self._frames.get()) is not None:
            match frame:
                case say.Code(kind=kind, text=text, seconds=seconds):
                    if kind == "qr":
                        return Show(step=SCAN, kind="qr", data=text, expires_in=seconds)
                    return Show(step=TYPE, kind="code", data=text, expires_in=seconds)
                case say.Linked():
                    self._linked = frame
                case say.Status(state="connected") if self._linked is not None:
                    self._connected = True
                    return await self._done(self._linked)
                case say.Status(state=state) if state in FAILED:
                    await self._drop()
                    return self._notice(**{"": f"whatsapp_business.advice.{state}"})
                case _:
                    pass
        await self._drop()
        return self._notice(**{"": NO_START})

    async def cancel(self) -> None:
        await self._drop()

    # -- the bridge ------------------------------------------------------------------------------

    async def _begin(self) -> Line:
        """Start the bridge; returns when it says how it is. Raises Gone or NoAnswer."""
        self._frames = asyncio.Queue()

        async def hear(frame: say.FromBridge) -> None:
            if isinstance(frame, say.Heard):
                raise NotKept  # a phone shares its past at once: that is for the channel to be
            self._frames.put_nowait(frame)

        line = self._line = Line(self._port.folder, hear)
        self._holding = asyncio.create_task(line.hold())
        self._holding.add_done_callback(lambda _: self._frames.put_nowait(None))
        try:
            async with asyncio.timeout(READY):
                while not isinstance(frame := await self._frames.get(), say.Status):
                    if frame is None:
                        self._holding.result()
        except TimeoutError:
            raise NoAnswer(asked=False) from None
        return line

    async def _done(self, linked: say.Linked) -> Step:
        """End the bridge in peace: the channel starts its own with the same session."""
        where = "" if self._again else await self._port.taken(linked.phone)
        if where:
            await self._unlink()
            return self._notice(**{"": TAKEN_HERE if where == "here" else TAKEN_ELSEWHERE})
        await self._let_go()
        return Done(
            name=linked.name or f"+{linked.phone}",
            external_id=linked.phone,
            config={"phone": linked.phone, "lid": linked.lid, "business_name": linked.name},
        )

    async def _unlink(self) -> None:
        if self._line is not None:
            with suppress(NoAnswer):
                await self._line.ask(say.Unlink(ref=self._line.ref()))
        await self._drop()

    async def _let_go(self) -> None:
        """Have the bridge end. Whoever stops waiting for that does not hurry it."""
        if self._holding is not None:
            if not self._holding.cancelling():
                self._holding.cancel()
            await asyncio.wait({self._holding})
            with suppress(asyncio.CancelledError, Gone):
                self._holding.result()
        self._holding = self._line = None

    async def _drop(self) -> None:
        """Nothing comes of it: no process and no keys stay. A session that is renewed is over anyway."""
        if self._line is not None:
            self._line.kill()
        await self._let_go()
        self._linked, self._connected = None, False
        await asyncio.to_thread(shutil.rmtree, self._port.folder, ignore_errors=True)

    # -- forms -----------------------------------------------------------------------------------

    def _notice(self, **errors: str) -> Ask:
        fields = [Field(name="understood", type="switch", default=self._understood)]
        if self._by_code:
            fields.insert(0, Field(name="phone", default=self._phone))
        return Ask(step=NOTICE, fields=tuple(fields), errors=errors)
