"""pywa, a client written by others against the real service, taken to the simulator: all that it sends."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from msgspec import Struct

from jackfield_whatsapp_api.simulator import Customer, Number, Simulator

# pywa's own annotations are incomplete: to the type checkers it is Any.
pywa: Any = importlib.import_module("pywa")
pywa_async: Any = importlib.import_module("pywa_async")
types: Any = importlib.import_module("pywa.types")
templates: Any = importlib.import_module("pywa.types.templates")

Json = dict[str, Any]
GRAPH = ("graph.facebook.com", "api.facebook.com")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
LINK = "https://example.org/file"


def detoured(request: httpx.Request, to: httpx.URL) -> httpx.Request:
    """Takes what is meant for the provider to the simulator; pywa has no setting for the host."""
    if request.url.host in GRAPH:
        request.url = request.url.copy_with(scheme="http", host=to.host, port=to.port)
        request.headers["Host"] = f"{to.host}:{to.port}"
    return request


class Detour(httpx.HTTPTransport):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._to = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return super().handle_request(detoured(request, self._to))


class AsyncDetour(httpx.AsyncHTTPTransport):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._to = httpx.URL(url)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await super().handle_async_request(detoured(request, self._to))


class Client(Struct, frozen=True, kw_only=True):
    """One of pywa's two clients. `do` calls a method by its name."""

    wa: Any

    async def do(self, name: str, /, *args: Any, **named: Any) -> Any:
        method = getattr(self.wa, name)
        if inspect.iscoroutinefunction(method):
            return await method(*args, **named)
        return await asyncio.to_thread(method, *args, **named)


@asynccontextmanager
async def client(kind: str, sim: Simulator, shop: Number) -> AsyncGenerator[Client]:
    """`kind`: "sync" or "async"."""
    known = {"phone_id": shop.id, "token": sim.token_of(shop), "waba_id": shop.account}
    if kind == "sync":
        with httpx.Client(transport=Detour(sim.url)) as session:
            yield Client(wa=pywa.WhatsApp(**known, session=session))
        return
    async with httpx.AsyncClient(transport=AsyncDetour(sim.url)) as session:
        yield Client(wa=pywa_async.WhatsApp(**known, session=session))


class Chat(Struct, frozen=True, kw_only=True):
    """What a send needs: a person who wrote, what was written, and a file that was uploaded."""

    shop: Number
    user: Customer
    asked: str
    media: str


class Send(Struct, frozen=True, kw_only=True):
    """One send, and what the simulator has of it: the type, and that of an interactive message."""

    method: str
    given: Callable[[Chat], Json]
    type: str
    interactive: str = ""


def _rows(buttons: Any) -> Json:
    return {"text": "Which?", "buttons": buttons}


def _card() -> Any:
    return types.Contact(name=types.Contact.Name("Ann Bee", "Ann"))


def _cards() -> list[Any]:
    button = types.URLButton("Look", LINK)
    return [types.ImageCarouselCard(image=LINK, body=f"Card {n}", buttons=button) for n in (1, 2)]


def _list() -> Any:
    return types.SectionList("Open", [types.Section("Flowers", [types.SectionRow("Roses", "r")])])


def _flow() -> Any:
    return types.FlowButton(title="Book", flow_id="77", flow_action_screen="START")


def _named(**named: Any) -> Callable[[Chat], Json]:
    return lambda _: named


SENDS: Mapping[str, Send] = {
    "text": Send(method="send_text", given=_named(text="Hello", preview_url=True), type="text"),
    "text under its other name": Send(method="send_message", given=_named(text="Hello"), type="text"),
    "quote": Send(method="send_message", given=lambda c: {"text": "Yes", "reply_to_message_id": c.asked},
                  type="text"),
    "tracked": Send(method="send_message", given=_named(text="Hello", tracker="txn"), type="text"),
    "buttons": Send(method="send_message", given=lambda _: _rows([types.Button("Yes", "y")]) | {
        "header": "Today", "footer": "Shop"}, type="interactive", interactive="button"),
    "list": Send(method="send_message", given=lambda _: _rows(_list()), type="interactive",
                 interactive="list"),
    "link button": Send(method="send_message", given=lambda _: _rows(types.URLButton("Look", LINK)),
                        type="interactive", interactive="cta_url"),
    "flow": Send(method="send_message", given=lambda _: _rows(_flow()), type="interactive",
                 interactive="flow"),
    "voice call button": Send(method="send_message", given=lambda _: _rows(types.VoiceCallButton("Call")),
                              type="interactive", interactive="voice_call"),
    "permission to call": Send(method="send_message", given=lambda _: _rows(
        types.CallPermissionRequestButton()), type="interactive", interactive="call_permission_request"),
    "contact button": Send(method="send_message", given=lambda _: _rows(types.ContactInfoRequestButton()),
                           type="interactive", interactive="request_contact_info"),
    "image": Send(method="send_image", given=lambda c: {"image": c.media, "caption": "Here"}, type="image"),
    "image by link": Send(method="send_image", given=_named(image=LINK), type="image"),
    "image with bytes": Send(method="send_image", given=_named(image=PNG, mime_type="image/png"),
                             type="image"),
    "image with buttons": Send(method="send_image", given=lambda c: {
        "image": c.media, "caption": "This?", "buttons": [types.Button("Yes", "y")]},
        type="interactive", interactive="button"),
    "video": Send(method="send_video", given=_named(video=LINK, caption="Here"), type="video"),
    "audio": Send(method="send_audio", given=_named(audio=LINK), type="audio"),
    "voice": Send(method="send_voice", given=_named(voice=LINK), type="audio"),
    "document": Send(method="send_document", given=_named(document=LINK, filename="a.pdf"),
                     type="document"),
    "sticker": Send(method="send_sticker", given=_named(sticker=LINK), type="sticker"),
    "location": Send(method="send_location", given=_named(latitude=59.9, longitude=30.3, name="Shop"),
                     type="location"),
    "contact": Send(method="send_contact", given=lambda _: {"contact": _card()}, type="contacts"),
    "reaction": Send(method="send_reaction", given=lambda c: {"emoji": "👍", "message_id": c.asked},
                     type="reaction"),
    "reaction taken back": Send(method="remove_reaction", given=lambda c: {"message_id": c.asked},
                                type="reaction"),
    "catalogue": Send(method="send_catalog", given=_named(body="All we have", thumbnail_product_sku="p1"),
                      type="interactive", interactive="catalog_message"),
    "product": Send(method="send_product", given=_named(catalog_id="11", sku="p1", body="This one"),
                    type="interactive", interactive="product"),
    "products": Send(method="send_products", given=lambda _: {
        "catalog_id": "11", "title": "Flowers", "body": "All we have",
        "product_sections": [types.ProductsSection("Roses", ["p1", "p2"])]},
        type="interactive", interactive="product_list"),
    "carousel": Send(method="send_carousel", given=lambda _: {"body": "Look", "cards": _cards()},
                     type="interactive", interactive="carousel"),
    "where are you": Send(method="request_location", given=_named(text="Where to?"), type="interactive",
                          interactive="location_request_message"),
    "your number": Send(method="request_contact_info", given=_named(text="Your number?"),
                        type="interactive", interactive="request_contact_info"),
    "template": Send(method="send_template", given=lambda _: {
        "name": "ready", "language": templates.TemplateLanguage.ENGLISH,
        "params": [templates.BodyText.params("17")]}, type="template"),
    "marketing template": Send(method="send_template", given=lambda _: {
        "name": "sale", "language": templates.TemplateLanguage.ENGLISH, "use_mm_lite_api": True},
        type="template"),
}  # fmt: skip

LEFT_OUT: Mapping[str, str] = {
    "pin_message": "only in groups, which the simulator has none of",
    "unpin_message": "only in groups, which the simulator has none of",
    "initiate_call": "a call out, which the simulator does not take",
}


def methods_that_send(whatsapp: Any) -> set[str]:
    """Public methods of pywa's client that answer with something sent, or that begin a call."""
    found: set[str] = set()
    for name, method in inspect.getmembers(whatsapp, callable):
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        answer = str(inspect.signature(method).return_annotation)
        if answer.startswith(("Sent", "InitiatedCall")) or name.startswith("send_"):
            found.add(name)
    return found
