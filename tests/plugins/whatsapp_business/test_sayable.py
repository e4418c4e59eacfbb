"""What a linked device can say, whatever its engine is."""

from __future__ import annotations

import pytest
from jackfield_whatsapp_business.sayable import sayable

from jackfield.channel import (
    ChoiceOffered,
    Contacts,
    Location,
    Media,
    NotSupported,
    Option,
    Part,
    Poll,
    Rejected,
    Text,
)

PICTURE = Media(sort="image", ref="f")


@pytest.mark.parametrize("part", [Text(body="x" * 65_536), PICTURE, Location(latitude=1, longitude=2)])
def test_what_can_be_said_stays_as_it_is(part: Part) -> None:
    assert sayable([part]) is part


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ([], Rejected),
        ([Text(body="a"), Text(body="b")], Rejected),
        ([Text(body=" ")], Rejected),
        ([Text(body="x" * 65_537)], Rejected),
        ([Contacts(cards=())], Rejected),
        ([Media(sort="image", ref="f", caption="x" * 4097)], Rejected),
        ([Media(sort="image", ref="", link="https://example.org/a.png")], NotSupported),
        ([Poll(question="?", options=())], NotSupported),
        ([ChoiceOffered(style="form", body="Your visit")], NotSupported),
        ([ChoiceOffered(style="buttons", body="Which?", header_media=PICTURE)], NotSupported),
    ],
)
def test_what_cannot_be_said_is_refused_before(parts: list[Part], error: type[Exception]) -> None:
    with pytest.raises(error):
        sayable(parts)


def test_choices_are_numbered_in_a_text() -> None:
    part = ChoiceOffered(
        style="link",
        header="Today",
        body="Which?",
        options=(Option(id="1", title="Red"), Option(id="2", title="Blue", url="https://example.org")),
        footer="Flowers",
    )
    assert sayable([part]) == Text(
        body="*Today*\n\nWhich?\n\n1. Red\n2. Blue: https://example.org\n\nFlowers"
    )
