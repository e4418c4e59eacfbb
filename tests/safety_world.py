"""The whole of Jackfield behind real doors on loopback: two clients of an agency, and programs that call."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
import msgspec
from web_world import PASSWORD, Client, TodaysChannel, make_client, make_token, secret_of, signature
from websockets.asyncio.client import ClientConnection, connect
from whole_channel import WholeKind

from jackfield import plugins
from jackfield.app import Jackfield, listen, running, serving
from jackfield.ids import new_id
from jackfield.settings import Settings
from jackfield.web.works import StoreChannel

WITHIN = 10.0  # seconds anything here may take


class Caller:
    """One person at the doors: HTTP with a cookie or a token, and websockets with the same."""

    def __init__(self, url: str, http: httpx.AsyncClient, stack: AsyncExitStack) -> None:
        self.url, self.http, self._stack = url, http, stack

    async def socket(self, *, hello: bool = True) -> Socket:
        """An open websocket that has said hello and heard ready."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        said = {"Cookie": cookies} if cookies else {}
        if "Authorization" in self.http.headers:
            said["Authorization"] = self.http.headers["Authorization"]
        elif "Origin" in self.http.headers:
            said["Origin"] = self.http.headers["Origin"]
        address = self.url.replace("http:", "ws:") + "/realtime"
        opened = await self._stack.enter_async_context(
            connect(address, additional_headers=said, compression=None)
        )
        socket = Socket(opened)
        if hello:
            await socket.say({"t": "hello", "v": 1})
            await socket.until("ready")
        return socket


class Socket:
    """A websocket that keeps everything it heard."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard: list[dict[str, Any]] = []

    async def say(self, frame: Mapping[str, Any]) -> None:
        await self.connection.send(json.dumps(frame))

    async def next(self) -> list[dict[str, Any]]:
        """The frames of the next message."""
        async with asyncio.timeout(WITHIN):
            said = json.loads(await self.connection.recv())
        frames = cast("list[dict[str, Any]]", said if isinstance(said, list) else [said])
        self.heard += frames
        return frames

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next frame of this kind with these fields."""
        while True:
            for frame in await self.next():
                if frame["t"] == kind and fields.items() <= frame.items():
                    return frame

    async def answers(self, *frames: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Say something; everything heard until a ping that was asked for last, but what may be lost."""
        before = len(self.heard)
        for frame in frames:
            await self.say(frame)
        await self.say({"t": "probe"})
        await self.until("ping")
        return [frame for frame in self.heard[before:] if frame["t"] not in ("ping", "eph")]

    async def ended(self) -> int:
        """The code with which the server closes."""
        async with asyncio.timeout(WITHIN):
            await self.connection.wait_closed()
        return self.connection.close_code or 0


@dataclass(kw_only=True)
class House:
    jackfield: Jackfield
    url: str
    alpha: Client
    beta: Client
    stack: AsyncExitStack

    async def browser(self, **headers: str) -> Caller:
        """Somebody without a token; keeps cookies."""
        http = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=WITHIN)
        return Caller(self.url, await self.stack.enter_async_context(http), self.stack)

    async def program(self, operator: int, **options: Any) -> Caller:
        """Somebody with a fresh token of this operator."""
        return await self.browser(Authorization=f"Bearer {await make_token(operator, **options)}")

    async def signed_in(self, email: str, password: str = PASSWORD) -> Caller:
        """A browser with a session, its CSRF key and its Origin set on every request."""
        browser = await self.browser(Origin=self.url)
        answer = await browser.http.post("/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        browser.http.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return browser

    async def hear(self, client: Client, person: str, text: str = "hello") -> None:
        """Somebody writes to a client's channel."""
        message = {"id": f"{person}-{new_id()}", "from": person, "text": text}
        body = json.dumps({"to": client.line, "messages": [message]}).encode()
        anybody = await self.browser(**{"x-sum": signature(client.line, body)})
        answer = await anybody.http.post(f"/hooks/{client.channel_id}", content=body)
        assert answer.status_code == 200, answer.text


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncGenerator[House]:
    kind = WholeKind(TodaysChannel)
    found = msgspec.structs.replace(plugins.load(found=(), only=None, environ={}), kinds={kind.name: kind})
    door = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = msgspec.structs.replace(settings, url=url)
    async with AsyncExitStack() as stack:
        stack.callback(door.close)
        jackfield = await stack.enter_async_context(running(settings, found))
        await stack.enter_async_context(open_doors(jackfield, door))
        alpha = await make_client(jackfield.store, "alpha.example", staff=True)
        beta = await make_client(jackfield.store, "beta.example")
        await _connect(jackfield, alpha, "line-alpha")
        await _connect(jackfield, beta, "line-beta")
        callers = await stack.enter_async_context(AsyncExitStack())
        yield House(jackfield=jackfield, url=url, alpha=alpha, beta=beta, stack=callers)


@asynccontextmanager
async def open_doors(jackfield: Jackfield, door: socket.socket) -> AsyncGenerator[None]:
    """Serve on a listening socket for as long as this is open."""
    started = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(serving(jackfield, door, started=started.set))
        async with asyncio.timeout(WITHIN):
            await started.wait()
        try:
            yield
        finally:
            task.cancel()


async def _connect(jackfield: Jackfield, client: Client, line: str) -> None:
    """Give a client a channel, stored and open."""
    client.line = line
    work = StoreChannel(
        workspace=client.workspace,
        kind="whole",
        name=f"Line of {line}",
        external_id=line,
        config=json.dumps({"line": line}),
        secrets={"app_secret": secret_of(line)},
        box=jackfield.box,
    )
    client.channel = await open_line(jackfield, work)


async def open_line(jackfield: Jackfield, work: StoreChannel) -> int:
    """Store a channel and wait until it is open."""
    channel = await jackfield.store.writer.do(work)
    await jackfield.lines.announce(channel)
    async with asyncio.timeout(WITHIN):
        while jackfield.lines.get(channel) is None:  # noqa: ASYNC110  # nothing tells when a line is open
            await asyncio.sleep(0.01)
    return channel
