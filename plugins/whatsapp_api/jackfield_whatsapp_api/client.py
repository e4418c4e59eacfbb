"""The Graph API over HTTP: one session, time-outs, every failure as a ChannelError, every call logged."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Container, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import cache
from typing import Any, Literal

import aiohttp
import msgspec
from yarl import URL

from jackfield.channel import (
    ChannelError,
    Download,
    LogEntry,
    MediaFile,
    OutcomeUnknown,
    Port,
    RateLimited,
    Rejected,
    Unavailable,
)

from .answers import USAGE, after_of, as_json, harmless, translated, understood, whole_body
from .budget import budget_of
from .config import Config
from .errors import error_of, logged
from .outside import connector
from .payload import Node, listed, node, text, whole

Body = Mapping[str, Any]

CONNECT, ANSWER, UPLOAD, STALL = 10.0, 30.0, 300.0, 60.0  # seconds; stall: between two pieces of a file
PIECE = 64 * 1024  # bytes
PAGES = 100  # of templates: a guard against a listing that never ends
MEDIA_HOST = "fbsbx.com"
LOGGED = 4000  # characters of a body in the channel log
JSON = "application/json"


class GraphClient:
    """Calls of one channel: over one session while it is held(), else each over one of its own.

    The token goes to the API's own host and to the provider's media hosts, and nowhere else.
    """

    def __init__(self, config: Config, port: Port, *, answer_within: float = ANSWER) -> None:
        self.config, self.budget = config, budget_of(config.api_base, config.waba_id)
        self._config, self._port = config, port
        self._within = _timeout(answer_within)
        self._root = URL(config.api_base.rstrip("/")) / config.api_version
        self._edge = cache((self._root / config.phone_number_id).joinpath)  # an address knows its parts
        self._session: aiohttp.ClientSession | None = None
        self._app = ""

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """Keep connections between calls for as long as this is open."""
        async with self._new_session() as session:
            self._session = session
            try:
                yield
            finally:
                self._session = None

    def _http(self) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        return self._new_session() if self._session is None else nullcontext(self._session)

    def _new_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self._config.access_token}"},
            connector=connector(private=self._port.private_network),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def send(self, body: Body, edge: str = "messages") -> str:
        """The new message's id. Raises OutcomeUnknown if it may have gone out and nobody said so."""
        answer = await self._post(self._edge(edge), body, op="send")
        first = next(map(node, listed(answer.get("messages"))), node(None))
        if not (wamid := text(first.get("id"))):
            raise OutcomeUnknown("the answer names no message")
        return wamid

    async def annotate(self, body: Body, *, op: str) -> None:
        """A read mark or a typing sign: saying it twice does no harm."""
        with harmless():
            await self._post(self._edge("messages"), body, op=op)

    async def upload(self, file: MediaFile, mime: str) -> str:
        """The provider's id of the file, good for 30 days."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime)
        form.add_field("file", file.chunks(), filename=file.name or "file", content_type=mime)
        with harmless():
            answer = await self._call(
                "POST",
                self._root / self._config.phone_number_id / "media",
                op="upload",
                said=f"{file.name} {mime} {file.size} bytes",
                within=_timeout(UPLOAD),
                data=form,
            )
        if not (media_id := text(answer.get("id"))):
            raise Unavailable("the answer names no file")
        return media_id

    async def download(self, media_id: str) -> Download:
        """Its bytes in two steps: where it is, then the file. The address is good for five minutes."""
        info = await self._media_info(media_id)
        return Download(
            chunks=self._chunks(media_id, text(info.get("url"))),
            mime=text(info.get("mime_type")),
            size=whole(info.get("file_size")),
        )

    async def _media_info(self, media_id: str) -> Node:
        with harmless():
            return await self._get(media_id, {"phone_number_id": self._config.phone_number_id}, op="media")

    async def _chunks(self, media_id: str, url: str) -> AsyncIterator[bytes]:
        with harmless():
            async with self._open(url) as answer:
                if answer.status != 404:
                    async for piece in self._pieces(answer):
                        yield piece
                    return
            fresh = text((await self._media_info(media_id)).get("url"))  # the address was too old
            async with self._open(fresh) as answer:
                async for piece in self._pieces(answer):
                    yield piece

    async def _pieces(self, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        if answer.status != 200:
            raise error_of(answer.status, as_json(await whole_body(answer)), after=after_of(answer))
        async for piece in answer.content.iter_chunked(PIECE):
            yield piece

    @asynccontextmanager
    async def _open(self, url: str) -> AsyncGenerator[aiohttp.ClientResponse]:
        """A file. Redirects are not followed: they could lead the token astray."""
        target = self.media_url(url)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=STALL)
        with translated():
            async with (
                self._http() as http,
                http.get(target, timeout=timeout, allow_redirects=False) as answer,
            ):
                yield answer

    def media_url(self, url: str) -> URL:
        """Raises Rejected for a host that must not see the token."""
        try:
            target = URL(url)
        except ValueError:
            raise Rejected("the file's address is not one") from None
        host = target.host or ""
        meta = target.scheme == "https" and (host == MEDIA_HOST or host.endswith(f".{MEDIA_HOST}"))
        if meta or self.is_home(target):
            return target
        raise Rejected(f"the file is at a host that is not trusted: {host or url[:80]!r}")

    async def number(self, fields: Sequence[str], extra: Mapping[str, str] | None = None) -> Node:
        """The number itself, with these fields."""
        with harmless():
            query = {"fields": ",".join(fields), **(extra or {})}
            return await self._get(self._config.phone_number_id, query, op="number")

    async def subscribe(self) -> None:
        """Have the WABA's webhooks sent to our app."""
        with harmless():
            await self._post(self._root / self._config.waba_id / "subscribed_apps", {}, op="subscribe")

    async def templates(self) -> AsyncIterator[Node]:
        """Every approved template, page by page."""
        query = {"status": "APPROVED", "limit": "100"}
        for _ in range(PAGES):
            with harmless():
                page = await self._get(f"{self._config.waba_id}/message_templates", query, op="templates")
            for item in map(node, listed(page.get("data"))):
                yield item
            paging = node(page.get("paging"))
            after = text(node(paging.get("cursors")).get("after"))
            if not paging.get("next") or not after:
                return
            query = {**query, "after": after}

    async def ask(
        self,
        method: Literal["GET", "POST", "DELETE"],
        path: str,
        *,
        op: str,
        query: Mapping[str, str] | None = None,
        body: Body | None = None,
        despite: Container[int] = (),
    ) -> Node:
        """Any other call, `path` as below the version. Only what reads may be said twice.

        `despite`: codes of errors whose answer is given back, because the rest of it says what was done.
        """
        said = b""
        content: dict[str, Any] = {}
        if body is not None:
            said = msgspec.json.encode(body)
            content = {"data": aiohttp.BytesPayload(said, content_type=JSON)}
        call = self._call(
            method,
            (self._root / path).with_query(query),
            op=op,
            said=said.decode(),
            despite=despite,
            **content,
        )
        if method != "GET":
            return await call
        with harmless():
            return await call

    async def app_id(self) -> str:
        """The app the token belongs to. Asked once; raises Unavailable where the provider does not say."""
        if not self._app:
            query = {"input_token": self._config.access_token}
            said = await self.ask("GET", "debug_token", op="app", query=query)
            self._app = text(node(said.get("data")).get("app_id"))
        if not self._app:
            raise Unavailable("the provider does not say which app the token belongs to")
        return self._app

    async def upload_piece(self, session: str, file: AsyncIterator[bytes], offset: int, size: int) -> Node:
        """`size` bytes of a resumable upload from `offset` on. May be said again from where it broke."""
        with harmless():
            return await self._call(
                "POST",
                self._session_url(session),
                op="upload",
                said=f"{size} bytes from {offset} on",
                within=_timeout(UPLOAD),
                data=file,
                headers={
                    "Authorization": f"OAuth {self._config.access_token}",
                    "file_offset": str(offset),
                    "Content-Length": str(size),
                    "Content-Type": "application/octet-stream",
                },
            )

    async def upload_state(self, session: str) -> Node:
        """How far a resumable upload has got."""
        headers = {"Authorization": f"OAuth {self._config.access_token}"}
        with harmless():
            return await self._call("GET", self._session_url(session), op="upload", headers=headers)

    def _manages(self, url: URL) -> bool:
        """Whether the provider counts this call among those that manage the account."""
        waba = self._config.waba_id
        return bool(waba) and waba in url.parts[len(self._root.parts) :][:1]

    def _session_url(self, session: str) -> URL:
        """An upload's id has a query of its own."""
        path, _, query = session.partition("?")
        return (self._root / path).with_query(query or None)

    def is_home(self, url: URL) -> bool:
        """Whether an address is at the API's own host."""
        return url.absolute and url.origin() == self._root.origin()

    async def _get(self, path: str, query: Mapping[str, str], *, op: str) -> Node:
        return await self._call("GET", (self._root / path).with_query(query), op=op)

    async def _post(self, url: URL, body: Body, *, op: str) -> Node:
        said = msgspec.json.encode(body)
        payload = aiohttp.BytesPayload(said, content_type=JSON)
        return await self._call("POST", url, op=op, said=said.decode(), data=payload)

    async def _call(
        self,
        method: str,
        url: URL,
        *,
        op: str,
        said: str = "",
        within: aiohttp.ClientTimeout | None = None,
        despite: Container[int] = (),
        **content: Any,
    ) -> Node:
        """One call. Raises a ChannelError for whatever is not a JSON object with status 200, but for
        those errors `despite` which the answer is wanted."""
        timeout = within or self._within
        managing = self._manages(url)
        if managing:
            self.budget.spend()
        started, status, body, problem = time.monotonic(), 0, b"", ""
        try:
            with translated():
                async with (
                    self._http() as http,
                    http.request(method, url, timeout=timeout, allow_redirects=False, **content) as answer,
                ):
                    status, body = answer.status, await whole_body(answer)
                    if managing:
                        self.budget.heed(as_json(answer.headers.get(USAGE, "").encode()))
                    return understood(answer, body, despite)
        except RateLimited as error:
            if managing:
                self.budget.close(error.after)
            problem = logged(error)
            raise
        except ChannelError as error:
            problem = logged(error)
            raise
        finally:
            self._port.log(
                LogEntry(
                    op=op,
                    ok=200 <= status < 300 and not problem,
                    request=f"{method} {url.path} {said}"[:LOGGED].rstrip(),
                    response=body.decode("utf-8", "replace")[:LOGGED],
                    status=status,
                    error=problem,
                    elapsed_ms=(time.monotonic() - started) * 1000,
                )
            )


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, connect=CONNECT, sock_connect=CONNECT)
