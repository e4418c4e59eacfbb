"""Templates both ways: what the provider lists becomes a design, a design what the provider is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from jackfield.channel import (
    Rejected,
    TemplateButton,
    TemplateCard,
    TemplateDesign,
    TemplateHeader,
)
from jackfield_whatsapp_api.payload import is_list, is_node
from jackfield_whatsapp_api.templates import (
    check,
    components,
    created,
    design,
    edited,
    problems,
    record,
)
from jackfield_whatsapp_api.templates.reading import example_file

BODIES: list[dict[str, Any]] = [
    msgspec.json.decode(line)
    for line in (Path(__file__).parent / "data/templates.jsonl").read_bytes().splitlines()
]


def handles(said: dict[str, Any]) -> dict[str, str]:
    """The file of a header that is named already stands for one that was handed over."""
    return {"header": handle} if (handle := example_file(said, "header")) else {}


def plain(value: object) -> object:
    """As the provider would write it: its words in capitals."""
    if is_list(value):
        return [plain(item) for item in value]
    if not is_node(value):
        return value
    found = {key: plain(item) for key, item in value.items()}
    if isinstance(kind := found.get("type"), str):
        found["type"] = kind.upper()
    return found


@pytest.mark.parametrize("said", BODIES, ids=lambda said: f"{said['payload']['name']} {said['id'][:4]}")
def test_a_body_of_the_providers_own_examples_comes_back_whole(said: dict[str, Any]) -> None:
    payload = said["payload"]
    found = design(payload)
    assert components(found, handles(payload)) == plain(payload["components"])
    assert design({**payload, "components": components(found, handles(payload))}) == found
    told = created(found, handles(payload))
    assert (told["name"], told["language"], told["category"]) == (
        payload["name"], payload["language"], payload["category"],
    )  # fmt: skip


CAROUSEL: dict[str, Any] = {
    "name": "offers",
    "language": "en",
    "category": "MARKETING",
    "components": [
        {"type": "BODY", "text": "Hi {{1}}, look here", "example": {"body_text": [["Ann"]]}},
        {
            "type": "CAROUSEL",
            "cards": [
                {
                    "components": [
                        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [f"h{card}"]}},
                        {"type": "BODY", "text": "For {{1}} now", "example": {"body_text": [["10"]]}},
                        {
                            "type": "BUTTONS",
                            "buttons": [
                                {"type": "QUICK_REPLY", "text": "More"},
                                {
                                    "type": "URL",
                                    "text": "Buy",
                                    "url": "https://example.org/{{1}}",
                                    "example": ["https://example.org/a"],
                                },
                            ],
                        },
                    ]
                }
                for card in (0, 1)
            ],
        },
    ],
}
ODD: list[dict[str, Any]] = [
    CAROUSEL,
    {
        "name": "greeting",
        "language": "ru",
        "category": "UTILITY",
        "parameter_format": "NAMED",
        "message_send_ttl_seconds": 600,
        "sub_category": "ORDER_STATUS",
        "cta_url_link_tracking_opted_out": True,
        "components": [
            {
                "type": "HEADER",
                "format": "TEXT",
                "text": "Заказ {{number}}",
                "example": {"header_text_named_params": [{"param_name": "number", "example": "17"}]},
            },
            {
                "type": "BODY",
                "text": "{{name}}, ваш заказ готов",
                "example": {"body_text_named_params": [{"param_name": "name", "example": "Анна"}]},
            },
        ],
    },
    {
        "name": "sale",
        "language": "en",
        "category": "MARKETING",
        "components": [
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon", "has_expiration": True}},
            {"type": "BODY", "text": "Now or never"},
            {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "SPRING"}]},
        ],
    },
    {
        "name": "call_me",
        "language": "en",
        "category": "UTILITY",
        "components": [
            {"type": "BODY", "text": "May we call you?"},
            {"type": "BUTTONS", "buttons": [{"type": "VOICE_CALL", "text": "Call us", "ttl_minutes": 30}]},
            {"type": "CALL_PERMISSION_REQUEST"},
        ],
    },
    {
        "name": "code",
        "language": "en",
        "category": "AUTHENTICATION",
        "message_send_ttl_seconds": 60,
        "components": [
            {"type": "BODY"},
            {
                "type": "BUTTONS",
                "buttons": [
                    {
                        "type": "OTP",
                        "otp_type": "ZERO_TAP",
                        "zero_tap_terms_accepted": True,
                        "supported_apps": [{"package_name": "org.example", "signature_hash": "abcdefghijk"}],
                    }
                ],
            },
        ],
    },
    {
        "name": "future",
        "language": "en",
        "category": "UTILITY",
        "components": [
            {"type": "HEADER", "format": "HOLOGRAM", "depth": 3},
            {"type": "BODY", "text": "b"},
            {"type": "BUTTONS", "buttons": [{"type": "TELEPORT", "text": "Go", "to": {"planet": "Mars"}}]},
            {"type": "SMELL", "of": ["roses"]},
        ],
    },
    {
        "name": "shop",
        "language": "en",
        "category": "MARKETING",
        "components": [
            {"type": "HEADER", "format": "PRODUCT"},
            {"type": "BODY", "text": "One for you"},
            {"type": "BUTTONS", "buttons": [{"type": "SPM", "text": "View"}]},
        ],
    },
    {
        "name": "catalogue",
        "language": "en",
        "category": "MARKETING",
        "components": [
            {"type": "BODY", "text": "All of it"},
            {"type": "BUTTONS", "buttons": [{"type": "CATALOG", "text": "View catalog"}]},
        ],
    },
    {
        "name": "number",
        "language": "en",
        "category": "UTILITY",
        "components": [
            {"type": "BODY", "text": "What is your number?"},
            {"type": "BUTTONS", "buttons": [{"type": "REQUEST_CONTACT_INFO"}]},
        ],
    },
]  # fmt: skip


@pytest.mark.parametrize("said", ODD, ids=lambda said: said["name"])
def test_what_is_rare_or_unknown_comes_back_whole(said: dict[str, Any]) -> None:
    found = design(said)
    files = {"card.0": "h0", "card.1": "h1"}
    told = created(found, files)
    assert told == said
    assert design(told) == found


def test_the_button_of_a_code_is_known_as_the_provider_lists_it() -> None:
    listed = {
        "type": "URL",
        "text": "Copy code",
        "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
        "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"],
    }
    said = {"components": [{"type": "BUTTONS", "buttons": [listed]}]}
    (button,) = design(said).buttons
    assert (button.form, button.data) == ("otp", {"otp_type": "copy_code"})


def test_a_record_says_how_it_fares() -> None:
    said = {
        **BODIES[0]["payload"],
        "status": "PAUSED",
        "rejected_reason": "NONE",
        "quality_score": {"score": "RED", "date": 1_700_000_000},
        "correct_category": "UTILITY",
    }
    found = record(said)
    assert found is not None
    assert (found.standing, found.word, found.reason, found.quality, found.next_category) == (
        "paused", "paused", "", "low", "utility",
    )  # fmt: skip
    assert found.problems == {"send": "whatsapp_api.template.not_sendable"}
    assert record({"name": "x", "language": "en"}) is None


@pytest.mark.parametrize(
    ("word", "standing", "may_not"),
    [
        ("APPROVED", "approved", set[str]()),
        ("FLAGGED", "approved", set[str]()),
        ("PENDING", "pending", {"edit", "send"}),
        ("REJECTED", "rejected", {"send"}),
        ("DISABLED", "disabled", {"edit", "delete", "send"}),
        ("IN_APPEAL", "in_appeal", {"edit", "send"}),
        ("PENDING_DELETION", "pending_deletion", {"edit", "delete", "send"}),
        ("ARCHIVED", "archived", {"edit", "send"}),
        ("SOMETHING_NEW", "unknown", {"edit"}),
    ],
)
def test_a_standing_says_what_may_not_be_done(word: str, standing: str, may_not: set[str]) -> None:
    found = record({"id": 7, "name": "x", "language": "en", "status": word})
    assert found is not None
    assert (found.id, found.standing, found.word) == ("7", standing, word.lower())
    assert set(found.problems) == may_not == set(problems(found.standing))


GOOD = TemplateDesign(
    name="order_ready",
    language="ru",
    category="utility",
    body="Здравствуйте, {{1}}: заказ {{2}} готов",
    examples={"body.1": "Анна", "body.2": "17"},
)
REPLY = TemplateButton(form="reply", title="Yes")
LINK = TemplateButton(form="url", title="Look", value="https://example.org/")
CALL = TemplateButton(form="phone", title="Call", value="+16505551234")
COUPON = TemplateButton(form="copy_code", value="SPRING")
SEVERAL = TemplateButton(form="products", title="View")
CARD = TemplateCard(header=TemplateHeader(form="image", file="f_1"), body="one", buttons=(REPLY,))
CODE = TemplateDesign(
    name="code",
    language="en",
    category="authentication",
    buttons=(TemplateButton(form="otp", data={"otp_type": "copy_code"}),),
    data={"add_security_recommendation": "true", "code_expiration_minutes": "90"},
    ttl=900,
)


def link(value: str) -> TemplateDesign:
    return replace(GOOD, buttons=(replace(LINK, value=value),))


def with_cards(count: int = 2, **card: Any) -> TemplateDesign:
    return replace(GOOD, body="b", cards=(replace(CARD, **card),) * count)


def with_body(body: str, **more: Any) -> TemplateDesign:
    return replace(GOOD, body=body, **more)


@pytest.mark.parametrize(
    "sound",
    [
        GOOD,
        replace(GOOD, name="x" * 512, footer="f" * 60, header=TemplateHeader(form="text", text="h" * 60)),
        with_body("b" * 1024, examples={}),
        with_body("Dear {{first_name}}, hello", places="named", examples={"body.first_name": "Ada"}),
        replace(GOOD, buttons=(REPLY, *[replace(REPLY, title=f"No {n}") for n in range(9)])),
        replace(GOOD, buttons=(LINK, CALL, LINK, REPLY)),
        replace(GOOD, buttons=(REPLY, REPLY, LINK)),
        replace(
            GOOD,
            buttons=(replace(LINK, value="https://example.org/{{1}}"),),
            examples={**GOOD.examples, "button.0": "https://example.org/a"},
        ),
        replace(GOOD, category="marketing", body="b", limited="l" * 16, examples={}),
        replace(GOOD, body="b", cards=(CARD, CARD)),
        CODE,
        replace(GOOD, ttl=43_200),
    ],
)
def test_a_sound_design_passes(sound: TemplateDesign) -> None:
    check(sound)


WRONG: list[tuple[TemplateDesign, str, str, int | None]] = [
    (replace(GOOD, name="Order"), "name", "not_name", None),
    (replace(GOOD, name="x" * 513), "name", "too_long", 512),
    (replace(GOOD, language="xx"), "language", "language", None),
    (replace(GOOD, ttl=29), "ttl", "ttl", 43_200),
    (replace(GOOD, category="marketing", ttl=43_199), "ttl", "ttl", 2_592_000),
    (replace(CODE, ttl=901), "ttl", "ttl", 900),
    (with_body(""), "body", "empty", None),
    (with_body("b" * 1025), "body", "too_long", 1024),
    (with_body("x {{2}} y"), "body", "numbered", None),
    (with_body("x {{name}} y"), "body", "numbered", None),
    (with_body("x {{1}} y", places="named"), "body", "named", None),
    (with_body("x {{1}} y", examples={}), "examples.body.1", "example", None),
    (with_body("{{1}} is here"), "body", "edge", None),
    (with_body("Hello {{1}}!"), "body", "edge", None),
    (with_body("Hello {{1}} {{2}} there"), "body", "side_by_side", None),
    (replace(GOOD, header=TemplateHeader(form="text")), "header.text", "empty", None),
    (replace(GOOD, header=TemplateHeader(form="text", text="h" * 61)), "header.text", "too_long", 60),
    (
        replace(
            GOOD,
            header=TemplateHeader(form="text", text="{{1}} {{2}}"),
            examples={**GOOD.examples, "header.1": "a", "header.2": "b"},
        ),
        "header.text",
        "one_place",
        1,
    ),
    (replace(GOOD, footer="f" * 61), "footer", "too_long", 60),
    (replace(GOOD, footer="{{1}}"), "footer", "no_places", None),
    (replace(GOOD, limited="soon"), "limited", "marketing_only", None),
    (replace(GOOD, category="marketing", limited="l" * 17), "limited", "too_long", 16),
    (replace(GOOD, category="marketing", limited="l", footer="f"), "footer", "limited_footer", None),
    (replace(GOOD, buttons=(REPLY,) * 11), "buttons", "too_many", 10),
    (replace(GOOD, buttons=(LINK,) * 3), "buttons", "too_many_of", 2),
    (replace(GOOD, buttons=(CALL, CALL)), "buttons", "too_many_of", 1),
    (replace(GOOD, buttons=(REPLY, LINK, REPLY)), "buttons", "grouped", None),
    (replace(GOOD, buttons=(replace(REPLY, title=""),)), "buttons.0.title", "empty", None),
    (replace(GOOD, buttons=(replace(REPLY, title="t" * 26),)), "buttons.0.title", "too_long", 25),
    (link("ftp://x"), "buttons.0.value", "url", None),
    (link("https://x/" + "a" * 2000), "buttons.0.value", "too_long", 2000),
    (link("https://x/{{1}}/y"), "buttons.0.value", "url_place", 1),
    (link("https://x/{{1}}"), "examples.button.0", "example", None),
    (replace(GOOD, buttons=(replace(CALL, value="1" * 21),)), "buttons.0.value", "too_long", 20),
    (replace(GOOD, buttons=(replace(CALL, value="call me"),)), "buttons.0.value", "phone", None),
    (replace(GOOD, buttons=(replace(COUPON, value="c" * 21),)), "examples.button.0", "too_long", 20),
    (replace(GOOD, buttons=(TemplateButton(form="flow", title="Go"),)), "buttons.0.value", "empty", None),
    (replace(GOOD, buttons=(REPLY, SEVERAL)), "buttons.1", "alone", None),
    (replace(GOOD, buttons=CODE.buttons), "buttons.0", "code_only", None),
    (with_cards(1), "cards", "cards", 10),
    (replace(GOOD, body="b", cards=(CARD, CARD), footer="f"), "cards", "cards_alone", None),
    (replace(GOOD, body="b", cards=(CARD, replace(CARD, buttons=()))), "cards.1", "cards_alike", None),
    (with_cards(body="b" * 161), "cards.0.body", "too_long", 160),
    (with_cards(buttons=(REPLY,) * 3), "cards.0.buttons", "too_many", 2),
    (with_cards(header=TemplateHeader()), "cards.0.header", "card_header", None),
    (replace(CODE, buttons=()), "buttons", "otp", None),
    (replace(CODE, buttons=(TemplateButton(form="otp"),)), "buttons.0.data.otp_type", "otp_type", None),
    (replace(CODE, data={"code_expiration_minutes": "91"}), "data.code_expiration_minutes", "minutes", 90),
    (replace(CODE, header=TemplateHeader(form="text", text="x")), "header", "code_words", None),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "field", "words", "limit"), WRONG)
def test_what_the_provider_would_refuse_is_named(
    wrong: TemplateDesign, field: str, words: str, limit: int | None
) -> None:
    with pytest.raises(Rejected) as raised:
        check(wrong)
    assert (raised.value.field, raised.value.words, raised.value.limit) == (
        field, f"whatsapp_api.template.{words}", limit,
    )  # fmt: skip


def test_a_header_without_its_file_is_not_told() -> None:
    wanting = replace(GOOD, header=TemplateHeader(form="image", file="f_1"))
    with pytest.raises(Rejected, match="header"):
        created(wanting, {})
    assert created(wanting, {"header": "4::abc"})["components"][0]["example"] == {"header_handle": ["4::abc"]}


def test_an_edit_is_the_whole_list_and_a_category_only_where_it_may_change() -> None:
    told = edited(GOOD, {}, category=False)
    assert set(told) == {"components"}
    assert edited(replace(GOOD, ttl=60), {}, category=True) == {
        "components": told["components"],
        "category": "UTILITY",
        "message_send_ttl_seconds": 60,
    }


def test_where_the_example_of_a_header_is() -> None:
    assert example_file(CAROUSEL, "card.1") == "h1"
    assert example_file(CAROUSEL, "card.9") == ""
    assert example_file(CAROUSEL, "header") == ""
