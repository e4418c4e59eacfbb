"""Jackfield's conformance suite, filled in for this channel."""

from __future__ import annotations

from jackfield_echo.ids import make_conversation, make_message, parse_conversation, parse_message
from jackfield_echo.kind import EchoKind
from jackfield_echo.signature import HEADER, sign

from jackfield.channel import HookRequest
from jackfield.testing import ChannelContract, IdPair, WebhookSample

CONFIG = {"name": "Front desk", "secret": "a long shared secret"}
ANSWERS = {"echo.form": CONFIG}
BATCH = b"""[
  {"id": "1", "from": "ada", "text": "a"},
  {"id": 7},
  {"id": "2", "from": "bob", "text": "b"}
]"""


def signed(body: bytes) -> HookRequest:
    """A call as the provider makes it."""
    headers = {"content-type": "application/json", HEADER: sign(CONFIG["secret"], body)}
    return HookRequest(method="POST", path="/hooks/1", query={}, headers=headers, body=body)


class TestEcho(ChannelContract):
    kind = EchoKind()
    config = CONFIG
    conversation = make_conversation("ada")
    answers = ANSWERS
    ids = (
        IdPair(parse=parse_conversation, make=make_conversation, samples=("person:ada", "person:a:b")),
        IdPair(parse=parse_message, make=lambda id_: make_message(*id_), samples=("in:1", "answer:x:y")),
    )
    webhooks = (
        WebhookSample(
            name="one message",
            request=signed(b'{"id": "1", "from": "ada", "name": "Ada", "text": "Hello"}'),
            messages=("in:1",),
            events=1,
        ),
        WebhookSample(
            name="a batch with a bad item in the middle",
            request=signed(BATCH),
            messages=("in:1", "in:2"),
            events=3,
        ),
        WebhookSample(
            name="a message that is no text",
            request=signed(b'{"id": "3", "from": "ada", "sticker": "wave"}'),
            messages=("in:3",),
            unsupported=True,
        ),
    )

    def sign(self, body: bytes) -> HookRequest:
        return signed(body)
