"""Templates are read by whoever runs a channel of their account: in time, once, and again after trouble."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from designing_channel import DesigningChannel, TemplateHouse
from web_world import World, open_world

import jackfield.channel as c
from jackfield.app.templates import TemplateReader
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.receive import receive
from jackfield.inbox.templates.reading import AFTER_TROUBLE, EVERY
from jackfield.settings import Settings
from jackfield.store.rows import TemplateAccountRow
from jackfield.store.tables import Channel, TemplateAccount
from jackfield.web.clock import now_ms
from jackfield.web.parts import Line

HOUR = 3_600_000


@dataclass
class Lines:
    all: Mapping[int, Line]


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with open_world(settings) as opened:
        DesigningChannel.houses.clear()
        DesigningChannel.account_of_line.clear()
        for client in (opened.alpha, opened.beta):
            opened.lines.swap(client.channel, DesigningChannel)
        yield opened


def reader(world: World, owner: str = "us") -> TemplateReader:
    return TemplateReader(world.store, Lines(world.lines.lines), owner)


async def runs(world: World, channel: int, owner: str = "us") -> None:
    """The lease of a channel is a process's."""
    await Channel.filter(id=channel).update(lease_owner=owner, lease_until=now_ms() + HOUR)


def house(line: str) -> TemplateHouse:
    return DesigningChannel.houses.setdefault(line, TemplateHouse())


async def account(world: World, line: str) -> TemplateAccountRow:
    (row,) = await world.store.rows(TemplateAccountRow, "WHERE account = $1", f"whole:{line}")
    return row


async def test_only_what_runs_here_is_read_and_only_when_its_time_has_come(world: World) -> None:
    house("line-alpha").add()
    await runs(world, world.alpha.channel)
    assert await reader(world).look() == 1
    assert (house("line-alpha").asked, house("line-beta").asked) == (["designs"], [])
    row = await account(world, "line-alpha")
    assert row.read_at > 0
    assert 0.8 * EVERY < row.wanted_at - now_ms() < 1.2 * EVERY
    assert await reader(world).look() == 0
    await TemplateAccount.all().update(wanted_at=now_ms() - 1)
    assert await reader(world, "another process").look() == 0
    assert await reader(world).look() == 1


async def test_what_a_provider_tells_has_it_read_soon(world: World) -> None:
    """A template we have never seen, of which the call says only where it stands."""
    await runs(world, world.alpha.channel)
    await reader(world).look()
    record = house("line-alpha").add()
    facts = ChannelFacts(workspace=world.alpha.workspace, channel=world.alpha.channel, kind="whole")
    event = c.TemplateState(
        at=datetime.now(UTC),
        id=record.id,
        name="welcome",
        language="en",
        state="approved",
        standing="approved",
        account="line-alpha",
    )
    await receive(world.store, world.parts.bus, facts, [event])
    assert (await account(world, "line-alpha")).wanted_at - now_ms() < 5_000


async def test_after_trouble_it_is_tried_again_later(world: World) -> None:
    await runs(world, world.alpha.channel)
    for error, wait in (
        (c.Unavailable("away"), AFTER_TROUBLE), (c.RateLimited("slow", after=1800), 1_800_000),
        (c.BadCredentials("expired"), EVERY),
    ):  # fmt: skip
        house("line-alpha").fails = [error]
        await TemplateAccount.all().update(wanted_at=0)
        assert await reader(world).look() == 1
        row = await account(world, "line-alpha")
        assert row.problem == error.code
        assert abs(row.wanted_at - now_ms() - wait) < 60_000
    await TemplateAccount.all().update(wanted_at=0)
    await reader(world).look()
    assert (await account(world, "line-alpha")).problem == ""


async def test_two_channels_of_one_account_are_one_reading(world: World) -> None:
    """Two numbers of one WhatsApp account in two workspaces: one copy each, and one reading for each."""
    DesigningChannel.account_of_line["line-beta"] = "line-alpha"
    house("line-alpha").add()
    for client in (world.alpha, world.beta):
        await runs(world, client.channel)
    assert await reader(world).look() == 2
    rows = await world.store.fetch("SELECT workspace_id FROM template ORDER BY workspace_id")
    assert rows == sorted([(world.alpha.workspace,), (world.beta.workspace,)])


async def test_a_plugin_that_breaks_ends_nobody_elses_reading(world: World) -> None:
    for client in (world.alpha, world.beta):
        await runs(world, client.channel)

    class Broken(DesigningChannel):
        async def designs(self) -> list[c.TemplateRecord]:
            raise RuntimeError("broken")

    world.lines.swap(world.alpha.channel, Broken)
    assert await reader(world).look() == 2
    assert house("line-beta").asked == ["designs"]
