"""Both engines find the same, and what a plain reading of all messages finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inbox_world import open_world
from search_world import Talk

from jackfield.errors import Invalid
from jackfield.ids import new_id, show
from jackfield.inbox.search.query import Term, read
from jackfield.inbox.search.words import words
from jackfield.settings import Settings

SAID = [
    "заказ",
    "заказы",
    "ещё",
    "order",
    "orders",
    "12345",
    "+7 (999) 123-45-67",
    "👍",
    "дом",
    "don't",
    "北京",
    "a",
]
ASKED = [*SAID, "зак", "заказчик", "89991234567", "123", "dont", "ord", "?"]


class Twins:
    """The same messages in both engines."""

    def __init__(self, talks: Sequence[Talk]) -> None:
        self.talks = talks
        self.heard: dict[str, str] = {}

    async def say(self, texts: Sequence[str]) -> None:
        """With ids that are the same on both."""
        for text in texts:
            number = new_id()
            self.heard[show("m", number)] = text
            for talk in self.talks:
                await talk.say(text, id=number)

    async def find(self, typed: str, *, limit: int) -> list[list[str]]:
        return [[hit.msg.id for hit in await talk.hits(typed, limit=limit)] for talk in self.talks]


@pytest.fixture
async def twins(sqlite_settings: Settings, postgres_settings: Settings) -> AsyncIterator[Twins]:
    async with AsyncExitStack() as stack:
        worlds = [
            await stack.enter_async_context(open_world(one)) for one in (sqlite_settings, postgres_settings)
        ]
        yield Twins([Talk(world) for world in worlds])


def fits(text: str, terms: Sequence[Term]) -> bool:
    """What a search means, said slowly."""
    has = words(text)
    return all(
        any(all(word in has for word in way) for way in term.ways)
        or (bool(term.beginning) and any(word.startswith(term.beginning) for word in has))
        for term in terms
    )


TEXTS = st.lists(st.sampled_from(SAID), min_size=1, max_size=4).map(" ".join) | st.text(max_size=30)
QUESTIONS = st.lists(st.sampled_from(ASKED), min_size=1, max_size=3).map(" ".join)


@settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    said=st.lists(TEXTS, max_size=4),
    asked=st.lists(QUESTIONS, max_size=4),
    limit=st.sampled_from([1, 3, 100]),
)
async def test_both_engines_find_what_a_plain_reading_finds(
    twins: Twins, said: list[str], asked: list[str], limit: int
) -> None:
    """What was said in one example is still there in the next."""
    await twins.say(said)
    for typed in asked:
        try:
            terms = read(typed)
        except Invalid:
            continue
        expected = sorted((one for one, text in twins.heard.items() if fits(text, terms)), reverse=True)
        assert await twins.find(typed, limit=limit) == [expected, expected], typed
