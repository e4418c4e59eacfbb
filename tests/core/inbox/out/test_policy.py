"""Policy and pace: pure decisions, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from jackfield.channel import (
    Capabilities,
    Card,
    Carousel,
    CarouselCard,
    CarouselLimit,
    ChoiceLimit,
    ChoiceOffered,
    Contacts,
    Level,
    Location,
    Media,
    MediaLimit,
    Option,
    Pace,
    Product,
    ProductLimit,
    ProductSection,
    Template,
    Text,
)
from jackfield.errors import Invalid, NotSendable
from jackfield.inbox.carrying import check_part, media_limit
from jackfield.inbox.pace import Bucket, Pacer
from jackfield.inbox.policy import Situation, can_send, check_sendable, facts
from jackfield.store.rows import ChannelRow, ContactRow, ConversationRow, FileRow, IdentityRow
from jackfield.wire.commands import Sendable
from jackfield.wire.views import CanSend

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)

CAPS = Capabilities(
    text_max=10,
    media={
        "image/jpeg": MediaLimit(max_bytes=1000, caption_max=5),
        "image/*": MediaLimit(level=Level.REJECTED),
        "video/*": MediaLimit(),
        "audio/ogg": MediaLimit(level=Level.DROPPED),
    },
    reply=Level.FULL,
    location=Level.FALLBACK,
    contacts=Level.DROPPED,
    template=Level.FULL,
    choices=ChoiceLimit(
        level=Level.FULL, buttons=2, button_title=4, rows=3, row_title=6, row_description=8, body=20
    ),
    free_form_until=NOW + timedelta(hours=1),
)
CHANNEL = ChannelRow(
    id=1, workspace_id=1, kind="k", name="n", external_id="e", state="connected", created_at=0
)
CONTACT = ContactRow(id=1, workspace_id=1, created_at=0)
CONVERSATION = ConversationRow(id=1, workspace_id=1, channel_id=1, peer="p", last_at=0, created_at=0)
OPEN = Situation(
    role="operator", channel=CHANNEL, conversation=CONVERSATION, contact=CONTACT, capabilities=CAPS
)
CLOSED = structs.replace(CAPS, free_form_closed=True, free_form_until=NOW - timedelta(hours=1))
STOPPED = structs.replace(CONTACT, attributes='{"consent.messages":"stop"}')


def channel(**other: object) -> ChannelRow:
    return structs.replace(CHANNEL, **other)


@pytest.mark.parametrize(
    ("about", "reason", "alternatives"),
    [
        (OPEN, "", ()),
        (structs.replace(OPEN, role="viewer"), "rights", ()),
        (structs.replace(OPEN, channel=channel(removed_at=1)), "channel_removed", ("note",)),
        (structs.replace(OPEN, channel=channel(enabled=False)), "channel_disabled", ("note",)),
        (structs.replace(OPEN, channel=channel(state="logged_out")), "logged_out", ("note",)),
        (structs.replace(OPEN, channel=channel(state="suspended")), "suspended", ("note",)),
        (structs.replace(OPEN, channel=channel(state="bad_credentials")), "bad_credentials", ("note",)),
        (structs.replace(OPEN, channel=channel(state="transient")), "", ()),  # it waits in the outbox
        (structs.replace(OPEN, capabilities=None), "channel_away", ("note",)),
        (structs.replace(OPEN, contact=STOPPED), "opted_out", ("note",)),
        (structs.replace(OPEN, capabilities=CLOSED), "window_closed", ("template", "note")),
        (
            structs.replace(OPEN, capabilities=structs.replace(CLOSED, template=Level.REJECTED)),
            "window_closed",
            ("note",),
        ),
        # The first thing in the way is the one that is said.
        (structs.replace(OPEN, contact=STOPPED, capabilities=CLOSED), "opted_out", ("note",)),
        (
            structs.replace(OPEN, channel=channel(enabled=False), contact=STOPPED),
            "channel_disabled",
            ("note",),
        ),
    ],
)
def test_can_send_says_why_not_and_what_instead(
    about: Situation, reason: str, alternatives: tuple[str, ...]
) -> None:
    answer = can_send(about)
    assert (answer.ok, answer.reason, answer.alternatives) == (not reason, reason, alternatives)


def test_can_send_says_until_when_and_how_much() -> None:
    answer = can_send(OPEN)
    assert answer.until == NOW_MS + 3_600_000
    assert answer.text_max == 10
    assert answer.media == {"image/jpeg": 1000, "video/*": 1 << 40}
    assert set(answer.can) == {"reply", "location", "template", "choices"}
    assert can_send(structs.replace(OPEN, capabilities=CLOSED)).until == NOW_MS - 3_600_000


def test_facts_are_what_the_channel_needs_to_know() -> None:
    identity = IdentityRow(id=1, workspace_id=1, contact_id=1, kind="phone", value="+7", source="s", at=0)
    row = structs.replace(CONVERSATION, last_in_at=NOW_MS - 1000)
    told = facts(row, [identity], now=NOW_MS)
    assert (told.conversation, told.now, told.last_inbound_at) == ("p", NOW, NOW - timedelta(seconds=1))
    assert [(a.kind, a.value) for a in told.addresses] == [("phone", "+7")]


TEMPLATE = Template(name="t", language="en", category="MARKETING")
WINDOW = CanSend(ok=False, reason="window_closed", until=5, alternatives=("template", "note"))


def test_in_a_closed_window_only_templates_leave() -> None:
    check_sendable(WINDOW, [TEMPLATE], CONTACT)
    refused: list[list[Sendable]] = [[Text(body="x")], [TEMPLATE, Text(body="x")]]
    for parts in refused:
        with pytest.raises(NotSendable) as caught:
            check_sendable(WINDOW, parts, CONTACT)
        assert caught.value.code == "window_closed"
        assert caught.value.data == {"alternatives": ["template", "note"], "until": 5}


def test_who_wants_no_advertisements_gets_none() -> None:
    contact = structs.replace(CONTACT, attributes='{"consent.marketing":"stop"}')
    with pytest.raises(NotSendable) as caught:
        check_sendable(CanSend(ok=True), [TEMPLATE], contact)
    assert caught.value.code == "marketing_opted_out"
    check_sendable(CanSend(ok=True), [structs.replace(TEMPLATE, category="utility")], contact)


def media(sort: str = "image", caption: str = "") -> Media:
    return Media(sort=sort, ref="f", caption=caption)  # type: ignore[arg-type]  # a word of the table


def file(mime: str, size: int = 10) -> FileRow:
    return FileRow(id=1, workspace_id=1, state="ready", mime=mime, size=size, created_at=0)


def buttons(*titles: str, style: str = "buttons", body: str = "which?") -> ChoiceOffered:
    options = tuple(Option(id=title, title=title) for title in titles)
    return ChoiceOffered(style=style, body=body, options=options)  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(
    ("part", "mime", "size", "code", "limit"),
    [
        (Text(body="0123456789"), "", 0, "", None),
        (Text(body="0123456789a"), "", 0, "too_long", 10),
        (Text(body=" \n"), "", 0, "empty", None),
        (media(caption="12345"), "image/jpeg", 1000, "", None),
        (media(), "image/jpeg; q=1", 1000, "", None),
        (media(), "image/jpeg", 1001, "media_size", 1000),
        (media(caption="123456"), "image/jpeg", 1, "too_long", 5),
        (media(), "image/png", 1, "media_type", None),
        (media("video"), "video/mp4", 1 << 34, "", None),
        (media("voice"), "audio/ogg", 1, "media_type", None),
        (media("document"), "", 1, "media_type", None),
        (Location(latitude=1, longitude=2), "", 0, "", None),
        (Contacts(cards=(Card(name="x"),)), "", 0, "not_supported", None),
        (TEMPLATE, "", 0, "", None),
        (structs.replace(TEMPLATE, header_media=media()), "image/png", 1, "media_type", None),
        (buttons("yes", "no"), "", 0, "", None),
        (buttons("a", "b", "c"), "", 0, "too_many_options", 2),
        (buttons(), "", 0, "too_many_options", 2),
        (buttons("maybe"), "", 0, "too_long", 4),
        (buttons("yes", body="x" * 21), "", 0, "too_long", 20),
        (buttons("maybe", "no", "yes", style="list"), "", 0, "", None),
        (structs.replace(buttons("yes"), header_media=media()), "image/png", 1, "media_type", None),
    ],
)
def test_a_part_the_channel_cannot_carry_is_refused_with_the_limit(
    part: Sendable, mime: str, size: int, code: str, limit: int | None
) -> None:
    files = {"f": file(mime, size)}
    if not code:
        check_part(part, CAPS, files)
        return
    with pytest.raises(Invalid) as caught:
        check_part(part, CAPS, files)
    assert (caught.value.code, caught.value.data.get("limit")) == (code, limit)
    assert caught.value.detail


def test_a_long_description_is_refused() -> None:
    options = (Option(id="a", title="a", description="123456789"),)
    with pytest.raises(Invalid) as caught:
        check_part(ChoiceOffered(style="list", body="x", options=options), CAPS, {})
    assert (caught.value.code, caught.value.data["limit"]) == ("too_long", 8)


def test_a_sort_the_channel_has_not_is_refused() -> None:
    caps = structs.replace(CAPS, media_sorts=("image",))
    with pytest.raises(Invalid) as caught:
        check_part(media("round"), caps, {"f": file("video/mp4")})
    assert caught.value.data["allowed"] == ["image"]


@pytest.mark.parametrize(
    ("mime", "found"), [("image/jpeg", 1), ("IMAGE/JPEG;x=y", 1), ("image/png", 2), ("text/plain", 3)]
)
def test_the_narrowest_pattern_counts(mime: str, found: int) -> None:
    limits = {
        pattern: MediaLimit(max_bytes=n) for n, pattern in enumerate(("image/jpeg", "image/*", "*/*"), 1)
    }
    limit = media_limit(limits, mime)
    assert limit is not None
    assert limit.max_bytes == found


# -- pace ----------------------------------------------------------------------------------------


class Hand:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(rate=4, burst=3, now=0)
    for _ in range(3):
        assert bucket.wait(0) == 0
        bucket.take(0)
    assert bucket.wait(0) == pytest.approx(0.25, abs=1e-4)
    assert bucket.wait(0.125) == pytest.approx(0.125, abs=1e-4)
    assert bucket.wait(0.25) == 0
    assert bucket.full(10)
    assert not bucket.full(10) or bucket.wait(10) == 0


@pytest.mark.parametrize("rate", [0.1, 3, 80, 1000])
def test_in_the_long_run_a_pacer_keeps_exactly_to_its_rate(rate: float) -> None:
    clock = Hand()
    pacer = Pacer(Pace(per_second=rate, burst=5), clock)
    sent = 0
    while clock.at < 100 + 100 / rate:
        if wait := pacer.channel_wait():
            clock.at += wait
            assert pacer.channel_wait() == pytest.approx(0, abs=1e-9)  # the wait it says is enough
        else:
            pacer.take(1)
            sent += 1
    assert 104 <= sent <= 106


def test_each_conversation_has_its_own_limit() -> None:
    clock = Hand()
    pacer = Pacer(Pace(per_second=100, burst=100, conversation_per_second=0.5, conversation_burst=2), clock)
    pacer.take(1)
    pacer.take(1)
    assert pacer.conversation_wait(1) == pytest.approx(2, abs=1e-4)
    assert pacer.conversation_wait(2) == 0
    assert pacer.channel_wait() == 0
    clock.at += 2
    assert pacer.conversation_wait(1) == 0


def test_a_pacer_forgets_conversations_that_rest() -> None:
    clock = Hand()
    pacer = Pacer(Pace(per_second=1e6, burst=1 << 20, conversation_per_second=1, conversation_burst=1), clock)
    for conversation in range(5000):
        clock.at += 0.01
        pacer.take(conversation)
    assert pacer.known() < 4200
    assert pacer.conversation_wait(4999) > 0
    assert pacer.resting() == 100  # those of the last second


def test_a_channel_that_cannot_send_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="0 a second"):
        Pacer(Pace(per_second=0), Hand())


ROSE = Media(sort="image", ref="f")
LINK = Media(sort="video", ref="", link="https://shop.example/film.mp4")
CARD = CarouselCard(media=LINK, body="12345", options=(Option(id="1", title="go"),))
RICH = structs.replace(
    CAPS,
    media_links=Level.FULL,
    choices=ChoiceLimit(
        level=Level.FULL,
        styles=("buttons", "list", "form", "call"),
        buttons=2,
        button_title=4,
        rows=3,
        row_title=6,
        sections=1,
        section_title=3,
        opener=5,
        body=20,
        list_body=30,
        header=4,
        footer=4,
        header_media=("image",),
        form_title=6,
    ),
    products=ProductLimit(level=Level.FULL, items=3, sections=1, section_title=3, body=5, header=4),
    carousel=CarouselLimit(
        level=Level.FULL, least=2, most=3, body=5, card_body=5, buttons=1, button_title=4, media=("video",)
    ),
)


def sections(*titles: str) -> tuple[ProductSection, ...]:
    return tuple(ProductSection(title=title, products=("p",)) for title in titles)


def carousel(*cards: CarouselCard, body: str = "b") -> Carousel:
    return Carousel(body=body, cards=cards)


@pytest.mark.parametrize(
    ("part", "code", "limit"),
    [
        (LINK, "", None),
        (structs.replace(LINK, link="http://shop.example"), "not_https", None),
        (structs.replace(LINK, link="https://a b"), "not_https", None),
        (structs.replace(LINK, ref="f"), "invalid", None),
        (structs.replace(LINK, link="https://" + "x" * 2048), "too_long", 2048),
        (buttons("yes"), "", None),
        (buttons("yes", style="address"), "not_supported", None),
        (structs.replace(buttons("yes"), header="12345"), "too_long", 4),
        (structs.replace(buttons("yes"), footer="12345"), "too_long", 4),
        (structs.replace(buttons("yes"), header_media=ROSE), "", None),
        (structs.replace(buttons("yes"), header_media=LINK), "not_supported", None),
        (buttons("yes", style="list", body="x" * 30), "", None),
        (buttons("yes", style="list", body="x" * 31), "too_long", 30),
        (structs.replace(buttons("yes", style="list"), button="123456"), "too_long", 5),
        (
            ChoiceOffered(style="list", body="b", options=(Option(id="1", title="a", section="1234"),)),
            "too_long",
            3,
        ),
        (
            ChoiceOffered(
                style="list",
                body="b",
                options=(Option(id="1", title="a", section="x"), Option(id="2", title="b", section="y")),
            ),
            "too_many_options",
            1,
        ),
        (ChoiceOffered(style="form", body="b", button="123456"), "", None),
        (ChoiceOffered(style="form", body="b", button="1234567"), "too_long", 6),
        (ChoiceOffered(style="call", body="b", button="12345"), "too_long", 4),
        (Product(catalog="c", products=("p",)), "", None),
        (Product(catalog="c"), "too_many_options", 3),
        (Product(catalog="c", products=("1", "2", "3", "4")), "too_many_options", 3),
        (Product(catalog="c", sections=sections("a")), "", None),
        (Product(catalog="c", sections=sections("a", "b")), "too_many_options", 1),
        (Product(catalog="c", sections=sections("1234")), "too_long", 3),
        (Product(catalog="c", products=("p",), body="123456"), "too_long", 5),
        (Product(catalog="c", products=("p",), header="12345"), "too_long", 4),
        (Product(catalog="c", whole=True), "not_supported", None),
        (carousel(CARD, CARD), "", None),
        (carousel(CARD), "too_many_options", 3),
        (carousel(CARD, CARD, body=""), "empty", None),
        (carousel(CARD, CARD, body="123456"), "too_long", 5),
        (carousel(CARD, structs.replace(CARD, body="123456")), "too_long", 5),
        (carousel(CARD, structs.replace(CARD, media=ROSE)), "not_supported", None),
        (carousel(CARD, structs.replace(CARD, options=CARD.options * 2)), "too_many_options", 1),
        (carousel(CARD, CarouselCard(product="p")), "not_supported", None),
    ],
)
def test_what_a_business_offers_is_held_to_the_channels_limits(
    part: Sendable, code: str, limit: int | None
) -> None:
    files = {"f": file("image/jpeg")}
    if not code:
        check_part(part, RICH, files)
        return
    with pytest.raises(Invalid) as caught:
        check_part(part, RICH, files)
    assert (caught.value.code, caught.value.data.get("limit")) == (code, limit)
    assert caught.value.detail


@pytest.mark.parametrize("part", [LINK, Product(catalog="c", products=("p",)), carousel(CARD, CARD)])
def test_a_channel_that_says_nothing_of_it_carries_none_of_it(part: Sendable) -> None:
    with pytest.raises(Invalid) as caught:
        check_part(part, CAPS, {})
    assert caught.value.code == "not_supported"


def test_can_send_brings_the_limits_for_what_there_is() -> None:
    rich, poor = can_send(structs.replace(OPEN, capabilities=RICH)), can_send(OPEN)
    assert (rich.products, rich.carousel) == (RICH.products, RICH.carousel)
    assert (poor.products, poor.carousel) == (None, None)
    assert poor.choices == CAPS.choices
    assert {"products", "carousel", "links"} <= set(rich.can)
