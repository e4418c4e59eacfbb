"""What a provider tells beside messages: what is closed, what is free, who wants what, what it counts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from inbox_world import HOUR, World, open_world

import jackfield.channel as c
from jackfield.errors import NotSendable
from jackfield.ids import new_id, show
from jackfield.inbox.columns import ms
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.receive import receive
from jackfield.settings import Settings
from jackfield.store.rows import ContactRow, ConversationRow, FigureRow, MessageRow, ReceiptRow
from jackfield.wire.commands import SendMessage

PEER = c.ConversationId("phone:+79991234567")
PERSON = (c.Address(kind="phone", value="+79991234567"),)
DAY = 24 * HOUR


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with open_world(settings) as opened:
        yield opened


async def hear(world: World, *events: c.AnyEvent) -> None:
    facts = ChannelFacts(
        workspace=world.here.workspace, channel=world.here.channel, kind="scripted", window_ms=DAY
    )
    await receive(world.store, world.bus, facts, events)


def now() -> datetime:
    return datetime.now(UTC)


def message(part: c.Part, at: datetime, **options: Any) -> c.Message:
    told: dict[str, Any] = {"sender": c.Sender(addresses=PERSON)} | options
    return c.Message(at=at, conversation=PEER, id=c.MessageId(f"in.{new_id()}"), parts=(part,), **told)


async def sent(world: World, text: str = "hi", **columns: object) -> MessageRow:
    """A message of ours that the provider has."""
    part = c.Text(body=text)
    (row,) = await world.say(SendMessage(conv=world.here.conv, parts=(part,)))
    await world.change(MessageRow, row.id, external_id=f"ext.{row.id}", st="sent", **columns)
    return row


def receipt(row: MessageRow, level: c.ReceiptLevel, **options: Any) -> c.Receipt:
    told: dict[str, Any] = {"at": now()} | options
    return c.Receipt(targets=(c.MessageId(f"ext.{row.id}"),), level=level, **told)


async def contact(world: World) -> dict[str, str]:
    row = await world.one(ContactRow, world.here.contact)
    return json.loads(row.attributes)  # type: ignore[no-any-return]  # texts by text


# -- the window ---------------------------------------------------------------------------------------

OURS = c.Sender(from_me=True)
OPENS: list[tuple[str, c.Part, dict[str, Any], bool]] = [
    ("a message", c.Text(body="hi"), {}, True),
    ("a call", c.Call(id="call-1", outcome="missed"), {}, True),
    ("something unknown", c.Unsupported(kind="poll"), {}, True),
    ("our own phone", c.Text(body="hi"), {"sender": OURS, "peer": PERSON}, False),
    ("our bot", c.Text(body="hi"), {"sender": OURS, "peer": PERSON, "origin": "bot"}, False),
    ("the network itself", c.System(code="changed"), {}, False),
]


@pytest.mark.parametrize(("name", "part", "options", "opens"), OPENS, ids=[case[0] for case in OPENS])
async def test_what_a_person_says_opens_the_window(
    world: World, name: str, part: c.Part, options: dict[str, Any], opens: bool
) -> None:
    at = now() + timedelta(minutes=5)
    before = (await world.conversation()).window_until
    await hear(world, message(part, at, **options))
    after = (await world.conversation()).window_until
    assert after == (ms(at) + DAY if opens else before), name


async def test_a_reaction_opens_no_window(world: World) -> None:
    row = await sent(world)
    before = (await world.conversation()).window_until
    reaction = c.Reaction(
        at=now() + timedelta(minutes=5),
        conversation=PEER,
        target=c.MessageId(f"ext.{row.id}"),
        sender=c.Sender(addresses=PERSON),
        emoji="x",
    )
    await hear(world, reaction)
    assert (await world.message(row.id)).reactions != "[]"
    assert (await world.conversation()).window_until == before


CLOSED = c.Failure(code="window_closed", remote_code="131047")


async def test_a_late_refusal_closes_the_window_until_the_person_writes(world: World) -> None:
    row = await sent(world)
    await hear(world, receipt(row, "failed", failure=CLOSED))
    answer = await world.inbox.can_send(world.actor(), world.here.conv)
    assert (answer.reason, answer.alternatives) == ("window_closed", ("template", "note"))
    with pytest.raises(NotSendable):
        await world.say(SendMessage(conv=world.here.conv, parts=(c.Text(body="again"),)))
    await hear(world, message(c.Text(body="hello"), now() + timedelta(seconds=1)))
    assert (await world.inbox.can_send(world.actor(), world.here.conv)).ok


async def test_a_refusal_of_what_was_said_before_he_wrote_closes_nothing(world: World) -> None:
    row = await sent(world)
    await hear(world, message(c.Text(body="hello"), now() + timedelta(seconds=5)))
    await hear(world, receipt(row, "failed", failure=CLOSED))
    assert (await world.inbox.can_send(world.actor(), world.here.conv)).ok


# -- what is free -------------------------------------------------------------------------------------

AD = c.Referral(source="ad", id="1", answer_within=24 * 3600, free_for=72 * 3600)


async def test_an_answer_to_an_advertisement_opens_a_free_time(world: World) -> None:
    at = now()
    await hear(world, message(c.Text(body="how much?"), at, referral=AD))
    assert (await world.conversation()).free_until is None
    (row,) = await world.say(SendMessage(conv=world.here.conv, parts=(c.Text(body="10"),)))
    await world.change(MessageRow, row.id, external_id=f"ext.{row.id}")
    await hear(world, receipt(row, "delivered"))
    until = (await world.conversation()).free_until
    assert until is not None
    assert ms(at) + 72 * HOUR <= until <= ms(now()) + 72 * HOUR
    assert (await world.inbox.can_send(world.actor(), world.here.conv)).free_until == until
    await hear(world, receipt(await sent(world), "delivered"))
    assert (await world.conversation()).free_until == until


async def test_an_answer_that_comes_too_late_is_not_free(world: World) -> None:
    await hear(world, message(c.Text(body="how much?"), now(), referral=AD))
    await world.change(ConversationRow, world.here.conversation, free_by=ms(now()) - 1)
    (row,) = await world.say(SendMessage(conv=world.here.conv, parts=(c.Text(body="10"),)))
    await world.change(MessageRow, row.id, external_id=f"ext.{row.id}")
    await hear(world, receipt(row, "sent"))
    conversation = await world.conversation()
    assert (conversation.free_until, conversation.free_by) == (None, None)


async def test_a_referral_from_the_past_promises_nothing(world: World) -> None:
    await hear(world, message(c.Text(body="hi"), now(), referral=AD, history=True))
    assert (await world.conversation()).free_by is None


async def test_the_providers_word_on_what_is_free_goes_over_ours(world: World) -> None:
    until = now() + timedelta(hours=50)
    await hear(world, receipt(await sent(world), "sent", free_until=until))
    assert (await world.conversation()).free_until == ms(until)


# -- what a person wants ------------------------------------------------------------------------------


async def test_an_opt_out_is_kept_with_its_time_and_stops_marketing_until_it_is_taken_back(
    world: World,
) -> None:
    row = await sent(world)
    opted_out = c.Failure(code="opted_out", remote_code="131050")
    await hear(world, receipt(row, "failed", failure=opted_out))
    said = await contact(world)
    assert (said["consent.marketing"], said["consent.marketing.source"]) == ("stop", "provider")
    assert said["consent.marketing.at"].startswith(str(now().year))
    offer = c.Template(name="offer", language="en", category="MARKETING")
    with pytest.raises(NotSendable) as refused:
        await world.say(SendMessage(conv=world.here.conv, parts=(offer,)))
    assert refused.value.code == "marketing_opted_out"
    answer = await world.inbox.can_send(world.actor(), world.here.conv)
    assert (answer.ok, answer.marketing) == (True, False)
    resumed = c.Profile(at=now(), person=PERSON, attributes={"consent.marketing": "resume"})
    await hear(world, resumed)
    said = await contact(world)
    assert (said["consent.marketing"], said["consent.marketing.source"]) == ("resume", "person")
    await world.say(SendMessage(conv=world.here.conv, parts=(offer,)))


async def test_an_older_wish_does_not_undo_a_newer_one(world: World) -> None:
    later = c.Profile(at=now(), person=PERSON, attributes={"consent.marketing": "stop"})
    early = c.Profile(
        at=now() - timedelta(hours=1),
        person=PERSON,
        attributes={"consent.marketing": "resume", "consent.marketing.detail": "old", "username": "ada"},
    )
    await hear(world, later, early)
    said = await contact(world)
    assert (said["consent.marketing"], said.get("consent.marketing.detail")) == ("stop", None)
    assert said["username"] == "ada"


async def test_a_person_we_blocked_elsewhere_is_known_as_blocked(world: World) -> None:
    row = await sent(world)
    await hear(world, receipt(row, "failed", failure=c.Failure(code="blocked_by_us", remote_code="130403")))
    assert f"blocked.{show('ch', world.here.channel)}" in await contact(world)
    assert (await world.inbox.can_send(world.actor(), world.here.conv)).reason == "blocked"


# -- what it counts -----------------------------------------------------------------------------------


async def test_a_message_is_counted_once_when_it_arrives(world: World) -> None:
    charge = c.Charge(category="marketing", type="regular", billable=True)
    row, other = await sent(world), await sent(world)
    at = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    await hear(world, receipt(row, "sent", charge=charge, at=at))
    assert await world.all(FigureRow) == []
    for level in ("delivered", "delivered", "read"):
        await hear(world, receipt(row, level, charge=charge, at=at))
    await hear(world, receipt(other, "read", charge=charge, at=at))
    (figure,) = await world.all(FigureRow)
    assert json.loads(figure.by) == {"category": "marketing", "type": "regular", "billable": "yes"}
    assert json.loads(figure.numbers) == {"messages": 2}
    assert (figure.since, figure.until - figure.since) == (ms(datetime(2026, 3, 1, tzinfo=UTC)), DAY)


async def test_what_the_provider_says_of_the_price_is_kept_word_for_word(world: World) -> None:
    raw = b'{"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"service"}}'
    row = await sent(world)
    await hear(world, receipt(row, "delivered", detail=msgspec.Raw(raw)))
    (kept,) = await world.store.rows(ReceiptRow, "WHERE message_id = $1", row.id)
    assert kept.detail.encode() == raw
