"""State + events = state, for everything that comes in; and the fixtures the page is held to by it."""

from __future__ import annotations

import pytest
from inbox_line import Line
from inbox_stories import FIXTURES, STORIES, Story, fixtures, play


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_the_events_tell_all_that_changed(line: Line, story: Story) -> None:
    await play(line, story)


async def test_the_fixtures_of_the_page_are_current() -> None:
    """If not: python tests/inbox_stories.py"""
    wanted = await fixtures()
    found = {path.name: path.read_text() for path in FIXTURES.glob("*.json")}
    assert found == wanted
