"""What a program says is typed first, where the channel wants that; what a person says was typed already."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec import structs
from scripted_channel import Plain

from jackfield.channel import ConversationId, Part, Text, Unavailable
from jackfield.inbox.attempt import Accepted, Job, attempt

JOB = Job(
    row=1,
    op="send",
    workspace=1,
    conversation=1,
    message=1,
    to="ada",
    txn="t1",
    parts=(Text(body="hi"),),
    owner="o",
    attempts=1,
    automatic=True,
)


class Typist(Plain):
    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.composed: list[ConversationId] = []
        self.error = error

    async def compose(self, to: ConversationId, parts: Sequence[Part]) -> None:
        self.composed.append(to)
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize("error", [None, Unavailable(), RuntimeError("broken")])
async def test_a_programs_words_are_typed_and_leave_whatever_becomes_of_that(error: Exception | None) -> None:
    channel = Typist(error)
    assert isinstance(await attempt(channel, JOB, within=1), Accepted)
    assert channel.composed == ["ada"]


async def test_a_persons_words_and_changes_are_not() -> None:
    channel = Typist()
    assert isinstance(await attempt(channel, structs.replace(JOB, automatic=False), within=1), Accepted)
    assert not channel.composed
