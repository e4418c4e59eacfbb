"""Webhook bodies as the Cloud API sends them: one text message of one customer each, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SECRET = "0123456789abcdef0123456789abcdef"
WABA = "102290129340398"
NUMBER = "106540352242922"
HEADER = "X-Hub-Signature-256"

WORDS = (  # noqa: SIM905  # prose reads better than a list of words
    "здравствуйте подскажите пожалуйста когда будет доставка заказа можно вернуть товар оплата картой "
    "спасибо жду ответа hello please tell me when the order will be delivered can i return goods"
).split()


class Call(NamedTuple):
    """A body and its signature header."""

    body: bytes
    signature: str


def calls(
    count: int, *, customers: int, tag: str, number: str = NUMBER, bsuids: Sequence[str] = ()
) -> Iterator[Call]:
    """Bodies with message ids that occur once for each tag; customers in turn. `bsuids`: theirs."""
    chance, now = random.Random(tag), int(time.time())
    for place in range(count):
        text = " ".join(chance.choices(WORDS, k=chance.randint(4, 20)))
        customer = place % customers
        bsuid = bsuids[customer] if bsuids else f"RU.{10**17 + customer}"
        body = _body(
            who=phone(customer),
            bsuid=bsuid,
            wamid=f"wamid.{tag}.{place}",
            text=text,
            now=now,
            number=number,
        )
        yield Call(body, signature(body))


def signature(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def phone(customer: int) -> str:
    return f"7999{customer:07d}"


def _body(*, who: str, bsuid: str, wamid: str, text: str, now: int, number: str) -> bytes:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": number},
        "contacts": [{"profile": {"name": f"Customer {who}"}, "wa_id": who, "user_id": bsuid}],
        "messages": [
            {
                "from": who,
                "from_user_id": bsuid,
                "id": wamid,
                "timestamp": str(now),
                "type": "text",
                "text": {"body": text},
            }
        ],
    }
    change = {"value": value, "field": "messages"}
    whole = {"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [change]}]}
    return json.dumps(whole, separators=(",", ":")).encode()
