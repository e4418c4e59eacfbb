"""A login of the fake server: a form, a call that is waited for, codes to look at, done."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from jackfield.channel import Ask, Done, Field, Show
from jackfield.wire.views import ChannelView

if TYPE_CHECKING:
    from fake_admin import Business

FORM = (
    Field(name="access_token", type="password", secret=True),
    Field(
        name="number",
        type="select",
        choices=("1", "2"),
        labels={"1": "+7 999 222-33-44 · Северный свет", "2": "+7 999 222-33-55"},
    ),
    Field(name="bring_past", type="switch", required=False, default="1"),
    Field(name="api_base", type="url", required=False, default="https://graph.facebook.com"),
)
HOOK = "https://inbox.example/hooks/ch_9"


class Login:
    """Goes on when a test says so (`called`)."""

    def __init__(self, business: Business) -> None:
        self.business = business
        self.step: Any = None
        self.workspace = self.again = ""
        self.values: dict[str, str] = {}
        self.called = asyncio.Event()
        self.cancelled = 0
        self.shows: list[Any] = [Show(step="whatsapp_api.waiting", kind="waiting", data=HOOK, skippable=True)]

    async def kinds(self, _request: Request, _: Any) -> Any:
        logins = {"token": "whatsapp_api.login.token", "business": "whatsapp_api.login.business"}
        one: dict[str, Any] = {
            "name": "whatsapp_api",
            "title": "WhatsApp",
            "logins": logins,
            "clients": {},
            "fields": [],
        }
        return {"items": [one], "next": None}

    async def begin(self, _request: Request, body: Any) -> Any:
        self.workspace, self.again = body["workspace"], body.get("again", "")
        self.step = Ask(step="whatsapp_api.business", fields=FORM)
        return self._view()

    async def submit(self, _request: Request, body: Any) -> Any:
        self.values = body["values"]
        if isinstance(self.step, Ask):
            if self.values.get("access_token") == "wrong":
                errors = {"access_token": "whatsapp_api.login.no_scopes"}
                self.step = Ask(step="whatsapp_api.business", fields=FORM, errors=errors)
            else:
                self.step = self.shows[0] if self.shows else self._done()
        else:
            self.step = self._done()
        return self._view()

    async def wait(self, _request: Request, _: Any) -> Any:
        try:
            await asyncio.wait_for(self.called.wait(), 1)
        except TimeoutError:
            return self._view()
        self.called.clear()
        if isinstance(self.step, Show):
            left = self.shows[self.shows.index(self.step) + 1 :]
            self.step = left[0] if left else self._done()
        return self._view()

    async def cancel(self, _request: Request, _: Any) -> Any:
        self.cancelled += 1

    def _done(self) -> Done:
        if self.again:
            self.business.put(self.again, state="connected", state_code="", state_text="")
        else:
            row = ChannelView(
                id="ch_9",
                ws=self.workspace,
                rev=1,
                kind="whatsapp_api",
                name="+7 999 222-33-44",
                state="connected",
            )
            self.business.add(row)
        return Done(name="+7 999 222-33-44", external_id="1", config={})

    def _view(self) -> Any:
        channel = (self.again or "ch_9") if isinstance(self.step, Done) else None
        return {"id": "login_1", "kind": "whatsapp_api", "step": self.step, "channel": channel}
