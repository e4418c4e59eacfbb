"""What a customer can write, by the name of its kind, with a sample of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from .model import Json

GROUP = "Y2FwaV9ncm91cDoxNTU1"


class Written(Struct, frozen=True, kw_only=True):
    """A message: what stands under its type, and beside it."""

    type: str
    content: Any = None
    extra: Json = field(default_factory=dict[str, Any])


def _interactive(kind: str, reply: Json) -> Written:
    return Written(type="interactive", content={"type": kind, kind: reply})


def _text(body: str, **extra: Any) -> Written:
    return Written(type="text", content={"body": body}, extra=extra)


MESSAGES: Mapping[str, Written] = {
    "text": _text("Hello"),
    "location": Written(
        type="location",
        content={
            "latitude": 59.93428,
            "longitude": 30.3351,
            "name": "Palace Square",
            "address": "St Petersburg",
        },
    ),
    "contacts": Written(
        type="contacts",
        content=[
            {
                "name": {"formatted_name": "Olga", "first_name": "Olga"},
                "phones": [{"phone": "+1 555 010 0123", "wa_id": "15550100123", "type": "CELL"}],
            }
        ],
    ),
    "order": Written(
        type="order",
        content={
            "catalog_id": "4711",
            "text": "By Friday, please",
            "product_items": [
                {"product_retailer_id": "rose", "quantity": 12, "item_price": 3.5, "currency": "EUR"},
                {"product_retailer_id": "vase", "quantity": 1, "item_price": 20, "currency": "EUR"},
            ],
        },
    ),
    "product_enquiry": _text(
        "Is it there?",
        context={"referred_product": {"catalog_id": "4711", "product_retailer_id": "rose"}},
    ),
    "advertisement": _text(
        "Tell me more",
        referral={
            "source_url": "https://fb.me/3cr4Wqqkv",
            "source_id": "120226305854810726",
            "source_type": "ad",
            "headline": "Chat with us",
            "body": "Summer succulents are here!",
            "media_type": "image",
            "image_url": "https://scontent.xx.fbcdn.net/v/rose.jpg",
            "ctwa_clid": "Aff-n8ZTODiE79d22KtAwQKj9e",
            "welcome_message": {"text": "Hi there! How can we help?"},
        },
    ),
    "post": _text(
        "I saw your post",
        referral={
            "source_type": "post",
            "source_id": "77",
            "source_url": "https://fb.me/77",
            "headline": "News",
        },
    ),
    "forwarded": _text("Have you seen this?", context={"forwarded": True}),
    "forwarded_often": _text("Pass it on!", context={"frequently_forwarded": True}),
    "template_button": Written(type="button", content={"text": "Yes", "payload": "yes-1"}),
    "button_reply": _interactive("button_reply", {"id": "1", "title": "Yes"}),
    "list_reply": _interactive("list_reply", {"id": "1", "title": "Monday", "description": "9 to 5"}),
    "form_reply": _interactive(
        "nfm_reply",
        {
            "name": "flow",
            "body": "Sent",
            "response_json": '{"flow_token": "t", "date": "2026-12-01", "guests": "4"}',
        },
    ),
    "address_reply": _interactive(
        "nfm_reply",
        {
            "name": "address_message",
            "body": "Rose Street 1",
            "response_json": '{"values": {"in_pin_code": "400064", "city": "Mumbai"}}',
        },
    ),
    "calls_allowed": _interactive(
        "call_permission_reply",
        {"response": "accept", "is_permanent": False, "response_source": "user_action"},
    ),
    "calls_refused": _interactive("call_permission_reply", {"response": "reject"}),
    "request_welcome": Written(type="request_welcome"),
    "unsupported": Written(
        type="unsupported",
        content={"type": "poll_creation"},
        extra={
            "errors": [
                {
                    "code": 131051,
                    "title": "Message type unknown",
                    "message": "Message type unknown",
                    "error_data": {"details": "Message type is currently not supported."},
                }
            ]
        },
    ),
    "hologram": Written(type="hologram", content={"id": "7"}),
    "in_group": _text("Hello all", group_id=GROUP),
}
