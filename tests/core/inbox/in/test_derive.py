"""State + events = state, for everything that comes in, every command, and what happens by itself; and
the fixtures the page is held to by it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import get_args

import pytest
from inbox_line import Line
from inbox_stories import FIXTURES, STORIES, Story, fixtures, play
from inbox_verb_stories import STORIES as VERB_STORIES
from inbox_verb_stories import VERBS, Stage, VerbStory, open_stage
from inbox_verb_stories import play as play_verb

from jackfield.channel import AnyEvent
from jackfield.settings import Settings
from jackfield.store.rows import StreamRow
from jackfield.wire.stream import AnyStreamEvent


@pytest.fixture
async def staged(settings: Settings) -> AsyncIterator[tuple[Stage, list[StreamRow]]]:
    async with open_stage(settings) as opened:
        yield opened


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_the_events_tell_all_that_changed(line: Line, story: Story) -> None:
    await play(line, story)


@pytest.mark.parametrize("story", VERB_STORIES, ids=lambda story: story.name)
async def test_the_events_tell_all_that_was_done(
    staged: tuple[Stage, list[StreamRow]], story: VerbStory
) -> None:
    stage, stream = staged
    told = await play_verb(stage, story, stream)
    assert told.verify.events, "nothing happened in it"


async def test_the_fixtures_of_the_page_are_current() -> None:
    """If not: python tests/inbox_stories.py"""
    wanted = await fixtures()
    found = {path.name: path.read_text() for path in FIXTURES.glob("*.json")}
    assert found.keys() == wanted.keys()
    for name, text in wanted.items():
        assert json.loads(found[name]) == json.loads(text), name


def test_every_command_has_a_story() -> None:
    told = [json.loads(path.read_text()) for path in FIXTURES.glob("*.json")]
    assert {verb for one in told if one["events"] for verb in one.get("verbs", ())} == VERBS


def test_everything_that_comes_in_has_a_story() -> None:
    told = {type(event).__name__ for story in STORIES for delivery in story.then for event in delivery}
    assert told == {event.__name__ for event in get_args(AnyEvent)}


def test_every_stream_event_is_told_in_some_story() -> None:
    told = {
        event["d"]["e"]
        for path in FIXTURES.glob("*.json")
        for event in json.loads(path.read_text())["events"]
    }
    assert told == {str(event.__struct_config__.tag) for event in get_args(AnyStreamEvent)}
