"""Finding messages on either engine: forms, filters, pages, and what is not there any more."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace
from search_world import Remove, Talk

from jackfield.channel import Card, Contacts, Location, Media, MediaSort, Text, Unsupported
from jackfield.errors import Invalid, NotFound
from jackfield.ids import first_id, new_id, read, show
from jackfield.inbox.columns import to_json
from jackfield.inbox.reading import Wanted, finding
from jackfield.inbox.search import engines, index, query
from jackfield.store.rows import MessageRow

DAY = 86_400_000
SORTS: list[tuple[MediaSort, str]] = [
    ("image", "photo"),
    ("video", "video"),
    ("voice", "voice"),
    ("audio", "audio"),
    ("document", "document"),
]


@pytest.mark.parametrize("typed", ["заказ", "Заказы", "заказов", "ЗАКАЗАМИ", "зак", "мой заказ", "заказ мой"])
async def test_every_form_finds_every_form(talk: Talk, typed: str) -> None:
    said = [await talk.say(text) for text in ("Где мой заказ?", "мои заказы", "моих заказов нет")]
    await talk.say("моя доставка")
    assert await talk.find(typed) == said[::-1]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Ждём доставку", "доставка"),
        ("Ещё не пришло", "еще не"),
        ("I was refunded", "refund"),
        ("I want a refund", "refunded"),
        ("deliveries to Рига", "рига delivery"),
        ("заказ №12345-6", "12345"),
        ("заказ №12345", "№ 123"),
        ("+7 (999) 123-45-67", "89991234567"),
        ("звоните 8 999 123 45 67", "+7 999 1234567"),
        ("сумма 1 000 000 руб.", "1 000 000"),
        ("ivan@mail.ru", "ivan@mail"),
        ("https://shop.example/order/77", "shop.example"),
        ("спасибо 👍🏽", "👍"),
        ("北京见", "北京"),
        ("don’t", "don't"),
        ("ab\x00cd", "cd"),
    ],
)
async def test_it_is_found(talk: Talk, text: str, typed: str) -> None:
    await talk.say("something else 7")
    message = await talk.say(text)
    assert await talk.find(typed) == [message]


@pytest.mark.parametrize("typed", ["заказ доставка", "заказ 👎", "заказчик", "аказ", "заказ нет"])
async def test_all_words_must_be_there(talk: Talk, typed: str) -> None:
    await talk.say("мой заказ 👍")
    await talk.say("доставка")
    assert await talk.find(typed) == []


async def test_only_the_last_word_may_be_unfinished(talk: Talk) -> None:
    message = await talk.say("доставка завтра")
    assert await talk.find("завтра дост") == [message]
    assert await talk.find("дост завтра") == []
    assert await talk.find("дост ") == []


async def test_a_beginning_of_many_words_finds_all_of_them(talk: Talk) -> None:
    """More than are looked up one by one."""
    said = [await talk.say(f"abc{number:03}") for number in range(3 * engines.FEW)]
    assert await talk.find("abc") == said[::-1]
    assert await talk.find("abc0") == said[::-1]


HOSTILE = [
    '"',
    '""" OR x',
    "hello* NOT x",
    "NEAR(hello x)",
    "words:hello",
    "-hello",
    "hello\x00",
    "'hello' & x",
    "hello:*B",
    "\\'; DROP TABLE message; --",
    "hello <-> x",
    "^hello",
    "{hello}",
    "\ue000c1",
    "\udfff hello",
    "%_",
    "(" * 100 + "hello",
    "hello " * 33,
    "х" * 10_000,
]


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
async def test_nothing_typed_is_syntax(talk: Talk, typed: str) -> None:
    with suppress(Invalid):  # there is no word in some of them
        await talk.find(typed)
    assert await talk.find("hello") == [show("m", talk.world.here.inbound)]


async def test_what_a_message_brings_is_found_by_its_own_words(talk: Talk) -> None:
    file = await talk.say(Media(sort="document", ref="r", caption="the bill", name="rechnung-17.pdf"))
    card = await talk.say(Contacts(cards=(Card(name="Анна Смирнова", organisation="Ромашка"),)))
    place = await talk.say(Location(latitude=1, longitude=2, name="Café Central", address="Main St 5"))
    await talk.say(Unsupported(kind="x", note="bill"))
    assert await talk.find("bill") == [file]
    assert await talk.find("rechnung") == [file]
    assert await talk.find("ромашки") == [card]
    assert await talk.find("смирнов") == [card]
    assert await talk.find("main st") == [place]


async def test_notes_failed_and_scheduled_messages_are_found(talk: Talk) -> None:
    said = [
        await talk.say("needle", dir="note", st="received"),
        await talk.say("needle", dir="out", st="failed"),
        await talk.say("needle", dir="out", st="scheduled", due_at=1),
        await talk.say("needle", dir="system"),
    ]
    assert await talk.find("needle") == said[::-1]


# -- filters ---------------------------------------------------------------------------------------


async def test_filters_narrow(talk: Talk) -> None:
    here = talk.world.here
    other = replace(here, conversation=new_id())
    await talk.world.converse(
        here.workspace, here.channel, here.contact, other.conversation, new_id(), peer="x", name="x"
    )
    first = await talk.say("needle", dir="in")
    second = await talk.say("needle https://x.example", dir="out")
    third = await talk.say("needle", dir="note", place=other)
    assert await talk.find("needle", conversation=show("c", other.conversation)) == [third]
    assert await talk.find("needle", conversation=here.conv) == [second, first]
    assert await talk.find("needle", channel=show("ch", here.channel)) == [third, second, first]
    assert await talk.find("needle", sender="in") == [first]
    assert await talk.find("needle", sender="out") == [second]
    assert await talk.find("needle", sender="note", conversation=here.conv) == []
    assert await talk.find("needle", has="link") == [second]
    assert await talk.find("needle", has="media") == []
    assert await talk.find("needle", workspace=show("w", here.workspace)) == [third, second, first]


@pytest.mark.parametrize(("sort", "has"), SORTS)
async def test_what_a_message_brings_is_a_filter(talk: Talk, sort: MediaSort, has: str) -> None:
    message = await talk.say(Media(sort=sort, ref="r", caption="needle"))
    await talk.say("needle")
    assert await talk.find("needle", has=has) == [message]
    assert await talk.find("needle", has="media") == [message]


async def test_times_are_those_of_the_messages(talk: Talk) -> None:
    """Whether they came when they were said, were taken over years later, or were written long before."""
    now = await talk.world.now()
    today = await talk.say("needle", at=now)
    yesterday = await talk.say("needle", at=now - DAY)
    taken_over = await talk.say("needle", at=now - 1000 * DAY, history=True)
    prehistoric = await talk.say("needle", at=1_000)
    late = await talk.say("needle", id=first_id(now - 90 * DAY) + 1, at=now - 60_000)
    assert await talk.find("needle", after=now - 2 * DAY) == [yesterday, today, late]
    assert await talk.find("needle", before=now - DAY // 2) == [prehistoric, taken_over, yesterday]
    assert await talk.find("needle", before=now - 999 * DAY, after=now - 1001 * DAY) == [taken_over]
    assert await talk.find("needle", after=now) == [today]
    assert await talk.find("needle", before=now, after=now) == []
    assert await talk.find("needle", before=0) == []
    assert await talk.find("needle", after=1 << 43) == []


@pytest.mark.parametrize("unknown", ["workspace", "conversation", "channel"])
async def test_what_is_anothers_is_not_there(talk: Talk, unknown: str) -> None:
    there = talk.world.there
    theirs = {
        "workspace": show("w", there.workspace),
        "conversation": there.conv,
        "channel": show("ch", there.channel),
    }[unknown]
    nowhere = f"{theirs.partition('_')[0]}_0000000000009"
    for value in (theirs, nowhere, "x"):
        with pytest.raises(NotFound):
            await talk.find("hello", everywhere=False, **{unknown: value})
    wanted: dict[str, Any] = {unknown: theirs}
    assert len(await talk.find("hello", everywhere=True, **wanted)) == 1


async def test_places_that_have_nothing_in_common_have_nothing(talk: Talk) -> None:
    space, conversation = show("w", talk.world.here.workspace), talk.world.there.conv
    assert await talk.find("hello", everywhere=True, workspace=space, conversation=conversation) == []
    page = await talk.reading.search((), Wanted(q="hello"))
    assert (page.hits, page.next) == ((), None)


# -- isolation -------------------------------------------------------------------------------------


async def test_only_the_workspaces_of_the_asker_are_searched(talk: Talk) -> None:
    mine = await talk.say("needle")
    theirs = await talk.say("needle", place=talk.world.there)
    assert await talk.find("needle") == [mine]
    assert await talk.find("needle", everywhere=True) == [theirs, mine]


async def test_workspaces_that_share_their_signs_are_told_apart(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def the_same(_workspace: int) -> str:
        return "䀀䀀"

    for module in (index, query, engines):
        monkeypatch.setattr(module, "signs_of", the_same)
    await talk.say("needle", place=talk.world.there)
    mine = await talk.say("needle")
    await talk.say("needle", place=talk.world.there)
    assert await talk.find("needle") == [mine]
    assert len(await talk.find("needle", everywhere=True)) == 3


# -- pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_show_everything_once(talk: Talk, limit: int) -> None:
    said = [await talk.say(f"needle {number}") for number in range(7)]
    assert [hit.msg.id for hit in await talk.hits("needle", limit=limit)] == said[::-1]


async def test_a_page_is_not_moved_by_what_comes_meanwhile(talk: Talk) -> None:
    first, second, third = [await talk.say("needle") for _ in range(3)]
    spaces = {talk.world.here.workspace}
    page = await talk.reading.search(spaces, Wanted(q="needle"), limit=2)
    await talk.say("needle")
    rest = await talk.reading.search(spaces, Wanted(q="needle"), after=page.next, limit=2)
    assert [hit.msg.id for hit in page.hits] == [third, second]
    assert ([hit.msg.id for hit in rest.hits], rest.next) == ([first], None)


async def test_a_page_ends_before_it_looks_at_too_many(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where times let little through; the pages together still show everything."""
    monkeypatch.setattr(finding, "PIECE", 3)
    monkeypatch.setattr(finding, "SCANNED", 6)
    now = await talk.world.now()
    wanted = [await talk.say("needle", at=now - 3 * DAY) for _ in range(2)]
    for _ in range(20):
        await talk.say("needle", at=now)
    asked = Wanted(q="needle", before=now - DAY)
    page = await talk.reading.search({talk.world.here.workspace}, asked, limit=2)
    assert page.hits == ()
    assert page.next is not None
    assert [hit.msg.id for hit in await talk.hits("needle", limit=2, before=now - DAY)] == wanted[::-1]


async def test_what_is_no_cursor_is_refused(talk: Talk) -> None:
    with pytest.raises(Invalid):
        await talk.reading.search({talk.world.here.workspace}, Wanted(q="hello"), after="!")


async def test_rare_words_are_found_behind_many_messages(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL asks its index only for what is not among the newest."""
    monkeypatch.setattr(engines, "NEAR", 4)
    old = [await talk.say("needle old") for _ in range(3)]
    for _ in range(6):
        await talk.say("hay", place=talk.world.there)
        await talk.say("hay")
    new = await talk.say("needle new")
    assert await talk.find("needle", everywhere=True) == [new, *old[::-1]]
    assert [hit.msg.id for hit in await talk.hits("needle", limit=2)] == [new, *old[::-1]]


@pytest.mark.parametrize("short", [0, 1_000])
async def test_a_conversation_is_searched_whether_long_or_short(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, short: int
) -> None:
    """PostgreSQL looks through a short one by one, and asks its index for the words of a long one."""
    monkeypatch.setattr(engines, "SHORT", short)
    monkeypatch.setattr(engines, "NEAR", 2)
    monkeypatch.setattr(engines, "WIDER", 2)
    old = [await talk.say("needle old") for _ in range(3)]
    await talk.say("needle", place=talk.world.there)
    for _ in range(6):
        await talk.say("hay")
    new = await talk.say("needles new")
    thread = show("c", talk.world.here.conversation)
    assert await talk.find("need", conversation=thread) == [new, *old[::-1]]
    hits = await talk.hits("need", conversation=thread, limit=2)
    assert [hit.msg.id for hit in hits] == [new, *old[::-1]]


async def test_the_newest_of_all_workspaces_come_first(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the newest messages of one workspace end sooner than those of another."""
    monkeypatch.setattr(engines, "NEAR", 4)
    said = [await talk.say("needle", place=talk.world.there) for _ in range(3)]
    said += [await talk.say("needle") for _ in range(5)]
    for limit in (1, 3, 4):
        hits = await talk.hits("needle", everywhere=True, limit=limit)
        assert [hit.msg.id for hit in hits] == said[::-1]


# -- change ----------------------------------------------------------------------------------------


async def change(talk: Talk, message: str, **columns: object) -> None:
    await talk.world.change(MessageRow, read("m", message), **columns)


async def test_what_was_edited_is_found_by_its_new_words_only(talk: Talk) -> None:
    message = await talk.say("blue house")
    await change(talk, message, parts=to_json((Text(body="red house"),)))
    assert await talk.find("red") == [message]
    assert await talk.find("house") == [message]
    assert await talk.find("blue") == []
    await change(talk, message, parts=to_json((Media(sort="image", ref="r"),)))
    assert await talk.find("house") == []
    await change(talk, message, parts=to_json((Text(body="blue"),)))
    assert await talk.find("blue") == [message]


async def test_what_was_taken_back_is_not_found(talk: Talk) -> None:
    message, kept = await talk.say("needle"), await talk.say("needle")
    await change(talk, message, deleted_at=1)
    assert await talk.find("needle") == [kept]


async def test_what_is_gone_is_not_found(talk: Talk) -> None:
    message, kept = await talk.say("needle"), await talk.say("needle")
    await talk.world.store.writer.do(Remove(talk.world.here.workspace, read("m", message)))
    assert await talk.find("needle") == [kept]


async def test_a_moved_message_is_found_in_its_new_conversation(talk: Talk) -> None:
    here, into = talk.world.here, new_id()
    await talk.world.converse(here.workspace, here.channel, here.contact, into, new_id(), peer="x", name="x")
    message = await talk.say("needle")
    await change(talk, message, conversation_id=into)
    assert await talk.find("needle", conversation=show("c", into)) == [message]
    assert await talk.find("needle", conversation=here.conv) == []
    (hit,) = await talk.hits("needle")
    assert (hit.conv.id, hit.msg.conv) == (show("c", into), show("c", into))


async def test_a_new_state_does_not_touch_the_index(talk: Talk) -> None:
    message = await talk.say("needle", dir="out", st="queued")
    for state in ("sending", "sent", "delivered", "read"):
        await change(talk, message, st=state)
    assert await talk.find("needle") == [message]


async def test_a_refused_change_leaves_no_word(talk: Talk) -> None:
    """Words are written in the transaction of the message, or not at all."""
    row = talk.message("needle")
    await talk.world.put(row)
    twice = talk.message("needle twice", id=row.id)
    with pytest.raises(Exception, match="refuses"):
        await talk.world.put(twice)
    assert await talk.find("twice") == []
    assert await talk.find("needle") == [show("m", row.id)]


async def test_messages_of_one_transaction_are_all_found(talk: Talk) -> None:
    said = await asyncio.gather(*(talk.say(f"needle {number}") for number in range(40)))
    assert sorted(await talk.find("needle")) == sorted(said)


async def test_a_hit_shows_message_conversation_and_words(talk: Talk) -> None:
    message = await talk.say("Где мой заказ?")
    (hit,) = await talk.hits("заказы")
    assert (hit.msg.id, hit.msg.text) == (message, "Где мой заказ?")
    assert (hit.conv.id, hit.conv.name) == (talk.world.here.conv, "Ivan")
    assert [(piece.text, piece.hit) for piece in hit.snippet] == [
        ("Где мой ", False),
        ("заказ", True),
        ("?", False),
    ]
