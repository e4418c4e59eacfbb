"""The channel as core sees it: what it sends, what it can, how it says that it is in trouble."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from waba_cloud import FILE, MEDIA_ID, Cloud, cloud, refuses, says

from jackfield.channel import (
    Address,
    Automates,
    Blocks,
    ChannelId,
    ChoiceOffered,
    ConversationId,
    Counts,
    Deletes,
    Edits,
    Facts,
    HasCatalogue,
    HasLinks,
    HasMedia,
    HasProfile,
    HasTemplates,
    Level,
    MarksRead,
    Media,
    MessageId,
    Option,
    Part,
    Pins,
    Reacts,
    Rejected,
    Starts,
    Template,
    Text,
    TxnId,
    Types,
    Unavailable,
    Webhooks,
)
from jackfield.sound import ogg_of_webm
from jackfield.testing import FakePort
from jackfield_whatsapp_api.channel import CloudChannel
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.kind import WhatsAppApi

TO = ConversationId("phone:+16505551234")
TXN = TxnId("txn-1")
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
async def api() -> AsyncGenerator[Cloud]:
    async with cloud() as stand_in:
        yield stand_in


@pytest.fixture
def port() -> FakePort:
    return FakePort()


@pytest.fixture
def channel(api: Cloud, port: FakePort) -> CloudChannel:
    return CloudChannel(Config.read(api.config), port)


def test_the_table_of_protocols_is_true() -> None:
    made = CloudChannel(Config.read(Cloud(url="http://127.0.0.1:9").config), FakePort())
    table = (Webhooks, HasMedia, HasTemplates, Reacts, Pins, MarksRead, Types, Starts)
    tools = (HasProfile, HasCatalogue, HasLinks, Blocks, Automates, Counts)
    assert all(isinstance(made, ability) for ability in (*table, *tools))
    assert not any(isinstance(made, ability) for ability in (Edits, Deletes))


def test_a_channel_without_a_number_does_not_open() -> None:
    with pytest.raises(Rejected, match="phone_number_id"):
        WhatsAppApi().open(ChannelId("one"), {"access_token": "x"}, FakePort())


async def test_text_goes_out_with_our_txn_as_an_answer(api: Cloud, channel: CloudChannel) -> None:
    sent = await channel.send(TO, (Text(body="Hi"),), TXN, reply_to=MessageId("wamid.q"))
    assert sent == "wamid.sent1"
    (body,) = api.bodies("/messages")
    assert body["to"] == "+16505551234"
    assert body["context"] == {"message_id": "wamid.q"}
    assert body["biz_opaque_callback_data"] == "txn-1"


@pytest.mark.parametrize(
    ("part", "where"),
    [
        (Media(sort="image", ref="roses", caption="c"), ("image", "id")),
        (
            Template(name="x", language="ru", header_media=Media(sort="image", ref="roses")),
            ("template", "components", 0, "parameters", 0, "image", "id"),
        ),
        (
            ChoiceOffered(
                style="buttons",
                body="b",
                options=(Option(id="1", title="A"),),
                header_media=Media(sort="image", ref="roses"),
            ),
            ("interactive", "header", "image", "id"),
        ),
    ],
)
async def test_a_file_is_uploaded_first_and_named_by_its_id(
    api: Cloud, channel: CloudChannel, port: FakePort, part: Part, where: tuple[str | int, ...]
) -> None:
    port.add_file("roses", FILE, name="roses.png", mime="image/png")
    await channel.send(TO, (part,), TXN)
    assert [seen.path.rsplit("/", 1)[-1] for seen in api.seen] == ["media", "messages"]
    (found,) = api.bodies("/messages")
    for step in where:
        found = found[step]
    assert found == MEDIA_ID


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (Text(body="a"), Text(body="b")),
        (Text(body="x" * 4097),),
        (Media(sort="image", ref="roses", caption="x" * 1025),),
        (Media(sort="sticker", ref="roses"),),
        (Template(name="x", language="ru", header_media=Media(sort="image", ref="")),),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_anything_leaves(
    api: Cloud, channel: CloudChannel, port: FakePort, parts: Sequence[Part]
) -> None:
    port.add_file("roses", FILE, name="roses.png", mime="image/png")
    with pytest.raises(Rejected) as refused:
        await channel.send(TO, parts, TXN)
    assert refused.value.words == "whatsapp_api.error.limit"
    assert api.seen == []


async def test_a_file_that_is_not_taken_in_leaves_nothing_unknown(
    api: Cloud, channel: CloudChannel, port: FakePort
) -> None:
    port.add_file("roses", FILE, name="roses.png", mime="image/png")
    api.instead("media", refuses(500, 131000))
    with pytest.raises(Unavailable) as raised:
        await channel.send(TO, (Media(sort="image", ref="roses"),), TXN)
    assert raised.value.certain
    assert api.bodies("/messages") == []


async def test_reaction_read_mark_and_typing_sign(api: Cloud, channel: CloudChannel) -> None:
    await channel.react(TO, MessageId("wamid.q"), "👍")
    await channel.mark_read(TO, MessageId("wamid.q"))
    await channel.typing(TO, MessageId("wamid.q"))
    await channel.typing(TO, None)
    reaction, read, typing = api.bodies("/messages")
    assert reaction["reaction"] == {"message_id": "wamid.q", "emoji": "👍"}
    assert read["status"] == "read"
    assert typing["typing_indicator"] == {"type": "text"}


@pytest.mark.parametrize(
    ("switch", "category", "edge"),
    [
        ("1", "marketing", "marketing_messages"),
        ("1", "utility", "messages"),
        ("", "marketing", "messages"),
    ],
)
async def test_marketing_goes_over_its_own_api_where_the_account_has_it(
    api: Cloud, port: FakePort, switch: str, category: str, edge: str
) -> None:
    api.instead(edge, says(b'{"messages": [{"id": "wamid.x"}]}'))
    channel = CloudChannel(Config.read({**api.config, "marketing_api": switch}), port)
    await channel.send(TO, (Template(name="offer", language="en", category=category),), TXN)
    assert [seen.path.rsplit("/", 1)[-1] for seen in api.seen] == [edge]


async def test_a_group_pins_a_message(api: Cloud, channel: CloudChannel) -> None:
    group = ConversationId("group:Y2Fw")
    await channel.pin(group, MessageId("wamid.q"), 7)
    (body,) = api.bodies("/messages")
    assert body["pin"] == {"type": "pin", "message_id": "wamid.q", "expiration_days": 7}
    pins = [channel.capabilities(Facts(conversation=to, now=NOW)).pin_days for to in (group, TO)]
    assert pins == [30, 0]


async def test_a_file_can_be_fetched_by_its_ref(channel: CloudChannel) -> None:
    download = await channel.download(MEDIA_ID)
    assert b"".join([piece async for piece in download.chunks]) == FILE


async def test_templates_are_listed_with_the_places_that_want_a_value(channel: CloudChannel) -> None:
    order, brochure = await channel.templates()
    assert order == Template(
        name="order_ready",
        language="ru",
        category="utility",
        header="{{1}}",
        body="{{1}}, заказ {{2}} готов",
        footer="Спасибо",
        buttons=(
            Option(id="quick_reply", title="Еду"),
            Option(id="url", title="Карта", url="https://example.org/{{1}}"),
            Option(id="phone_number", title="Звонок", phone="+15550783881"),
            Option(id="copy_code", title=""),
        ),
        parameters={
            "header.1": "Заказ",
            "body.1": "Анна",
            "body.2": "17",
            "button.1": "https://example.org/17",
            "button.3": "SPRING",
        },
    )
    assert brochure.header_media == Media(sort="document", ref="")
    assert brochure.parameters == {"body.first_name": "Ada"}


async def test_a_listed_template_can_be_sent_as_it_is(api: Cloud, channel: CloudChannel) -> None:
    order, _ = await channel.templates()
    assert await channel.send(TO, (order,), TXN)
    (body,) = api.bodies("/messages")
    assert [part["type"] for part in body["template"]["components"]] == ["header", "body", "button", "button"]


@pytest.mark.parametrize(
    ("person", "conversation"),
    [
        (Address(kind="phone", value="+16505551234"), "phone:+16505551234"),
        (Address(kind="bsuid", value="US.1", scope="102290129340398"), "bsuid:US.1"),
    ],
)
async def test_people_can_be_written_to_first(
    channel: CloudChannel, person: Address, conversation: str
) -> None:
    assert channel.conversation_with(person) == conversation


@pytest.mark.parametrize(
    "person",
    [
        Address(kind="bsuid", value="US.1", scope="another portfolio"),
        Address(kind="email", value="ada@example.org"),
        Address(kind="phone", value="12"),
        Address(kind="phone", value=""),
    ],
)
async def test_people_of_elsewhere_cannot_be_written_to(channel: CloudChannel, person: Address) -> None:
    with pytest.raises(Rejected):
        channel.conversation_with(person)


@pytest.mark.parametrize(
    ("ago", "closed"),
    [
        (None, True),
        (timedelta(0), False),
        (timedelta(hours=23, minutes=59), False),
        (timedelta(hours=24), True),
        (timedelta(days=9), True),
    ],
)
async def test_free_text_is_for_24_hours_after_their_last_message(
    channel: CloudChannel, ago: timedelta | None, closed: bool
) -> None:
    last = None if ago is None else NOW - ago
    can = channel.capabilities(Facts(conversation=TO, last_inbound_at=last, now=NOW))
    assert can.free_form_closed is closed
    assert can.free_form_until == (last and last + timedelta(hours=24))


async def test_a_group_takes_no_choices(channel: CloudChannel) -> None:
    group = channel.capabilities(Facts(conversation=ConversationId("group:Y2Fw"), now=NOW))
    alone = channel.capabilities(Facts(conversation=TO, now=NOW))
    assert (group.choices.level, alone.choices.level) == (Level.REJECTED, Level.FULL)
    assert (group.location, alone.location) == (Level.REJECTED, Level.FULL)
    assert (group.products.level, alone.products.level) == (Level.REJECTED, Level.FULL)
    assert (group.carousel.level, alone.carousel.level) == (Level.REJECTED, Level.FULL)


async def test_a_conversation_nobody_is_known_in_can_take_nothing(channel: CloudChannel) -> None:
    can = channel.capabilities(
        Facts(conversation=ConversationId("unknown:sender"), last_inbound_at=NOW, now=NOW)
    )
    assert can.free_form_closed
    assert (can.template, can.react, can.reply) == (Level.REJECTED,) * 3


async def test_the_pace_is_the_providers(channel: CloudChannel) -> None:
    pace = channel.pace()
    assert pace.per_second == 80
    assert (pace.conversation_per_second, pace.conversation_burst) == (1 / 6, 44)
    assert pace.burst == 40, "below the 80 that may come at once, or a line that falters breaks the limit"


WEBM = (Path(__file__).parents[2] / "core" / "sound" / "data" / "stereo.webm").read_bytes()


async def test_a_browsers_recording_goes_out_as_a_voice_message(
    api: Cloud, channel: CloudChannel, port: FakePort
) -> None:
    port.add_file("said", WEBM, name="said.webm", mime="audio/webm")
    await channel.send(TO, (Media(sort="voice", ref="said", mime="audio/webm"),), TXN)
    upload = next(seen for seen in api.seen if seen.path.endswith("/media"))
    assert ogg_of_webm(WEBM) in upload.body
    assert b"audio/ogg" in upload.body
    (body,) = api.bodies("/messages")
    assert body["audio"] == {"id": MEDIA_ID, "voice": True}


async def test_a_recording_without_opus_goes_out_as_sound(
    api: Cloud, channel: CloudChannel, port: FakePort
) -> None:
    port.add_file("said", b"AAC", name="said.m4a", mime="audio/mp4")
    await channel.send(TO, (Media(sort="voice", ref="said", mime="audio/mp4"),), TXN)
    (body,) = api.bodies("/messages")
    assert body["audio"] == {"id": MEDIA_ID}


OGG = ogg_of_webm(WEBM)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ((WEBM[:-1], "audio/webm"), "the file ends in the middle"),
        ((OGG[:37] + b"\2" + OGG[38:], "audio/ogg"), "voice: the recording has 2 channels"),
        ((b"OggS" + bytes(24) + b"\1vorbis" + bytes(30), "audio/ogg"), "voice: the file has no Opus"),
        ((b"", "audio/ogg"), "voice: the file has no Opus"),
        ((OGG + bytes(16 * 1024 * 1024), "audio/ogg"), "voice: 16"),
        ((b"x", "audio/flac"), "audio: audio/flac, allowed are"),
    ],
)
async def test_a_recording_that_is_no_voice_message_is_refused_before_anything_leaves(
    api: Cloud, channel: CloudChannel, port: FakePort, file: tuple[bytes, str], why: str
) -> None:
    data, mime = file
    port.add_file("said", data, name="said", mime=mime)
    with pytest.raises(Rejected) as refused:
        await channel.send(TO, (Media(sort="voice", ref="said", mime=mime),), TXN)
    assert why in refused.value.detail
    assert api.seen == []
