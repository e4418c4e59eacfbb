"""Stories of the way in: what was there, and what then comes. Run as a script, they become the fixtures
by which the page's reducers are held to the same state: `python tests/inbox_stories.py`. The stories of
the commands, in inbox_verb_stories.py, become fixtures with them.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from inbox_line import (
    IVAN,
    IVAN_BSUID,
    OLGA,
    Line,
    another_line,
    at,
    deleted,
    edited,
    open_line,
    ours,
    reacted,
    receipt,
    said,
)
from inbox_reduce import Verify, plain
from inbox_verb_stories import STORIES as VERB_STORIES
from inbox_verb_stories import open_stage
from inbox_verb_stories import play as play_verb
from msgspec import Raw, Struct

from jackfield.channel import (
    AnyEvent,
    Call,
    ConversationId,
    ConversationInfo,
    Failure,
    HistoryChunk,
    LimitChange,
    Media,
    MessageId,
    Profile,
    SamePerson,
    Seen,
    System,
    TemplateState,
    Typing,
    Unrecognised,
    Unsupported,
)
from jackfield.inbox.reading import Reading
from jackfield.settings import Settings

FIXTURES = Path(__file__).parent.parent / "ui" / "client" / "core" / "fixtures"
NOW = 1_900_000_000_000  # stands in the fixtures for the moment they were made
HOUR = 3_600_000  # ms

Delivery = tuple[AnyEvent, ...]


class Story(Struct, frozen=True, kw_only=True):
    name: str
    given: tuple[Delivery, ...] = ()
    then: tuple[Delivery, ...]


_HELLO: Delivery = (said("Good day", key="m1", name="Ivan"),)
_OURS: Delivery = (ours("Good day to you", key="o1", minute=1),)
_BY_BSUID = ConversationId("bsuid:RU.111")
_BY_PHONE = ConversationId("phone:+79991234567")

STORIES = (
    Story(name="first-message", then=(_HELLO,)),
    Story(name="second-delivery", given=(_HELLO,), then=(_HELLO,)),
    Story(
        name="several-in-one-delivery",
        then=((*_HELLO, said("Is it open?", key="m2", minute=1), said("?", key="m3", minute=2)),),
    ),
    Story(
        name="two-people",
        given=(_HELLO,),
        then=((said("Hi", key="m2", by=[OLGA], name="Olga", peer="phone:+79997654321"),),),
    ),
    Story(
        name="late-message",
        given=((said("second", key="m2", minute=5),),),
        then=((said("first", key="m1"),),),
    ),
    Story(name="a-new-name", given=(_HELLO,), then=((said("me", key="m2", name="Ivan Petrov"),),)),
    Story(
        name="a-photo",
        then=(
            (said("", key="m1", parts=[Media(sort="image", ref="r1", mime="image/jpeg", caption="See")]),),
        ),
    ),
    Story(name="a-reply", given=(_HELLO,), then=((said("as I said", key="m2", minute=1, reply_to="m1"),),)),
    Story(
        name="a-reply-before-its-question",
        given=((said("as I said", key="m2", minute=1, reply_to="m1"),),),
        then=(_HELLO,),
    ),
    Story(name="from-the-phone", given=(_HELLO,), then=(_OURS,)),
    Story(
        name="receipts",
        given=(_HELLO, _OURS),
        then=((receipt("delivered", "o1"),), (receipt("read", "o1"), receipt("sent", "o1"))),
    ),
    Story(
        name="failed",
        given=(_HELLO, _OURS),
        then=((receipt("failed", "o1", failure=Failure(code="unreachable", text="no such phone")),),),
    ),
    Story(name="receipt-before-its-message", given=((receipt("read", "o1"),),), then=(_OURS,)),
    Story(name="edited", given=(_HELLO,), then=((edited("Good evening", key="m1", minute=2),),)),
    Story(name="deleted", given=(_HELLO,), then=((deleted(key="m1", minute=2),),)),
    Story(
        name="reactions",
        given=(_HELLO,),
        then=(
            (reacted("👍", key="m1", minute=1, from_me=True), reacted("❤", key="m1", minute=2)),
            (reacted("", key="m1", minute=3),),
        ),
    ),
    Story(
        name="changes-before-their-message",
        given=((edited("Bye", key="m1", minute=3), reacted("👍", key="m1", minute=1, from_me=True)),),
        then=(_HELLO,),
    ),
    Story(
        name="the-past",
        given=(_HELLO,),
        then=(
            (
                HistoryChunk(
                    at=at(0),
                    messages=(
                        said("long ago", key="h1", minute=-500),
                        said("longer ago", key="h2", minute=-600),
                    ),
                    progress=50,
                ),
            ),
        ),
    ),
    Story(
        name="unknown-kinds",
        then=(
            (
                said("", key="m1", parts=[Unsupported(kind="hologram")]),
                said("", key="m2", minute=1, parts=[Call(id="c1", outcome="missed")]),
                said("", key="m3", minute=2, parts=[System(code="number_changed")]),
                Unrecognised(at=at(3), kind="field.weather", raw=Raw(b'{"sunny":true}')),
            ),
        ),
    ),
    Story(
        name="a-group",
        then=(
            (
                ConversationInfo(at=at(0), conversation=ConversationId("group:1"), name="Builders"),
                said("Hi all", key="g1", by=[IVAN], name="Ivan", peer="group:1", group=True),
                said("Hi Ivan", key="g2", minute=1, by=[OLGA], name="Olga", peer="group:1", group=True),
            ),
        ),
    ),
    Story(
        name="somebody-else-answers",
        given=(_HELLO,),
        then=(
            (ConversationInfo(at=at(2), conversation=_BY_PHONE, group=False, holder="agent"),),
            (ConversationInfo(at=at(3), conversation=_BY_PHONE, group=False, holder=""),),
        ),
    ),
    Story(
        name="a-second-address",
        given=(_HELLO,),
        then=((said("it is me", key="m2", minute=1, by=[IVAN_BSUID, IVAN], peer=_BY_BSUID),),),
    ),
    Story(
        name="two-threads-of-one-person",
        given=(_HELLO, (said("who am I", key="m2", minute=1, by=[IVAN_BSUID], peer=_BY_BSUID),)),
        then=((SamePerson(at=at(2), known_as=(IVAN, IVAN_BSUID)),),),
    ),
    Story(
        name="moved",
        given=(_HELLO,),
        then=(
            (
                SamePerson(
                    at=at(2),
                    known_as=(IVAN, OLGA),
                    moved=True,
                    was=ConversationId("phone:+79991234567"),
                    conversation=ConversationId("phone:+79997654321"),
                ),
                said("new number", key="m2", minute=3, by=[OLGA], peer="phone:+79997654321"),
            ),
        ),
    ),
    Story(
        name="a-profile",
        given=(_HELLO,),
        then=(
            (
                Profile(
                    at=at(1), person=(IVAN,), name="Ivan P.", about="at sea", attributes={"username": "vanya"}
                ),
                Typing(at=at(1), conversation=ConversationId("phone:+79991234567"), sender=_HELLO[0].sender),  # type: ignore[union-attr]  # a message
            ),
        ),
    ),
    Story(
        name="read-on-the-phone",
        given=(_HELLO, (said("and again", key="m2", minute=1), said("still there?", key="m3", minute=2))),
        then=((Seen(at=at(3), conversation=ConversationId("phone:+79991234567"), upto=(MessageId("m2"),)),),),
    ),
    Story(
        name="the-account",
        then=(
            (
                TemplateState(at=at(0), id="1", name="welcome", language="en", state="rejected", reason="no"),
                LimitChange(at=at(0), about="account", value="disabled", severity="critical", text="Banned"),
            ),
            (LimitChange(at=at(1), about="account", value="restored"),),
        ),
    ),
)


async def play(line: Line, story: Story) -> dict[str, Any]:
    """Tell a story on a line, verified; answer it as a fixture."""
    for delivery in story.given:
        await line.take(*delivery)
    verify = Verify(Reading(line.store), line.workspace, line.stream)
    async with verify:
        for delivery in story.then:
            await line.take(*delivery)
    return {
        "name": story.name,
        "before": plain(verify.before),
        "events": [{"seq": seq, "d": plain(event)} for seq, event in verify.events],
        "after": plain(verify.after),
    }


class Steady:
    """The same ids and times every time: ids in the order they appear, one moment for "now".

    `turn`: what is not before it is a second later. Times to come are told in whole hours from now.
    """

    _ID = re.compile(r"\b(w|o|ch|c|p|i|m|f|l|mg)_[0-9a-z]{13}\b")
    _NUMBER = re.compile(r"\b\d{16,19}\b")  # an id as it is stored
    _TIME = re.compile(r"\d{13}")

    def __init__(self, since: int, turn: int | None = None) -> None:
        self._since, self._turn = since, turn
        self._ids: dict[str, str] = {}
        self._count: dict[str, int] = {}

    def __call__(self, value: Any) -> Any:
        match value:
            case dict():
                return {self._text(key): self(one) for key, one in cast("dict[str, Any]", value).items()}
            case list():
                return [self(one) for one in cast("Sequence[Any]", value)]
            case str():
                return self._text(value)
            case int() if not isinstance(value, bool):
                return self._time(value)
            case _:
                return value

    def _time(self, value: int) -> int:
        if not self._since - HOUR < value < self._since + 48 * HOUR:
            return value
        later = self._turn is not None and value >= self._turn
        return NOW + round((value - self._since) / HOUR) * HOUR + (1000 if later else 0)

    def _text(self, text: str) -> str:
        if self._TIME.fullmatch(text):
            return str(self._time(int(text)))
        text = self._ID.sub(lambda found: self._numbered(found[0], f"{found[1]}_"), text)
        return self._NUMBER.sub(lambda found: self._numbered(found[0], "n"), text)

    def _numbered(self, said: str, kind: str) -> str:
        if said not in self._ids:
            self._count[kind] = self._count.get(kind, 0) + 1
            self._ids[said] = f"{kind}{self._count[kind]:013d}"
        return self._ids[said]


async def fixtures() -> dict[str, str]:
    """Every story as the text of its file, by file name; always the same."""
    files: dict[str, str] = {}
    since = int(time.time() * 1000)

    def add(name: str, fixture: Any) -> None:
        files[f"{name}.json"] = f"{json.dumps(fixture, ensure_ascii=False, indent=1, sort_keys=True)}\n"

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        async with open_line(settings) as line:
            for story in STORIES:
                told = await play(await another_line(line, story.name), story)
                add(story.name, Steady(since)(told))
        async with open_stage(settings) as (stage, stream):
            for verb in VERB_STORIES:
                done = await play_verb(stage, verb, stream)
                add(verb.name, Steady(since, done.turn)(done.fixture(verb.name)))
    return files


def write(files: dict[str, str]) -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for old in FIXTURES.glob("*.json"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (FIXTURES / name).write_text(text)


if __name__ == "__main__":
    write(asyncio.run(fixtures()))
