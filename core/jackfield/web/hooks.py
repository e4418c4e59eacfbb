"""/hooks/{channel} and /hooks/{kind}: where providers call. Raw bytes in, kept, then answered.

A call that a channel accepts is kept whatever it holds: what it could not read is a failed delivery
with its reason, answered 200, since another try would bring the same. Only a store that is away is
answered 503: then nothing is kept and the provider is to come again.

The address of a kind takes calls for all its channels. Each channel the call speaks of gets the whole
of it and takes its own part. A call from the provider (some channel of ours accepts its signature) for
a channel that is not here is kept as a failed delivery without a channel.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from typing import cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from jackfield import ids
from jackfield.channel import Channel, Hooked, HookRequest, SharedWebhooks, Webhooks
from jackfield.errors import NotFound, Unavailable
from jackfield.host import LoginSession

from .bodies import read_body
from .metrics import Metrics
from .parts import NOT_KEPT, Came, Line, Parts

log = logging.getLogger("jackfield.web.hooks")

MOST = 3 * 1024 * 1024  # bytes of a call
METHODS = ["GET", "POST"]
STRAY = "it names no channel of ours"


class Answered(Exception):
    """A channel did not take the call; this is what it said instead."""

    def __init__(self, said: Hooked) -> None:
        super().__init__(said.status)
        self.said = said


class Hooks:
    """An ASGI endpoint: the way in is worth saving what a route around it would cost."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._metrics: Metrics = parts.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name: str = scope["path_params"]["name"]
        said = await self._call(name, Request(scope, receive))
        response = Response(said.body, said.status, {"Cache-Control": "no-store"}, said.media_type)
        await response(scope, receive, send)

    async def _call(self, name: str, request: Request) -> Hooked:
        if name.startswith("ch_"):
            call = await _read(request)
            said = self._under_way(call, [one for one in self._parts.host.logins() if one.channel == name])
            return said or await self._own(await self._line(name), call)
        return await self._shared(name, await _read(request))

    async def _line(self, name: str) -> Line:
        channel = ids.read("ch", name)
        line = self._parts.lines.get(channel)
        if line is not None:
            return line
        sql = "SELECT 1 FROM channel WHERE id = $1 AND removed_at IS NULL"
        if await self._parts.store.fetch(sql, channel):
            raise Unavailable("this channel is not open now", after=30)
        raise NotFound(what="ch")

    async def _own(self, line: Line, request: HookRequest) -> Hooked:
        try:
            return await self._give(line, request)
        except Answered as answered:
            return answered.said

    async def _give(self, line: Line, request: HookRequest) -> Hooked:
        """Let a channel read the call, keep what comes of it. Raises Answered if it does not take it."""
        channel, kind = hooked_channel(line), line.kind.name
        if channel is None:
            raise NotFound(what="ch")
        hooked = read_call(channel, line.id, request)
        if not hooked.accepted or not hooked.stored:
            self._metrics.hooks.add(kind=kind, result="handshake" if hooked.accepted else "refused")
            raise Answered(hooked)
        came = Came(
            kind=kind,
            request=kept(request),
            line=line,
            events=hooked.events,
            failed=hooked.failed,
            keep=hooked.keep,
        )
        await self._parts.take(came)
        self._metrics.hooks.add(kind=kind, result="failed" if hooked.failed else "stored")
        return hooked

    async def _shared(self, name: str, request: HookRequest) -> Hooked:
        lines = self._parts.lines.of_kind(name)
        logins = self._parts.host.logins(name)
        if not isinstance(self._parts.plugins.kinds.get(name), SharedWebhooks) or not (lines or logins):
            raise NotFound(what="kind")
        if said := self._under_way(request, logins):
            return said
        named = named_in(lines, request)
        answers = [await self._try(line, request) for line in named]
        taken = [said for said, took in answers if took]
        if taken:
            return taken[0]
        if named:
            return answers[0][0]
        return await self._stray(name, lines, request)

    def _under_way(self, request: HookRequest, logins: Sequence[LoginSession]) -> Hooked | None:
        """The answer of a login that the provider calls before there is a channel."""
        for login in logins:
            said = login.webhook(request)
            if said is not None:
                self._metrics.hooks.add(kind=login.kind, result="login")
                return said
        return None

    async def _try(self, line: Line, request: HookRequest) -> tuple[Hooked, bool]:
        try:
            return await self._give(line, request), True
        except Answered as answered:
            return answered.said, False

    async def _stray(self, name: str, lines: Sequence[Line], request: HookRequest) -> Hooked:
        """For none of our channels: a handshake, a stranger, or news of a channel that is not here."""
        refusal = Hooked(accepted=False, status=403)
        for line in lines:
            channel = hooked_channel(line)
            if channel is None:
                continue
            said = read_call(channel, line.id, request)
            if not said.accepted:
                refusal = said
                continue
            if not said.stored:
                self._metrics.hooks.add(kind=name, result="handshake")
                return said
            await self._parts.take(Came(kind=name, request=kept(request), failed=said.failed or STRAY))
            self._metrics.hooks.add(kind=name, result="stray")
            return Hooked(status=200)
        self._metrics.hooks.add(kind=name, result="refused")
        return refusal


def named_in(lines: Sequence[Line], request: HookRequest) -> list[Line]:
    """The lines of one kind that a call speaks of; none where the kind has no address of its own."""
    kind = lines[0].kind if lines else None
    if not isinstance(kind, SharedWebhooks):
        return []
    try:
        wanted = kind.recipients(request)
    except Exception:  # a body nobody can read: the signature decides whether it is kept
        log.exception("%s could not say whom a call is for", kind.name)
        return []
    return [line for line in lines if wanted & kind.keys(line.config)]


@cache
def _takes_calls(channel: type[Channel]) -> bool:
    return issubclass(channel, Webhooks)


def hooked_channel(line: Line) -> Webhooks | None:
    """The channel of a line, if it takes calls. Asked of its class once: protocols are slow to ask."""
    return cast("Webhooks", line.channel) if _takes_calls(type(line.channel)) else None


def read_call(channel: Webhooks, number: int, request: HookRequest) -> Hooked:
    """What a channel makes of a call. One that raises has failed to read it: kept, with the reason."""
    try:
        return channel.webhook(request)
    except Exception as error:
        log.exception("channel %s could not read a call", ids.show("ch", number))
        return Hooked(failed=f"{type(error).__name__}: {error}")


def kept(request: HookRequest) -> HookRequest:
    """The call without what is a key by itself; a signature is none, and a replay is checked by it."""
    headers = {name: value for name, value in request.headers.items() if name not in NOT_KEPT}
    return msgspec.structs.replace(request, headers=headers)


async def _read(request: Request) -> HookRequest:
    """The call as plugins see it. Raises TooLarge."""
    scope = request.scope
    return HookRequest(
        method=scope["method"],
        path=scope["path"],
        query=dict(request.query_params) if scope["query_string"] else {},
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=await read_body(request, MOST),
    )


def routes(parts: Parts) -> list[Route]:
    return [Route("/hooks/{name}", Hooks(parts), methods=METHODS)]
