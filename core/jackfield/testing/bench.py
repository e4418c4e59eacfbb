"""What an author fills in, and the bench on which every check of the suite plays its scene."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import ClassVar, TypeVar

from msgspec import Struct

from jackfield.channel import (
    Address,
    Channel,
    ChannelId,
    ChannelKind,
    ConversationId,
    Facts,
    HookRequest,
    Part,
    State,
    Text,
)
from jackfield.host.redaction import redactor, secrets_of

from .fence import only_loopback
from .port import FakePort
from .samples import IdPair, WebhookSample

T = TypeVar("T")
Scene = Callable[[Channel, FakePort], Awaitable[T]]

SCENE_WITHIN = 30.0  # seconds
RUN_BEGINS_WITHIN = 5.0  # seconds until run() must have said how it is
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
CHANNEL = ChannelId("conformance")


class Bench:
    """The attributes an author sets, the methods he may override, and helpers for the checks."""

    kind: ClassVar[ChannelKind]
    config: ClassVar[Mapping[str, str]] = {}
    """A configuration that opens. Secret values of eight characters and more."""
    conversation: ClassVar[ConversationId]
    """A conversation with one person, as the plugin's ids.py makes it."""
    addresses: ClassVar[Sequence[Address]] = ()
    """Starts: people who have not written yet."""
    facts: ClassVar[Sequence[Facts]] = ()
    """More conversations to ask capabilities for: a group, say."""
    ids: ClassVar[Sequence[IdPair]] = ()
    webhooks: ClassVar[Sequence[WebhookSample]] = ()
    stranger: ClassVar[Mapping[str, str] | None] = None
    """SharedWebhooks: the configuration of another channel, which the samples do not concern."""
    sendable: ClassVar[Sequence[Sequence[Part]]] = ((Text(body="Hello"),),)
    """What to send, one message each; () where there is nothing on loopback to send it to."""
    answers: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """What a person would answer, by the id of the login's step; {} for flows not to be walked."""
    media: ClassVar[Sequence[str]] = ()
    """HasMedia: refs that can be downloaded from what provider() starts."""
    lists_templates: ClassVar[bool] = False
    """HasTemplates: provider() starts something that lists templates."""
    run_ends_within: ClassVar[float] = 1.0
    """Seconds in which run() has to end when it is cancelled; up to 5 where it has a process to end."""
    secrets: ClassVar[Sequence[str]] = ()
    """Values that must appear in no log besides those of the secret fields."""

    @classmethod
    def applies(cls, about: Subject) -> bool:
        """Whether the checks of this class concern a suite."""
        raise NotImplementedError

    def provider(self) -> AbstractAsyncContextManager[Mapping[str, str]]:
        """Start the provider's stand-in on loopback; give the configuration that reaches it."""
        return self._no_provider()

    def forgeries(self, request: HookRequest) -> Sequence[HookRequest]:
        """Calls that are not from the provider: a body changed after it was signed, and no headers."""
        changed = HookRequest(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.headers,
            body=request.body + b" ",
        )
        bare = HookRequest(
            method=request.method, path=request.path, query=request.query, headers={}, body=request.body
        )
        return (changed, bare)

    def sign(self, body: bytes) -> HookRequest:
        """Any body, signed as the provider would sign it for `config`. Override to have it tried."""
        raise NotImplementedError

    # helpers

    def open(self, config: Mapping[str, str]) -> tuple[Channel, FakePort]:
        port = FakePort(redactor(secrets_of(self.kind, config)))
        return self.kind.open(CHANNEL, config, port), port

    def play(self, scene: Scene[T]) -> T:
        """Open a channel and run a scene with it in a loop of its own, on loopback only."""
        with only_loopback() as attempts:
            outcome = asyncio.run(self._stage(scene))
        assert not attempts, (
            f"it tried to reach {', '.join(sorted(set(attempts)))}: override provider() and let the "
            "configuration point to a stand-in on loopback"
        )
        return outcome

    def play_connected(self, scene: Scene[T]) -> T:
        """The same while run() holds the connection, which ends with the scene."""

        async def connected(channel: Channel, port: FakePort) -> T:
            running = asyncio.create_task(channel.run())
            try:
                await said_something(running, port)
                return await scene(channel, port)
            finally:
                running.cancel()
                await asyncio.wait({running}, timeout=self.run_ends_within)

        return self.play(connected)

    async def _stage(self, scene: Scene[T]) -> T:
        async with asyncio.timeout(SCENE_WITHIN), self.provider() as config:
            channel, port = self.open(config)
            return await scene(channel, port)

    @asynccontextmanager
    async def _no_provider(self) -> AsyncGenerator[Mapping[str, str]]:
        yield self.config

    def all_facts(self) -> list[Facts]:
        """The conversation at every age of its last message, then those of `facts`."""
        window = self.kind.free_form_window or timedelta(hours=24)
        ages = (None, timedelta(0), window / 2, window * 3)
        own = [
            Facts(
                conversation=self.conversation,
                now=NOW,
                last_inbound_at=None if age is None else NOW - age,
            )
            for age in ages
        ]
        return [*own, *self.facts]

    def hidden(self) -> frozenset[str]:
        return secrets_of(self.kind, self.config) | frozenset(self.secrets)

    def assert_no_secret(self, text: str, where: str) -> None:
        shown = [secret for secret in self.hidden() if redactor([secret])(text) != text]
        assert not shown, f"{where} shows a secret: {redactor(shown)(text)}"


class Subject(Struct, frozen=True, kw_only=True):
    """A suite that is being put together; `channel` is None if its kind could not open one."""

    suite: type[Bench]
    channel: Channel | None


async def said_something(running: asyncio.Task[None], port: FakePort) -> None:
    """Wait until run() is connected, ended, or has had its time."""
    deadline = asyncio.get_running_loop().time() + RUN_BEGINS_WITHIN
    while not running.done() and asyncio.get_running_loop().time() < deadline:
        if any(state is State.CONNECTED for state, _, _ in port.states):
            return
        await asyncio.wait({running}, timeout=0.01)


@contextmanager
def listening() -> Generator[list[str]]:
    """Everything that is logged meanwhile, at every level."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(self.format(record))

    root, ear = logging.getLogger(), Ear()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.setLevel(level)
        root.removeHandler(ear)
