"""A small stand-in for the Cloud API on loopback: it remembers every call and answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from msgspec import Struct, field

PHONE_ID, WABA_ID, TOKEN, APP_SECRET, VERIFY = (
    "106540352242922",
    "102290129340398",
    "token-for-tests-only",
    "app-secret-for-tests",
    "verify-token-for-tests",
)
SCOPES = ["whatsapp_business_messaging", "whatsapp_business_management"]
NUMBER = {
    "id": PHONE_ID,
    "verified_name": "Tulip",
    "display_phone_number": "+1 555-078-3881",
    "webhook_configuration": {"application": "https://jackfield.example.org/hooks/whatsapp_api"},
}
FILE = b"\x89PNG stand-in file" * 1000
MEDIA_ID = "7001"

TEMPLATES: list[dict[str, Any]] = [
    {
        "id": "801",
        "name": "order_ready",
        "language": "ru",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "{{1}}", "example": {"header_text": ["Заказ"]}},
            {
                "type": "BODY",
                "text": "{{1}}, заказ {{2}} готов",
                "example": {"body_text": [["Анна", "17"]]},
            },
            {"type": "FOOTER", "text": "Спасибо"},
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Еду"},
                    {
                        "type": "URL",
                        "text": "Карта",
                        "url": "https://example.org/{{1}}",
                        "example": ["https://example.org/17"],
                    },
                    {"type": "PHONE_NUMBER", "text": "Звонок", "phone_number": "+15550783881"},
                    {"type": "COPY_CODE", "example": "SPRING"},
                ],
            },
        ],
    },
    {
        "id": "802",
        "name": "brochure",
        "language": "en_US",
        "category": "MARKETING",
        "status": "APPROVED",
        "components": [
            {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": ["https://example.org/x"]}},
            {
                "type": "BODY",
                "text": "Hello {{first_name}}",
                "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Ada"}]},
            },
        ],
    },
    {"name": "", "language": "en", "status": "APPROVED"},
]


class Seen(Struct, frozen=True, kw_only=True):
    """One call that came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    peer: object  # whose connection it came over
    body: bytes
    json: Any = None


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Cloud(Struct, kw_only=True):
    """`plan`: what to answer instead of the usual, by the last segment of the path; used once each."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list[Seen])
    plan: dict[str, list[Answer]] = field(default_factory=dict[str, list[Answer]])
    sent: int = 0

    @property
    def config(self) -> dict[str, str]:
        return {
            "phone_number_id": PHONE_ID,
            "waba_id": WABA_ID,
            "access_token": TOKEN,
            "app_secret": APP_SECRET,
            "verify_token": VERIFY,
            "api_base": self.url,
            "api_version": "v25.0",
        }

    def instead(self, where: str, *answers: Answer) -> None:
        self.plan.setdefault(where, []).extend(answers)

    def bodies(self, where: str) -> list[Any]:
        """The JSON of every call to a path that ends so."""
        return [seen.json for seen in self.seen if seen.path.endswith(where)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        said = await request.json() if request.content_type == "application/json" and body else None
        self.seen.append(
            Seen(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                peer=request.transport and request.transport.get_extra_info("peername"),
                body=body,
                json=said,
            )
        )
        where = request.path.rsplit("/", 1)[-1]
        if planned := self.plan.get(where):
            return await planned.pop(0)(request)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": {"message": "Invalid OAuth token", "code": 190}}, status=401)
        return self._usual(where, request, said)

    def _usual(self, where: str, request: web.Request, said: Any) -> web.StreamResponse:
        if where == "file":
            return web.Response(body=FILE)
        if where == "messages" and said.get("status") != "read":
            self.sent += 1
            return web.json_response({"messages": [{"id": f"wamid.sent{self.sent}"}]})
        if where == "message_templates":
            return web.json_response(self._page(request))
        usual: dict[str, Any] = {
            "messages": {"success": True},
            "media": {"id": MEDIA_ID},
            MEDIA_ID: {"url": f"{self.url}/file", "mime_type": "image/png", "file_size": len(FILE)},
            "subscribed_apps": {"success": True},
            PHONE_ID: NUMBER,
            "debug_token": {"data": {"app_id": "17", "is_valid": True, "scopes": SCOPES}},
            "businesses": {"data": [{"id": "55"}]},
            "owned_whatsapp_business_accounts": {"data": [{"id": WABA_ID}]},
            "client_whatsapp_business_accounts": {"data": []},
            WABA_ID: {"id": WABA_ID, "name": "Tulip", "owner_business_info": {"id": "55"}},
            "phone_numbers": {"data": [NUMBER]},
        }
        if where in usual:
            return web.json_response(usual[where])
        error = {"message": "Unsupported get request", "code": 100, "error_subcode": 33}
        return web.json_response({"error": error}, status=400)

    def _page(self, request: web.Request) -> dict[str, Any]:
        if request.query.get("after") == "one":
            return {"data": TEMPLATES[1:], "paging": {"cursors": {"after": "two"}}}
        return {
            "data": TEMPLATES[:1],
            "paging": {"cursors": {"after": "one"}, "next": f"{self.url}/next"},
        }


def refuses(status: int, code: int, **error: Any) -> Answer:
    """An answer with an error of the API."""

    async def answer(_: web.Request) -> web.StreamResponse:
        said = {"error": {"message": f"(#{code}) refused", "code": code, "fbtrace_id": "A", **error}}
        return web.json_response(said, status=status)

    return answer


def says(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=headers)

    return answer


async def hangs(_: web.Request) -> web.StreamResponse:
    """The call was taken in whole, and then nothing."""
    await asyncio.sleep(3600)
    raise AssertionError("nobody waits so long")


async def drops(request: web.Request) -> web.StreamResponse:
    """The call was taken in whole, and the line went dead."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def cloud() -> AsyncGenerator[Cloud]:
    """The stand-in, listening on a free port of loopback."""
    stand_in = Cloud()
    app = web.Application(client_max_size=200 * 1024 * 1024)
    app.router.add_route("*", "/{tail:.*}", stand_in.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        (address,) = runner.addresses
        stand_in.url = f"http://127.0.0.1:{address[1]}"
        yield stand_in
    finally:
        await runner.cleanup()
