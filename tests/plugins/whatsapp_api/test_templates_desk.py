"""The plugin makes, edits and deletes templates at the simulator, with the files of their headers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from msgspec.structs import replace
from waba_cloud import Cloud, cloud, drops, says

from jackfield.channel import (
    DesignsTemplates,
    Rejected,
    TemplateButton,
    TemplateCard,
    TemplateDesign,
    TemplateHeader,
    Unavailable,
)
from jackfield.testing import FakePort
from jackfield_whatsapp_api.channel import CloudChannel
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.simulator import Settings, Simulator, review
from jackfield_whatsapp_api.simulator.model import Number
from jackfield_whatsapp_api.templates import TemplateDesk
from jackfield_whatsapp_api.templates.files import hand_over

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300
NOW = datetime(2026, 11, 1, tzinfo=UTC)

READY = TemplateDesign(
    name="order_ready",
    language="en",
    category="utility",
    body="Hello {{1}}, your order {{2}} is here",
    footer="Corner Shop",
    buttons=(TemplateButton(form="reply", title="Thanks"),),
    examples={"body.1": "Ann", "body.2": "17"},
)
PICTURE = replace(READY, name="with_picture", header=TemplateHeader(form="image", file="f_1"))


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator.start(Settings(speed=100)) as found:
        yield found


@pytest.fixture
def shop(sim: Simulator) -> Number:
    return sim.add_number("+1 555 010 0001", "Corner Shop")


@pytest.fixture
def port() -> FakePort:
    port = FakePort()
    port.add_file("f_1", PNG, name="roses.png", mime="image/png")
    return port


@pytest.fixture
def channel(sim: Simulator, shop: Number, port: FakePort) -> CloudChannel:
    return CloudChannel(config_of(sim, shop), port)


def config_of(sim: Simulator, shop: Number) -> Config:
    values = {
        "phone_number_id": shop.id,
        "waba_id": shop.account,
        "access_token": sim.token_of(shop),
        "app_secret": sim.settings.app_secret,
        "verify_token": "knock",
        "api_base": sim.url,
    }
    return Config.read(values)


async def test_a_template_is_made_approved_edited_and_deleted(
    sim: Simulator, shop: Number, channel: CloudChannel
) -> None:
    assert isinstance(channel, DesignsTemplates)
    made = await channel.create_template(READY)
    assert (made.standing, set(made.problems)) == ("pending", {"edit", "send"})
    await sim.settled()
    (listed,) = await channel.designs()
    assert (listed.id, listed.standing, listed.design) == (made.id, "approved", READY)
    changed = replace(READY, footer="")
    assert (await channel.edit_template(made.id, changed)).standing == "pending"
    await sim.settled()
    (listed,) = await channel.designs()
    assert listed.design == changed
    with pytest.raises(Rejected) as raised:
        await channel.edit_template(made.id, READY)
    assert raised.value.words == "whatsapp_api.template.edited_enough"
    await channel.delete_template(made.id, name=READY.name, every_language=False)
    assert await channel.designs() == []
    with pytest.raises(Rejected) as raised:
        await channel.create_template(READY)
    assert (raised.value.remote_code, raised.value.words) == (
        "2388023", "whatsapp_api.error.template_name_blocked",
    )  # fmt: skip


async def test_a_picture_goes_up_and_stays_when_the_words_change(
    sim: Simulator, channel: CloudChannel
) -> None:
    made = await channel.create_template(PICTURE)
    assert made.design.header == TemplateHeader(form="image")
    await sim.settled()
    download = await channel.template_file(made.id, "header")
    assert b"".join([piece async for piece in download.chunks]) == PNG
    (listed,) = await channel.designs()
    await channel.edit_template(made.id, replace(listed.design, footer="Another"))
    await sim.settled()
    download = await channel.template_file(made.id, "header")
    assert b"".join([piece async for piece in download.chunks]) == PNG
    assert len(sim.world.state.uploads) == 2


async def test_each_card_has_its_file(sim: Simulator, channel: CloudChannel) -> None:
    card = TemplateCard(header=TemplateHeader(form="image", file="f_1"), body="One", buttons=READY.buttons)
    design = replace(READY, name="cards", footer="", buttons=(), cards=(card, card))
    made = await channel.create_template(design)
    for place in ("card.0", "card.1"):
        download = await channel.template_file(made.id, place)
        assert b"".join([piece async for piece in download.chunks]) == PNG
    with pytest.raises(Rejected, match=r"card\.2"):
        await channel.template_file(made.id, "card.2")


async def edited(channel: CloudChannel, template: str) -> None:
    await channel.edit_template(template, READY)


async def deleted(channel: CloudChannel, template: str) -> None:
    await channel.delete_template(template, name=READY.name, every_language=False)


async def unpaused(channel: CloudChannel, template: str) -> None:
    await channel.unpause_template(template)


@pytest.mark.parametrize(
    ("decision", "ask", "words"),
    [
        ("disable", edited, "not_editable"),
        ("disable", deleted, "not_deletable"),
        ("pause", unpaused, "not_unpaused"),
    ],
)
async def test_what_may_not_be_done_is_said_in_words(
    sim: Simulator,
    channel: CloudChannel,
    decision: str,
    ask: Callable[[CloudChannel, str], Awaitable[None]],
    words: str,
) -> None:
    made = await channel.create_template(READY)
    await sim.settled()
    review.decide(sim.world, made.id, decision)
    with pytest.raises(Rejected) as raised:
        await ask(channel, made.id)
    assert raised.value.words == f"whatsapp_api.template.{words}"


async def test_a_paused_template_is_sent_again_after_some_minutes(
    sim: Simulator, channel: CloudChannel
) -> None:
    made = await channel.create_template(READY)
    await sim.settled()
    review.decide(sim.world, made.id, "pause")
    sim.forward(timedelta(minutes=6))
    await channel.unpause_template(made.id)
    (listed,) = await channel.designs()
    assert listed.standing == "approved"


async def test_name_language_and_an_approved_category_stay(sim: Simulator, channel: CloudChannel) -> None:
    made = await channel.create_template(READY)
    await sim.settled()
    for field, other in (("name", "another"), ("language", "ru"), ("category", "marketing")):
        with pytest.raises(Rejected) as raised:
            await channel.edit_template(made.id, replace(READY, **{field: other}))
        assert raised.value.field == field


async def test_edits_of_an_approved_template_are_counted(
    sim: Simulator, shop: Number, port: FakePort
) -> None:
    now = [NOW]
    desk = TemplateDesk(GraphClient(config_of(sim, shop), port), port, shop.account, now=lambda: now[0])
    made = await desk.create(READY)
    for day in range(12):
        await sim.settled()
        if day < 10:
            await desk.edit(made.id, READY)
        else:
            with pytest.raises(Rejected) as raised:
                await desk.edit(made.id, READY)
            assert raised.value.limit == 10
        now[0] += timedelta(days=1, seconds=1)
        sim.forward(timedelta(days=1, seconds=1))


@pytest.mark.parametrize(
    ("mime", "size", "words"),
    [("image/gif", 10, "file_type"), ("image/png", 5 * 1024 * 1024 + 1, "file_size")],
)
async def test_a_file_no_header_shows_is_not_handed_over(
    channel: CloudChannel, port: FakePort, mime: str, size: int, words: str
) -> None:
    port.add_file("f_1", bytes(size), name="a", mime=mime)
    with pytest.raises(Rejected) as raised:
        await channel.create_template(PICTURE)
    assert (raised.value.field, raised.value.words) == ("header.file", f"whatsapp_api.template.{words}")


# the resumable upload, where the line breaks


@pytest.fixture
async def api() -> AsyncIterator[Cloud]:
    async with cloud() as stand_in:
        stand_in.instead("debug_token", says(b'{"data":{"app_id":"77"}}'))
        stand_in.instead("uploads", says(b'{"id":"upload:abc?sig=x"}'))
        yield stand_in


def client_of(api: Cloud, port: FakePort) -> GraphClient:
    return GraphClient(Config.read(api.config), port)


async def pieces(api: Cloud) -> list[tuple[str, str, int]]:
    """Where each piece began, by what authorisation, and its length."""
    return [
        (seen.headers["file_offset"], seen.headers["authorization"].partition(" ")[0], len(seen.body))
        for seen in api.seen
        if seen.path.endswith("upload:abc") and seen.method == "POST"
    ]


async def test_an_upload_goes_on_where_the_line_broke(api: Cloud, port: FakePort) -> None:
    api.instead("upload:abc", drops, says(b'{"id":"upload:abc","file_offset":1000}'), says(b'{"h":"4::x"}'))
    handle = await hand_over(client_of(api, port), await port.media("f_1"), "image/png")
    assert handle == "4::x"
    assert await pieces(api) == [("0", "OAuth", len(PNG)), ("1000", "OAuth", len(PNG) - 1000)]
    (begun,) = [seen for seen in api.seen if seen.path.endswith("77/uploads")]
    assert (begun.query["file_length"], begun.query["file_type"]) == (str(len(PNG)), "image/png")
    assert api.seen[-1].body == PNG[1000:]
    assert api.seen[-1].query == {"sig": "x"}


async def test_an_upload_that_breaks_again_and_again_is_given_up(api: Cloud, port: FakePort) -> None:
    offset = says(b'{"file_offset":0}')
    api.instead("upload:abc", drops, offset, drops, offset, drops)
    with pytest.raises(Unavailable):
        await hand_over(client_of(api, port), await port.media("f_1"), "image/png")
    assert len(await pieces(api)) == 3


async def test_the_token_does_not_go_along_to_where_examples_lie(api: Cloud, port: FakePort) -> None:
    seen: list[str] = []

    async def example(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(body=PNG)

    api.instead("99", says(_listed(f"{api.url}/example")))
    api.instead("example", example)
    channel = CloudChannel(Config.read(api.config), port)
    download = await channel.template_file("99", "header")
    assert b"".join([piece async for piece in download.chunks]) == PNG
    assert seen == [""]


@pytest.mark.parametrize(
    "url", ["https://example.org/a.png", "http://127.0.0.1:9/a", "file:///etc/passwd", "x"]
)
async def test_an_example_is_fetched_from_the_provider_only(api: Cloud, port: FakePort, url: str) -> None:
    api.instead("99", says(_listed(url)))
    channel = CloudChannel(Config.read(api.config), port)
    with pytest.raises(Rejected):
        await channel.template_file("99", "header")


def _listed(url: str) -> bytes:
    header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [url]}}
    return json.dumps({"id": "99", "name": "a", "language": "en", "components": [header]}).encode()


async def test_a_version_without_our_fields_is_asked_without_them(api: Cloud, port: FakePort) -> None:
    def refuses_fields() -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            error = {"error": {"message": "(#100) nonexisting field", "code": 100}}
            assert "fields" in request.query
            return web.json_response(error, status=400)

        return answer

    api.instead("message_templates", refuses_fields())
    channel = CloudChannel(Config.read(api.config), port)
    assert [record.id for record in await channel.designs()] == ["801", "802"]
    asked = [seen.query for seen in api.seen if seen.path.endswith("message_templates")]
    assert ["fields" in one for one in asked] == [True, False, False]
