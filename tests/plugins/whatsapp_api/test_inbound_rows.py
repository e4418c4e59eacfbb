"""Each kind of thing a delivery can say, beyond the plain ones: one row each, and what it becomes."""

from __future__ import annotations

from typing import Any

import pytest
from waba_samples import bubbles, change, message, numbered, read

from jackfield.channel import (
    AnyEvent,
    Call,
    Carousel,
    CarouselCard,
    ChoiceMade,
    ChoiceOffered,
    Edit,
    FormReply,
    Media,
    Message,
    Option,
    Part,
    Product,
    ProductSection,
    Reaction,
    Receipt,
    Referral,
    System,
    Text,
    Unrecognised,
    Unsupported,
)
from jackfield.testing import faults_of

Json = dict[str, Any]
PHONE = "16505551234"


def sound(payload: object) -> tuple[AnyEvent, ...]:
    events = read(payload)
    assert not [fault for event in events for fault in faults_of(event)]
    return events


def the_message(payload: object) -> Message:
    (found,) = bubbles(sound(payload))
    return found


def the_part(payload: object) -> Part:
    (part,) = the_message(payload).parts
    return part


# where a message came from


REFERRALS: list[tuple[str, Json, Json]] = [
    (
        "an advertisement with a picture",
        {
            "source_url": "https://fb.me/7",
            "source_id": "120",
            "source_type": "ad",
            "headline": "Roses",
            "body": "Half price",
            "media_type": "image",
            "image_url": "https://scontent.example/rose.jpg",
            "ctwa_clid": "ARA",
            "welcome_message": {"text": "Hi there"},
        },
        {
            "source": "ad",
            "id": "120",
            "url": "https://fb.me/7",
            "headline": "Roses",
            "body": "Half price",
            "click_id": "ARA",
            "media": "image",
            "picture": "https://scontent.example/rose.jpg",
            "greeting": "Hi there",
        },
    ),
    (
        "a post with a video",
        {
            "source_type": "post",
            "media_type": "video",
            "video_url": "https://v.example",
            "thumbnail_url": "https://t.example",
        },
        {"source": "post", "media": "video", "picture": "https://t.example"},
    ),
]


@pytest.mark.parametrize(
    ("said", "wanted"), [row[1:] for row in REFERRALS], ids=[row[0] for row in REFERRALS]
)
def test_an_advertisement_or_post_stands_with_the_message(said: Json, wanted: Json) -> None:
    found = the_message(message(type="text", text={"body": "Hi"}, referral=said)).referral
    assert isinstance(found, Referral)
    assert {name: getattr(found, name) for name in wanted} == wanted


@pytest.mark.parametrize("mark", ["forwarded", "frequently_forwarded"])
def test_what_was_passed_on_says_so(mark: str) -> None:
    assert the_message(message(type="text", text={"body": "Hi"}, context={mark: True})).forwarded


def test_a_message_in_a_group_is_the_groups_and_its_writers() -> None:
    said = the_message(message(type="text", text={"body": "Hi"}, group_id="Y2Fw"))
    assert (said.conversation, said.group) == ("group:Y2Fw", True)
    assert said.sender.addresses[0].value == f"+{PHONE}"


# what was changed or annotated


def test_a_reaction_and_its_end() -> None:
    for said, emoji in (({"message_id": "wamid.0", "emoji": "👍"}, "👍"), ({"message_id": "wamid.0"}, "")):
        (event,) = sound(message(type="reaction", reaction=said))
        assert isinstance(event, Reaction)
        assert (event.target, event.emoji) == ("wamid.0", emoji)


def test_an_edit_brings_what_it_says_now() -> None:
    edit = {
        "original_message_id": "wamid.0",
        "message": {"type": "image", "image": {"id": "7", "caption": "new"}, "context": {"id": "wamid.0"}},
    }
    (event,) = sound(message(type="edit", edit=edit))
    assert isinstance(event, Edit)
    assert event.parts == (Media(sort="image", ref="7", caption="new"),)


# answers


ANSWERS: list[tuple[str, Json, Part]] = [
    (
        "an address",
        {
            "type": "nfm_reply",
            "nfm_reply": {
                "name": "address_message",
                "body": "Street 1",
                "response_json": '{"values": {"city": "Delhi"}, "saved_address_id": "a"}',
            },
        },
        FormReply(
            name="address_message",
            body="Street 1",
            fields={"values": '{"city": "Delhi"}', "saved_address_id": "a"},
        ),
    ),
    (
        "a permission refused",
        {"type": "call_permission_reply", "call_permission_reply": {"response": "reject"}},
        ChoiceMade(source="permission", title="reject", id="reject"),
    ),
    (
        "how somebody pays",
        {"type": "payment_method", "payment_method": {"title": "UPI", "id": "upi"}},
        ChoiceMade(source="other", title="UPI", id="upi"),
    ),
]


@pytest.mark.parametrize(("said", "part"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_an_answer_is_read(said: Json, part: Part) -> None:
    assert the_part(message(type="interactive", interactive=said)) == part


def test_an_answer_of_a_kind_nobody_knows_is_opaque_and_whole() -> None:
    part = the_part(message(type="interactive", interactive={"type": "gesture", "gesture": {"x": 1}}))
    assert isinstance(part, Unsupported)
    assert b"gesture" in bytes(part.raw)


# what the agent offered in our name


def echoed(interactive: Json) -> Part:
    item = {"to": PHONE, "id": "wamid.e", "timestamp": "1750000000", "type": "interactive"}
    nested = {"message_echoes": [{**item, "interactive": interactive}]}
    said = the_message(change("standby", numbered(standby=nested)))
    assert (said.origin, said.sender.from_me) == ("bot", True)
    (part,) = said.parts
    return part


TEXT = {"body": {"text": "b"}, "footer": {"text": "f"}}
OFFERS: list[tuple[str, Json, Part]] = [
    (
        "buttons under a picture",
        {
            **TEXT,
            "type": "button",
            "header": {"type": "image", "image": {"id": "7"}},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "One"}}]},
        },
        ChoiceOffered(
            style="buttons",
            body="b",
            footer="f",
            header_media=Media(sort="image", ref="7"),
            options=(Option(id="1", title="One"),),
        ),
    ),
    (
        "a list",
        {
            **TEXT,
            "type": "list",
            "header": {"type": "text", "text": "h"},
            "action": {"button": "Open", "sections": [{"title": "s", "rows": [{"id": "1", "title": "One"}]}]},
        },
        ChoiceOffered(
            style="list",
            body="b",
            header="h",
            footer="f",
            button="Open",
            options=(Option(id="1", title="One", section="s"),),
        ),
    ),
    (
        "a link",
        {
            **TEXT,
            "type": "cta_url",
            "action": {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://a.example"}},
        },
        ChoiceOffered(
            style="link",
            body="b",
            footer="f",
            options=(Option(id="", title="Go", url="https://a.example"),),
        ),
    ),
    (
        "a form",
        {
            **TEXT,
            "type": "flow",
            "action": {"name": "flow", "parameters": {"flow_id": "9", "flow_cta": "Book", "flow_token": "t"}},
        },
        ChoiceOffered(style="form", body="b", footer="f", button="Book", data={"form": "9", "token": "t"}),
    ),
    (
        "a question for an address",
        {**TEXT, "type": "address_message", "action": {"parameters": {"country": "IN"}}},
        ChoiceOffered(style="address", body="b", footer="f", data={"country": "IN"}),
    ),
    (
        "a question for a place",
        {"type": "location_request_message", "body": {"text": "b"}, "action": {"name": "send_location"}},
        ChoiceOffered(style="location_request", body="b"),
    ),
    (
        "a call",
        {**TEXT, "type": "voice_call", "action": {"parameters": {"display_text": "Call"}}},
        ChoiceOffered(style="call", body="b", footer="f", button="Call"),
    ),
    (
        "may we call",
        {"type": "call_permission_request", "body": {"text": "b"}},
        ChoiceOffered(style="call_permission", body="b"),
    ),
    (
        "a question for a number",
        {"type": "contact_request", "body": {"text": "b"}},
        ChoiceOffered(style="contact_request", body="b"),
    ),
    (
        "a product",
        {**TEXT, "type": "product", "action": {"catalog_id": "c", "product_retailer_id": "p"}},
        Product(catalog="c", products=("p",), body="b", footer="f"),
    ),
    (
        "products",
        {
            **TEXT,
            "type": "product_list",
            "header": {"type": "text", "text": "h"},
            "action": {
                "catalog_id": "c",
                "sections": [{"title": "s", "product_items": [{"product_retailer_id": "p"}]}],
            },
        },
        Product(
            catalog="c",
            sections=(ProductSection(title="s", products=("p",)),),
            body="b",
            header="h",
            footer="f",
        ),
    ),
    (
        "the whole catalogue",
        {
            **TEXT,
            "type": "catalog_message",
            "action": {"parameters": {"thumbnail_product_retailer_id": "p"}},
        },
        Product(catalog="", products=("p",), whole=True, body="b", footer="f"),
    ),
    (
        "cards",
        {
            "type": "carousel",
            "body": {"text": "b"},
            "action": {
                "cards": [
                    {
                        "card_index": 0,
                        "type": "cta_url",
                        "header": {"type": "video", "video": {"id": "7"}},
                        "body": {"text": "one"},
                        "action": {
                            "name": "cta_url",
                            "parameters": {"display_text": "Go", "url": "https://a.example"},
                        },
                    },
                    {"card_index": 1, "action": {"product_retailer_id": "p", "catalog_id": "c"}},
                ]
            },
        },
        Carousel(
            body="b",
            catalog="c",
            cards=(
                CarouselCard(
                    media=Media(sort="video", ref="7"),
                    body="one",
                    options=(Option(id="", title="Go", url="https://a.example"),),
                ),
                CarouselCard(product="p"),
            ),
        ),
    ),
]


@pytest.mark.parametrize(("said", "part"), [row[1:] for row in OFFERS], ids=[row[0] for row in OFFERS])
def test_what_the_agent_offered_is_seen(said: Json, part: Part) -> None:
    assert echoed(said) == part


@pytest.mark.parametrize("kind", [row[1]["type"] for row in OFFERS])
@pytest.mark.parametrize("rest", [{}, {"action": 7}, {"action": {"cards": [7], "sections": 7}, "header": []}])
def test_an_offer_of_nothing_spoils_nothing(kind: str, rest: Json) -> None:
    assert echoed({"type": kind, **rest})


# payments


PAYMENT = {
    "reference_id": "order-7",
    "amount": {"value": 21000, "offset": 100},
    "currency": "INR",
    "transaction": {"id": "txn-1", "type": "razorpay", "status": "success"},
}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("pending", "payment_pending"),
        ("captured", "payment_captured"),
        ("failed", "payment_failed"),
        ("something_new", "payment_changed"),
    ],
)
def test_a_payment_is_a_line_and_says_nothing_of_its_message(status: str, code: str) -> None:
    item = {
        "id": "wamid.order",
        "recipient_id": PHONE,
        "type": "payment",
        "status": status,
        "timestamp": "1750000000",
        "payment": PAYMENT,
    }
    events = sound(change("messages", numbered(statuses=[item])))
    assert not [event for event in events if isinstance(event, Receipt)]
    (line,) = events
    assert isinstance(line, Message)
    assert line.conversation == f"phone:+{PHONE}"
    assert line.parts == (
        System(
            code=code,
            data={
                "payment": "210.00 INR",
                "reference": "order-7",
                "transaction": "txn-1",
                "provider": "razorpay",
            },
        ),
    )


@pytest.mark.parametrize(
    ("payment", "shown"),
    [
        ({"amount": {"value": 5, "offset": 1}, "currency": "JPY"}, "5 JPY"),
        ({"amount": {"value": "x", "offset": 100}, "reference_id": "r"}, "r"),
        ({"amount": {"value": 5, "offset": 0}}, "?"),
        (7, "?"),
    ],
)
def test_an_amount_is_shown_as_far_as_it_is_known(payment: Any, shown: str) -> None:
    item = {
        "id": "wamid.o",
        "recipient_id": PHONE,
        "type": "payment",
        "status": "captured",
        "payment": payment,
    }
    (line,) = sound(change("messages", numbered(statuses=[item])))
    assert isinstance(line, Message)
    (part,) = line.parts
    assert isinstance(part, System)
    assert part.data["payment"] == shown


# calls


CALLS: list[tuple[str, Json, str, float | None]] = [
    ("rings", {"event": "connect"}, "ringing", None),
    ("was missed", {"event": "terminate"}, "missed", None),
    ("was rejected", {"event": "terminate", "status": "REJECTED"}, "rejected", None),
    ("is over", {"event": "terminate", "status": "COMPLETED", "duration": 62}, "ended", 62.0),
    ("broke", {"event": "terminate", "errors": [{"code": 138000}]}, "failed", None),
]


@pytest.mark.parametrize(
    ("item", "outcome", "duration"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS]
)
def test_a_call_of_a_person(item: Json, outcome: str, duration: float | None) -> None:
    said = {"id": "wacid.1", "from": PHONE, "to": "15550783881", "direction": "USER_INITIATED", **item}
    first, *later = sound(change("calls", numbered(calls=[said])))
    assert isinstance(first, Message)
    (part,) = first.parts
    assert isinstance(part, Call)
    assert (part.id, part.outcome, part.duration) == ("wacid.1", outcome, duration)
    assert not first.sender.from_me
    assert [type(event) for event in later] == ([] if outcome == "ringing" else [Edit])


@pytest.mark.parametrize(
    ("status", "outcome"), [("RINGING", "ringing"), ("ACCEPTED", "answered"), ("REJECTED", "rejected")]
)
def test_how_a_call_of_ours_goes(status: str, outcome: str) -> None:
    said = {
        "id": "wacid.1",
        "type": "call",
        "status": status,
        "recipient_id": PHONE,
        "timestamp": "1750000000",
    }
    first, *_ = sound(change("calls", numbered(statuses=[said])))
    assert isinstance(first, Message)
    (part,) = first.parts
    assert isinstance(part, Call)
    assert (part.outcome, first.sender.from_me, first.conversation) == (outcome, True, f"phone:+{PHONE}")


# what is kept as it came


@pytest.mark.parametrize(
    "field",
    [
        "automatic_events",
        "flows",
        "partner_solutions",
        "payment_configuration_update",
        "tracking_events",
        "something_of_next_year",
    ],
)
def test_a_field_that_is_only_kept_is_kept_whole(field: str) -> None:
    (event,) = sound(change(field, {"a": {"b": [1]}}))
    assert isinstance(event, Unrecognised)
    assert event.kind == f"field.{field}"
    assert b'"b":[1]' in bytes(event.raw)


@pytest.mark.parametrize(
    "extra",
    [
        {"identity": {"acknowledged": True, "hash": "h", "created_timestamp": "1"}},
        {"conversation_context": {"summary": "s"}},
        {"something_new": [1]},
    ],
)
def test_what_stands_beside_a_message_and_is_not_known_takes_nothing_from_it(extra: Json) -> None:
    assert the_part(message(type="text", text={"body": "Hi"}, **extra)) == Text(body="Hi")
