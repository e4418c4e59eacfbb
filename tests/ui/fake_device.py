"""A linked phone, for the fake server: linking it, its limits, its connection, and a group."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import msgspec
from fake_gallery import message
from starlette.requests import Request
from starlette.routing import Route

from jackfield.channel import Ask, Ceilings, Done, Field, Limits, Show, System, Text, Unsupported, Vital
from jackfield.wire import realtime as rt
from jackfield.wire import views
from jackfield.wire.protection import Pause, ProtectionView, Used

if TYPE_CHECKING:
    from fake_admin import Business
    from fake_server import World

KIND, LINE, GROUP = "whatsapp_business", "ch_7", "c_7"
LOGINS = {"qr": f"{KIND}.login.qr", "code": f"{KIND}.login.code"}
UNDERSTOOD = Field(name="understood", type="switch")
MINUTE = 60_000


def line(**more: Any) -> views.ChannelView:
    return views.ChannelView(
        id=LINE,
        ws="w_1",
        rev=1,
        kind=KIND,
        name="Салон +7 921 777-00-11",
        state=more.pop("state", "connected"),
        state_at=int(time.time() * 1000) - 40 * MINUTE,
        abilities=("starts", "protection", "health"),
        **more,
    )


class Device:
    """One linked phone beside the lines of `business`; its chats are those of c_1 and of the group."""

    def __init__(self, business: Business, **more: Any) -> None:
        self.business, self.world = business, business.world
        self.view = ProtectionView(
            limits=Limits(),
            ceilings=Ceilings(per_minute=30, per_hour=300, new_chats_per_day=20),
            used=Used(minute=17, hour=61, new_chats=2, warm_up_left_days=3),
            paused=None,
            level="near",
            reasons=("minute_near", "warm_up"),
        )
        self.health = (
            Vital(name="round_trip", value=184.0, unit="ms"),
            Vital(name="silent", value=4.0, unit="s"),
            Vital(name="memory", value=78_643_200.0, unit="bytes"),
            Vital(name="engine", value="neonize 0.5.2"),
            Vital(name="engine_age", value=97.0, unit="days", level="warn"),
        )
        self.step: Any = None
        self.flow, self.again, self.begun = "", "", 0
        self.news: asyncio.Queue[Any] = asyncio.Queue()  # the next step
        self.world.channels.append(line(**more))
        self.world.conversations["c_1"] = msgspec.structs.replace(
            self.world.conversations["c_1"], channel=LINE, windowed=False
        )
        _group(self.world)
        self.world.more_routes = [*self._routes(), *self.world.more_routes]

    def pause(self, reason: Any, *, until: int | None = None, **change: Any) -> None:
        now = int(time.time() * 1000)
        self.view = msgspec.structs.replace(
            self.view,
            paused=Pause(reason=reason, at=now, until=until),
            level="paused",
            reasons=(f"paused_{reason}",),
        )
        self.business.put(LINE, paused=reason, **change)

    # What is asked.

    def _routes(self) -> list[Route]:
        one, api, answer = f"/api/v1/channels/{LINE}", "/api/v1", self.business.answer
        return [
            Route(f"{one}/protection", answer(self._protection)),
            Route(f"{one}/protection", answer(self._limits), methods=["PATCH"]),
            Route(f"{one}/protection/pause", answer(self._pause), methods=["POST"]),
            Route(f"{one}/protection/resume", answer(self._resume), methods=["POST"]),
            Route(f"{one}/health", answer(self._health)),
            Route(f"{api}/kinds", answer(self._kinds)),
            Route(f"{api}/channels/logins", answer(self._begin), methods=["POST"]),
            Route(f"{api}/channels/logins/{{login}}/submit", answer(self._submit), methods=["POST"]),
            Route(f"{api}/channels/logins/{{login}}/wait", answer(self._wait), methods=["POST"]),
        ]

    async def _protection(self, _request: Request, _: Any) -> Any:
        return self.view

    async def _limits(self, _request: Request, body: Any) -> Any:
        self.view = msgspec.structs.replace(
            self.view, limits=msgspec.structs.replace(self.view.limits, **body)
        )
        return self.view

    async def _pause(self, _request: Request, _: Any) -> Any:
        self.pause("by_hand")
        return self.view

    async def _resume(self, _request: Request, _: Any) -> Any:
        self.view = msgspec.structs.replace(self.view, paused=None, level="calm", reasons=())
        self.business.put(LINE, paused="")
        return self.view

    async def _health(self, _request: Request, _: Any) -> Any:
        return {"items": self.health, "next": None}

    # Linking.

    async def _kinds(self, _request: Request, _: Any) -> Any:
        api = {"token": "whatsapp_api.login.token", "business": "whatsapp_api.login.business"}
        kinds = [("whatsapp_api", api), (KIND, LOGINS)]
        items: list[dict[str, Any]] = [
            {"name": name, "title": name, "logins": logins, "fields": [], "clients": {}}
            for name, logins in kinds
        ]
        return {"items": items, "next": None}

    async def _begin(self, _request: Request, body: Any) -> Any:
        self.flow, self.again = body["flow"], body.get("again", "")
        self.begun += 1
        fields = (UNDERSTOOD,) if self.flow == "qr" else (Field(name="phone"), UNDERSTOOD)
        self.step = Ask(step=f"{KIND}.notice", fields=fields)
        return self._shown()

    async def _submit(self, _request: Request, body: Any) -> Any:
        if body["values"].get("understood") != "1":
            missing = {"understood": f"{KIND}.login.missing"}
            self.step = Ask(step=f"{KIND}.notice", fields=self.step.fields, errors=missing)
        elif self.flow == "qr":
            self.step = Show(step=f"{KIND}.scan", kind="qr", data="2@first,one,of,many", expires_in=60)
        else:
            self.step = Show(step=f"{KIND}.type", kind="code", data="ABCD-1234", expires_in=160)
        return self._shown()

    async def _wait(self, _request: Request, _: Any) -> Any:
        try:
            self.step = await asyncio.wait_for(self.news.get(), 1)
        except TimeoutError:
            return self._shown()
        if isinstance(self.step, Done):
            self.business.put(LINE, state="backfilling", state_code="")
        return self._shown()

    def _shown(self) -> Any:
        channel = LINE if isinstance(self.step, Done) else None
        return {"id": f"login_{self.begun}", "kind": KIND, "step": self.step, "channel": channel}


def _group(world: World) -> None:
    """A group of three; one has a picture, the picture of another has not come yet."""
    row = world.conversations[GROUP]
    people = {
        "p_g1": ("Мария Соколова", "f_9"),
        "p_g2": ("Ivan Petrov", None),
        "p_g3": ("Ольга Ким", "f_404"),
    }
    for number, (name, avatar) in people.items():
        world.people[number] = views.ContactView(id=number, ws=row.ws, rev=1, name=name, avatar=avatar)
    world.members[GROUP] = (
        views.MemberView(name="Мария Соколова", shown="+7 921 100-20-30", role="owner", contact="p_g1"),
        views.MemberView(name="Ivan Petrov", contact="p_g2"),
        views.MemberView(name="", shown="+7 921 100-20-50"),
    )
    said: list[tuple[str, Any]] = [
        ("p_g1", Text(body="@Ivan Petrov, завтра в девять?")),
        ("p_g1", Text(body="И захватите образцы, пожалуйста.")),
        ("p_g2", Unsupported(kind="view_once", note="open it on the phone")),
        ("p_g3", Unsupported(kind="undecryptable", note="waiting for this message")),
        ("", System(code="disappearing", data={"seconds": "604800"})),
        ("p_g2", Text(body="Хорошо, буду")),
    ]
    now = int(time.time() * 1000)
    thread: list[views.MessageView] = []
    for at, (who, part) in enumerate(said, start=1):
        author = (
            views.Author(kind="contact", id=who, name=people[who][0]) if who else views.Author(kind="system")
        )
        thread.append(
            message(
                GROUP,
                row.ws,
                pos=at,
                at=now - (len(said) - at) * 3 * MINUTE,
                part=part,
                direction="in" if who else "system",
                author=author,
                st="received",
            )
        )
    world.messages[GROUP] = thread
    world.conversations[GROUP] = msgspec.structs.replace(
        row, channel=LINE, name="Салон: мастера", contact=None, group=True, windowed=False, avatar="f_9",
        last_pos=len(thread), last_at=now, unread=0,
    )  # fmt: skip


def arrives(world: World, progress: int | None, *, done: bool = False) -> None:
    """The past of the phone has come so far."""
    world.say(rt.Eph(e="progress", ws="w_1", d={"channel": LINE, "progress": progress, "done": done}))
