"""A business account's tools over HTTP, against the simulator: what is asked, and what comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from waba_cloud import cloud, refuses, says

from jackfield.channel import (
    Address,
    Automation,
    BotCommand,
    Download,
    NotBlocked,
    OutcomeUnknown,
    ProfileChange,
    Rejected,
    Shop,
)
from jackfield.testing import FakePort
from jackfield_whatsapp_api.channel import CloudChannel
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.errors import NoPermission
from jackfield_whatsapp_api.ids import Scope
from jackfield_whatsapp_api.simulator import Customer, Number, Settings, Simulator
from jackfield_whatsapp_api.simulator.kit import Catalogue, Goods
from jackfield_whatsapp_api.simulator.stories import past
from jackfield_whatsapp_api.tools import blocking

PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)
FORMS: tuple[tuple[Literal["svg", "png"], str], ...] = (("svg", "image/svg+xml"), ("png", "image/png"))


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator.start(Settings(speed=100)) as found:
        yield found


@pytest.fixture
def shop(sim: Simulator) -> Number:
    return sim.add_number("+1 555 010 0001", "Corner Shop")


@pytest.fixture
def ann(sim: Simulator) -> Customer:
    return sim.add_customer("+1 555 010 0199", "Ann")


@pytest.fixture
def port() -> FakePort:
    return FakePort()


def config_of(sim: Simulator, number: Number) -> Config:
    account = sim.world.state.accounts[number.account]
    return Config(
        access_token=account.token,
        app_secret=sim.settings.app_secret,
        verify_token="knock",
        phone_number_id=number.id,
        waba_id=number.account,
        business_id=account.business_id,
        api_base=sim.url,
    )


def opened(sim: Simulator, number: Number, port: FakePort) -> CloudChannel:
    return CloudChannel(config_of(sim, number), port)


@pytest.fixture
def line(sim: Simulator, shop: Number, port: FakePort) -> CloudChannel:
    return opened(sim, shop, port)


async def data(download: Download) -> bytes:
    return b"".join([piece async for piece in download.chunks])


# profile


async def test_a_profile_is_read_changed_in_part_and_read_again(line: CloudChannel) -> None:
    before = await line.profile()
    assert (before.name, before.about, before.username) == ("Corner Shop", "Corner Shop", "")
    assert "corner_shop" in before.usernames
    await line.save_profile(
        ProfileChange(
            description="Roses", websites=("https://a.example",), category="RETAIL", username="@Roses.7"
        )
    )
    after = await line.profile()
    assert (after.about, after.description, after.category) == ("Corner Shop", "Roses", "RETAIL")
    assert after.websites == ("https://a.example",)
    assert (after.username, after.username_state) == ("roses.7", "reserved")
    await line.save_profile(ProfileChange(username="", websites=()))
    assert (await line.profile()).username == ""
    assert (await line.profile()).websites == ()


async def test_nothing_is_saved_of_a_change_that_is_wrong_somewhere(
    sim: Simulator, line: CloudChannel
) -> None:
    for change in (
        ProfileChange(about="New", websites=("nowhere",)),
        ProfileChange(about="New", username="no good"),
    ):
        with pytest.raises(Rejected):
            await line.save_profile(change)
    assert not sim.requests


async def test_a_picture_that_is_no_picture_is_not_uploaded(
    sim: Simulator, line: CloudChannel, port: FakePort
) -> None:
    port.add_file("file", b"GIF89a", name="a.gif", mime="image/gif")
    with pytest.raises(Rejected) as refused:
        await line.save_profile(ProfileChange(picture="file"))
    assert refused.value.field == "picture"
    assert not sim.requests


async def test_a_picture_is_handed_over_and_then_shown(line: CloudChannel, port: FakePort) -> None:
    port.add_file("file", PNG, name="a.png", mime="image/png")
    await line.save_profile(ProfileChange(picture="file"))
    assert (await line.profile()).picture.startswith("https://pps.whatsapp.net/")


async def test_a_username_somebody_has_is_refused_by_its_code(
    sim: Simulator, line: CloudChannel, port: FakePort
) -> None:
    other = opened(sim, sim.add_number("+1 555 010 0002", "Other"), port)
    await other.save_profile(ProfileChange(username="roses"))
    with pytest.raises(Rejected) as refused:
        await line.save_profile(ProfileChange(username="roses"))
    assert refused.value.remote_code == "147001"


# shop


async def test_the_shop_and_its_goods(sim: Simulator, shop: Number, line: CloudChannel) -> None:
    assert await line.shop() == Shop(cart=True)
    assert (await line.catalogue()).items == ()
    goods = [Goods(retailer_id=f"rose-{n}", name=f"Rose {n}", price=f"${n}.00") for n in range(60)]
    sim.world.state.accounts[shop.account].catalogue = Catalogue(id="4711", name="Flowers", goods=goods)
    await line.save_shop(cart=False, visible=True)
    assert await line.shop() == Shop(catalog="4711", cart=False, visible=True)
    first = await line.catalogue()
    rest = await line.catalogue(after=first.after)
    assert [item.id for item in (*first.items, *rest.items)] == [one.retailer_id for one in goods]
    assert rest.after == ""
    assert [item.name for item in (await line.catalogue(query="ROSE 17")).items] == ["Rose 17"]
    assert [item.name for item in (await line.catalogue(query="rose-42")).items] == ["Rose 42"]


# links


async def test_a_link_is_made_changed_drawn_and_deleted(line: CloudChannel) -> None:
    made = await line.save_link("Hello")
    assert made.url == f"https://wa.me/message/{made.id}"
    changed = await line.save_link("Hello again", made.id)
    assert (changed.id, changed.url) == (made.id, made.url)
    assert list(await line.links()) == [changed]
    for form, mime in FORMS:
        drawn = await line.link_picture(made.id, form)
        drawing = await data(drawn)
        assert (drawn.mime, drawn.size) == (mime, len(drawing))
    await line.delete_link(made.id)
    assert list(await line.links()) == []
    for lost in (line.delete_link(made.id), line.link_picture(made.id, "svg"), line.save_link("x", made.id)):
        with pytest.raises(Rejected):
            await lost


async def test_every_page_of_links_is_read(line: CloudChannel, sim: Simulator) -> None:
    made = {(await line.save_link(f"text {n}")).id for n in range(60)}
    assert {link.id for link in await line.links()} == made
    pages = [seen for seen in sim.requests if seen.method == "GET"]
    assert len(pages) == 3


async def test_a_number_has_no_more_links_than_the_provider_allows(
    line: CloudChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield_whatsapp_api.simulator.graph.links.MOST", 1)
    await line.save_link("one")
    with pytest.raises(Rejected):
        await line.save_link("two")


# blocks


async def test_people_are_blocked_listed_and_let_in_again(
    sim: Simulator, shop: Number, ann: Customer, line: CloudChannel
) -> None:
    phone = Address(kind="phone", value="+15550100199")
    stranger = Address(kind="phone", value="+15550100777")
    scope = Scope(sim.world.state.accounts[shop.account].business_id)
    bsuid = Address(kind="bsuid", value=sim.bsuid(shop, ann), scope=scope)
    (late,) = await line.block([phone])
    assert (late.person, late.code) == (phone, "block_needs_message")
    sim.user_says(shop.id, ann.phone, "Hello")
    refused = await line.block([bsuid, stranger, Address(kind="email", value="a@b.example")])
    assert [(one.person, one.code) for one in refused] == [
        (Address(kind="email", value="a@b.example"), "block_no_address"),
        (stranger, "block_needs_message"),
    ]
    assert shop.blocked == {ann.phone}
    assert (await line.blocked()).people == (bsuid,)
    assert list(await line.unblock([phone])) == []
    assert (await line.blocked()).people == ()


async def test_many_are_blocked_in_calls_of_a_size_that_is_taken(
    sim: Simulator, shop: Number, line: CloudChannel
) -> None:
    people = [sim.add_customer(f"+1 555 011 {n:04}", f"Person {n}") for n in range(120)]
    for person in people:
        sim.user_says(shop.id, person.phone, "Hello")
    addresses = [Address(kind="phone", value=f"+{person.phone}") for person in people]
    assert list(await line.block(addresses)) == []
    assert len([seen for seen in sim.requests if seen.path.endswith("block_users")]) == 3
    first = await line.blocked()
    rest = await line.blocked(first.after)
    assert len(first.people) + len(rest.people) == 120


async def test_an_answer_that_is_only_an_error_is_one() -> None:
    async with cloud() as api:
        line = CloudChannel(Config.read(api.config), FakePort())
        api.instead("block_users", refuses(400, 131031), says(b'{"error": {"code": 139100}}', status=400))
        with pytest.raises(Exception, match="refused"):
            await line.block([Address(kind="phone", value="+16505551234")])
        (told,) = await line.block([Address(kind="phone", value="+16505551234")])
        assert told == NotBlocked(person=Address(kind="phone", value="+16505551234"), code=blocking.FAILED)


# automation


async def test_what_the_app_offers_is_saved_whole(line: CloudChannel) -> None:
    assert await line.automation() == Automation()
    wanted = Automation(
        welcome=True,
        prompts=("Are you open?", "Где вы?"),
        commands=(BotCommand(name="hours", description="When we are open"),),
    )
    await line.save_automation(wanted)
    assert await line.automation() == wanted
    await line.save_automation(Automation())
    assert await line.automation() == Automation()


# figures


async def carried(sim: Simulator, shop: Number, ann: Customer) -> None:
    """Two texts and a template, all read; a button pressed."""
    sim.add_template(
        shop,
        "hello",
        "en",
        "Hi",
        category="MARKETING",
        components=[{"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]}],
    )
    sim.user_says(shop.id, ann.phone, "Hello")
    base, sent = {"messaging_product": "whatsapp", "to": ann.phone}, ""
    client = GraphClient(config_of(sim, shop), FakePort())
    for body in (
        {"type": "text", "text": {"body": "a"}},
        {"type": "text", "text": {"body": "b"}},
        {"type": "template", "template": {"name": "hello", "language": {"code": "en"}}},
    ):
        sent = await client.send({**base, **body})
    await sim.settled()
    sim.user_reads(shop.id, ann.phone)
    sim.user_presses(shop.id, ann.phone, sent, "Yes")


async def test_figures_are_what_was_really_carried(
    sim: Simulator, shop: Number, ann: Customer, line: CloudChannel
) -> None:
    await carried(sim, shop, ann)
    sim.world.state.accounts[shop.account].insights = True
    now = datetime.now(UTC)
    found = await line.figures(now - timedelta(days=2), now)
    by = {(one.report, one.by.get("category", one.by.get("template", ""))): one for one in found}
    assert by["messages", ""].values == {"sent": 3.0, "delivered": 3.0}
    assert by["pricing", "marketing"].values == {"delivered": 1.0, "cost": 0.1}
    assert by["pricing", "marketing"].by["country"] == "US"
    assert by["pricing", "marketing"].currency == "USD"
    assert by["pricing", "service"].values == {"delivered": 2.0, "cost": 0.0}
    assert by["conversations", "marketing"].values == {"conversations": 1.0, "cost": 0.1}
    assert by["templates", "hello"].by == {"template": "hello", "language": "en"}
    assert by["templates", "hello"].values == {
        "sent": 1.0,
        "delivered": 1.0,
        "read": 1.0,
        "clicked": 1.0,
        "cost": 0.1,
    }
    assert all(one.start < one.end for one in found)


async def test_the_same_time_asked_again_is_the_same_figures(
    sim: Simulator, shop: Number, ann: Customer, line: CloudChannel
) -> None:
    await carried(sim, shop, ann)
    now = datetime.now(UTC)
    asked = [await line.figures(now - timedelta(days=2), now) for _ in range(2)]
    keys = [[(one.report, one.start, one.end, tuple(one.by.items())) for one in found] for found in asked]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len(keys[0])


async def test_figures_are_of_this_number_and_not_of_its_neighbour(
    sim: Simulator, shop: Number, ann: Customer, line: CloudChannel, port: FakePort
) -> None:
    await carried(sim, shop, ann)
    neighbour = opened(sim, sim.add_number("+1 555 010 0009", "Next", account_id=shop.account), port)
    now = datetime.now(UTC)
    assert not await neighbour.figures(now - timedelta(days=2), now)


async def test_templates_that_are_not_counted_leave_the_rest(
    sim: Simulator, shop: Number, ann: Customer, line: CloudChannel
) -> None:
    await carried(sim, shop, ann)
    now = datetime.now(UTC)
    reports = {one.report for one in await line.figures(now - timedelta(days=2), now)}
    assert reports == {"messages", "conversations", "pricing"}


async def test_an_account_with_very_many_templates_is_not_asked_about_all(
    sim: Simulator, shop: Number, line: CloudChannel
) -> None:
    sim.world.state.accounts[shop.account].insights = True
    for number in range(230):
        sim.add_template(shop, f"t{number}", "en", "Hi", status="PENDING" if number == 7 else "APPROVED")
    now = datetime.now(UTC)
    await line.figures(now - timedelta(days=2), now)
    calls = [seen.path.rsplit("/", 1)[-1] for seen in sim.requests]
    assert calls.count("template_analytics") == 20
    assert calls.count("message_templates") == 3


async def test_no_more_of_the_past_is_asked_for_than_there_is(sim: Simulator, line: CloudChannel) -> None:
    now = datetime.now(UTC)
    await line.figures(now - timedelta(days=4000), now + timedelta(days=1))
    assert all(seen.status == 200 for seen in sim.requests if "template_analytics" not in seen.path)
    assert await line.figures(now + timedelta(days=1), now + timedelta(days=2)) == []


async def test_a_token_that_may_see_no_figures_says_so_and_harms_no_channel() -> None:
    async with cloud() as api:
        port = FakePort()
        line = CloudChannel(Config.read(api.config), port)
        waba = api.config["waba_id"]
        api.instead(waba, *(refuses(403, 10) for _ in range(3)))
        now = datetime.now(UTC)
        with pytest.raises(NoPermission):
            await line.figures(now - timedelta(days=2), now)
        assert not port.states


async def test_a_link_that_was_perhaps_made_is_not_called_made() -> None:
    async with cloud() as api:
        line = CloudChannel(Config.read(api.config), FakePort())
        api.instead("message_qrdls", says(b"{}"))
        with pytest.raises(OutcomeUnknown):
            await line.save_link("Hello")


async def test_the_token_is_in_no_log_of_these_calls(
    sim: Simulator, line: CloudChannel, port: FakePort
) -> None:
    await line.links()
    await line.profile()
    token = sim.world.state.accounts[next(iter(sim.world.state.accounts))].token
    assert port.entries
    assert all(token not in f"{entry.request}{entry.response}{entry.error}" for entry in port.entries)


# the demo


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_the_demos_customers_order_is_in_the_catalogue(
    sim: Simulator, port: FakePort, language: Literal["en", "ru"]
) -> None:
    story = past.load(language)
    line = opened(sim, past.settle(sim, story), port)
    ordered = {
        item["product_retailer_id"]
        for person in story.customers
        for said in person.talk
        for item in said.order or ()
    }
    assert ordered
    assert ordered < {item.id for item in (await line.catalogue()).items}
