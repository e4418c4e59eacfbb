"""Checks of what goes out: ids, refusals in the contract's own errors, echoes of our own messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import get_args

from jackfield.channel import (
    Capabilities,
    Card,
    Carousel,
    CarouselCard,
    Channel,
    ChannelError,
    ChoiceOffered,
    ChoiceStyle,
    Contacts,
    Facts,
    HasMedia,
    HasTemplates,
    Level,
    Location,
    Media,
    Message,
    Option,
    Part,
    Product,
    Template,
    Text,
    TxnId,
)

from .bench import NOW, Bench, Subject, listening
from .events import faults_of
from .port import FakePort

LONGEST_TRIED = 1_000_000  # characters; a longer limit is not tried


LINK = Media(sort="image", ref="", link="https://example.org/a.png")
CARD = CarouselCard(media=LINK)
EVERYTHING: Sequence[tuple[str, Callable[[Capabilities], Level], Part]] = (
    ("a place", lambda caps: caps.location, Location(latitude=1, longitude=1)),
    ("a contact card", lambda caps: caps.contacts, Contacts(cards=(Card(name="Ada"),))),
    ("a template", lambda caps: caps.template, Template(name="hello", language="en")),
    ("a product", lambda caps: caps.products.level, Product(catalog="1", products=("1",))),
    ("cards", lambda caps: caps.carousel.level, Carousel(body="Look", cards=(CARD, CARD))),
    ("a file by its address", lambda caps: caps.media_links, LINK),
)


def ruled_out(caps: Capabilities) -> Iterator[tuple[str, Part]]:
    """What capabilities say a channel does not carry, so that core never hands it over."""
    for what, level, part in EVERYTHING:
        if level(caps) is Level.REJECTED:
            yield what, part
    choices = caps.choices
    styles = choices.styles if choices.level > Level.REJECTED else ()
    for style in get_args(ChoiceStyle):
        if style not in styles:
            options = (Option(id="1", title="One", url="https://example.org"),)
            yield f"a choice of style {style}", ChoiceOffered(style=style, body="Which?", options=options)


class SendingChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return about.channel is not None and bool(about.suite.sendable)

    def test_each_message_sent_has_an_id_of_its_own(self) -> None:
        async def scene(channel: Channel, _: FakePort) -> None:
            ids = [
                await channel.send(self.conversation, parts, TxnId(f"txn-{n}"))
                for n, parts in enumerate([*self.sendable, *self.sendable])
            ]
            assert all(ids), f"send() returned an empty id: {ids}"
            assert len(set(ids)) == len(ids), f"send() returned one id twice: {ids}"

        self.play_connected(scene)

    def test_what_send_emits_is_sound_and_its_echo_is_from_me(self) -> None:
        async def scene(channel: Channel, port: FakePort) -> None:
            for n, parts in enumerate(self.sendable):
                txn = TxnId(f"txn-{n}")
                sent = await channel.send(self.conversation, parts, txn)
                for event in port.events:
                    ours = isinstance(event, Message) and (event.txn == txn or event.id == sent)
                    assert not ours or (isinstance(event, Message) and event.sender.from_me), (
                        f"{event} is what we sent ourselves: its sender must say from_me"
                    )
            faults = [fault for event in port.events for fault in faults_of(event)]
            assert not faults, "; ".join(faults)

        self.play_connected(scene)

    def test_nothing_is_not_sent(self) -> None:
        self.play_connected(lambda channel, _: self._refused(channel, (), "a message without parts"))

    def test_a_text_over_the_limit_is_refused_before_it_leaves(self) -> None:
        async def scene(channel: Channel, _: FakePort) -> None:
            most = channel.capabilities(
                Facts(conversation=self.conversation, now=NOW, last_inbound_at=NOW)
            ).text_max
            if most < LONGEST_TRIED:
                await self._refused(channel, (Text(body="x" * (most + 1)),), f"{most + 1} characters")

        self.play_connected(scene)

    def test_what_its_capabilities_rule_out_is_refused(self) -> None:
        async def scene(channel: Channel, _: FakePort) -> None:
            about = Facts(conversation=self.conversation, now=NOW, last_inbound_at=NOW)
            for what, part in ruled_out(channel.capabilities(about)):
                await self._refused(channel, (part,), what)

        self.play_connected(scene)

    async def _refused(self, channel: Channel, parts: tuple[Part, ...], what: str) -> None:
        try:
            sent = await channel.send(self.conversation, parts, TxnId("txn-refused"))
        except ChannelError as err:
            refusal = err
        except Exception as err:
            raise AssertionError(f"{what}: send() must raise a ChannelError, not {err!r}") from err
        else:
            raise AssertionError(f"{what} was sent as {sent}: raise Rejected")
        assert refusal.certain, f"{what} surely did not go out, but {refusal!r} says the outcome is unknown"
        assert not refusal.retryable, f"{what} stays wrong, but {refusal!r} says it is worth another try"

    def test_sending_shows_no_secret(self) -> None:
        async def scene(channel: Channel, port: FakePort) -> None:
            for n, parts in enumerate([*self.sendable, ()]):
                try:
                    await channel.send(self.conversation, parts, TxnId(f"txn-{n}"))
                except ChannelError as err:
                    self.assert_no_secret(f"{err} {err.detail}", "an error of send()")
            self.assert_no_secret(str(port.entries), "the channel log")
            self.assert_no_secret(str(port.events), "an event")

        with listening() as heard:
            self.play_connected(scene)
        self.assert_no_secret("\n".join(heard), "the server's log")


class MediaChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return isinstance(about.channel, HasMedia) and bool(about.suite.media)

    def test_media_can_be_downloaded(self) -> None:
        async def scene(channel: Channel, _: FakePort) -> None:
            assert isinstance(channel, HasMedia)
            for ref in self.media:
                download = await channel.download(ref)
                size = sum([len(chunk) async for chunk in download.chunks])
                assert size, f"{ref} is empty"
                assert download.size in (None, size), f"{ref} has {size} bytes, not {download.size}"

        self.play_connected(scene)

    def test_media_that_is_not_there_is_a_channel_error(self) -> None:
        async def scene(channel: Channel, _: FakePort) -> None:
            assert isinstance(channel, HasMedia)
            try:
                download = await channel.download("no-such-media-ref")
                async for _chunk in download.chunks:
                    pass
            except ChannelError:
                return
            raise AssertionError("download() of a ref that does not exist must raise a ChannelError")

        self.play_connected(scene)


class TemplateChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return isinstance(about.channel, HasTemplates) and about.suite.lists_templates

    def test_templates_have_a_name_and_a_language_of_their_own(self) -> None:
        async def scene(channel: Channel, _: FakePort) -> None:
            assert isinstance(channel, HasTemplates)
            templates = await channel.templates()
            assert templates, "the stand-in lists no template: nothing was checked"
            assert all(isinstance(template, Template) for template in templates)
            names = [(template.name, template.language) for template in templates]
            assert len(set(names)) == len(names), f"a template is listed twice: {names}"

        self.play_connected(scene)
