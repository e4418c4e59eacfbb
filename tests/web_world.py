"""A web part with everything behind it: two clients of an agency, their people, a channel each."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from argon2 import PasswordHasher
from starlette.applications import Starlette
from whole_business import Business
from whole_channel import WholeChannel, WholeKind

import jackfield.channel as c
from jackfield import plugins
from jackfield.bus import open_bus
from jackfield.host import Host
from jackfield.ids import new_id, show
from jackfield.inbox.derive import derive
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.outbox import Outbox
from jackfield.inbox.perform import Inbox
from jackfield.inbox.reading import Reading
from jackfield.inbox.receive import KeepUnassigned, Raw, receive
from jackfield.settings import Settings
from jackfield.store.store import Store, open_store
from jackfield.store.tables import ApiToken, Operator
from jackfield.web import Line, Parts, create_app
from jackfield.web.auth.keys import API_TOKEN, digest, new_key
from jackfield.web.auth.passwords import Passwords
from jackfield.web.clock import now_ms
from jackfield.web.parts import Came
from jackfield.web.works import MakeWorkspace, SetRole, StoreChannel
from jackfield.wire.views import Role

URL = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class TodaysChannel(Business, WholeChannel):
    """Messages are said now, so that they may be answered; and it has all that a business has."""

    def __init__(self, config: Mapping[str, str], port: c.Port) -> None:
        Business.__init__(self)
        WholeChannel.__init__(self, config, port)

    def read_message(self, item: dict[str, Any]) -> c.Message:
        return msgspec.structs.replace(super().read_message(item), at=datetime.now(UTC))


class Quiet:
    """A backstage on which nothing is kept."""

    async def receive(self, channel: c.ChannelId, events: Sequence[c.AnyEvent], raw: bytes) -> None: ...
    async def set_state(self, channel: c.ChannelId, state: c.State, code: str, text: str) -> None: ...
    async def get(self, channel: c.ChannelId, key: str) -> bytes | None: ...
    async def put(self, channel: c.ChannelId, key: str, value: bytes | None) -> None: ...
    async def open_media(self, channel: c.ChannelId, ref: str) -> c.MediaFile:
        raise NotImplementedError

    def log(self, channel: c.ChannelId, entry: c.LogEntry) -> None: ...


class OpenLines:
    """The lines of a test, opened by hand."""

    def __init__(self) -> None:
        self.lines: dict[int, Line] = {}

    def get(self, channel: int) -> Line | None:
        return self.lines.get(channel)

    def of_kind(self, kind: str) -> Sequence[Line]:
        return [line for line in self.lines.values() if line.kind.name == kind]

    def swap(self, number: int, channel: type[WholeChannel], **config: str) -> None:
        """Let another channel answer on an open line."""
        line = self.lines[number]
        assert isinstance(line.channel, WholeChannel)
        new = dict(line.config) | config
        self.lines[number] = msgspec.structs.replace(
            line, channel=channel(new, line.channel.port), config=new
        )

    def channel(self, channel: int) -> c.Channel | None:
        line = self.lines.get(channel)
        return None if line is None else line.channel


@dataclass(kw_only=True)
class Client:
    """A workspace with its owner, its other people by role, and its channel."""

    workspace: int
    people: dict[str, int] = field(default_factory=dict[str, int])
    channel: int = 0
    line: str = ""

    @property
    def id(self) -> str:
        return show("w", self.workspace)

    @property
    def channel_id(self) -> str:
        return show("ch", self.channel)


@dataclass(kw_only=True)
class World:
    store: Store
    settings: Settings
    parts: Parts
    lines: OpenLines
    app: Starlette
    alpha: Client
    beta: Client
    clients: list[httpx.AsyncClient] = field(default_factory=list[httpx.AsyncClient])

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """Somebody without a token; keeps cookies."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=URL, headers=headers)
        self.clients.append(client)
        return client

    async def api(self, operator: int, **options: Any) -> httpx.AsyncClient:
        """An API client with a fresh token of this operator."""
        key = await make_token(operator, **options)
        return self.browser(Authorization=f"Bearer {key}")

    async def signed_in(self, email: str) -> httpx.AsyncClient:
        """A browser with a session, its CSRF key and its Origin set on every request."""
        browser = self.browser(Origin=URL)
        answer = await browser.post("/login", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        browser.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return browser

    async def hear(self, client: Client, *messages: Mapping[str, object]) -> httpx.Response:
        """People write to a client's channel."""
        body = json.dumps({"to": client.line, "messages": messages}).encode()
        return await self.call(f"/hooks/{client.channel_id}", client.line, body)

    async def call(self, path: str, line: str, body: bytes) -> httpx.Response:
        """The provider calls, with the signature of one line."""
        return await self.browser().post(path, content=body, headers={"x-sum": signature(line, body)})

    async def conversation(self, client: Client, person: str = "ada") -> str:
        """A conversation that somebody began just now."""
        await self.hear(client, {"id": f"{person}-{new_id()}", "from": person, "text": "hello"})
        owner = await self.api(client.people["owner"])
        rows = (await owner.get("/api/v1/conversations", params={"workspace": client.id})).json()["items"]
        return str(rows[0]["id"])

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()


def secret_of(line: str) -> str:
    return f"open sesame {line}"


def signature(line: str, body: bytes) -> str:
    return hmac.new(secret_of(line).encode(), body, hashlib.sha256).hexdigest()


async def make_token(operator: int, **options: Any) -> str:
    key = new_key(API_TOKEN)
    fields = {"workspace_id": None, "role": None, "expires_at": None, "used_at": None, "revoked_at": None}
    await ApiToken.create(
        id=new_id(), operator_id=operator, name="test", token=digest(key), created_at=1, **fields | options
    )
    return key


async def make_operator(email: str, *, staff: bool = False) -> int:
    number = new_id()
    await Operator.create(
        id=number,
        email=email,
        name=email.partition("@")[0].capitalize(),
        password=CHEAP.hash(PASSWORD),
        staff=staff,
        created_at=now_ms(),
    )
    return number


async def make_client(store: Store, name: str, *, staff: bool = False) -> Client:
    """A workspace with one person of each role: owner@name, admin@name, operator@name, viewer@name."""
    owner = await make_operator(f"owner@{name}", staff=staff)
    work = MakeWorkspace(name=name, color="", owner=owner, id=new_id())
    client = Client(workspace=await store.writer.do(work), people={"owner": owner})
    roles: tuple[Role, ...] = ("admin", "operator", "viewer")
    for role in roles:
        client.people[role] = await make_operator(f"{role}@{name}")
        work_ = SetRole(workspace=client.workspace, operator=client.people[role], role=role)
        await store.writer.do(work_)
    return client


async def connect(world: World, client: Client, line: str, kind: WholeKind) -> None:
    """Give a client a channel, stored and open."""
    client.line = line
    client.channel = await world.store.writer.do(
        StoreChannel(
            workspace=client.workspace,
            kind=kind.name,
            name=f"Line of {line}",
            external_id=line,
            config=json.dumps({"line": line}),
            secrets={"app_secret": secret_of(line)},
            box=world.store.box,
        )
    )
    config = {"line": line, "app_secret": secret_of(line)}
    name = c.ChannelId(client.channel_id)
    channel = await world.parts.host.open(name, kind.name, config)
    world.lines.lines[client.channel] = Line(
        id=client.channel, workspace=client.workspace, kind=kind, channel=channel, config=config
    )


@asynccontextmanager
async def open_world(settings: Settings) -> AsyncGenerator[World]:
    kind = WholeKind(TodaysChannel)
    settings = msgspec.structs.replace(settings, url=URL)
    async with (
        open_store(settings, derive=derive) as store,
        open_bus() as bus,
        Host({kind.name: kind}, Quiet(), url=URL) as host,
    ):
        lines = OpenLines()

        async def take(came: Came) -> None:
            raw = Raw(body=came.request.body, headers=came.request.headers)
            if came.line is None:
                await store.writer.do(KeepUnassigned(came.kind, raw, reason=came.failed))
                return
            window = came.line.kind.free_form_window
            facts = ChannelFacts(
                workspace=came.line.workspace,
                channel=came.line.id,
                kind=came.kind,
                window_ms=None if window is None else int(window.total_seconds() * 1000),
            )
            await receive(store, bus, facts, came.events, raw=raw, failed=came.failed, replays=came.replays)

        found = plugins.load(found=(), only=None, environ={})
        parts = Parts(
            settings=settings,
            store=store,
            bus=bus,
            host=host,
            lines=lines,
            take=take,
            inbox=Inbox(store, lines.channel, bus),
            reading=Reading(store),
            outbox=Outbox(store, bus, lines.channel, owner="test"),
            plugins=msgspec.structs.replace(found, kinds={kind.name: kind}),
            passwords=Passwords(CHEAP),
            build="test",
        )
        alpha = await make_client(store, "alpha.example", staff=True)
        beta = await make_client(store, "beta.example")
        world = World(
            store=store,
            settings=settings,
            parts=parts,
            lines=lines,
            app=create_app(parts),
            alpha=alpha,
            beta=beta,
        )
        await connect(world, alpha, "line-alpha", kind)
        await connect(world, beta, "line-beta", kind)
        try:
            yield world
        finally:
            await world.close()
