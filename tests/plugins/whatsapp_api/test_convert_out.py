"""Outbound: the body of every kind of message, and every limit."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from jackfield.channel import (
    Call,
    Card,
    ChannelError,
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    ConversationId,
    Labelled,
    Location,
    Media,
    MessageId,
    NotSupported,
    Option,
    Part,
    Poll,
    Rejected,
    Template,
    Text,
    TxnId,
    Unreachable,
)
from jackfield_whatsapp_api import convert_out, limits
from jackfield_whatsapp_api.ids import Peer, make_conversation, parse_conversation, phone

TO = ConversationId("phone:+16505551234")
TXN = TxnId("txn-1")
UPLOADS = {"ref": "7001"}
YES, NO = Option(id="y", title="Yes"), Option(id="n", title="No")


@dataclasses.dataclass(frozen=True)
class Out:
    name: str
    part: Part
    kind: str
    content: Any


OUT = [
    Out("text", Text(body="Hi"), "text", {"body": "Hi", "preview_url": False}),
    Out("a link", Text(body="see https://a.b"), "text", {"body": "see https://a.b", "preview_url": True}),
    Out(
        "a link without its preview",
        Text(body="see https://a.b", preview=False),
        "text",
        {"body": "see https://a.b", "preview_url": False},
    ),
    Out("image", Media(sort="image", ref="ref", caption="c"), "image", {"id": "7001", "caption": "c"}),
    Out("gif", Media(sort="gif", ref="ref"), "video", {"id": "7001"}),
    Out("audio", Media(sort="audio", ref="ref"), "audio", {"id": "7001"}),
    Out("voice", Media(sort="voice", ref="ref"), "audio", {"id": "7001", "voice": True}),
    Out(
        "a browser's recording",
        Media(sort="voice", ref="ref", mime="audio/webm;codecs=opus"),
        "audio",
        {"id": "7001", "voice": True},
    ),
    Out("a recording in AAC", Media(sort="voice", ref="ref", mime="audio/mp4"), "audio", {"id": "7001"}),
    Out(
        "a file by its address",
        Media(sort="video", ref="", link="https://a.b/c.mp4", caption="c"),
        "video",
        {"link": "https://a.b/c.mp4", "caption": "c"},
    ),
    Out("sticker", Media(sort="sticker", ref="ref"), "sticker", {"id": "7001"}),
    Out(
        "document",
        Media(sort="document", ref="ref", name="a.pdf", caption="c"),
        "document",
        {"id": "7001", "caption": "c", "filename": "a.pdf"},
    ),
    Out(
        "location",
        Location(latitude=1.5, longitude=2, name="n"),
        "location",
        {"latitude": 1.5, "longitude": 2, "name": "n"},
    ),
    Out(
        "contacts",
        Contacts(
            cards=(
                Card(
                    name="Ada King Lovelace",
                    phones=(Labelled(value="+1", label="WORK", address="1"),),
                    organisation="Co",
                    birthday="1815-12-10",
                ),
            )
        ),
        "contacts",
        [
            {
                "name": {
                    "formatted_name": "Ada King Lovelace",
                    "first_name": "Ada",
                    "last_name": "King Lovelace",
                },
                "phones": [{"phone": "+1", "type": "WORK", "wa_id": "1"}],
                "org": {"company": "Co"},
                "birthday": "1815-12-10",
            }
        ],
    ),
    Out(
        "buttons",
        ChoiceOffered(style="buttons", body="b", header="h", footer="f", options=(YES, NO)),
        "interactive",
        {
            "type": "button",
            "body": {"text": "b"},
            "header": {"type": "text", "text": "h"},
            "footer": {"text": "f"},
            "action": {
                "buttons": [
                    {"type": "reply", "reply": {"id": "y", "title": "Yes"}},
                    {"type": "reply", "reply": {"id": "n", "title": "No"}},
                ]
            },
        },
    ),
    Out(
        "buttons under a picture",
        ChoiceOffered(style="buttons", body="b", options=(YES,), header_media=Media(sort="image", ref="ref")),
        "interactive",
        {
            "type": "button",
            "body": {"text": "b"},
            "header": {"type": "image", "image": {"id": "7001"}},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]},
        },
    ),
    Out(
        "a list",
        ChoiceOffered(style="list", body="b", button="More", options=(YES, NO)),
        "interactive",
        {
            "type": "list",
            "body": {"text": "b"},
            "action": {
                "button": "More",
                "sections": [{"rows": [{"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}]}],
            },
        },
    ),
    Out(
        "a list of sections",
        ChoiceOffered(
            style="list",
            body="b",
            button="More",
            options=(
                Option(id="1", title="A", section="S", description="d"),
                Option(id="2", title="B", section="T"),
            ),
        ),
        "interactive",
        {
            "type": "list",
            "body": {"text": "b"},
            "action": {
                "button": "More",
                "sections": [
                    {"title": "S", "rows": [{"id": "1", "title": "A", "description": "d"}]},
                    {"title": "T", "rows": [{"id": "2", "title": "B"}]},
                ],
            },
        },
    ),
    Out(
        "a link with a button",
        ChoiceOffered(style="link", body="b", options=(Option(id="", title="Go", url="https://a.b"),)),
        "interactive",
        {
            "type": "cta_url",
            "body": {"text": "b"},
            "action": {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://a.b"}},
        },
    ),
    Out(
        "a question for the place",
        ChoiceOffered(style="location_request", body="Where?"),
        "interactive",
        {"type": "location_request_message", "body": {"text": "Where?"}, "action": {"name": "send_location"}},
    ),
    Out(
        "a plain template",
        Template(name="hello_world", language="en_US"),
        "template",
        {"name": "hello_world", "language": {"code": "en_US"}},
    ),
    Out(
        "a template with numbered values",
        Template(
            name="order",
            language="ru",
            parameters={
                "body.2": "b",
                "body.1": "a",
                "header.1": "h",
                "button.1": "x",
                "button.0": "p",
                "button.2": "C",
            },
            buttons=(
                Option(id="quick_reply", title="q"),
                Option(id="url", title="u", url="https://a.b/{{1}}"),
                Option(id="copy_code", title=""),
            ),
        ),
        "template",
        {
            "name": "order",
            "language": {"code": "ru"},
            "components": [
                {"type": "header", "parameters": [{"type": "text", "text": "h"}]},
                {
                    "type": "body",
                    "parameters": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                },
                {
                    "type": "button",
                    "sub_type": "quick_reply",
                    "index": "0",
                    "parameters": [{"type": "payload", "payload": "p"}],
                },
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "1",
                    "parameters": [{"type": "text", "text": "x"}],
                },
                {
                    "type": "button",
                    "sub_type": "copy_code",
                    "index": "2",
                    "parameters": [{"type": "coupon_code", "coupon_code": "C"}],
                },
            ],
        },
    ),
    Out(
        "a template with named values and a picture",
        Template(
            name="order",
            language="ru",
            parameters={"body.name": "Ada"},
            header_media=Media(sort="image", ref="ref"),
        ),
        "template",
        {
            "name": "order",
            "language": {"code": "ru"},
            "components": [
                {"type": "header", "parameters": [{"type": "image", "image": {"id": "7001"}}]},
                {"type": "body", "parameters": [{"type": "text", "parameter_name": "name", "text": "Ada"}]},
            ],
        },
    ),
]


@pytest.mark.parametrize("out", OUT, ids=lambda out: out.name)
def test_a_part_becomes_a_body(out: Out) -> None:
    assert convert_out.message(TO, out.part, TXN, uploads=UPLOADS) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+16505551234",
        "type": out.kind,
        out.kind: out.content,
        "biz_opaque_callback_data": "txn-1",
    }


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("phone:+16505551234", {"recipient_type": "individual", "to": "+16505551234"}),
        ("bsuid:US.1", {"recipient_type": "individual", "recipient": "US.1"}),
        ("group:Y2Fw", {"recipient_type": "group", "to": "Y2Fw"}),
        ("wa_id:someone", {"recipient_type": "individual", "to": "someone"}),
    ],
)
def test_the_recipient_is_named_by_the_kind_of_its_id(to: str, said: dict[str, str]) -> None:
    body = convert_out.message(ConversationId(to), Text(body="x"), TXN, uploads={})
    assert {key: body[key] for key in ("recipient_type", "to", "recipient") if key in body} == said


def test_an_answer_quotes_what_it_answers() -> None:
    body = convert_out.message(TO, Text(body="x"), TXN, reply_to=MessageId("wamid.q"), uploads={})
    assert body["context"] == {"message_id": "wamid.q"}


def test_reaction_read_mark_and_typing() -> None:
    target = MessageId("wamid.q")
    assert convert_out.reaction(TO, target, "")["reaction"] == {"message_id": "wamid.q", "emoji": ""}
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.q"}
    assert convert_out.read(target) == read
    assert convert_out.typing(target) == {**read, "typing_indicator": {"type": "text"}}


def buttons(*options: Option, **more: Any) -> ChoiceOffered:
    said: dict[str, Any] = {"style": "buttons", "body": "b", "options": options, **more}
    return ChoiceOffered(**said)


def rows(count: int, **more: Any) -> ChoiceOffered:
    options = tuple(Option(id=str(n), title=f"t{n}") for n in range(count))
    said: dict[str, Any] = {"style": "list", "body": "b", "button": "More", "options": options, **more}
    return ChoiceOffered(**said)


REFUSED: list[tuple[Part, str]] = [
    (Text(body=""), "text: must not be empty"),
    (Text(body=" \n"), "text: must not be empty"),
    (Text(body="x" * 4097), "text: 4097 characters, at most 4096"),
    (Media(sort="image", ref="ref", caption="x" * 1025), "caption: 1025 characters, at most 1024"),
    (Media(sort="voice", ref="ref", caption="x"), "voice: a caption is not allowed"),
    (Location(latitude=91, longitude=0), "latitude"),
    (Contacts(cards=()), "contacts: 0, from 1 to 257"),
    (Contacts(cards=(Card(name=" "),)), "contact: must have a name"),
    (buttons(), "buttons: 0, from 1 to 3"),
    (buttons(YES, NO, Option(id="3", title="3"), Option(id="4", title="4")), "buttons: 4, from 1 to 3"),
    (buttons(Option(id="y", title="x" * 21)), "button title: 21 characters, at most 20"),
    (buttons(Option(id="", title="x")), "button id: must not be empty"),
    (buttons(Option(id="x" * 257, title="x")), "button id: 257 characters, at most 256"),
    (buttons(YES, YES), "choices: two have the same id"),
    (buttons(YES, body="x" * 1025), "body: 1025 characters, at most 1024"),
    (buttons(YES, header="x" * 61), "header: 61 characters, at most 60"),
    (buttons(YES, footer="x" * 61), "footer: 61 characters, at most 60"),
    (rows(11), "rows: 11, from 1 to 10"),
    (rows(1, button=""), "list button: must not be empty"),
    (rows(1, button="x" * 21), "list button: 21 characters, at most 20"),
    (rows(1, body="x" * 4097), "body: 4097 characters, at most 4096"),
    (rows(1, header_media=Media(sort="image", ref="ref")), "header: a list has text there"),
    (rows(0, options=(Option(id="1", title="x" * 25),)), "row title: 25 characters, at most 24"),
    (rows(0, options=(Option(id="1", title="x", description="d" * 73),)), "row description: 73 characters"),
    (rows(0, options=(Option(id="i" * 201, title="x"),)), "row id: 201 characters, at most 200"),
    (rows(0, options=(Option(id="1", title="x", section="s" * 25),)), "section title: 25 characters"),
    (
        rows(0, options=(Option(id="1", title="x", section="s"), Option(id="2", title="y"))),
        "section title: must not be empty",
    ),
    (ChoiceOffered(style="link", body="b"), "link: exactly one option"),
    (ChoiceOffered(style="link", body="b", options=(YES,)), "link: exactly one option"),
    (Template(name="No Such", language="ru"), "template: a name has"),
    (Template(name="x", language=""), "template: the language is missing"),
    (Template(name="x", language="ru", parameters={"footer.1": "a"}), "'footer.1' is no place"),
    (Template(name="x", language="ru", parameters={"body.1": ""}), "the parameter body.1 is empty"),
    (Template(name="x", language="ru", parameters={"body.2": "a"}), "the parameter body.1 is missing"),
    (Template(name="x", language="ru", parameters={"body.1": "a", "body.n": "b"}), "numbered or named"),
    (Template(name="x", language="ru", parameters={"button.x": "a"}), "button.x is not the place"),
    (
        Template(
            name="x",
            language="ru",
            parameters={"button.0": "a"},
            buttons=(Option(id="phone_number", title="p"),),
        ),
        "a button of type phone_number takes no parameter",
    ),
]


@pytest.mark.parametrize(("part", "why"), REFUSED)
def test_what_breaks_a_limit_is_refused_with_the_limits_name(part: Part, why: str) -> None:
    with pytest.raises(Rejected) as refused:
        convert_out.message(TO, part, TXN, uploads=UPLOADS)
    assert why in refused.value.detail


@pytest.mark.parametrize(
    "part",
    [
        Poll(question="?", options=("a",)),
        ChoiceMade(source="list", title="x"),
        Call(id="1", outcome="ended"),
    ],
)
def test_what_whatsapp_has_no_message_for_is_not_supported(part: Part) -> None:
    with pytest.raises(NotSupported):
        convert_out.message(TO, part, TXN, uploads={})


def test_a_conversation_with_nobody_known_cannot_be_answered() -> None:
    with pytest.raises(Unreachable):
        convert_out.message(ConversationId("unknown:sender"), Text(body="x"), TXN, uploads={})


@pytest.mark.parametrize("to", ["", "x", "mail:a@b", "phone:", ":"])
def test_a_conversation_of_another_kind_is_refused(to: str) -> None:
    with pytest.raises(ChannelError) as refused:
        convert_out.message(ConversationId(to), Text(body="x"), TXN, uploads={})
    assert isinstance(refused.value, Rejected)


@pytest.mark.parametrize(
    ("sort", "mime", "size", "why"),
    [
        ("image", "image/gif", 1, "image: image/gif, allowed are image/jpeg, image/png"),
        ("image", "image/png", 5 * 1024 * 1024 + 1, "at most 5242880"),
        ("video", "video/webm", 1, "allowed are video/3gpp, video/mp4"),
        ("voice", "audio/mpeg", 1, "allowed are audio/ogg"),
        ("sticker", "image/webp", 500 * 1024 + 1, "at most 512000"),
        ("document", "application/zip", 100 * 1024 * 1024 + 1, "at most 104857600"),
    ],
)
def test_a_file_over_its_limits_is_refused(sort: Any, mime: str, size: int, why: str) -> None:
    with pytest.raises(Rejected) as refused:
        limits.file(sort, mime, size)
    assert why in refused.value.detail


@pytest.mark.parametrize(
    ("sort", "mime", "word"),
    [
        ("image", "image/JPEG", "image"),
        ("voice", "audio/ogg; codecs=opus", "audio"),
        ("document", "anything/at-all", "document"),
    ],
)
def test_a_file_within_its_limits_is_what_the_api_calls_it(sort: Any, mime: str, word: str) -> None:
    assert limits.file(sort, mime, 1).word == word


@pytest.mark.parametrize("peer", [Peer(kind="bsuid", value="US.1"), Peer(kind="group", value="a:b=")])
def test_a_conversations_id_round_trips(peer: Peer) -> None:
    assert parse_conversation(make_conversation(peer)) == peer


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("16505551234", "+16505551234"),
        ("+1 (650) 555-1234", "+16505551234"),
        ("123", ""),
        ("1" * 18, ""),
        ("US.1", ""),
        ("١٢٣٤٥٦٧", ""),
        ("", ""),
    ],
)
def test_a_phone_number_is_a_plus_and_digits_or_none(said: str, number: str) -> None:
    assert phone(said) == number
