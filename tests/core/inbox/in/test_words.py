"""What a message says in plain text and in one line."""

from __future__ import annotations

from typing import get_args

import pytest

from jackfield.channel import (
    Call,
    Card,
    Carousel,
    CarouselCard,
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    FormReply,
    Labelled,
    Location,
    Media,
    Order,
    OrderItem,
    Part,
    Poll,
    Product,
    System,
    Template,
    Text,
    Unsupported,
)
from jackfield.inbox.words import PREVIEW, SEARCHED, kind_of, preview, text_of

PARTS: list[tuple[Part, str, str]] = [
    (Text(body="hello"), "text", "hello"),
    (Media(sort="image", ref="r", caption="a cat", name="cat.jpg"), "media.image", "a cat"),
    (Media(sort="document", ref="r", name="bill.pdf"), "media.document", "bill.pdf"),
    (Media(sort="voice", ref="r"), "media.voice", ""),
    (Location(latitude=1, longitude=2, name="Home", address="Mira 1"), "location", "Home\nMira 1"),
    (
        Contacts(cards=(Card(name="Olga", phones=(Labelled(value="+7999"),)), Card(name="Petr"))),
        "contacts",
        "Olga\n+7999\nPetr",
    ),
    (
        ChoiceOffered(style="buttons", body="Which?", header="Sizes", footer="today"),
        "choice_offered",
        "Sizes\nWhich?\ntoday",
    ),
    (ChoiceMade(source="list", title="Large", description="XL"), "choice_made", "Large\nXL"),
    (Template(name="welcome", language="en", body="Hello Ivan"), "template", "Hello Ivan"),
    (Template(name="welcome", language="en"), "template", "welcome"),
    (Product(catalog="c", body="See this"), "product", "See this"),
    (
        Carousel(body="New", cards=(CarouselCard(body="Roses"), CarouselCard(product="tulips"))),
        "carousel",
        "New\nRoses",
    ),
    (
        Order(catalog="c", items=(OrderItem(product="p", quantity=1),), note="quickly"),
        "order",
        "quickly",
    ),
    (FormReply(name="visit", fields={"day": "Monday"}), "form_reply", "visit\nMonday"),
    (Poll(question="When?", options=("now", "later")), "poll", "When?\nnow\nlater"),
    (Call(id="1", outcome="missed"), "call", ""),
    (System(code="number_changed", text="Ivan moved"), "system", "Ivan moved"),
    (Unsupported(kind="hologram", note="not shown yet"), "unsupported", "not shown yet"),
]


@pytest.mark.parametrize(("part", "kind", "text"), PARTS, ids=lambda value: getattr(value, "kind", None))
def test_every_part_has_its_kind_and_its_words(part: Part, kind: str, text: str) -> None:
    parts: list[Part] = [part]
    assert (kind_of(parts), text_of(parts)) == (kind, text)


def test_the_table_above_is_whole() -> None:
    assert {type(part) for part, _, _ in PARTS} == set(get_args(Part))


def test_several_parts_are_read_in_their_order() -> None:
    parts: list[Part] = [Media(sort="image", ref="r", caption="one"), Text(body="two")]
    assert (kind_of(parts), text_of(parts)) == ("media.image", "one\ntwo")


def test_no_part_at_all_is_an_empty_text() -> None:
    assert (kind_of([]), text_of([])) == ("text", "")


def test_a_preview_is_one_short_line() -> None:
    assert preview("two\n  lines\t here") == "two lines here"
    long = preview("слово " * 100)
    assert (len(long), long[-1]) == (PREVIEW, "…")


def test_a_very_long_text_is_cut_for_the_search_only() -> None:
    assert len(text_of([Text(body="x" * (SEARCHED + 9))])) == SEARCHED
