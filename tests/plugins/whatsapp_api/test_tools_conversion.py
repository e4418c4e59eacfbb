"""A business account's tools: what the published bodies come to, what we ask for, what we refuse before."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jackfield.channel import (
    Address,
    Automation,
    BlockedPage,
    BotCommand,
    BusinessProfile,
    CatalogItem,
    CatalogPage,
    ChatLink,
    Figure,
    NotBlocked,
    ProfileChange,
    Rejected,
    Shop,
)
from jackfield_whatsapp_api.ids import Scope
from jackfield_whatsapp_api.tools import automation, blocking, catalogue, check, figures, links, profile

FILE = Path(__file__).parent / "data/tools.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text().splitlines()]
SCOPE = Scope("portfolio")


def bodies(edge: str, method: str, side: str) -> dict[str, Any]:
    """Published examples of one call, by their name."""
    return {
        row["name"]: row["payload"]
        for row in ROWS
        if (row["edge"], row["method"], row["side"]) == (edge, method, side)
    }


# profile


def test_a_profile_is_read_as_published() -> None:
    (answer,) = bodies("whatsapp_business_profile", "GET", "response").values()
    assert profile.read(answer, {"verified_name": "Tulip"}, {}, {}) == BusinessProfile(
        name="Tulip",
        about="Welcome to our business! We provide excellent service.",
        description="We are a leading provider of quality products and services.",
        address="123 Business Street, City, State 12345",
        email="contact@business.com",
        websites=("https://www.business.com", "https://www.facebook.com/business"),
        category="RESTAURANT",
        picture="https://pps.whatsapp.net/v/profile_picture_url",
    )


def test_a_profile_is_read_as_the_guide_shows_it() -> None:
    answer = {"data": [{"about": "Hi", "vertical": "RETAIL", "websites": ["https://a.example", ""]}]}
    username = {"username": "tulip", "status": "reserved"}
    ideas = {"data": [{"username_suggestions": ["tulip", "tulip.shop"]}]}
    assert profile.read(answer, {}, username, ideas) == BusinessProfile(
        about="Hi",
        category="RETAIL",
        websites=("https://a.example",),
        username="tulip",
        username_state="reserved",
        usernames=("tulip", "tulip.shop"),
    )


SILENT: list[Any] = [{}, {"data": []}, {"data": [7]}, {"data": "x"}, {"data": [{"about": {}}]}]


@pytest.mark.parametrize("answer", SILENT)
def test_a_profile_that_says_nothing_is_an_empty_one(answer: Any) -> None:
    assert profile.read(answer, {}, {}, {}) == BusinessProfile()


def test_a_change_of_everything_is_the_published_request() -> None:
    wanted = bodies("whatsapp_business_profile", "POST", "request")["complete_profile_update"]
    change = ProfileChange(
        about=wanted["about"],
        address=wanted["address"],
        description=wanted["description"],
        email=wanted["email"],
        websites=tuple(wanted["websites"]),
        category=wanted["vertical"],
        picture="file",
    )
    assert profile.body(change, picture=wanted["profile_picture_handle"]) == wanted


def test_what_is_not_said_stays_as_it_is() -> None:
    wanted = bodies("whatsapp_business_profile", "POST", "request")["minimal_profile_update"]
    assert profile.body(ProfileChange(description="Updated business description")) == wanted
    assert profile.body(ProfileChange()) == {}


REFUSED: list[tuple[str, Callable[[], object], str, str, int | None]] = [
    ("about", lambda: profile.body(ProfileChange(about=" ")), "about", check.EMPTY, None),
    ("about", lambda: profile.body(ProfileChange(about="x" * 140)), "about", check.TOO_LONG, 139),
    (
        "description",
        lambda: profile.body(ProfileChange(description="x" * 513)),
        "description",
        check.TOO_LONG,
        512,
    ),
    ("address", lambda: profile.body(ProfileChange(address="x" * 257)), "address", check.TOO_LONG, 256),
    ("email", lambda: profile.body(ProfileChange(email="nobody")), "email", check.NOT_AN_EMAIL, None),
    ("long email", lambda: profile.body(ProfileChange(email="x" * 129)), "email", check.TOO_LONG, 128),
    (
        "three websites",
        lambda: profile.body(ProfileChange(websites=("https://a.b",) * 3)),
        "websites",
        check.TOO_MANY,
        2,
    ),
    (
        "a bare website",
        lambda: profile.body(ProfileChange(websites=("https://a.b", "a.b"))),
        "websites.1",
        check.NOT_A_WEBSITE,
        None,
    ),
    (
        "a script",
        lambda: profile.body(ProfileChange(websites=("javascript:alert(1)",))),
        "websites.0",
        check.NOT_A_WEBSITE,
        None,
    ),
    (
        "category",
        lambda: profile.body(ProfileChange(category="SPIES")),
        "category",
        check.NOT_A_CATEGORY,
        None,
    ),
    ("picture", lambda: profile.picture("image/gif", 5), "picture", check.NOT_A_PICTURE, None),
    ("large", lambda: profile.picture("image/png", 6 << 20), "picture", check.TOO_LARGE, 5),
    ("link", lambda: links.body("x" * 141), "text", check.TOO_LONG, 140),
    ("empty link", lambda: links.body("\n"), "text", check.EMPTY, None),
    (
        "five prompts",
        lambda: automation.body(Automation(prompts=tuple("abcde"))),
        "prompts",
        check.TOO_MANY,
        4,
    ),
    (
        "prompt",
        lambda: automation.body(Automation(prompts=("a", "x" * 81))),
        "prompts.1",
        check.TOO_LONG,
        80,
    ),
    (
        "emoji",
        lambda: automation.body(Automation(prompts=("Buy 🌹",))),
        "prompts.0",
        check.NO_EMOJI,
        None,
    ),
    (
        "commands",
        lambda: automation.body(Automation(commands=(BotCommand(name="a", description="b"),) * 31)),
        "commands",
        check.TOO_MANY,
        30,
    ),
    (
        "command",
        lambda: automation.body(Automation(commands=(BotCommand(name="say it", description="b"),))),
        "commands.0.name",
        check.NOT_A_COMMAND,
        None,
    ),
    (
        "long command",
        lambda: automation.body(Automation(commands=(BotCommand(name="a" * 33, description="b"),))),
        "commands.0.name",
        check.TOO_LONG,
        32,
    ),
    (
        "hint",
        lambda: automation.body(Automation(commands=(BotCommand(name="a", description="b" * 257),))),
        "commands.0.description",
        check.TOO_LONG,
        256,
    ),
    (
        "twice",
        lambda: automation.body(Automation(commands=(BotCommand(name="a", description="b"),) * 2)),
        "commands.1.name",
        check.TWICE,
        None,
    ),
]


@pytest.mark.parametrize(
    ("act", "field", "words", "limit"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_would_be_refused_names_the_field_the_words_and_the_limit(
    act: Callable[[], object], field: str, words: str, limit: int | None
) -> None:
    with pytest.raises(Rejected) as refused:
        act()
    assert (refused.value.field, refused.value.words, refused.value.limit) == (field, words, limit)
    assert words in check.WORDS


@pytest.mark.parametrize("name", ["tulip", "Tulip_7", "a.b", "@tulip", "x" * 35])
def test_a_username_may_be_such(name: str) -> None:
    assert profile.username(name) == name.removeprefix("@")


@pytest.mark.parametrize(
    "name",
    ["", "ab", "123", ".tulip", "tulip.", "tu..lip", "www.tulip", "tulip.com", "тюльпан", "x" * 36, "a b"],
)
def test_a_username_may_not_be_such(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        profile.username(name)
    assert refused.value.field == "username"


# shop


def test_the_shop_is_read_as_published() -> None:
    (answer,) = bodies("whatsapp_commerce_settings", "GET", "response").values()
    assert catalogue.shop("77", answer) == Shop(catalog="77", cart=True, visible=True)
    assert catalogue.shop("", {"data": []}) == Shop()
    assert catalogue.settings(cart=True, visible=False) == {
        "is_cart_enabled": "true",
        "is_catalog_visible": "false",
    }


def test_goods_are_read_and_searched_page_by_page() -> None:
    answer = {
        "data": [
            {
                "id": "1",
                "retailer_id": "rose",
                "name": "Rose",
                "price": "$3.00",
                "currency": "USD",
                "image_url": "https://scontent.xx.fbcdn.net/rose.jpg",
                "availability": "in stock",
            },
            {"id": "2", "retailer_id": "fern", "name": "Fern", "price": 12, "currency": "EUR"},
            {"id": "3", "name": "has no id of the seller's"},
            7,
        ],
        "paging": {"cursors": {"after": "two"}, "next": "https://graph.facebook.com/next"},
    }
    rose = CatalogItem(
        id="rose", name="Rose", price="$3.00", picture="https://scontent.xx.fbcdn.net/rose.jpg"
    )
    fern = CatalogItem(id="fern", name="Fern", price="12 EUR", available=False)
    assert catalogue.page(answer) == CatalogPage(items=(rose, fern), after="two")
    assert catalogue.page({"data": [], "paging": {"cursors": {"after": "end"}}}) == CatalogPage(items=())
    asked = catalogue.asked(' ro"se ', "two")
    assert asked["after"] == "two"
    assert json.loads(asked["filter"]) == {
        "or": [{"name": {"i_contains": 'ro"se'}}, {"retailer_id": {"i_contains": 'ro"se'}}]
    }
    assert "filter" not in catalogue.asked(" ", "")


# links


@pytest.mark.parametrize("name", list(bodies("message_qrdls", "GET", "response")))
def test_links_are_listed_as_published(name: str) -> None:
    answer = bodies("message_qrdls", "GET", "response")[name]
    found = links.listing(answer)
    assert [one.id for one in found] == [said["code"] for said in answer["data"]]
    assert all(one.url == f"https://wa.me/message/{one.id}" and one.text for one in found)


@pytest.mark.parametrize("name", list(bodies("message_qrdls/{QR-Code-ID}", "GET", "response")))
def test_one_link_is_read_as_published(name: str) -> None:
    (found,) = links.listing(bodies("message_qrdls/{QR-Code-ID}", "GET", "response")[name])
    assert found == ChatLink(
        id="ANED2T5QRU7HG1",
        text="Show me Cyber Monday deals!",
        url="https://wa.me/message/ANED2T5QRU7HG1",
    )


@pytest.mark.parametrize(
    ("name", "link"), [("create_qr_code_no_image", ""), ("update_existing_qr_code", "ANED2T5QRU7HG1")]
)
def test_a_link_is_made_and_changed_as_published(name: str, link: str) -> None:
    wanted = bodies("message_qrdls", "POST", "request")[name]
    assert links.body(wanted["prefilled_message"], link) == wanted


@pytest.mark.parametrize("link", ["", "../phone", "a/b", "a?b", "ä", "x" * 65])
def test_what_is_no_code_never_becomes_part_of_an_address(link: str) -> None:
    with pytest.raises(Rejected):
        links.code(link)


def test_a_link_that_cannot_be_read_spoils_no_other() -> None:
    answer = {"data": [{"code": "A"}, 7, {"code": "B", "deep_link_url": "https://wa.me/message/B"}]}
    assert [one.id for one in links.listing(answer)] == ["B"]


def test_a_picture_is_an_image_that_runs_nothing() -> None:
    svg, png = (links.picture("https://wa.me/message/ANED2T5QRU7HG1", form) for form in ("svg", "png"))
    assert png.startswith(b"\x89PNG")
    assert b"<svg" in svg
    assert b"script" not in svg
    assert b"http" not in svg.replace(b"http://www.w3.org/2000/svg", b"")


# blocks

ANN = Address(kind="phone", value="+16505551234")
BSUID = Address(kind="bsuid", value="US.13491208655302741918", scope=SCOPE)


def test_people_are_blocked_as_published() -> None:
    (wanted,) = bodies("block_users", "POST", "request").values()
    (answer,) = bodies("block_users", "POST", "response").values()
    assert blocking.body([blocking.user(ANN, SCOPE)]) == wanted
    assert list(blocking.not_done(answer, {ANN.value: ANN})) == []


def test_people_are_unblocked_as_published() -> None:
    (wanted,) = bodies("block_users", "DELETE", "request").values()
    (answer,) = bodies("block_users", "DELETE", "response").values()
    assert blocking.body([ANN.value]) == wanted
    assert list(blocking.not_done(answer, {ANN.value: ANN})) == []


USERS: list[tuple[Address, str]] = [
    (ANN, "+16505551234"),
    (BSUID, "US.13491208655302741918"),
    (Address(kind="bsuid", value="US.ENT.1181579921", scope=SCOPE), ""),
    (Address(kind="bsuid", value="US.1349", scope="another portfolio"), ""),
    (Address(kind="email", value="ann@example.org"), ""),
    (Address(kind="phone", value="ann"), ""),
]


@pytest.mark.parametrize(("person", "user"), USERS)
def test_whom_the_provider_can_block(person: Address, user: str) -> None:
    assert blocking.user(person, SCOPE) == user


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (131047, "block_needs_message"),
        (139101, "block_list_full"),
        (131021, "block_self"),
        (1, "block_failed"),
    ],
)
def test_who_was_not_blocked_has_a_reason(code: int, words: str) -> None:
    error = {"code": code, "message": "Short", "error_data": {"details": "The whole story"}}
    answer = {
        "block_users": {
            "added_users": [{"input": BSUID.value, "user_id": BSUID.value}],
            "failed_users": [{"input": "+16505551234", "wa_id": "16505551234", "errors": [error]}],
        },
        "error": {"code": 139100},
    }
    people = {ANN.value: ANN, BSUID.value: BSUID}
    assert list(blocking.not_done(answer, people)) == [
        NotBlocked(person=ANN, code=words, text="The whole story")
    ]
    assert words in blocking.WORDS


def test_who_is_not_spoken_of_was_not_blocked() -> None:
    assert list(blocking.not_done({}, {ANN.value: ANN})) == [NotBlocked(person=ANN, code="block_failed")]


def test_the_blocked_are_listed_in_either_form() -> None:
    (answer,) = bodies("block_users", "GET", "response").values()
    assert blocking.page(answer, SCOPE) == BlockedPage(people=(ANN,))
    nested = {
        "data": [
            {"block_users": [{"input": "+16505551234", "wa_id": "16505551234"}, {"user_id": BSUID.value}]}
        ],
        "paging": {"cursors": {"after": "x"}, "next": "https://graph.facebook.com/next"},
    }
    assert blocking.page(nested, SCOPE) == BlockedPage(people=(ANN, BSUID), after="x")


# automation


@pytest.mark.parametrize("name", list(bodies("conversational_automation", "POST", "request")))
def test_automation_is_saved_whole_and_read_back(name: str) -> None:
    wanted = bodies("conversational_automation", "POST", "request")[name]
    read = automation.read({automation.FIELD: wanted, "id": "1"})
    assert automation.body(read) == wanted


@pytest.mark.parametrize(
    "answer", [{}, {"conversational_automation": None}, {"conversational_automation": 7}]
)
def test_no_automation_is_none(answer: Any) -> None:
    assert automation.read(answer) == Automation()


# figures

DAY = datetime(2025, 6, 1, tzinfo=UTC)
NEXT = datetime(2025, 6, 2, tzinfo=UTC)
SPAN = {"start": int(DAY.timestamp()), "end": int(NEXT.timestamp())}


def test_messages_of_a_day() -> None:
    answer = {
        "analytics": {
            "phone_numbers": ["15550783881"],
            "granularity": "DAY",
            "data_points": [
                {**SPAN, "sent": 90, "delivered": 80},
                {"sent": 1},
                7,
                {**SPAN, "end": 0, "sent": 1},
            ],
        },
        "id": "1",
    }
    (figure,) = figures.read_messages(answer)
    assert figure == Figure(report="messages", start=DAY, end=NEXT, values={"sent": 90.0, "delivered": 80.0})


def test_conversations_by_category_type_and_country() -> None:
    point = {
        **SPAN,
        "conversation": 6,
        "phone_number": "15550458206",
        "country": "US",
        "conversation_type": "REGULAR",
        "conversation_direction": "UNKNOWN",
        "conversation_category": "AUTHENTICATION",
        "cost": 0.25,
    }
    answer = {"currency": "EUR", "conversation_analytics": {"data": [{"data_points": [point]}]}}
    (figure,) = figures.read_conversations(answer)
    assert figure == Figure(
        report="conversations",
        start=DAY,
        end=NEXT,
        by={"country": "US", "category": "authentication", "type": "regular"},
        values={"conversations": 6.0, "cost": 0.25},
        currency="EUR",
    )


def test_prices_by_category_type_country_and_tier() -> None:
    regular = {
        **SPAN,
        "country": "US",
        "tier": "0:MAX",
        "pricing_type": "REGULAR",
        "pricing_category": "MARKETING",
    }
    free = {**SPAN, "country": "US", "pricing_type": "FREE_CUSTOMER_SERVICE", "pricing_category": "SERVICE"}
    points = [{**regular, "volume": 4, "cost": 0.5}, {**free, "volume": 2}, {**free, "volume": 3}]
    answer = {"currency": "USD", "pricing_analytics": {"data": [{"data_points": points}]}}
    paid, nothing = figures.read_pricing(answer)
    assert paid.by == {"country": "US", "tier": "0:MAX", "category": "marketing", "type": "regular"}
    assert (paid.values, paid.currency) == ({"delivered": 4.0, "cost": 0.5}, "USD")
    assert (nothing.values, nothing.currency) == ({"delivered": 5.0}, "")


def test_templates_by_name_with_presses_and_what_they_cost() -> None:
    point = {
        **SPAN,
        "template_id": "7",
        "sent": 3,
        "delivered": 2,
        "read": 1,
        "clicked": [
            {"type": "quick_reply_button", "button_content": "Yes", "count": 4},
            {"type": "url_button", "button_content": "Map", "count": 5},
            {"type": "unique_url_button", "button_content": "Map", "count": 2},
        ],
        "cost": [{"type": "amount_spent", "value": 0.03}, {"type": "cost_per_delivered", "value": 0.01}],
    }
    answer = {"data": [{"granularity": "DAILY", "data_points": [point, {**point, "template_id": "8"}]}]}
    named, unknown = figures.read_templates(answer, {"7": {"template": "hi", "language": "en"}}, "USD")
    assert named == Figure(
        report="templates",
        start=DAY,
        end=NEXT,
        by={"template": "hi", "language": "en"},
        values={"sent": 3.0, "delivered": 2.0, "read": 1.0, "clicked": 9.0, "cost": 0.03},
        currency="USD",
    )
    assert unknown.by == {"template": "8"}


@pytest.mark.parametrize("read", [figures.read_messages, figures.read_conversations, figures.read_pricing])
@pytest.mark.parametrize(
    "said", [None, 7, [], {}, {"data": [7]}, {"data_points": 7}, {"data": [{"data_points": [None]}]}]
)
def test_figures_that_cannot_be_read_are_none(read: Callable[[Any], Any], said: Any) -> None:
    names = ("analytics", "conversation_analytics", "pricing_analytics")
    assert list(read(dict.fromkeys(names, said))) == []


def test_figures_are_asked_for_of_this_number_alone() -> None:
    asked = figures.pricing(DAY, NEXT, "+1 555-078-3881")["fields"]
    assert asked.startswith(f"currency,pricing_analytics.start({SPAN['start']}).end({SPAN['end']})")
    assert '.phone_numbers(["15550783881"])' in asked
    assert "phone_numbers" not in figures.messages(DAY, NEXT, "")["fields"]
