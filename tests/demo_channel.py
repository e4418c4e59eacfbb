"""A channel kind for tests whose connection does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

import jackfield.channel as c

TEXT_MAX = 100
Run = Callable[[c.Port], Awaitable[None]]


async def hold(port: c.Port) -> None:
    """A connection that stands."""
    port.state(c.State.CONNECTED)
    await asyncio.Event().wait()


class DemoChannel:
    def __init__(self, config: Mapping[str, str], port: c.Port, run: Run) -> None:
        self.config, self.port, self._run = config, port, run

    async def run(self) -> None:
        await self._run(self.port)

    async def send(
        self,
        to: c.ConversationId,
        parts: Sequence[c.Part],
        txn: c.TxnId,
        *,
        reply_to: c.MessageId | None = None,
    ) -> c.MessageId:
        if not parts or (isinstance(parts[0], c.Text) and len(parts[0].body) > TEXT_MAX):
            raise c.Rejected("nothing to send, or too much")
        if not isinstance(parts[0], c.Text):
            raise c.NotSupported("texts only")
        return c.MessageId(f"{to}:{txn}")

    def capabilities(self, about: c.Facts) -> c.Capabilities:
        return c.Capabilities(text_max=TEXT_MAX)

    def pace(self) -> c.Pace:
        return c.Pace(per_second=10)


class DemoLogin:
    """Asks for a token, shows a code, waits for `scanned`, and is done."""

    def __init__(self, port: c.Port) -> None:
        self.port = port
        self.scanned = asyncio.Event()
        self.cancelled = 0

    async def start(self, again: c.ChannelId | None = None) -> c.Step:
        return c.Ask(step="demo.token", fields=(c.Field(name="token", secret=True),))

    async def submit(self, values: Mapping[str, str]) -> c.Step:
        if not values.get("token"):
            return c.Ask(step="demo.token", fields=DemoKind.fields, errors={"token": "missing"})
        self.port.log(c.LogEntry(op="login", ok=True, request=f"token={values['token']}"))
        await self.port.put("session", b"keys")
        return c.Show(step="demo.code", kind="code", data="1234")

    async def wait(self) -> c.Step:
        await self.scanned.wait()
        return c.Done(name="Demo", external_id="demo-1", config={"token": "t0ken-for-demo"})

    async def cancel(self) -> None:
        self.cancelled += 1


class DemoKind:
    name: ClassVar[str] = "demo"
    title: ClassVar[str] = "Demo"
    contract: ClassVar[int] = c.CONTRACT
    fields: ClassVar[tuple[c.Field, ...]] = (c.Field(name="token", type="password", secret=True),)
    free_form_window: ClassVar[timedelta | None] = None

    def __init__(self, run: Run = hold) -> None:
        self.run = run
        self.logged_in: list[DemoLogin] = []

    def logins(self) -> Mapping[str, str]:
        return {"token": "demo.login.token"}

    def login(self, flow: str, port: c.Port) -> c.Login:
        self.logged_in.append(DemoLogin(port))
        return self.logged_in[-1]

    def open(self, channel: c.ChannelId, config: Mapping[str, str], port: c.Port) -> c.Channel:
        if "token" not in config:
            raise ValueError(f"no token in {dict(config)}")
        return DemoChannel(config, port, self.run)
