"""The hooks: pluggy for discovery and observation, never on the path of a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol

import pluggy
from msgspec import Struct

from ._base import ChannelId
from .abilities import ChannelKind
from .events import AnyEvent
from .login import Step

if TYPE_CHECKING:
    import click
    from starlette.requests import Request
    from starlette.routing import BaseRoute

hookspec, hookimpl = pluggy.HookspecMarker("jackfield"), pluggy.HookimplMarker("jackfield")


class Site(Protocol):
    """What a page that ships with Jackfield gets from core."""

    async def boot(self, request: Request) -> bytes | None:
        """The start of a session as JSON (wire.Boot), or None for a visitor without one."""
        ...

    async def invitation(self, request: Request, token: str) -> bytes | None:
        """What a link for a client asks him for, as JSON (web.invitations.page.LinkView), or None for one
        that opens nothing: never made, used, too old, taken back."""
        ...

    def nonce(self, request: Request) -> str:
        """The CSP nonce of this answer."""
        ...


class DemoChannel(Struct, frozen=True, kw_only=True):
    """A channel for the demo: stored like any other; `public` is printed by `jackfield demo --json`.

    `name`: of its workspace. The first that names one makes it.
    """

    kind: str
    name: str
    external_id: str
    config: Mapping[str, str]
    public: Mapping[str, str]
    language: str = "en"  # its customers speak
    history: tuple[AnyEvent, ...] = ()  # said before the demo began


class DemoStage(Protocol):
    """What the demo gives a plugin: where Jackfield will listen."""

    url: str

    def webhook(self, external_id: str) -> str:
        """Where the provider's calls for this channel go."""
        ...

    def login(self, kind: str, flow: str, external_id: str) -> DemoLogin:
        """Connect this channel as a person would, before it is put on the stage."""
        ...

    def codes(self) -> Sequence[str]:
        """What a phone could scan on somebody's page just now, the latest last."""
        ...


class DemoLogin(Protocol):
    """One attempt, as core holds it."""

    async def start(self) -> Step: ...
    async def submit(self, values: Mapping[str, str]) -> Step: ...
    async def wait(self) -> Step: ...
    async def cancel(self, why: str) -> None: ...


class DemoPart(Struct, kw_only=True):
    """What a plugin brings to the demo: its simulator, already listening, and two workspaces' channels.

    `live` writes as customers do now and then until it is cancelled; `pages` are shown to the newcomer, and
    so is `remark`: why something is not there.
    """

    channels: Sequence[DemoChannel] = ()
    pages: Mapping[str, str] = {}
    live: Any = None  # an async callable without arguments
    remark: str = ""


class Hooks:
    @hookspec
    def jackfield_channel_kinds(self) -> Sequence[ChannelKind]:
        """The kinds of channel this plugin brings. Called once, before anything is running."""
        raise NotImplementedError

    @hookspec
    async def jackfield_event_stored(self, channel: ChannelId, event: AnyEvent) -> None:
        """Seen after commit. A slow or failing observer delays and breaks nobody else."""

    @hookspec
    def jackfield_commands(self) -> Sequence[click.Command]:
        """Commands for the command line: `jackfield <name> …`."""
        raise NotImplementedError

    @hookspec
    def jackfield_pages(self, site: Site) -> Sequence[BaseRoute]:
        """Routes a person opens in a browser. Called once, while the web part is put together."""
        raise NotImplementedError

    @hookspec
    def jackfield_words(self, locale: str, key: str, parameters: Mapping[str, Any]) -> str | None:
        """Words for a person: the catalogues a plugin ships. None where it has none for this key."""
        raise NotImplementedError

    @hookspec
    def jackfield_demo(self, stage: DemoStage) -> AbstractAsyncContextManager[DemoPart]:
        """What this plugin adds to `jackfield demo`, for as long as the context is open."""
        raise NotImplementedError


__all__ = ["DemoChannel", "DemoLogin", "DemoPart", "DemoStage", "Hooks", "Site", "hookimpl", "hookspec"]
