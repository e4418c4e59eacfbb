"""The settings of the fake server: channels of all sorts, a login of many steps, a business account."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import fake_steps
import msgspec
from fake_designs import Desk, design_routes
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from jackfield.channel import (
    Address,
    Automation,
    AutomationRules,
    BotCommand,
    BusinessProfile,
    ChatLink,
    ProfileRules,
    Shop,
)
from jackfield.wire import stream
from jackfield.wire.views import ChannelView, RemarkView

if TYPE_CHECKING:
    from fake_server import World

DAY = 86_400_000
ABILITIES = (
    "profile",
    "catalogue",
    "links",
    "blocks",
    "automation",
    "figures",
    "templates",
    "design",
    "history",
    "starts",
)
RULES = ProfileRules(
    about=139,
    description=512,
    address=256,
    email=128,
    website=256,
    websites=2,
    categories=("RETAIL", "RESTAURANT", "OTHER"),
    picture=("image/jpeg", "image/png"),
)
AUTOMATION_RULES = AutomationRules(
    prompts=4, prompt=80, commands=30, command_name=32, command_description=256, welcome=True
)


def now_ms() -> int:
    return int(time.time() * 1000)


def channels(now: int) -> list[ChannelView]:
    def line(number: int, ws: str, name: str, **more: Any) -> ChannelView:
        more.setdefault("state", "connected")
        more.setdefault("abilities", ABILITIES)
        at = now - number * DAY
        return ChannelView(
            id=f"ch_{number}", ws=ws, rev=1, kind="whatsapp_api", name=name, state_at=at, **more
        )

    high = {"quality": RemarkView(value="GREEN", at=now - DAY)}
    return [
        line(1, "w_1", "WhatsApp +7 999 123-45-67", said=high),
        line(2, "w_2", "WhatsApp +44 20 7946 0958", said=high),
        line(
            3,
            "w_1",
            "Склад +7 911 000-00-00",
            state="bad_credentials",
            state_code="190",
            state_text="Error validating access token: the session has expired.",
        ),
        line(4, "w_1", "Старый номер", enabled=False),
        line(
            5,
            "w_1",
            "Доставка +7 921 555-00-11",
            said={"quality": RemarkView(value="YELLOW", severity="warning", at=now)},
        ),
    ]


class Business:
    """What the provider keeps of one account, and what went wrong with being asked."""

    def __init__(self, world: World) -> None:
        self.world = world
        now = now_ms()
        world.channels = channels(now)
        self.profile = BusinessProfile(
            name="Северный свет",
            about="Отвечаем каждый день с 9 до 21",
            description="Вязаные вещи ручной работы.",
            address="Санкт-Петербург, Невский пр., 28",
            email="hello@example.org",
            websites=("https://shop.example/",),
            category="RETAIL",
        )
        self.shop = Shop(catalog="1034567890", cart=True, visible=False)
        self.links = [
            ChatLink(id="AB12", text="Здравствуйте! Я по поводу заказа", url="https://wa.me/message/AB12"),
            ChatLink(id="CD34", text="Хочу записаться", url="https://wa.me/message/CD34"),
        ]
        self.automation = Automation(
            welcome=True,
            prompts=("Где мой заказ?", "Как вернуть товар?"),
            commands=(BotCommand(name="status", description="Состояние заказа"),),
        )
        self.blocked = [
            {
                "address": Address(kind="phone", value="79990001122"),
                "shown": "+7 999 000-11-22",
                "name": "Спам",
            },
            {"address": Address(kind="bsuid", value="RU.1349"), "shown": "RU.1349", "name": ""},
        ]
        self.deliveries = [
            _delivery(n, now - n * 600_000, "failed" if n < 3 else "stored") for n in range(1, 8)
        ]
        self.history_asked = False
        self.released = 0
        self.refuses: dict[str, dict[str, Any]] = {}  # a problem, by method and end of the path
        self.calls: list[tuple[str, str, Any]] = []
        self.login = fake_steps.Login(self)
        self.desk = Desk(world)
        world.more_routes = self.routes()

    def put(self, channel: str, **change: Any) -> ChannelView:
        """Another state of a channel, told to every page."""
        at = next(n for n, one in enumerate(self.world.channels) if one.id == channel)
        old = self.world.channels[at]
        row = msgspec.structs.replace(old, rev=self.world.seqs[old.ws] + 1, **change)
        self.world.channels[at] = row
        self.world.emit(row.ws, stream.ChannelChanged(channel=row))
        return row

    def add(self, row: ChannelView) -> None:
        self.world.channels.append(row)
        self.world.emit(row.ws, stream.ChannelChanged(channel=row))

    def remove(self, channel: str) -> None:
        row = next(one for one in self.world.channels if one.id == channel)
        self.world.channels.remove(row)
        self.world.emit(row.ws, stream.ChannelRemoved(id=channel))

    def routes(self) -> list[BaseRoute]:
        one, api = "/api/v1/channels/{channel}", "/api/v1"
        table: list[tuple[str, str, Callable[[Request, Any], Awaitable[Any]]]] = [
            ("GET", f"{api}/kinds", self.login.kinds),
            ("POST", f"{api}/channels/logins", self.login.begin),
            ("POST", f"{api}/channels/logins/{{login}}/submit", self.login.submit),
            ("POST", f"{api}/channels/logins/{{login}}/wait", self.login.wait),
            ("DELETE", f"{api}/channels/logins/{{login}}", self.login.cancel),
            ("GET", f"{api}/channels/invitations", self._invitations),
            ("GET", f"{one}/setup", self._setup),
            ("GET", f"{one}/standing", self._standing),
            ("GET", f"{one}/states", self._states),
            ("GET", f"{one}/log", self._log),
            ("POST", f"{one}/release", self._release),
            ("POST", f"{one}/history", self._history),
            ("GET", f"{one}/profile", self._profile),
            ("PATCH", f"{one}/profile", self._save_profile),
            ("GET", f"{one}/shop", self._shop),
            ("PUT", f"{one}/shop", self._save_shop),
            ("GET", f"{one}/links", self._links),
            ("POST", f"{one}/links", self._save_link),
            ("PATCH", f"{one}/links/{{link}}", self._save_link),
            ("DELETE", f"{one}/links/{{link}}", self._delete_link),
            ("GET", f"{one}/blocked", self._blocked),
            ("DELETE", f"{one}/blocked", self._unblock),
            ("GET", f"{one}/automation", self._automation),
            ("PUT", f"{one}/automation", self._save_automation),
            ("GET", f"{one}/figures", self._figures),
            ("POST", f"{one}/figures/pull", self._pull),
            ("PATCH", one, self._change),
            ("DELETE", one, self._remove),
            ("GET", f"{api}/deliveries/summary", self._summary),
            ("GET", f"{api}/deliveries", self._deliveries),
            ("GET", f"{api}/deliveries/{{delivery}}", self._delivery),
            ("POST", f"{api}/deliveries/{{delivery}}/replay", self._replay),
            ("GET", f"{api}/conversations", self._last),
        ]
        return [
            *design_routes(self),
            *(Route(path, self.answer(run), methods=[method]) for method, path, run in table),
        ]

    def answer(
        self, run: Callable[[Request, Any], Awaitable[Any]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """JSON in, JSON out; what was asked is written down, and refused where a test says so."""

        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            body = msgspec.json.decode(raw) if raw else None
            self.calls.append((request.method, request.url.path, body))
            for end, problem in self.refuses.items():
                method, _, path = end.partition(" ")
                if method == request.method and request.url.path.endswith(path):
                    return Response(
                        msgspec.json.encode(problem), problem["status"], media_type="application/problem+json"
                    )
            return Response(msgspec.json.encode(await run(request, body)), media_type="application/json")

        return endpoint

    # A channel as such.

    async def _setup(self, request: Request, _: Any) -> Any:
        url = f"https://inbox.example/hooks/{request.path_params['channel']}"
        return {"webhook": url, "shared": None, "config": {"phone_number_id": "106540352242922"}}

    async def _invitations(self, _request: Request, _: Any) -> Any:
        return {"items": [], "next": None}

    async def _standing(self, request: Request, _: Any) -> Any:
        now, bad = now_ms(), request.path_params["channel"] == "ch_5"
        said = [
            {
                "about": "quality",
                "value": "YELLOW" if bad else "GREEN",
                "severity": "info",
                "text": "",
                "at": now,
            },
            {"about": "messaging_limit", "value": "1000", "severity": "info", "text": "", "at": now - DAY},
            {
                "about": "name",
                "value": "APPROVED",
                "severity": "info",
                "text": "Северный свет",
                "at": now - 9 * DAY,
            },
        ]
        use = {"used": 870 if bad else 214, "limit": 1000}
        return {"current": said, "history": said, "next": None, "use": use, "per_second": 80}

    async def _states(self, request: Request, _: Any) -> Any:
        row = next(one for one in self.world.channels if one.id == request.path_params["channel"])
        now = now_ms()
        items = [
            {"at": row.state_at, "state": row.state, "code": row.state_code, "text": row.state_text},
            {"at": now - 8 * DAY, "state": "connected", "code": "", "text": ""},
            {"at": now - 8 * DAY - 60_000, "state": "transient", "code": "", "text": "timeout"},
            {"at": now - 9 * DAY, "state": "connected", "code": "", "text": ""},
            {"at": now - 9 * DAY, "state": "backfilling", "code": "", "text": ""},
            {"at": now - 9 * DAY, "state": "connecting", "code": "", "text": ""},
        ]
        return {"items": items, "next": None}

    async def _log(self, request: Request, _: Any) -> Any:
        def entry(n: int) -> Any:
            ok = n % 4 != 1
            return {
                "id": str(n),
                "at": now_ms() - n * 60_000,
                "op": "send" if n % 2 else "templates",
                "ok": ok,
                "status": 200 if ok else 400,
                "request": '{"type": "text"}',
                "response": '{"messages": [{"id": "wamid.1"}]}' if ok else '{"error": {"code": 131047}}',
                "error": "" if ok else "131047: Re-engagement message",
                "elapsed_ms": 184,
            }

        start = int(request.query_params.get("after", "0"))
        return {
            "items": [entry(n) for n in range(start, start + 10)],
            "next": str(start + 10) if start < 20 else None,
        }

    async def _release(self, _request: Request, _: Any) -> Any:
        self.released += 1
        return {"released": 3}

    async def _history(self, request: Request, _: Any) -> Any:
        self.history_asked = True
        self.put(request.path_params["channel"], state="backfilling", state_text="40 %")

    async def _change(self, request: Request, body: Any) -> Any:
        return self.put(request.path_params["channel"], **body)

    async def _remove(self, request: Request, _: Any) -> Any:
        self.remove(request.path_params["channel"])

    # What the account has.

    async def _profile(self, _request: Request, _: Any) -> Any:
        return {"rules": RULES, "profile": self.profile}

    async def _save_profile(self, _request: Request, body: Any) -> Any:
        if "websites" in body:
            body["websites"] = tuple(body["websites"])
        self.profile = msgspec.structs.replace(self.profile, **body)
        return self.profile

    async def _shop(self, _request: Request, _: Any) -> Any:
        return self.shop

    async def _save_shop(self, _request: Request, body: Any) -> Any:
        self.shop = msgspec.structs.replace(self.shop, **body)
        return self.shop

    async def _links(self, _request: Request, _: Any) -> Any:
        return {"items": self.links}

    async def _save_link(self, request: Request, body: Any) -> Any:
        link = request.path_params.get("link", "")
        if link:
            self.links = [
                msgspec.structs.replace(one, text=body["text"]) if one.id == link else one
                for one in self.links
            ]
            return next(one for one in self.links if one.id == link)
        made = ChatLink(
            id=f"N{len(self.links)}", text=body["text"], url=f"https://wa.me/message/N{len(self.links)}"
        )
        self.links.append(made)
        return made

    async def _delete_link(self, request: Request, _: Any) -> Any:
        self.links = [one for one in self.links if one.id != request.path_params["link"]]

    async def _blocked(self, _request: Request, _: Any) -> Any:
        return {"items": self.blocked, "after": ""}

    async def _unblock(self, _request: Request, body: Any) -> Any:
        self.blocked = [one for one in self.blocked if getattr(one["address"], "value", "") != body["value"]]

    async def _automation(self, _request: Request, _: Any) -> Any:
        return {"rules": AUTOMATION_RULES, "automation": self.automation}

    async def _save_automation(self, _request: Request, body: Any) -> Any:
        self.automation = msgspec.convert(body, Automation)
        return self.automation

    async def _figures(self, request: Request, _: Any) -> Any:
        today = now_ms() // DAY * DAY
        report = request.query_params.get("report", "")
        found: list[Any] = []
        for n in range(20):
            span = {"start": today - n * DAY, "end": today - n * DAY + DAY}
            sent = {"sent": 40 + n * 37 % 60, "delivered": 38 + n * 37 % 60}
            found.append({"report": "messages", **span, "by": {}, "values": sent, "currency": ""})
            for category, price in (("MARKETING", 0.07), ("UTILITY", 0.02), ("SERVICE", 0.0)):
                volume = 9 + n * 13 % 11
                values = {"volume": volume, "cost": round(volume * price, 2)}
                by = {"category": category, "country": "RU"}
                found.append({"report": "pricing", **span, "by": by, "values": values, "currency": "USD"})
        span = {"start": today, "end": today + DAY}
        values = {"sent": 120, "delivered": 117, "read": 64, "clicked": 12}
        found.append(
            {
                "report": "templates",
                **span,
                "by": {"template": "order_ready"},
                "values": values,
                "currency": "",
            }
        )
        shown = [one for one in found if report in ("", one["report"])]
        return {"figures": shown, "totals": [], "pulled_at": now_ms(), "more": False}

    async def _pull(self, _request: Request, _: Any) -> Any:
        await asyncio.sleep(0.05)
        return {"figures": 12}

    # Deliveries, and the last message of a channel.

    async def _summary(self, _request: Request, _: Any) -> Any:
        failed = sum(1 for one in self.deliveries if one["state"] == "failed")
        return {"received": 1204, "stored": 1204 - failed, "failed": failed, "unrecognised": 4}

    async def _deliveries(self, request: Request, _: Any) -> Any:
        state = request.query_params.get("state", "")
        return {"items": [one for one in self.deliveries if state in ("", one["state"])], "next": None}

    async def _delivery(self, request: Request, _: Any) -> Any:
        found = next(one for one in self.deliveries if one["id"] == request.path_params["delivery"])
        body = '{"object": "whatsapp_business_account", "entry": []}'
        return {
            "delivery": found,
            "headers": {"content-type": "application/json"},
            "body": body,
            "encoding": "utf-8",
        }

    async def _replay(self, request: Request, _: Any) -> Any:
        found = next(one for one in self.deliveries if one["id"] == request.path_params["delivery"])
        found |= {"state": "stored", "reason": "", "replayed_at": now_ms()}
        return found

    async def _last(self, request: Request, _: Any) -> Any:
        asked = request.query_params["channel"]
        rows = [row for row in self.world.conversations.values() if row.channel == asked]
        return {"items": sorted(rows, key=lambda row: -row.last_at)[:1], "next": None}


def _delivery(number: int, at: int, state: str) -> dict[str, Any]:
    reason = "statuses[0].timestamp: expected a number" if state == "failed" else ""
    return {
        "id": f"d_{number}",
        "channel": "ch_1",
        "kind": "whatsapp_api",
        "at": at,
        "state": state,
        "reason": reason,
        "events": 0 if reason else 2,
        "unrecognised": 0,
        "size": 1834,
        "replayed_at": None,
    }
