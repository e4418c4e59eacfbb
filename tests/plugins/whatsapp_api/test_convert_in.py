"""Inbound: what each kind of news becomes, word for word."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec import UNSET
from waba_cloud import PHONE_ID, WABA_ID
from waba_samples import NOW, SCOPE, bubbles, change, message, numbered, read, sample

from jackfield.channel import (
    Address,
    AnyEvent,
    Card,
    Charge,
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    Delete,
    Edit,
    FormReply,
    Labelled,
    Location,
    Media,
    Message,
    Option,
    Order,
    OrderItem,
    Part,
    Product,
    Profile,
    Reaction,
    Receipt,
    Referral,
    SamePerson,
    System,
    Template,
    Text,
    Unrecognised,
    Unsupported,
)
from jackfield_whatsapp_api.convert_in import recipients

PHONE = Address(kind="phone", value="+16505551234")
BSUID = Address(kind="bsuid", value="US.13491208655302741918", scope=SCOPE)
PARENT = Address(kind="bsuid", value="US.ENT.11815799212886844830", scope=SCOPE)


def only(payload: Any) -> Message:
    (event,) = read(payload)
    assert isinstance(event, Message)
    return event


PARTS: list[tuple[str, dict[str, Any], tuple[Part, ...]]] = [
    ("text", {"type": "text", "text": {"body": "Привет"}}, (Text(body="Привет"),)),
    (
        "image",
        {"type": "image", "image": {"id": "7", "mime_type": "image/jpeg", "sha256": "aa=", "caption": "c"}},
        (Media(sort="image", ref="7", mime="image/jpeg", sha256="aa=", caption="c"),),
    ),
    (
        "an id that is a number",
        {"type": "video", "video": {"id": 7, "mime_type": "video/mp4"}},
        (Media(sort="video", ref="7", mime="video/mp4"),),
    ),
    (
        "voice",
        {"type": "audio", "audio": {"id": "7", "voice": True}},
        (Media(sort="voice", ref="7"),),
    ),
    ("audio", {"type": "audio", "audio": {"id": "7", "voice": False}}, (Media(sort="audio", ref="7"),)),
    ("voice of its own type", {"type": "voice", "voice": {"id": "7"}}, (Media(sort="voice", ref="7"),)),
    (
        "document",
        {"type": "document", "document": {"id": "7", "filename": "a.pdf", "file_size": 9}},
        (Media(sort="document", ref="7", name="a.pdf", size=9),),
    ),
    (
        "sticker",
        {"type": "sticker", "sticker": {"id": "7", "animated": True}},
        (Media(sort="sticker", ref="7"),),
    ),
    (
        "location",
        {"type": "location", "location": {"latitude": "1.5", "longitude": -2, "name": "n", "url": "u"}},
        (Location(latitude=1.5, longitude=-2, name="n", url="u"),),
    ),
    (
        "contacts",
        {
            "type": "contacts",
            "contacts": [
                {
                    "name": {"first_name": "Ada", "last_name": "L"},
                    "phones": [{"phone": "+1", "wa_id": "1", "type": "WORK"}],
                    "addresses": [{"street": "S 1", "city": "C", "type": "HOME"}],
                    "org": {"company": "Co", "title": "T"},
                    "birthday": "1815-12-10",
                }
            ],
        },
        (
            Contacts(
                cards=(
                    Card(
                        name="Ada L",
                        phones=(Labelled(value="+1", label="WORK", address="1"),),
                        addresses=(Labelled(value="S 1, C", label="HOME"),),
                        organisation="Co",
                        title="T",
                        birthday="1815-12-10",
                    ),
                )
            ),
        ),
    ),
    (
        "a template's button",
        {"type": "button", "button": {"text": "No", "payload": "no-1"}},
        (ChoiceMade(source="template", title="No", id="no-1"),),
    ),
    (
        "a button",
        {
            "type": "interactive",
            "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "A"}},
        },
        (ChoiceMade(source="buttons", title="A", id="1"),),
    ),
    (
        "a row of a list",
        {
            "type": "interactive",
            "interactive": {
                "type": "list_reply",
                "list_reply": {"id": "1", "title": "A", "description": "d"},
            },
        },
        (ChoiceMade(source="list", title="A", id="1", description="d"),),
    ),
    (
        "may we call",
        {
            "type": "interactive",
            "interactive": {
                "type": "call_permission_reply",
                "call_permission_reply": {"response": "accept", "expiration_timestamp": 1753186982},
            },
        },
        (
            ChoiceMade(
                source="permission", title="accept", id="accept", description="2025-07-22T12:23:02+00:00"
            ),
        ),
    ),
    (
        "a form",
        {
            "type": "interactive",
            "interactive": {
                "type": "nfm_reply",
                "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"b": "1", "a": {"x": [2]}}'},
            },
        },
        (FormReply(name="flow", body="Sent", fields={"b": "1", "a": '{"x": [2]}'}),),
    ),
    (
        "a form that is not JSON",
        {
            "type": "interactive",
            "interactive": {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{"}},
        },
        (FormReply(name="flow", fields={"response_json": "{"}),),
    ),
    (
        "a choice of a new kind",
        {"type": "interactive", "interactive": {"type": "date_reply", "date_reply": {"title": "Monday"}}},
        (ChoiceMade(source="other", title="Monday"),),
    ),
    (
        "an order",
        {
            "type": "order",
            "order": {
                "catalog_id": "c",
                "text": "soon",
                "product_items": [
                    {"product_retailer_id": "p", "quantity": "2", "item_price": 30.5, "currency": "EUR"}
                ],
            },
        },
        (
            Order(
                catalog="c",
                note="soon",
                items=(OrderItem(product="p", quantity=2, price="30.5", currency="EUR"),),
            ),
        ),
    ),
    (
        "an enquiry about a product",
        {
            "type": "text",
            "text": {"body": "Is it there?"},
            "context": {"referred_product": {"catalog_id": "c", "product_retailer_id": "p"}},
        },
        (Text(body="Is it there?"), Product(catalog="c", products=("p",))),
    ),
    ("the first word of all", {"type": "request_welcome"}, (System(code="request_welcome"),)),
    ("a type that is not said", {"text": {"body": "hello"}}, (Text(body="hello"),)),
]


@pytest.mark.parametrize(("content", "parts"), [row[1:] for row in PARTS], ids=[row[0] for row in PARTS])
def test_content_becomes_parts(content: dict[str, Any], parts: tuple[Part, ...]) -> None:
    assert only(message(**content)).parts == parts


OPAQUE: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "text"}, "text", "text is missing"),
    ({"type": "text", "text": {"body": ""}}, "text", "text.body is missing or not text"),
    ({"type": "text", "text": "hello"}, "text", "text is not an object"),
    ({"type": "image", "image": {"id": None}}, "image", "id is missing or not text"),
    ({"type": "location", "location": {"latitude": 91, "longitude": 0}}, "location", "globe"),
    ({"type": "contacts", "contacts": [7]}, "contacts", "a contact card is not an object"),
    ({"type": "order", "order": {"product_items": [{"quantity": "many"}]}}, "order", "no quantity"),
    ({"type": "interactive"}, "interactive", "interactive is missing"),
    ({"type": "hologram", "hologram": {"id": "7"}}, "hologram", ""),
    ({"type": None}, "unknown", ""),
    ({"type": ["text"]}, "unknown", ""),
    (
        {"type": "unsupported", "unsupported": {"type": "poll"}, "errors": [{"code": 131051, "title": "T"}]},
        "poll",
        "T",
    ),
    (
        {"type": "image", "errors": [{"code": 131052, "error_data": {"details": "too big"}}]},
        "image",
        "too big",
    ),
]


@pytest.mark.parametrize(("content", "kind", "note"), OPAQUE)
def test_what_cannot_be_read_is_an_opaque_bubble_with_its_json(
    content: dict[str, Any], kind: str, note: str
) -> None:
    payload = message(**content)
    (part,) = only(payload).parts
    assert isinstance(part, Unsupported)
    assert part.kind == kind
    assert note in part.note
    assert msgspec.json.decode(part.raw)["id"] == "wamid.one"


def test_a_message_says_who_where_when_and_in_answer_to_what() -> None:
    said = only(
        message(
            type="text",
            text={"body": "x"},
            context={"id": "wamid.zero", "from": "15550783881", "forwarded": True},
            referral={"source_type": "ad", "source_id": "9", "headline": "h", "ctwa_clid": "clid"},
        )
    )
    assert said.conversation == "phone:+16505551234"
    assert said.sender.addresses == (PHONE,)
    assert said.sender.name == "Ada"
    assert said.at == datetime(2025, 6, 15, 15, 6, 40, tzinfo=UTC)
    assert said.reply_to == "wamid.zero"
    assert said.forwarded
    assert said.referral == Referral(
        source="ad", id="9", headline="h", click_id="clid", answer_within=24 * 3600, free_for=72 * 3600
    )
    assert not said.group
    assert said.origin == "person"


def test_a_bsuid_comes_before_the_phone() -> None:
    events = read(sample("a1856a5e21106464"))
    said, profile = events
    assert isinstance(said, Message)
    assert said.conversation == "bsuid:US.13491208655302741918"
    assert said.sender.addresses == (BSUID, Address(kind="phone", value="+15551234567"))
    assert isinstance(profile, Profile)
    assert profile.attributes == {"username": "testuser"}
    assert profile.name is UNSET


def test_a_person_without_a_phone_is_known_by_the_bsuid_alone() -> None:
    (said,) = bubbles(read(sample("670fd9eb4d956c15")))
    assert said.conversation == "bsuid:US.13491208655302741918"
    assert said.sender.addresses == (BSUID,)


def test_a_contact_with_another_phone_lends_nothing_to_the_sender() -> None:
    payload = message(type="text", text={"body": "x"})
    contact = payload["entry"][0]["changes"][0]["value"]["contacts"][0]
    contact.update({"wa_id": "972987654321", "user_id": BSUID.value})
    assert only(payload).sender.addresses == (PHONE,)


def test_a_contact_with_the_same_bsuid_but_another_phone_is_not_mixed_in() -> None:
    payload = message(type="text", text={"body": "x"}, from_user_id=BSUID.value)
    contact = payload["entry"][0]["changes"][0]["value"]["contacts"][0]
    contact.update({"wa_id": "972987654321", "user_id": BSUID.value})
    assert only(payload).sender.addresses == (BSUID, PHONE)


@pytest.mark.parametrize("sender", [None, "", " ", {}, [], True, "x" * 300])
def test_a_message_from_nobody_is_still_a_message(sender: Any) -> None:
    payload = message(type="text", text={"body": "x"})
    value = payload["entry"][0]["changes"][0]["value"]
    value["contacts"] = None
    value["messages"][0]["from"] = sender
    said = only(payload)
    assert said.conversation == "unknown:sender"
    assert said.sender.addresses == (Address(kind="unknown", value="sender", scope=SCOPE),)


def test_a_message_from_nobody_is_from_the_only_contact_there_is() -> None:
    payload = message(type="text", text={"body": "x"})
    del payload["entry"][0]["changes"][0]["value"]["messages"][0]["from"]
    assert only(payload).sender.addresses == (PHONE,)


@pytest.mark.parametrize("stamp", [None, "", "soon", -5, 0, "99999999999", 1e300, True, {}, "1e5"])
def test_an_absurd_time_is_that_of_the_entry(stamp: Any) -> None:
    payload = message(type="text", text={"body": "x"})
    payload["entry"][0]["time"] = 1760000000
    payload["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] = stamp
    assert only(payload).at == datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)


@pytest.mark.parametrize("stamp", ["1750000000", 1750000000, 1750000000.0, 1750000000000])
def test_a_time_is_seconds_or_milliseconds_text_or_number(stamp: Any) -> None:
    assert only(message(type="text", text={"body": "x"}, timestamp=stamp)).at.year == 2025


def test_without_any_time_it_is_now() -> None:
    assert only(message(type="text", text={"body": "x"}, timestamp=None)).at == NOW


def test_a_message_in_a_group_is_in_the_groups_conversation() -> None:
    said = only(message(type="text", text={"body": "x"}, group_id="Y2Fw"))
    assert said.conversation == "group:Y2Fw"
    assert said.group
    assert said.sender.addresses == (PHONE,)


def test_a_reaction_without_an_emoji_takes_it_away() -> None:
    (gone,) = read(message(type="reaction", reaction={"message_id": "wamid.zero"}))
    assert isinstance(gone, Reaction)
    assert (gone.target, gone.emoji) == ("wamid.zero", "")


def test_edit_and_revoke_name_the_message_they_change() -> None:
    edit = {"original_message_id": "wamid.zero", "message": {"type": "text", "text": {"body": "better"}}}
    (edited,) = read(message(type="edit", edit=edit))
    (revoked,) = read(message(type="revoke", revoke={"original_message_id": "wamid.zero"}))
    assert isinstance(edited, Edit)
    assert (edited.target, edited.parts) == ("wamid.zero", (Text(body="better"),))
    assert isinstance(revoked, Delete)
    assert revoked.target == "wamid.zero"


@pytest.mark.parametrize("kind", ["reaction", "edit", "revoke", "system"])
def test_a_change_that_cannot_be_read_is_kept_as_unrecognised(kind: str) -> None:
    (event,) = read(message(type=kind, **{kind: {"message_id": None}} if kind != "system" else {}))
    assert isinstance(event, Unrecognised)
    assert event.kind == f"messages.{kind}"
    assert event.note


def test_a_message_without_an_id_is_kept_as_unrecognised() -> None:
    (event,) = read(message(id=None, type="text", text={"body": "x"}))
    assert isinstance(event, Unrecognised)
    assert event.kind == "messages.text"
    assert msgspec.json.decode(event.raw)["text"] == {"body": "x"}


def test_one_bad_item_spoils_none_of_its_neighbours() -> None:
    payload = message(type="text", text={"body": "x"})
    items = payload["entry"][0]["changes"][0]["value"]["messages"]
    items[:0] = [None, 7, {"type": "reaction"}, {"id": "wamid.bad", "type": "image", "image": 5}]
    payload["entry"][:0] = [None, {"id": WABA_ID}, {"id": WABA_ID, "changes": [None, {"field": {}}]}]
    events = read(payload)
    assert [m.id for m in bubbles(events)] == ["wamid.bad", "wamid.one"]
    assert sum(isinstance(event, Unrecognised) for event in events) == 7


def test_every_entry_change_and_item_of_a_batch_is_read() -> None:
    payload = message(type="text", text={"body": "x"})
    (entry,) = payload["entry"]
    for e in range(3):
        another: dict[str, Any] = {"id": WABA_ID, "changes": []}
        for c in range(2):
            one = copy.deepcopy(entry["changes"][0])
            (item,) = one["value"]["messages"]
            one["value"]["messages"] = [{**item, "id": f"wamid.{e}.{c}.{n}"} for n in range(4)]
            another["changes"].append(one)
        payload["entry"].append(another)
    assert len({m.id for m in bubbles(read(payload))}) == 1 + 3 * 2 * 4


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (numbered(metadata={"phone_number_id": "999"}, messages=[{"id": "wamid.x"}]), "other_number"),
        (numbered(), "field.messages"),
        ("text", "field.messages"),
        (numbered(surprise=[1]), "messages.surprise"),
        (numbered(errors=[{"code": 131000, "title": "Something went wrong"}]), "error.131000"),
    ],
)
def test_what_is_not_ours_or_not_known_is_kept(value: Any, kind: str) -> None:
    (event,) = read(change("messages", value))
    assert isinstance(event, Unrecognised)
    assert event.kind == kind


def test_an_error_beside_messages_is_kept_with_its_most_telling_words() -> None:
    error = {"code": 130429, "title": "Rate limit hit", "error_data": {"details": "Too many messages"}}
    (event,) = read(change("messages", numbered(errors=[error])))
    assert isinstance(event, Unrecognised)
    assert (event.kind, event.note) == ("error.130429", "Too many messages")


def test_a_field_nobody_knows_is_kept_under_its_name() -> None:
    (event,) = read(change("tracking_events", {"a": 1}))
    assert isinstance(event, Unrecognised)
    assert event.kind == "field.tracking_events"
    assert msgspec.json.decode(event.raw) == {"field": "tracking_events", "value": {"a": 1}}


def test_a_field_of_another_account_is_kept_apart() -> None:
    (event,) = read(change("account_update", {"event": "ACCOUNT_DELETED"}, waba="999"))
    assert isinstance(event, Unrecognised)
    assert event.kind == "other_account"


def test_without_a_number_or_a_field_a_message_is_taken_for_ours() -> None:
    payload = message(type="text", text={"body": "x"})
    (one,) = payload["entry"][0]["changes"]
    del one["field"], one["value"]["metadata"]
    payload["entry"][0]["id"] = "999"
    assert only(payload).id == "wamid.one"


@pytest.mark.parametrize("payload", [{}, [], None, "text", 7, {"entry": None}, {"entry": []}])
def test_any_json_is_kept(payload: object) -> None:
    (event,) = read(payload)
    assert isinstance(event, Unrecognised)


@pytest.mark.parametrize(
    "content",
    [
        {"id": "w" * 301, "type": "text", "text": {"body": "x"}},
        {"type": "reaction", "reaction": {"message_id": "w" * 301}},
        {"type": "revoke", "revoke": {"original_message_id": 7}},
    ],
)
def test_an_id_no_store_could_hold_is_kept_as_unrecognised(content: dict[str, Any]) -> None:
    (event,) = read(message(**content))
    assert isinstance(event, Unrecognised)
    assert "id is" in event.note


def test_a_group_or_an_answer_with_an_absurd_id_is_none() -> None:
    said = only(message(type="text", text={"body": "x"}, group_id="g" * 500, context={"id": "w" * 500}))
    assert not said.group
    assert said.reply_to is None


def test_an_answer_to_itself_is_no_answer() -> None:
    assert only(message(type="text", text={"body": "x"}, context={"id": "wamid.one"})).reply_to is None


OFFERED: list[tuple[dict[str, Any], ChoiceOffered]] = [
    (
        {
            "type": "button",
            "body": {"text": "b"},
            "action": {"buttons": [{"reply": {"id": "1", "title": "A"}}]},
        },
        ChoiceOffered(style="buttons", body="b", options=(Option(id="1", title="A"),)),
    ),
    (
        {
            "type": "list",
            "body": {"text": "b"},
            "footer": {"text": "f"},
            "action": {"button": "More", "sections": [{"title": "S", "rows": [{"id": "1", "title": "A"}]}]},
        },
        ChoiceOffered(
            style="list",
            body="b",
            footer="f",
            button="More",
            options=(Option(id="1", title="A", section="S"),),
        ),
    ),
    (
        {
            "type": "cta_url",
            "body": {"text": "b"},
            "action": {"parameters": {"display_text": "Go", "url": "https://example.org"}},
        },
        ChoiceOffered(
            style="link", body="b", options=(Option(id="", title="Go", url="https://example.org"),)
        ),
    ),
    (
        {"type": "location_request_message", "body": {"text": "Where?"}},
        ChoiceOffered(style="location_request", body="Where?"),
    ),
]


@pytest.mark.parametrize(("interactive", "part"), OFFERED)
def test_what_was_offered_from_elsewhere_is_shown_as_offered(
    interactive: dict[str, Any], part: ChoiceOffered
) -> None:
    assert only(message(type="interactive", interactive=interactive)).parts == (part,)


def test_a_template_sent_from_elsewhere_is_shown_by_its_name() -> None:
    said = only(message(type="template", template={"name": "hello", "language": {"code": "ru"}}))
    assert said.parts == (Template(name="hello", language="ru"),)


def same(event: AnyEvent) -> SamePerson:
    assert isinstance(event, SamePerson)
    return event


def test_a_new_number_moves_the_person_and_leaves_a_line() -> None:
    moved, line = read(sample("a4f220b212d6b0ab"))
    old, new = Address(kind="phone", value="+15551234567"), Address(kind="phone", value="+15557654321")
    bsuid = Address(kind="bsuid", value="US.24817305912873645029", scope=SCOPE)
    assert same(moved).moved
    assert same(moved).known_as == (old, bsuid, new)
    assert (same(moved).was, same(moved).conversation) == ("phone:+15551234567", f"bsuid:{bsuid.value}")
    assert isinstance(line, Message)
    assert line.conversation == f"bsuid:{bsuid.value}"
    (part,) = line.parts
    assert isinstance(part, System)
    assert part.code == "number_changed"


def test_a_new_bsuid_replaces_the_old_one_and_keeps_the_phone() -> None:
    system = {"type": "user_changed_user_id", "user_id": "US.2", "previous_user_id": "US.1"}
    moved, line = read(message(type="system", system=system))
    assert [a.value for a in same(moved).known_as] == ["US.1", "US.2", "+16505551234"]
    assert (same(moved).was, same(moved).conversation) == ("bsuid:US.1", "bsuid:US.2")
    assert isinstance(line, Message)


def test_a_bsuid_that_appears_beside_a_known_phone_moves_nobody() -> None:
    (together, _) = read(message(type="system", system={"type": "user_changed_user_id", "user_id": "US.2"}))
    assert not same(together).moved
    assert [a.value for a in same(together).known_as] == ["US.2", "+16505551234"]


def test_the_old_form_of_a_changed_number_is_read_too() -> None:
    system = {"type": "customer_changed_number", "new_wa_id": "12195555358", "body": "b"}
    moved, _ = read(message(type="system", system=system))
    assert [a.value for a in same(moved).known_as] == ["+16505551234", "+12195555358"]


def test_a_system_message_of_a_new_kind_is_a_line_with_the_providers_words() -> None:
    said = only(message(type="system", system={"type": "user_joined_moon", "body": "Ada is on the moon"}))
    assert said.parts == (System(code="notice", text="Ada is on the moon"),)


STATUS = {"id": "wamid.out", "status": "sent", "timestamp": "1750000000", "recipient_id": "16505551234"}


def receipt(**status: Any) -> Receipt:
    (event,) = read(change("messages", numbered(statuses=[{**STATUS, **status}])))
    assert isinstance(event, Receipt)
    return event


@pytest.mark.parametrize("level", ["sent", "delivered", "read", "played", "failed"])
def test_a_status_is_a_receipt(level: str) -> None:
    said = receipt(status=level)
    assert (said.level, said.targets, said.person) == (level, ("wamid.out",), (PHONE,))
    assert said.conversation == "phone:+16505551234"
    assert (said.failure is not None) is (level == "failed")


def test_a_receipt_keeps_pricing_in_the_providers_words_and_our_txn() -> None:
    pricing = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}
    said = receipt(pricing=pricing, conversation={"id": "c"}, biz_opaque_callback_data="txn-1")
    assert msgspec.json.decode(said.detail) == {"pricing": pricing, "conversation": {"id": "c"}}
    assert said.txn == "txn-1"


def test_a_receipt_says_what_the_message_counts_as() -> None:
    said = receipt(pricing={"billable": False, "pricing_model": "PMP", "type": "free_entry_point"})
    assert said.charge == Charge(type="free_entry_point", billable=False)
    assert receipt(pricing={"category": "service"}).charge == Charge(category="service")
    assert receipt().charge is None


@pytest.mark.parametrize(
    ("origin", "expires", "until"),
    [
        ("referral_conversion", "1753186982", datetime(2025, 7, 22, 12, 23, 2, tzinfo=UTC)),
        ("referral_conversion", 1753186982, datetime(2025, 7, 22, 12, 23, 2, tzinfo=UTC)),
        ("service", "1753186982", None),
        ("referral_conversion", "soon", None),
        ("referral_conversion", 1e300, None),
        ("referral_conversion", -5, None),
    ],
)
def test_a_free_entry_point_ends_when_the_provider_says(
    origin: str, expires: object, until: datetime | None
) -> None:
    said = receipt(conversation={"id": "c", "origin": {"type": origin}, "expiration_timestamp": expires})
    assert said.free_until == until


def test_a_receipt_by_bsuid_names_the_bsuid_first() -> None:
    said = receipt(recipient_id=None, recipient_user_id=BSUID.value, recipient_parent_user_id=PARENT.value)
    assert said.person == (BSUID,)
    assert said.conversation == f"bsuid:{BSUID.value}"


def test_the_parents_bsuid_stands_in_where_nothing_else_is_said() -> None:
    assert receipt(recipient_id=None, recipient_parent_user_id=PARENT.value).person == (PARENT,)


@pytest.mark.parametrize("odd", [-1, "nobody", {}, "us.1", "US." + "x" * 200])
def test_what_is_no_bsuid_is_none(odd: Any) -> None:
    assert receipt(recipient_user_id=odd).person == (PHONE,)


def test_a_receipt_of_a_group_names_the_participant() -> None:
    said = receipt(recipient_type="group", recipient_id="Y2Fw", recipient_participant_id="16505551234")
    assert (said.conversation, said.person) == ("group:Y2Fw", (PHONE,))


def test_a_receipt_of_nobody_is_still_a_receipt() -> None:
    said = receipt(recipient_id=None)
    assert (said.conversation, said.person) == (None, ())


@pytest.mark.parametrize(
    ("errors", "code", "remote"),
    [
        ([{"code": 131047, "error_data": {"details": "24 hours"}}], "window_closed", "131047"),
        ([{"code": 131026}], "unreachable", "131026"),
        ([{"code": 131050}], "opted_out", "131050"),
        ([{"code": 131049}], "not_now", "131049"),
        ([{"code": 131042}], "payment_problem", "131042"),
        ([{"code": 132015}], "template_stopped", "132015"),
        ([{"code": 131000}], "provider_trouble", "131000"),
        ([{"code": 999999}], "provider_trouble", "999999"),
        ([None, {"code": "131026"}], "unreachable", "131026"),
        ([], "provider_trouble", ""),
        ("no list", "provider_trouble", ""),
    ],
)
def test_a_failed_status_says_why(errors: Any, code: str, remote: str) -> None:
    said = receipt(status="failed", errors=errors)
    assert said.failure is not None
    assert (said.failure.code, said.failure.remote_code) == (code, remote)


def test_a_deleted_status_deletes_and_an_unknown_one_is_kept() -> None:
    items = [{**STATUS, "status": "deleted"}, {**STATUS, "status": "warning"}, {**STATUS, "status": None}]
    gone, warning, none = read(change("messages", numbered(statuses=items)))
    assert isinstance(gone, Delete)
    assert isinstance(warning, Unrecognised)
    assert warning.kind == "statuses.warning"
    assert isinstance(none, Unrecognised)


def test_recipients_are_numbers_and_where_none_is_said_accounts() -> None:
    payload = message(type="text", text={"body": "x"})
    payload["entry"] += change("account_update", {"event": "X"}, waba="77")["entry"]
    assert recipients(payload) == {PHONE_ID, "77"}
