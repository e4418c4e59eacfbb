"""The control API: play the customer and script the provider over HTTP, under /control/."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import field
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from . import account, controls, customer
from .controls.wish import Wish
from .graph.calls import MAX_BODY
from .model import Customer, Json
from .state import country_of, digits
from .view import customer_view, media_view, number_view, on_phone, said_view, template_view
from .world import World


class NewUser(Wish, kw_only=True):
    phone: str
    name: str
    country: str = ""
    username: str = ""
    hidden: bool = False


class Chat(Wish, kw_only=True):
    number: str
    user: str


class Write(Wish, kw_only=True):
    number: str
    user: str
    type: str = "text"
    content: Any = None
    reply_to: str = ""
    extra: dict[str, Any] = field(default_factory=dict[str, Any])


class AboutMessage(Wish, kw_only=True):
    number: str
    user: str
    message: str
    emoji: str = ""
    choice: str = ""
    body: str = ""


class CallIn(Wish, kw_only=True):
    number: str
    user: str
    seconds: int = 0


class ChangeNumber(Wish, kw_only=True):
    number: str
    user: str
    to: str


class Raw(Wish, kw_only=True):
    """A webhook of any field: about a `number` (its metadata is added) or about an `account`."""

    field: str
    value: dict[str, Any]
    number: str = ""
    account: str = ""


class SetClock(Wish, kw_only=True):
    at: datetime | None = None
    forward: float = 0  # seconds


class TemplateBecomes(Wish, kw_only=True):
    template: str
    status: str
    reason: str | None = "NONE"


class Online(Wish, kw_only=True):
    user: str
    online: bool


def add_user(world: World, wish: NewUser) -> Customer:
    """Raises ValueError for a number that is no number, or is taken."""
    phone = digits(wish.phone)
    if not 7 <= len(phone) <= 15:
        raise ValueError(f"not a phone number: {wish.phone!r}")
    if phone in world.state.customers:
        raise ValueError(f"there is already a customer with the number {phone}")
    made = Customer(
        phone=phone,
        name=wish.name,
        country=wish.country or country_of(phone),
        username=wish.username,
        hidden=wish.hidden,
    )
    world.state.customers[phone] = made
    world.feed.tell({"event": "customers"})
    return made


def overview(world: World) -> Json:
    return {
        "numbers": [number_view(one) for one in world.state.numbers.values()],
        "customers": [customer_view(one) for one in world.state.customers.values()],
        "chats": [{"number": number, "user": user} for number, user in world.state.chats],
        "templates": [template_view(one) for one in world.state.templates.values()],
        "now": world.state.clock.now().isoformat(),
    }


def chat(world: World, number_id: str, user: str) -> list[Json]:
    number, person = customer.who(world, number_id, user)
    return [said_view(one) for one in world.state.chats[number.id, person.phone] if on_phone(one)]


def become(world: World, wish: TemplateBecomes) -> None:
    template = world.state.templates.get(wish.template)
    if template is None:
        raise ValueError(f"no such template: {wish.template!r}")
    account.template_becomes(world, template, wish.status, wish.reason)


def set_clock(world: World, wish: SetClock) -> Json:
    if wish.at:
        world.state.clock.set(wish.at)
    world.state.clock.forward(timedelta(seconds=wish.forward))
    return {"now": world.state.clock.now().isoformat()}


def tell(world: World, wish: Raw) -> None:
    if bool(wish.number) == bool(wish.account):
        raise ValueError("either number or account")
    if wish.number:
        account.tells_number(world, wish.number, wish.field, wish.value)
    else:
        account.tells_account(world, wish.account, wish.field, wish.value)


def _online(world: World, wish: Online) -> None:
    (customer.goes_online if wish.online else customer.goes_offline)(world, wish.user)


# path: what it takes, and what is done with it. The answer is JSON; None is {}.
_POSTS: dict[str, tuple[Any, Callable[[World, Any], Any]]] = {
    "customers": (NewUser, lambda w, b: customer_view(add_user(w, b))),
    "messages": (
        Write,
        lambda w, b: said_view(
            customer.writes(w, b.number, b.user, b.type, b.content, reply_to=b.reply_to, extra=b.extra)
        ),
    ),
    "press": (
        AboutMessage,
        lambda w, b: said_view(customer.presses(w, b.number, b.user, b.message, b.choice)),
    ),
    "reactions": (
        AboutMessage,
        lambda w, b: said_view(customer.reacts(w, b.number, b.user, b.message, b.emoji)),
    ),
    "edit": (AboutMessage, lambda w, b: said_view(customer.edits(w, b.number, b.user, b.message, b.body))),
    "revoke": (AboutMessage, lambda w, b: said_view(customer.revokes(w, b.number, b.user, b.message))),
    "read": (Chat, lambda w, b: {"read": customer.reads(w, b.number, b.user)}),
    "typing": (Chat, lambda w, b: customer.types(w, b.number, b.user)),
    "calls": (CallIn, lambda w, b: {"id": customer.calls(w, b.number, b.user, seconds=b.seconds)}),
    "online": (Online, _online),
    "change-number": (
        ChangeNumber,
        lambda w, b: {"id": account.changes_number(w, b.number, b.user, b.to).id},
    ),
    "change-user-id": (Chat, lambda w, b: {"id": account.changes_user_id(w, b.number, b.user).id}),
    "change-identity": (Chat, lambda w, b: {"id": account.changes_identity(w, b.number, b.user).id}),
    "webhooks": (Raw, tell),
    "templates": (TemplateBecomes, become),
    "clock": (SetClock, set_clock),
    **controls.POSTS,
}


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


async def _read(request: Request, kind: Any) -> Any:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > 1024 * 1024:
            raise ValueError("the request is too large")
    return msgspec.json.decode(bytes(body), type=kind)


async def _upload(world: World, request: Request) -> Response:
    """A file from the customer's phone: multipart `file`, `number`."""
    if int(request.headers.get("content-length") or MAX_BODY + 1) > MAX_BODY:
        raise ValueError("the file is too large, or its length is not said")
    async with request.form(max_files=1, max_fields=4) as form:
        file, number = form.get("file"), world.state.numbers.get(str(form.get("number")))
        if not isinstance(file, UploadFile) or number is None:
            raise ValueError("file and number are needed")
        mime, name = file.content_type or "application/octet-stream", file.filename or ""
        media = world.store(number, await file.read(), mime=mime, name=name, received=True)
    return _json(media_view(media))


async def _media(world: World, request: Request) -> Response:
    media = world.state.media.get(request.path_params["id"])
    if media is None:
        return _json({"error": "no such file"}, 404)
    shown = media.mime.startswith(("image/", "audio/", "video/")) and "svg" not in media.mime
    headers = {"Content-Disposition": "inline" if shown else "attachment"}
    return Response(media.data, 200, headers, media.mime if shown else "application/octet-stream")


async def _events(world: World, _request: Request) -> Response:
    """Server-sent events: what changed, as the phone page wants it; a comment every 15 s keeps it open."""

    async def stream() -> AsyncIterator[bytes]:
        with world.feed.listen() as queue:
            yield b": hello\n\n"
            while True:
                try:
                    async with asyncio.timeout(15):
                        event = await queue.get()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if event is None:
                    return
                yield b"data: " + msgspec.json.encode(event) + b"\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


async def _state(world: World, _request: Request) -> Response:
    return _json(overview(world))


async def _chat(world: World, request: Request) -> Response:
    return _json({"messages": chat(world, request.path_params["number"], request.path_params["user"])})


Work = Callable[[World, Request], Awaitable[Response]]


def control_routes(world: World) -> list[Route]:
    def route(path: str, work: Work, method: str) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return await work(world, request)
            except (ValueError, msgspec.MsgspecError) as error:
                return _json({"error": str(error)}, 422)

        return Route(f"/control/{path}", endpoint, methods=[method])

    def verb(kind: Any, act: Callable[[World, Any], Any]) -> Work:
        async def work(world: World, request: Request) -> Response:
            found = act(world, await _read(request, kind))
            return _json({} if found is None else found)

        return work

    def look(show: Callable[[World, Any], Any]) -> Work:
        async def work(world: World, request: Request) -> Response:
            return _json(show(world, request.query_params))

        return work

    return [
        route("state", _state, "GET"),
        route("events", _events, "GET"),
        route("chats/{number}/{user}", _chat, "GET"),
        route("media", _upload, "POST"),
        route("media/{id}", _media, "GET"),
        *(route(path, look(show), "GET") for path, show in controls.GETS.items()),
        *(route(path, verb(kind, act), "POST") for path, (kind, act) in _POSTS.items()),
    ]
