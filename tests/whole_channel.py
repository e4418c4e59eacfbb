"""A channel for tests that implements every optional protocol, with its suite filled in."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal, cast

import msgspec

import jackfield.channel as c
from jackfield.testing import ChannelContract, IdPair, WebhookSample

CONFIG = {"line": "line-1", "app_secret": "open sesame 1"}
STRANGER = {"line": "line-2", "app_secret": "open sesame 1"}
WINDOW = timedelta(hours=24)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def conversation_of(person: str) -> c.ConversationId:
    return c.ConversationId(f"p:{person}")


def person_of(conversation: str) -> str:
    if not conversation.startswith("p:"):
        raise ValueError(conversation)
    return conversation[2:]


def signature(body: bytes) -> str:
    return hmac.new(CONFIG["app_secret"].encode(), body, hashlib.sha256).hexdigest()


def call(body: bytes) -> c.HookRequest:
    return c.HookRequest(
        method="POST", path="/hooks/whole", query={}, headers={"x-sum": signature(body)}, body=body
    )


def said(*messages: Mapping[str, object]) -> c.HookRequest:
    return call(json.dumps({"to": "line-1", "messages": messages}).encode())


async def one(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk


class WholeChannel:
    def __init__(self, config: Mapping[str, str], port: c.Port) -> None:
        self.config, self.port = config, port

    async def run(self) -> None:
        self.port.state(c.State.CONNECTED)
        await asyncio.Event().wait()

    async def send(
        self,
        to: c.ConversationId,
        parts: Sequence[c.Part],
        txn: c.TxnId,
        *,
        reply_to: c.MessageId | None = None,
    ) -> c.MessageId:
        if not parts or (isinstance(parts[0], c.Text) and len(parts[0].body) > 100):
            raise c.Rejected("empty, or over 100 characters")
        if not isinstance(parts[0], c.Text):
            raise c.NotSupported("texts only")
        sent = c.MessageId(f"out-{txn}")
        await self.port.emit(self.echo(to, parts, txn, sent))
        self.port.log(c.LogEntry(op="send", ok=True, request=f"key={self.config['app_secret']}"))
        return sent

    def echo(
        self, to: c.ConversationId, parts: Sequence[c.Part], txn: c.TxnId, sent: c.MessageId
    ) -> c.Message:
        return c.Message(
            at=AT, conversation=to, id=sent, sender=c.Sender(from_me=True), parts=tuple(parts), txn=txn
        )

    async def edit(self, to: c.ConversationId, target: c.MessageId, parts: Sequence[c.Part]) -> None: ...
    async def delete(self, to: c.ConversationId, target: c.MessageId) -> None: ...
    async def react(self, to: c.ConversationId, target: c.MessageId, emoji: str) -> None: ...
    async def pin(self, to: c.ConversationId, target: c.MessageId, days: int) -> None: ...
    async def mark_read(self, to: c.ConversationId, upto: c.MessageId) -> None: ...
    async def typing(self, to: c.ConversationId, upto: c.MessageId | None) -> None: ...

    def conversation_with(self, person: c.Address) -> c.ConversationId:
        return conversation_of(person.value)

    async def download(self, ref: str) -> c.Download:
        if ref != "photo":
            raise c.Rejected("gone")
        return c.Download(chunks=one(b"jpeg"), mime="image/jpeg", size=4)

    async def templates(self) -> Sequence[c.Template]:
        return [c.Template(name="hello", language="en")]

    def capabilities(self, about: c.Facts) -> c.Capabilities:
        until = None if about.last_inbound_at is None else about.last_inbound_at + WINDOW
        return c.Capabilities(
            text_max=100,
            media={"image/*": c.MediaLimit()},
            media_sorts=("image",),
            react=c.Level.FULL,
            pin=c.Level.FULL,
            pin_days=7,
            edit=c.Level.FULL,
            delete=c.Level.PARTIAL,
            mark_read=c.Level.FULL,
            typing=c.Level.FULL,
            free_form_until=until,
            free_form_closed=until is None or until < about.now,
        )

    def pace(self) -> c.Pace:
        return c.Pace(per_second=10)

    def webhook(self, request: c.HookRequest) -> c.Hooked:
        secret = self.config["app_secret"]
        made = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
        if not secret or not hmac.compare_digest(made, request.headers.get("x-sum", "")):
            return c.Hooked(accepted=False, status=403)
        try:
            whole = json.loads(request.body)
        except (ValueError, RecursionError) as err:
            return c.Hooked(failed=str(err))
        if not isinstance(whole, dict):
            return c.Hooked(failed="not an object")
        return c.Hooked(events=self.read(cast("dict[str, Any]", whole)))

    def read(self, whole: dict[str, Any]) -> tuple[c.AnyEvent, ...]:
        if whole.get("to") != self.config["line"]:
            return (c.Unrecognised(at=AT, kind="other", raw=msgspec.Raw(msgspec.json.encode(whole))),)
        return tuple(self.read_message(item) for item in whole["messages"])

    def read_message(self, item: dict[str, Any]) -> c.Message:
        part = c.Text(body=item["text"]) if "text" in item else c.Unsupported(kind="sticker")
        own = bool(item.get("own"))
        return c.Message(
            at=AT,
            conversation=conversation_of(item["from"]),
            id=c.MessageId(item["id"]),
            sender=c.Sender(from_me=own)
            if own
            else c.Sender(addresses=(c.Address(kind="whole", value=item["from"]),)),
            parts=(part,),
        )


class WholeLogin:
    """A form, a code to be typed on the phone, and done."""

    def __init__(self, port: c.Port) -> None:
        self.port = port

    async def start(self, again: c.ChannelId | None = None) -> c.Step:
        return self.ask({})

    def ask(self, errors: Mapping[str, str]) -> c.Step:
        return c.Ask(step="whole.form", fields=WholeKind.fields, errors=errors)

    async def submit(self, values: Mapping[str, str]) -> c.Step:
        if not values.get("app_secret"):
            return self.ask({"app_secret": "missing"})
        return c.Show(step="whole.code", kind="code", data="1234")

    async def wait(self) -> c.Step:
        await asyncio.sleep(0.01)
        return c.Done(name="Whole", external_id="line-1", config=CONFIG)

    async def cancel(self) -> None: ...


class WholeKind:
    name: ClassVar[str] = "whole"
    title: ClassVar[str] = "Whole"
    contract: ClassVar[int] = c.CONTRACT
    fields: ClassVar[tuple[c.Field, ...]] = (c.Field(name="line"), c.Field(name="app_secret", secret=True))
    free_form_window: ClassVar[timedelta | None] = WINDOW

    def __init__(
        self, channel: type[WholeChannel] = WholeChannel, login: type[WholeLogin] = WholeLogin
    ) -> None:
        self._channel, self._login = channel, login

    def logins(self) -> Mapping[str, str]:
        return {"form": "whole.login.form"}

    def client_logins(self) -> Mapping[str, Literal["any", "other"]]:
        return {"form": "any"}

    def login(self, flow: str, port: c.Port) -> c.Login:
        return self._login(port)

    def open(self, channel: c.ChannelId, config: Mapping[str, str], port: c.Port) -> c.Channel:
        return self._channel(config, port)

    def recipients(self, request: c.HookRequest) -> frozenset[str]:
        try:
            whole = json.loads(request.body)
        except (ValueError, RecursionError):
            return frozenset()
        to = cast("dict[str, Any]", whole).get("to") if isinstance(whole, dict) else None
        return frozenset({to} if isinstance(to, str) else ())

    def keys(self, config: Mapping[str, str]) -> frozenset[str]:
        return frozenset({config["line"]})


class WholeSuite(ChannelContract):
    """Without `kind`, so that each test can put in its own."""

    config = CONFIG
    stranger = STRANGER
    conversation = conversation_of("ada")
    ids = (IdPair(parse=person_of, make=conversation_of, samples=("p:ada", "p:")),)
    addresses = (c.Address(kind="whole", value="eve"),)
    media = ("photo",)
    lists_templates = True
    answers: ClassVar[Mapping[str, Mapping[str, str]]] = {"whole.form": CONFIG}
    webhooks = (
        WebhookSample(
            name="batch",
            request=said(
                {"id": "1", "from": "ada", "text": "a"}, {"id": "2", "from": "ada", "own": 1, "text": "b"}
            ),
            messages=("1", "2"),
            own=("2",),
            events=2,
        ),
        WebhookSample(
            name="sticker", request=said({"id": "3", "from": "ada"}), messages=("3",), unsupported=True
        ),
    )
