"""Words, texts, queries and snippets: everything of the search that touches no database."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from jackfield.channel import (
    Call,
    Card,
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    FormReply,
    Labelled,
    Location,
    Media,
    Option,
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
from jackfield.errors import Invalid
from jackfield.ids import first_id
from jackfield.inbox.reading.finding import stretches
from jackfield.inbox.reading.keys import LAST
from jackfield.inbox.search.index import EARLY, LATE, signs_of
from jackfield.inbox.search.query import Term, for_postgres, for_sqlite, read
from jackfield.inbox.search.snippet import LENGTH, snippet
from jackfield.inbox.search.texts import sorts_of, text_of
from jackfield.inbox.search.words import LONGEST, fold, numbers, stem, tokens, words
from jackfield.wire.search import Piece

# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("заказ", "заказы"),
        ("заказ", "Заказов"),
        ("доставка", "доставку"),
        ("оплатил", "оплатить"),
        ("refund", "Refunded"),
        ("order", "orders"),
        ("delivery", "DELIVERIES"),
        ("ещё", "еще"),
        ("Ёлка", "елки"),
        ("don't", "don’t"),
        ("ﬁx", "fix"),
        ("й", "и\u0306"),  # decomposed, as file names of some systems are
        ("straße", "STRASSE"),
        ("ａｂｃ", "abc"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Где мой заказ?", ["где", "мо", "заказ"]),
        ("AB-1234, a1b2", ["ab", "1234", "a1b2"]),
        ("позвоните: +7 (999) 123-45-67!", ["позвон", "7", "999", "123", "45", "67", "79991234567"]),
        ("89991234567", ["89991234567", "79991234567"]),
        ("👍🏽 да🎉", ["👍", "да", "🎉"]),
        ("北京 дом", ["北", "京", "дом"]),
        ("नमस्ते", ["नमस्ते"]),
        ("snake_case ivan@mail.ru", ["snake", "case", "ivan", "mail", "ru"]),
        ("заказ, заказы и заказов", ["заказ", "и"]),
        ("?! … — \u200b\n\t", []),
        ("", []),
    ],
)
def test_a_text_becomes_words(text: str, found: list[str]) -> None:
    assert list(words(text)) == found


def test_a_very_long_word_counts_by_its_beginning() -> None:
    assert list(words("1" + "х" * 10_000)) == ["1" + "х" * (LONGEST - 1)]


@given(st.text())
def test_no_word_holds_what_a_database_takes_for_syntax(text: str) -> None:
    for word in words(text):
        assert word
        assert not re.search(r"[\s\x00-/:-@\[-`{-\x7f\ue000]", word), repr(word)


@given(st.text())
def test_words_with_their_places_are_the_words_of_the_text(text: str) -> None:
    placed = [*tokens(text), *numbers(text)]
    assert list(dict.fromkeys(token.word for token in placed)) == list(words(text))
    for token in tokens(text):
        assert stem(text[token.start : token.end][:LONGEST]) == token.word


@given(st.text(max_size=LONGEST))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


# -- texts -----------------------------------------------------------------------------------------

CARD = Card(
    name="Anna Smith",
    phones=(Labelled(value="+49 30 123456"),),
    emails=(Labelled(value="anna@smith.example"),),
    organisation="Smith & Co",
    title="Buyer",
)
OPTION = Option(id="1", title="Blue", description="as the sea", section="Colours")
FOUND: list[tuple[Part, str]] = [
    (Text(body="hello"), "hello"),
    (Media(sort="document", ref="r", caption="the bill", name="bill-17.pdf"), "the bill|bill-17.pdf"),
    (Media(sort="image", ref="r"), ""),
    (Location(latitude=1, longitude=2, name="Café", address="Main St 5"), "Café|Main St 5"),
    (Contacts(cards=(CARD,)), "Anna Smith|Smith & Co|Buyer|+49 30 123456|anna@smith.example"),
    (
        ChoiceOffered(style="list", header="H", body="Which?", footer="F", button="Open", options=(OPTION,)),
        "H|Which?|F|Open|Colours|Blue|as the sea",
    ),
    (ChoiceMade(source="list", title="Blue", description="as the sea"), "Blue|as the sea"),
    (
        Template(name="welcome", language="en", body="Hello Ann", buttons=(OPTION,)),
        "Hello Ann|Colours|Blue|as the sea",
    ),
    (Template(name="welcome", language="en"), "welcome"),
    (Product(catalog="c", products=("sku-1",), body="Look"), "Look|sku-1"),
    (Order(catalog="c", items=(OrderItem(product="sku-9", quantity=2),), note="quick"), "quick|sku-9"),
    (FormReply(name="survey", body="Sent", fields={"city": "Riga"}), "survey|Sent|Riga"),
    (Poll(question="When?", options=("now", "later")), "When?|now|later"),
    (System(code="joined", text="Ann joined"), "Ann joined"),
    (Call(id="1", outcome="missed"), ""),
    (Unsupported(kind="x", note="secret", raw=Raw(b"{}")), ""),
]


@pytest.mark.parametrize(("part", "text"), FOUND, ids=lambda value: type(value).__name__)
def test_what_of_a_part_can_be_found(part: Part, text: str) -> None:
    assert text_of((part,)).split("\n") == text.split("|")


@pytest.mark.parametrize(
    ("part", "sorts"),
    [
        (Text(body="hello"), set[str]()),
        (Text(body="see HTTPS://x.example"), {"link"}),
        (Text(body="www.x.example"), {"link"}),
        (Media(sort="image", ref="r"), {"media", "photo"}),
        (Media(sort="gif", ref="r"), {"media", "video"}),
        (Media(sort="round", ref="r"), {"media", "video"}),
        (Media(sort="voice", ref="r"), {"media", "voice"}),
        (Media(sort="sticker", ref="r"), {"media"}),
        (Location(latitude=1, longitude=2), {"location"}),
        (Contacts(cards=(CARD,)), {"contacts"}),
    ],
)
def test_what_a_message_brings(part: Part, sorts: set[str]) -> None:
    assert sorts_of((part,), text_of((part,))) == sorts


# -- queries ---------------------------------------------------------------------------------------


def test_the_last_word_may_be_unfinished() -> None:
    assert read("мой заказ") == (Term((("мо",),)), Term((("заказ",),), "заказ"))
    assert read("мой заказ ") == (Term((("мо",),)), Term((("заказ",),)))
    assert read("за")[-1].beginning == "", "two letters begin too many words"


def test_a_number_is_found_whole_or_by_its_groups() -> None:
    assert read("8 (999) 123-45-67") == (
        Term((("79991234567",), ("8", "999", "123", "45", "67")), "79991234567"),
    )


@pytest.mark.parametrize("typed", ["", " ", "?!", '"*"', "\x00", "()-", "\u200b"])
def test_a_text_without_a_word_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(typed)
    assert refused.value.code == "no_words"


@given(st.text(max_size=200))
def test_a_query_quotes_every_word(typed: str) -> None:
    try:
        terms = read(typed)
    except Invalid:
        return
    assert not re.sub(r'"[^"\s]+"(?: \*)?', "w", for_sqlite(terms, (1, 2), ("\ue000c5",), {})).strip(
        "w() ANDOR"
    )
    assert not re.sub(r"'[^'\s\\]+'(?::\*)?", "w", for_postgres(terms, (1, 2), ("\ue000c5",))).strip("w() &|")


@given(st.integers(min_value=0, max_value=LAST))
def test_the_signs_of_a_workspace_are_two_valid_characters(workspace: int) -> None:
    signs = signs_of(workspace)
    assert len(signs) == 2
    assert signs.encode().decode() == signs


# -- time ------------------------------------------------------------------------------------------

NOW = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp() * 1000)


@given(
    at=st.integers(min_value=0, max_value=2 * NOW),
    made=st.integers(min_value=NOW - 10**10, max_value=NOW + 10**10),
    after=st.none() | st.integers(min_value=0, max_value=1 << 43),
    before=st.none() | st.integers(min_value=0, max_value=1 << 43),
    below=st.just(LAST) | st.integers(min_value=0, max_value=LAST),
)
def test_a_message_of_the_wanted_time_is_in_exactly_one_stretch(
    at: int, made: int, after: int | None, before: int | None, below: int
) -> None:
    number = first_id(made) + 5
    odd = not first_id(at - EARLY) <= number < first_id(at + LATE)
    found = [
        stretch
        for stretch in stretches(after, before, below=below)
        if stretch.low <= number < stretch.high and (odd or not stretch.odd)
    ]
    in_time = (after is None or at >= after) and (before is None or at < before)
    assert len(found) <= 1
    if in_time and number < below:
        assert len(found) == 1


# -- snippets --------------------------------------------------------------------------------------


def shown(text: str, typed: str) -> str:
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in snippet(text, read(typed)))


@pytest.mark.parametrize(
    ("text", "typed", "seen"),
    [
        ("Где мои заказы?", "заказ", "Где мои [заказы]?"),
        ("Ещё доставку ждём", "еще доставка", "[Ещё] [доставку] ждём"),
        ("one\n\n two", "two", "one [two]"),
        ("заказчик", "зак", "[заказчик]"),
        ("call +7 (999) 123-45-67 now", "89991234567", "call [+7 (999) 123-45-67] now"),
        ("👍🏽 ok", "👍", "[👍]🏽 ok"),
        ("<b>bold</b>", "bold", "<b>[bold]</b>"),
        ("nothing here", "other", "nothing here"),
    ],
)
def test_a_snippet_marks_the_words(text: str, typed: str, seen: str) -> None:
    assert shown(text, typed) == seen


def test_a_snippet_is_a_window_around_the_first_hit() -> None:
    seen = shown("before " * 100 + "needle " + "after " * 100, "needle")
    assert re.fullmatch(r"…(before )+\[needle\]( after)+…", seen)
    assert len(seen) < LENGTH + 10


def test_a_hit_longer_than_the_window_is_whole() -> None:
    assert snippet("x" * 300, read("x" * 64)) == (Piece(text="x" * 300, hit=True),)


@given(st.text(), st.text(max_size=200))
def test_any_text_has_a_snippet_of_its_own_words(text: str, typed: str) -> None:
    try:
        terms = read(typed)
    except Invalid:
        return
    pieces = snippet(text, terms)
    said = "".join(piece.text for piece in pieces).strip("… ")
    assert said in re.sub(r"\s+", " ", text) or not said
    assert all(piece.text for piece in pieces)
