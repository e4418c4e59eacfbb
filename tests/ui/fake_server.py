"""A small server for the page: one operator, everything in memory, the real words of the wire.

For browser tests, and by hand: `python tests/ui/fake_server.py` and open the address it prints.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Any, cast

import fake_business
import fake_data
import fake_gallery
import fake_search
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from jackfield.channel import Media, Template
from jackfield.settings import Settings
from jackfield.web.headers import SecurityHeaders, nonce_of
from jackfield.web.invitations.page import LinkView
from jackfield.wire import commands as verbs
from jackfield.wire import realtime as rt
from jackfield.wire import stream, views
from jackfield_ui.pages import routes as page_routes

ME = "o_1"
Outgoing = asyncio.Queue[rt.ServerFrame | None]  # None: the connection ends
PAGE = 60


def now_ms() -> int:
    return int(time.time() * 1000)


class World:
    """All conversations and messages, the stream of one workspace each, and who is connected."""

    def __init__(self) -> None:
        self.epoch = "e1"
        self.workspaces = fake_data.workspaces()
        self.seqs = {ws.id: 100 for ws in self.workspaces}
        self.log: dict[str, list[tuple[int, int, stream.AnyStreamEvent]]] = {
            ws.id: [] for ws in self.workspaces
        }
        self.channels = fake_data.channels()
        self.labels = fake_data.labels()
        self.operators = fake_data.operators()
        self.conversations, self.messages = fake_data.conversations(now_ms())
        self.drafts: dict[str, views.Draft] = {}
        self.answers: dict[str, verbs.AnyAnswer] = {}
        self.sockets: set[Outgoing] = set()
        self.links: dict[str, LinkView] = {}  # for clients, by token
        self.signed_in = True
        self.windows_closed: set[str] = set()
        self.blocked: set[str] = set()
        self.refused: dict[str, views.CanSend] = {}  # by conversation
        self.said_often: dict[str, int] = {}  # to so many others, by conversation: asked about once
        self.members: dict[str, tuple[views.MemberView, ...]] = {}  # of a group
        self.people: dict[str, views.ContactView] = {}  # beside those one talks with
        self.locale, self.theme = "en", "system"
        self.uploads: dict[str, tuple[bytes, str]] = {}
        self.closed_with = 0
        self.drop_next = 0  # this many events are lost on the way
        self.searches: list[dict[str, str]] = []
        self.search_fails = False
        self.more_routes: list[BaseRoute] = []  # of pages beside the inbox
        self.search_takes: dict[str, float] = {}  # seconds, by what is asked for

    # The stream.

    def emit(self, ws: str, event: stream.AnyStreamEvent) -> None:
        before = self.seqs[ws]
        self.seqs[ws] += 1
        self.log[ws].append((self.seqs[ws], before, event))
        if self.drop_next:
            self.drop_next -= 1
            return
        for socket in self.sockets:
            socket.put_nowait(self.frame(ws, self.log[ws][-1]))

    @staticmethod
    def frame(ws: str, entry: tuple[int, int, stream.AnyStreamEvent]) -> rt.Ev:
        seq, before, event = entry
        return rt.Ev(ws=ws, seq=seq, prev=before, d=msgspec.Raw(msgspec.json.encode(event)))

    def say(self, frame: rt.ServerFrame) -> None:
        for socket in self.sockets:
            socket.put_nowait(frame)

    def cut(self, code: int = 1012) -> None:
        """Close every socket, and take no new one until mend()."""
        self.closed_with = code
        for socket in self.sockets:
            socket.put_nowait(None)

    def mend(self) -> None:
        self.closed_with = 0

    def rename(self, conv: str, name: str) -> None:
        """A change that no event tells of: what a reset is for."""
        row = self.conversations[conv]
        self.conversations[conv] = msgspec.structs.replace(row, name=name, rev=self.seqs[row.ws])

    def heads(self) -> dict[str, views.StreamHead]:
        return {ws: views.StreamHead(epoch=self.epoch, seq=seq) for ws, seq in self.seqs.items()}

    # What happens.

    def put(self, conv: str, **change: Any) -> views.ConversationView:
        row = self.conversations[conv]
        row = msgspec.structs.replace(row, rev=self.seqs[row.ws] + 1, **change)
        self.conversations[conv] = row
        self.emit(row.ws, stream.ConversationPatch(row=row, counters=self.counters(row.ws)))
        return row

    def add(
        self,
        conv: str,
        part: Any,
        *,
        direction: views.Direction,
        st: views.MessageStatus,
        by: views.Author,
        **extra: Any,
    ) -> views.MessageView:
        row = self.conversations[conv]
        at = now_ms()
        text = fake_gallery.text_of(part)
        message = views.MessageView(
            id=f"m_{conv}_{row.last_pos + 1}",
            ws=row.ws,
            conv=conv,
            rev=self.seqs[row.ws] + 1,
            pos=row.last_pos + 1,
            dir=direction,
            kind=fake_gallery.kind_of(part),
            author=by,
            parts=msgspec.Raw(msgspec.json.encode([part])),
            text=text,
            at=at,
            received_at=at,
            st=st,
            **extra,
        )
        self.messages[conv].append(message)
        self.emit(row.ws, stream.MessageNew(msg=message))
        last = views.LastMessage(
            id=message.id, dir=direction, kind=message.kind, text=text, at=at, st=st, by=by.name
        )
        unread = row.unread + 1 if direction == "in" else row.unread
        self.put(conv, last=last, last_at=at, last_pos=message.pos, unread=unread)
        return message

    def inbound(self, conv: str, part: Any) -> views.MessageView:
        name = self.conversations[conv].name
        return self.add(conv, part, direction="in", st="received", by=views.Author(kind="contact", name=name))

    def status(self, message: views.MessageView, st: views.MessageStatus) -> None:
        rev = self.seqs[message.ws] + 1
        thread = self.messages[message.conv]
        at = next(n for n, one in enumerate(thread) if one.id == message.id)
        thread[at] = msgspec.structs.replace(thread[at], st=st, rev=rev)
        self.emit(message.ws, stream.MessageStatusChanged(conv=message.conv, id=message.id, rev=rev, st=st))
        row = self.conversations[message.conv]
        if row.last and row.last.id == message.id:
            self.put(message.conv, last=msgspec.structs.replace(row.last, st=st))

    def counters(self, ws: str) -> dict[str, int]:
        rows = [row for row in self.conversations.values() if row.ws == ws and row.status == "open"]
        unread = [row for row in rows if row.unread or row.marked_unread]
        found = {"open": len(rows), "unread": len(unread), f"unread:{ME}": 0, "unread:none": 0}
        for row in unread:
            found[f"unread:{row.assignee or 'none'}"] = found.get(f"unread:{row.assignee or 'none'}", 0) + 1
        return found

    def page(
        self, folder: rt.Folder, after: str | None, limit: int
    ) -> tuple[list[views.ConversationView], str | None]:
        def belongs(row: views.ConversationView) -> bool:
            assignee = {"": row.assignee, "me": ME, "none": None}.get(folder.assignee, folder.assignee)
            return (
                (folder.status in ("all", row.status))
                and folder.ws in (None, row.ws)
                and row.assignee == assignee
            )

        rows = sorted(filter(belongs, self.conversations.values()), key=lambda row: (-row.last_at, row.id))
        start = int(after or 0)
        return rows[start : start + limit], str(start + limit) if start + limit < len(rows) else None

    def boot(self) -> views.Boot:
        rows, following = self.page(rt.Folder(), None, PAGE)
        return views.Boot(
            operator=self.operators[0],
            locale=self.locale,
            theme=cast(Any, self.theme),
            workspaces=tuple(self.workspaces),
            streams=self.heads(),
            channels=tuple(self.channels),
            labels=tuple(self.labels),
            operators={ws.id: tuple(self.operators) for ws in self.workspaces},
            counters={ws.id: self.counters(ws.id) for ws in self.workspaces},
            conversations=tuple(rows),
            next=following,
            drafts=tuple(self.drafts.values()),
            csrf="csrf",
            build="b1",
            now=now_ms(),
        )

    # Commands.

    def perform(self, cid: str, command: verbs.AnyCommand) -> verbs.AnyAnswer | rt.Err:
        if cid in self.answers:
            return self.answers[cid]
        answer = self._perform(cid, command)
        if not isinstance(answer, rt.Err):
            self.answers[cid] = answer
        return answer

    def _perform(self, cid: str, command: verbs.AnyCommand) -> verbs.AnyAnswer | rt.Err:
        did = verbs.Did(seq=0)
        match command:
            case verbs.SendMessage():
                return self._send(cid, command)
            case verbs.MarkRead(conv=conv, pos=pos):
                self.put(conv, unread=0, marked_unread=False, read_pos=pos)
            case verbs.MarkUnread(conv=conv):
                self.put(conv, marked_unread=True)
            case verbs.Assign(conv=conv, to=to):
                self.put(conv, assignee=to)
            case verbs.LabelConversation(conv=conv, add=add, remove=remove):
                labels = [one for one in self.conversations[conv].labels if one not in remove]
                self.put(conv, labels=tuple(dict.fromkeys([*labels, *add])))
            case verbs.Close(conv=conv):
                self.put(conv, status="closed")
            case verbs.Reopen(conv=conv):
                self.put(conv, status="open", snoozed_until=None)
            case verbs.Snooze(conv=conv, until=until):
                self.put(conv, status="snoozed", snoozed_until=until)
            case verbs.SaveDraft(conv=conv, text=text):
                draft = views.Draft(conv=conv, text=text, at=now_ms())
                self.drafts[conv] = draft
                self.emit(self.conversations[conv].ws, stream.DraftChanged(draft=draft))
            case verbs.StartConversation():
                return self._start(cid, command)
            case verbs.ReactToMessage(message=message, emoji=emoji):
                self._react(message, emoji)
            case _:
                return rt.Err(cid=cid, code="not_supported", text="the fake server does not do that")
        return did

    def _start(self, cid: str, command: verbs.StartConversation) -> verbs.AnyAnswer | rt.Err:
        if not command.phone.startswith("+"):
            return rt.Err(cid=cid, code="invalid", text="This is no phone number.")
        channel = next(one for one in self.channels if one.id == command.channel)
        conv = f"c_{len(self.conversations)}"
        row = views.ConversationView(
            id=conv,
            ws=channel.ws,
            rev=self.seqs[channel.ws] + 1,
            channel=channel.id,
            name=command.name or command.phone,
            peer=command.phone,
            last_at=now_ms(),
        )
        self.conversations[conv], self.messages[conv] = row, []
        self.emit(row.ws, stream.ConversationNew(row=row))
        return verbs.Started(seq=self.seqs[row.ws], conv=conv)

    def _send(self, cid: str, command: verbs.SendMessage) -> verbs.AnyAnswer | rt.Err:
        if (
            command.conv in self.windows_closed
            and command.mode == "reply"
            and not isinstance(command.parts[0], Template)
        ):
            return rt.Err(cid=cid, code="window_closed", text="", d={"alternatives": ["template"]})
        often = self.said_often.get(command.conv, 0)
        if often and not command.anyway:
            return rt.Err(cid=cid, code="same_text", text="", d={"alternatives": ["anyway"], "count": often})
        note = command.mode == "note"
        message = self.add(
            command.conv,
            command.parts[0],
            direction="note" if note else "out",
            st="received" if note else "queued",
            by=views.Author(kind="operator", id=ME, name=self.operators[0].name),
            cid=cid,
            media=self._media(command.parts[0]),
        )
        if not note:
            loop = asyncio.get_running_loop()
            steps: tuple[tuple[float, views.MessageStatus], ...]
            steps = ((0.15, "sent"), (0.4, "delivered"), (0.9, "read"))
            for wait, st in steps:
                loop.call_later(wait, self.status, message, st)
        return verbs.Sent(seq=self.seqs[message.ws], messages=(message.id,))

    @staticmethod
    def _media(part: Any) -> tuple[views.MediaView, ...]:
        if not isinstance(part, Media):
            return ()
        return (
            views.MediaView(
                id=part.ref,
                part=0,
                state="ready",
                url=f"/media/{part.ref}",
                mime=part.mime,
                name=part.name,
                size=part.size,
            ),
        )

    def _react(self, target: str, emoji: str) -> None:
        for conv, thread in self.messages.items():
            for at, message in enumerate(thread):
                if message.id == target:
                    by = views.Author(kind="operator", id=ME, name=self.operators[0].name)
                    reaction = views.ReactionView(emoji=emoji, by=by, at=now_ms())
                    thread[at] = msgspec.structs.replace(
                        message, reactions=(reaction,) if emoji else (), rev=self.seqs[message.ws] + 1
                    )
                    self.emit(self.conversations[conv].ws, stream.MessagePatch(msg=thread[at]))


class FakeSite:
    def __init__(self, world: World) -> None:
        self.world = world

    async def boot(self, request: Request) -> bytes | None:
        return msgspec.json.encode(self.world.boot()) if self.world.signed_in else None

    async def invitation(self, request: Request, token: str) -> bytes | None:
        return msgspec.json.encode(self.world.links[token]) if token in self.world.links else None

    def nonce(self, request: Request) -> str:
        return nonce_of(request)


def app_of(world: World) -> Starlette:
    """The page's own routes, and what it asks of the rest."""

    async def messages(request: Request) -> Response:
        if request.path_params["conv"] not in world.messages:
            return JSONResponse({"code": "not_found"}, 404)
        thread = sorted(world.messages[request.path_params["conv"]], key=lambda one: (one.at, one.pos))
        ids = [one.id for one in thread]
        query, limit = request.query_params, int(request.query_params.get("limit", PAGE))
        start, end = max(0, len(ids) - limit), len(ids)
        if "before" in query:
            end = ids.index(query["before"])
            start = max(0, end - limit)
        elif "after" in query:
            start = ids.index(query["after"]) + 1
            end = start + limit
        elif "around" in query:
            if query["around"] not in ids:
                return JSONResponse({"code": "not_found"}, 404)
            start = max(0, ids.index(query["around"]) - limit // 2)
            end = start + limit
        body = {"items": thread[start:end], "before": start > 0, "after": end < len(ids)}
        return Response(msgspec.json.encode(body), media_type="application/json")

    async def can_send(request: Request) -> Response:
        conv = request.path_params["conv"]
        if conv in world.refused:
            return Response(msgspec.json.encode(world.refused[conv]), media_type="application/json")
        reason = (
            "blocked" if conv in world.blocked else "window_closed" if conv in world.windows_closed else ""
        )
        answer = views.CanSend(
            ok=not reason,
            reason=reason,
            alternatives=("template", "note") if reason == "window_closed" else ("note",) if reason else (),
            can=("reply", "react", "template", *fake_business.ABLE),
            media={"image/*": 5_000_000, "*/*": 100_000_000},
            choices=fake_business.CHOICES,
            products=fake_business.PRODUCTS,
            carousel=fake_business.CAROUSEL,
        )
        return Response(msgspec.json.encode(answer), media_type="application/json")

    async def members(request: Request) -> Response:
        found = world.members.get(request.path_params["conv"], ())
        return Response(msgspec.json.encode({"items": found, "next": None}), media_type="application/json")

    async def templates(_request: Request) -> Response:
        return Response(
            msgspec.json.encode({"items": fake_gallery.templates(), "next": None}),
            media_type="application/json",
        )

    async def raw(request: Request) -> Response:
        return JSONResponse({"message": request.path_params["message"], "body": {"type": "unknown"}})

    async def me(request: Request) -> Response:
        said = await request.json()
        world.locale, world.theme = said.get("locale", world.locale), said.get("theme", world.theme)
        return Response("null", media_type="application/json")

    async def upload(request: Request) -> Response:
        ref = f"f_{len(world.uploads) + 1}"
        mime = request.headers.get("content-type", "application/octet-stream")
        world.uploads[ref] = (await request.body(), mime)
        return JSONResponse({"id": ref, "url": f"/media/{ref}", "mime": mime})

    async def media(request: Request) -> Response:
        if request.path_params["ref"] == "f_404":
            return JSONResponse({"code": "not_found"}, 404)
        body, mime = world.uploads.get(request.path_params["ref"], (fake_data.PICTURE, "image/svg+xml"))
        return Response(body, media_type=mime)

    async def logout(_request: Request) -> Response:
        world.signed_in = False
        return Response(status_code=204)

    own: list[BaseRoute] = [
        *world.more_routes,
        Route("/api/v1/conversations/{conv}/messages", messages),
        Route("/api/v1/conversations/{conv}/can_send", can_send),
        Route("/api/v1/conversations/{conv}/members", members),
        *fake_search.routes(world),
        *fake_business.routes(world),
        Route("/api/v1/templates", templates),
        Route("/api/v1/messages/{message}/raw", raw),
        Route("/api/v1/me", me, methods=["PATCH"]),
        Route("/api/v1/media", upload, methods=["POST"]),
        Route("/media/{ref}", media),
        Route("/logout", logout, methods=["POST"]),
        WebSocketRoute("/realtime", Realtime(world).endpoint),
        *page_routes(FakeSite(world)),
    ]
    return Starlette(routes=own, middleware=[Middleware(SecurityHeaders, settings=Settings())])


class Realtime:
    def __init__(self, world: World) -> None:
        self.world = world
        self._decoder = msgspec.json.Decoder(rt.ClientFrame)

    async def endpoint(self, websocket: WebSocket) -> None:
        await websocket.accept()
        if self.world.closed_with:
            await websocket.close(self.world.closed_with)
            return
        queue: Outgoing = asyncio.Queue()

        async def write() -> None:
            while (frame := await queue.get()) is not None:
                await websocket.send_text(msgspec.json.encode(frame).decode())
            await websocket.close(self.world.closed_with)

        writer = asyncio.create_task(write())
        try:
            while True:
                self._answer(self._decoder.decode(await websocket.receive_text()), queue)
        except WebSocketDisconnect:
            pass
        finally:
            self.world.sockets.discard(queue)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer

    def _answer(self, frame: rt.ClientFrame, queue: Outgoing) -> None:
        world = self.world
        match frame:
            case rt.Hello():
                queue.put_nowait(
                    rt.Ready(sid="s1", streams=world.heads(), hb=25_000, now=now_ms(), build="b1", limits={})
                )
                self._replay(frame.streams, queue)
                world.sockets.add(queue)
            case rt.Resume():
                queue.put_nowait(
                    rt.Resumed(sid="s1", streams=world.heads(), count=0, now=now_ms(), build="b1")
                )
                self._replay(frame.streams, queue)
                world.sockets.add(queue)
            case rt.Cmd(cid=cid, d=command):
                answer = world.perform(cid, command)
                queue.put_nowait(
                    answer
                    if isinstance(answer, rt.Err)
                    else rt.Ok(cid=cid, d=msgspec.Raw(msgspec.json.encode(answer)))
                )
            case rt.ViewList():
                rows, following = world.page(frame.list, frame.after, frame.limit)
                queue.put_nowait(
                    rt.Window(at=dict(world.seqs), id=frame.id, rows=tuple(rows), next=following)
                )
            case rt.Open(conv=conv, have=have):
                late = tuple(one for one in world.messages.get(conv, []) if have and one.pos > have)
                queue.put_nowait(rt.Window(at=dict(world.seqs), conv=conv, msgs=late))
            case rt.Diff(ws=ws, seq=seq):
                for entry in world.log[ws]:
                    if entry[0] > seq:
                        queue.put_nowait(world.frame(ws, entry))
            case rt.Probe():
                queue.put_nowait(rt.Ping(seqs=dict(world.seqs)))
            case _:
                pass

    def _replay(self, heads: dict[str, views.StreamHead], queue: Outgoing) -> None:
        for ws, head in heads.items():
            for entry in self.world.log.get(ws, []):
                if entry[0] > head.seq:
                    queue.put_nowait(self.world.frame(ws, entry))


@contextlib.asynccontextmanager
async def serving(world: World, port: int = 0) -> AsyncGenerator[str]:
    """The fake server on loopback; gives its address."""
    config = uvicorn.Config(app_of(world), host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    host, bound = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{bound}"
    finally:
        server.should_exit = True
        await task


async def main() -> None:
    async with serving(World(), 8765) as url:
        print(url, flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
