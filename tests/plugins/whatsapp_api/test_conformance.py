"""The public conformance suite, for this plugin."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from waba_cloud import APP_SECRET, MEDIA_ID, PHONE_ID, VERIFY, WABA_ID, Cloud, cloud
from waba_samples import change, message, numbered

from jackfield.channel import (
    Address,
    Carousel,
    CarouselCard,
    ChoiceOffered,
    ConversationId,
    Facts,
    HookRequest,
    Location,
    Media,
    Product,
    Template,
    Text,
)
from jackfield.testing import ChannelContract, IdPair, WebhookSample
from jackfield.testing.bench import NOW
from jackfield_whatsapp_api.ids import (
    make_conversation,
    make_message,
    parse_conversation,
    parse_message,
)
from jackfield_whatsapp_api.kind import WhatsAppApi
from jackfield_whatsapp_api.login_forms import BUSINESS, DASHBOARD, HOOK, NUMBER, STEP
from jackfield_whatsapp_api.signature import sign

CONFIG = Cloud(url="https://graph.facebook.com").config


def signed(body: bytes) -> HookRequest:
    headers = {"content-type": "application/json", "x-hub-signature-256": sign(APP_SECRET, body)}
    return HookRequest(method="POST", path="/hooks/whatsapp_api", query={}, headers=headers, body=body)


def delivery(name: str, payload: Any, **known: Any) -> WebhookSample:
    return WebhookSample(name=name, request=signed(json.dumps(payload).encode()), **known)


def batch() -> dict[str, Any]:
    """Two entries, with messages, a reaction and statuses."""
    text = {"type": "text", "text": {"body": "Привет"}, "from": "16505551234", "timestamp": "1750000000"}
    items = [{**text, "id": f"wamid.{n}"} for n in range(3)]
    reaction = {
        **text,
        "id": "wamid.r",
        "type": "reaction",
        "reaction": {"message_id": "wamid.0", "emoji": "👍"},
    }
    statuses = [{"id": "wamid.out", "status": said, "timestamp": "1750000000"} for said in ("sent", "read")]
    one = change("messages", numbered(messages=[*items, reaction]))
    two = change("messages", numbered(messages=[{**text, "id": "wamid.3"}], statuses=statuses))
    return {**one, "entry": [*one["entry"], *two["entry"]]}


ECHO = {"from": "15550783881", "to": "16505551234", "id": "wamid.e", "type": "text", "text": {"body": "x"}}
HANDSHAKE = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}


def answered(config: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    """What a person answers whose app has our address already."""
    return {
        STEP: config,
        BUSINESS: config,
        NUMBER: {"number": f"{WABA_ID}/{PHONE_ID}"},
        HOOK: {"hook": "dashboard"},
        DASHBOARD: {"verify_token": VERIFY},
    }


class TestWhatsAppApi(ChannelContract):
    kind = WhatsAppApi()
    config = CONFIG
    conversation = ConversationId("bsuid:US.13491208655302741918")
    addresses = (Address(kind="phone", value="+16505551234"),)
    facts = (Facts(conversation=ConversationId("group:Y2Fw"), group=True, last_inbound_at=NOW, now=NOW),)
    ids = (
        IdPair(
            parse=lambda text: parse_conversation(ConversationId(text)),
            make=make_conversation,
            samples=("bsuid:US.13491208655302741918", "phone:+16505551234", "group:Y2FwaV9ncm91cDox"),
        ),
        IdPair(
            parse=lambda text: parse_message(make_message(text)), make=make_message, samples=("wamid.x=",)
        ),
    )
    webhooks = (
        delivery("a text", message(type="text", text={"body": "Hi"}), messages=("wamid.one",), events=1),
        delivery("a batch", batch(), messages=("wamid.0", "wamid.1", "wamid.2", "wamid.3"), events=7),
        delivery(
            "an echo",
            change("smb_message_echoes", numbered(message_echoes=[ECHO])),
            messages=("wamid.e",),
            own=("wamid.e",),
            events=1,
        ),
        delivery("a hologram", message(type="hologram"), messages=("wamid.one",), events=1, unsupported=True),
        delivery("a new field", change("tracking_events", {"a": 1}), events=1, unsupported=True),
        WebhookSample(
            name="the handshake",
            request=HookRequest(
                method="GET", path="/hooks/whatsapp_api", query=HANDSHAKE, headers={}, body=b""
            ),
        ),
    )
    stranger: ClassVar[Mapping[str, str] | None] = {**CONFIG, "phone_number_id": "999", "waba_id": "888"}
    sendable = (
        (Text(body="Hello"),),
        (Location(latitude=1, longitude=2),),
        (Template(name="hello_world", language="en_US"),),
        (ChoiceOffered(style="call_permission", body="May we call?"),),
        (ChoiceOffered(style="form", body="Your visit", button="Book", data={"form": "42"}),),
        (Product(catalog="c", products=("rose",)),),
        (Carousel(body="New", catalog="c", cards=(CarouselCard(product="a"), CarouselCard(product="b"))),),
        (Media(sort="image", ref="", link="https://shop.example/rose.png"),),
    )
    answers: ClassVar[Mapping[str, Mapping[str, str]]] = answered(CONFIG)
    # its address is that of provider(), as soon as that is known
    media = (MEDIA_ID,)
    lists_templates = True

    @asynccontextmanager
    async def provider(self) -> AsyncGenerator[Mapping[str, str]]:
        async with cloud() as stand_in:
            type(self).answers = answered(stand_in.config)
            yield stand_in.config

    def sign(self, body: bytes) -> HookRequest:
        return signed(body)
