"""Channels, kinds and logins that each break one promise, and the check that must say so."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec
from demo_channel import DemoKind
from designing_channel import WELCOME, DesigningChannel
from whole_channel import (
    AT,
    CONFIG,
    WholeChannel,
    WholeKind,
    WholeLogin,
    call,
    conversation_of,
    one,
    person_of,
)

import jackfield.channel as c
from jackfield.testing import IdPair

SESSION_KEY = "derived-key-1"


def leave_loopback() -> None:
    with socket.socket() as sock:
        sock.connect(("192.0.2.1", 80))


class PromisesTooMuch(DemoKind):
    def open(self, channel: c.ChannelId, config: Mapping[str, str], port: c.Port) -> c.Channel:
        opened = super().open(channel, config, port)
        opened.capabilities = lambda about: c.Capabilities(text_max=1, edit=c.Level.FULL)  # type: ignore[method-assign]  # only here
        return opened


class HidesWhatItCan(WholeChannel):
    def capabilities(self, about: c.Facts) -> c.Capabilities:
        return msgspec.structs.replace(super().capabilities(about), react=c.Level.FALLBACK)


class OffersNothing(WholeChannel):
    def capabilities(self, about: c.Facts) -> c.Capabilities:
        offers = c.CarouselLimit(level=c.Level.FULL, least=3, most=2)
        return msgspec.structs.replace(super().capabilities(about), carousel=offers)


class OffersLess(WholeChannel):
    def capabilities(self, about: c.Facts) -> c.Capabilities:
        return msgspec.structs.replace(super().capabilities(about), products=c.ProductLimit(items=-1))


class OffersDice(WholeChannel):
    def capabilities(self, about: c.Facts) -> c.Capabilities:
        dice: Any = ("buttons", "dice")
        return msgspec.structs.replace(super().capabilities(about), choices=c.ChoiceLimit(styles=dice))


class AllowsTooMuch(WholeChannel):
    def protection(self) -> c.Protection:
        return c.Protection(ceilings=c.Ceilings(per_minute=10))


class AllowsNothing(WholeChannel):
    def protection(self) -> c.Protection:
        return c.Protection(limits=c.Limits(per_hour=0))


class Moody(WholeChannel):
    asked = 0

    def capabilities(self, about: c.Facts) -> c.Capabilities:
        self.asked += 1
        return msgspec.structs.replace(super().capabilities(about), text_max=self.asked)


class Dear(WholeChannel):
    def capabilities(self, about: c.Facts) -> c.Capabilities:
        time.sleep(0.002)
        return super().capabilities(about)


class OddLimits(WholeChannel):
    def capabilities(self, about: c.Facts) -> c.Capabilities:
        return msgspec.structs.replace(super().capabilities(about), media={"jpeg": c.MediaLimit()})


class NeverCloses(WholeChannel):
    def capabilities(self, about: c.Facts) -> c.Capabilities:
        return msgspec.structs.replace(super().capabilities(about), free_form_closed=False)


class Standstill(WholeChannel):
    def pace(self) -> c.Pace:
        return c.Pace(per_second=0)


class Silent(WholeChannel):
    async def run(self) -> None:
        return


class Returns(WholeChannel):
    async def run(self) -> None:
        self.port.state(c.State.CONNECTED)


class Stubborn(WholeChannel):
    async def run(self) -> None:
        self.port.state(c.State.CONNECTED)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(1.5)
            raise


class Litters(WholeChannel):
    async def run(self) -> None:
        self.port.state(c.State.CONNECTED)
        self.task = asyncio.create_task(asyncio.sleep(5))
        await asyncio.Event().wait()


class Swallows(WholeChannel):
    async def run(self) -> None:
        self.port.state(c.State.CONNECTED)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise RuntimeError("cut off") from None


class Once(WholeChannel):
    ran = False

    async def run(self) -> None:
        if self.ran:
            raise RuntimeError("only once")
        self.ran = True
        await super().run()


class Dials(WholeChannel):
    async def run(self) -> None:
        self.port.state(c.State.CONNECTED)
        with contextlib.suppress(OSError):
            leave_loopback()
        await asyncio.Event().wait()


class TwoThreads(WholeChannel):
    def conversation_with(self, person: c.Address) -> c.ConversationId:
        return conversation_of(f"{person.value}-{time.monotonic_ns()}")


class SameId(WholeChannel):
    async def send(
        self,
        to: c.ConversationId,
        parts: Sequence[c.Part],
        txn: c.TxnId,
        *,
        reply_to: c.MessageId | None = None,
    ) -> c.MessageId:
        await super().send(to, parts, txn)
        return c.MessageId("sent")


class NotMine(WholeChannel):
    def echo(
        self, to: c.ConversationId, parts: Sequence[c.Part], txn: c.TxnId, sent: c.MessageId
    ) -> c.Message:
        stranger = c.Sender(addresses=(c.Address(kind="whole", value="me"),))
        return msgspec.structs.replace(super().echo(to, parts, txn, sent), sender=stranger)


class SendsAnything(WholeChannel):
    async def send(
        self,
        to: c.ConversationId,
        parts: Sequence[c.Part],
        txn: c.TxnId,
        *,
        reply_to: c.MessageId | None = None,
    ) -> c.MessageId:
        return c.MessageId(txn)


class RaisesAnything(WholeChannel):
    async def send(
        self,
        to: c.ConversationId,
        parts: Sequence[c.Part],
        txn: c.TxnId,
        *,
        reply_to: c.MessageId | None = None,
    ) -> c.MessageId:
        raise LookupError(parts)


class Unsure(WholeChannel):
    async def send(
        self,
        to: c.ConversationId,
        parts: Sequence[c.Part],
        txn: c.TxnId,
        *,
        reply_to: c.MessageId | None = None,
    ) -> c.MessageId:
        raise c.OutcomeUnknown


class Chatty(WholeChannel):
    async def send(
        self,
        to: c.ConversationId,
        parts: Sequence[c.Part],
        txn: c.TxnId,
        *,
        reply_to: c.MessageId | None = None,
    ) -> c.MessageId:
        logging.getLogger("chatty").debug("signing with %s", self.config["app_secret"])
        return await super().send(to, parts, txn)


class LogsItsKey(WholeChannel):
    async def send(
        self,
        to: c.ConversationId,
        parts: Sequence[c.Part],
        txn: c.TxnId,
        *,
        reply_to: c.MessageId | None = None,
    ) -> c.MessageId:
        self.port.log(c.LogEntry(op="send", ok=True, request=f"key={SESSION_KEY}"))
        return await super().send(to, parts, txn)


class ChattyHook(WholeChannel):
    def webhook(self, request: c.HookRequest) -> c.Hooked:
        logging.getLogger("chatty").debug("checking with %s", self.config["app_secret"])
        return super().webhook(request)


class EmptyFiles(WholeChannel):
    async def download(self, ref: str) -> c.Download:
        return c.Download(chunks=one(b""))


class Designs(DesigningChannel):
    """One template, as it should be."""

    async def designs(self) -> Sequence[c.TemplateRecord]:
        return [c.TemplateRecord(id="1", design=WELCOME, standing="approved")]

    async def templates(self) -> Sequence[c.Template]:
        return [self.template_part(record.design) for record in await self.designs()]


class NoDesigns(Designs):
    async def designs(self) -> Sequence[c.TemplateRecord]:
        return []


class NamelessDesigns(Designs):
    async def designs(self) -> Sequence[c.TemplateRecord]:
        return [c.TemplateRecord(id="", design=WELCOME, standing="approved")]


class OffersWhatIsPaused(Designs):
    async def designs(self) -> Sequence[c.TemplateRecord]:
        return [c.TemplateRecord(id="1", design=WELCOME, standing="paused")]

    def template_problems(self, standing: c.TemplateStanding) -> Mapping[str, str]:
        return {"send": "whole.paused"} if standing == "paused" else {}


class LosesPlaces(Designs):
    def template_part(self, design: c.TemplateDesign) -> c.Template:
        return msgspec.structs.replace(super().template_part(design), parameters={})


class AsksToShow(Designs):
    def template_part(self, design: c.TemplateDesign) -> c.Template:
        with contextlib.suppress(OSError):
            leave_loopback()
        return super().template_part(design)


class NoTemplates(WholeChannel):
    async def templates(self) -> Sequence[c.Template]:
        return []


class Trusting(WholeChannel):
    def webhook(self, request: c.HookRequest) -> c.Hooked:
        trusted = c.HookRequest(
            method="POST",
            path="",
            query={},
            headers=call(request.body).headers,
            body=request.body,
        )
        return super().webhook(trusted)


class OpenWithoutSecret(WholeChannel):
    def webhook(self, request: c.HookRequest) -> c.Hooked:
        if not self.config["app_secret"]:
            return c.Hooked()
        return super().webhook(request)


class FirstOnly(WholeChannel):
    def read(self, whole: dict[str, Any]) -> tuple[c.AnyEvent, ...]:
        return super().read(whole)[:1]


class FreshIds(WholeChannel):
    def read_message(self, item: dict[str, Any]) -> c.Message:
        read = super().read_message(item)
        return msgspec.structs.replace(read, id=c.MessageId(f"{read.id}-{time.monotonic_ns()}"))


class LocalTime(WholeChannel):
    def read_message(self, item: dict[str, Any]) -> c.Message:
        return msgspec.structs.replace(super().read_message(item), at=datetime(2026, 1, 1))  # noqa: DTZ001 - the fault


class TellsSecret(WholeChannel):
    def read_message(self, item: dict[str, Any]) -> c.Message:
        part = c.Text(body=f"signed with {self.config['app_secret']}")
        return msgspec.structs.replace(super().read_message(item), parts=(part,))


class ForgetsWhoIAm(WholeChannel):
    def read_message(self, item: dict[str, Any]) -> c.Message:
        return super().read_message({**item, "own": 0})


class Drops(WholeChannel):
    def read(self, whole: dict[str, Any]) -> tuple[c.AnyEvent, ...]:
        return tuple(
            c.LimitChange(at=AT, about="unsupported", value="")
            if isinstance(event, c.Message) and isinstance(event.parts[0], c.Unsupported)
            else event
            for event in super().read(whole)
        )


class HookConnects(WholeChannel):
    def webhook(self, request: c.HookRequest) -> c.Hooked:
        with contextlib.suppress(OSError):
            leave_loopback()
        return super().webhook(request)


class HookStores(WholeChannel):
    def webhook(self, request: c.HookRequest) -> c.Hooked:
        self.port.state(c.State.CONNECTED)
        return super().webhook(request)


class HookRaises(WholeChannel):
    def webhook(self, request: c.HookRequest) -> c.Hooked:
        raise KeyError("messages")


class Greedy(WholeChannel):
    def read(self, whole: dict[str, Any]) -> tuple[c.AnyEvent, ...]:
        return super().read({**whole, "to": self.config["line"]})


class CrashesOnJunk(WholeChannel):
    def read(self, whole: dict[str, Any]) -> tuple[c.AnyEvent, ...]:
        return super().read({**whole, "messages": whole["messages"], "to": self.config["line"]})


class OpensWithPort(WholeChannel):
    def __init__(self, config: Mapping[str, str], port: c.Port) -> None:
        super().__init__(config, port)
        port.state(c.State.CONNECTING)


class OpensWithTask(WholeChannel):
    def __init__(self, config: Mapping[str, str], port: c.Port) -> None:
        super().__init__(config, port)
        with contextlib.suppress(RuntimeError):  # the suite looks at the class outside a loop
            self.task = asyncio.get_running_loop().create_task(asyncio.sleep(0))


class OpensWithCall(WholeChannel):
    def __init__(self, config: Mapping[str, str], port: c.Port) -> None:
        super().__init__(config, port)
        with contextlib.suppress(OSError):
            socket.getaddrinfo("provider.invalid", 443)


class FromTomorrow(WholeKind):
    contract: ClassVar[int] = c.CONTRACT + 1


class Untitled(WholeKind):
    title: ClassVar[str] = " "


class OpenSecret(WholeKind):
    fields: ClassVar[tuple[c.Field, ...]] = (c.Field(name="line"), c.Field(name="app_secret"))


class NobodysKeys(WholeKind):
    def recipients(self, request: c.HookRequest) -> frozenset[str]:
        return frozenset()


class Everybody(WholeKind):
    def recipients(self, request: c.HookRequest) -> frozenset[str]:
        return frozenset({"line-1"})


class NoLoginTitle(WholeKind):
    def logins(self) -> Mapping[str, str]:
        return {"form": ""}


class LeadsNowhere(WholeKind):
    def client_logins(self) -> Mapping[str, Literal["any", "other"]]:
        return {"fax": "any"}


class Restless(WholeLogin):
    count = 0

    async def start(self, again: c.ChannelId | None = None) -> c.Step:
        Restless.count += 1
        return c.Ask(step=f"whole.form{Restless.count}", fields=WholeKind.fields)


class TakesAnything(WholeLogin):
    async def submit(self, values: Mapping[str, str]) -> c.Step:
        return c.Show(step="whole.code", kind="code", data="1234")


class NoAddress(WholeLogin):
    async def wait(self) -> c.Step:
        return c.Done(name="Whole", external_id="", config=CONFIG)


class CannotCancel(WholeLogin):
    begun = False

    async def start(self, again: c.ChannelId | None = None) -> c.Step:
        self.begun = True
        return await super().start(again)

    async def cancel(self) -> None:
        if self.begun:
            raise RuntimeError("not now")


class CancelsOnlyBegun(WholeLogin):
    begun = False

    async def start(self, again: c.ChannelId | None = None) -> c.Step:
        self.begun = True
        return await super().start(again)

    async def cancel(self) -> None:
        if not self.begun:
            raise AttributeError("session")


class WaitsOn(WholeLogin):
    async def wait(self) -> c.Step:
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            await asyncio.sleep(1.5)
        return c.Done(name="Whole", external_id="line-1", config=CONFIG)


class WaitsOnce(WholeLogin):
    waited = False

    async def wait(self) -> c.Step:
        if self.waited:
            raise RuntimeError("the code is used up")
        self.waited = True
        return await super().wait()


class LogsTheForm(WholeLogin):
    async def submit(self, values: Mapping[str, str]) -> c.Step:
        logging.getLogger("form").info("got %s", dict(values))
        return await super().submit(values)


def lossy(conversation: str) -> str:
    return person_of(conversation).lower()


def guesses(conversation: str) -> str:
    return conversation.partition(":")[2]


@dataclass(frozen=True)
class Broken:
    check: str
    says: str
    channel: type[WholeChannel] = WholeChannel
    login: type[WholeLogin] = WholeLogin
    kind: type[WholeKind] = WholeKind
    suite: Mapping[str, object] = field(default_factory=dict[str, object])


BROKEN = [
    Broken("is_a_kind_of_this_contract", "update Jackfield", kind=FromTomorrow),
    Broken("has_a_title_for_people", "title is empty", kind=Untitled),
    Broken("declares_its_secrets", "secret=True", kind=OpenSecret),
    Broken(
        "its_sample_configuration_fits_its_fields", "no field declares", suite={"config": {**CONFIG, "x": ""}}
    ),
    Broken(
        "its_sample_configuration_fits_its_fields",
        "eight characters",
        suite={"config": {**CONFIG, "app_secret": "short"}},
    ),
    Broken("its_sample_configuration_fits_its_fields", "required", suite={"config": {**CONFIG, "line": ""}}),
    Broken("opening_does_no_io", "uses its port", OpensWithPort),
    Broken("opening_does_no_io", "starts a task", OpensWithTask),
    Broken("opening_does_no_io", "connects to", OpensWithCall),
    Broken("capabilities_tell_the_truth", "offer react in none", HidesWhatItCan),
    Broken("capabilities_are_pure_and_cheap", "two answers", Moody),
    Broken("capabilities_are_pure_and_cheap", "ms: it is asked", Dear),
    Broken("limits_make_sense", "MIME pattern", OddLimits),
    Broken("the_free_form_window_is_the_kinds", "must be True", NeverCloses),
    Broken("pace_is_a_speed", "above 0", Standstill),
    Broken("its_protection_can_be_kept_to", "above its ceiling", AllowsTooMuch),
    Broken("its_protection_can_be_kept_to", "nothing would ever leave", AllowsNothing),
    Broken("run_reports_how_it_is_and_ends_within_a_second_of_being_cancelled", "no state", Silent),
    Broken("run_reports_how_it_is_and_ends_within_a_second_of_being_cancelled", "it holds", Returns),
    Broken("run_reports_how_it_is_and_ends_within_a_second_of_being_cancelled", "goes on", Stubborn),
    Broken("run_reports_how_it_is_and_ends_within_a_second_of_being_cancelled", "tasks behind", Litters),
    Broken("run_reports_how_it_is_and_ends_within_a_second_of_being_cancelled", "let the canc", Swallows),
    Broken("run_reports_how_it_is_and_ends_within_a_second_of_being_cancelled", "192.0.2.1", Dials),
    Broken("run_can_be_started_again", "no state", Once),
    Broken("people_can_be_written_to_first", "two threads", TwoThreads),
    Broken("people_can_be_written_to_first", "give the suite addresses", suite={"addresses": ()}),
    Broken(
        "ids_round_trip",
        "comes back as",
        suite={"ids": [IdPair(parse=lossy, make=conversation_of, samples=("p:Ada",))]},
    ),
    Broken(
        "nonsense_is_no_id_or_a_value_error",
        "was parsed",
        suite={"ids": [IdPair(parse=guesses, make=conversation_of, samples=("p:ada",))]},
    ),
    Broken("each_message_sent_has_an_id_of_its_own", "one id twice", SameId),
    Broken("what_send_emits_is_sound_and_its_echo_is_from_me", "must say from_me", NotMine),
    Broken("nothing_is_not_sent", "was sent as", SendsAnything),
    Broken("nothing_is_not_sent", "ChannelError, not LookupError", RaisesAnything),
    Broken("nothing_is_not_sent", "outcome is unknown", Unsure),
    Broken("a_text_over_the_limit_is_refused_before_it_leaves", "101 characters was sent", SendsAnything),
    Broken("what_its_capabilities_rule_out_is_refused", "a place was sent", SendsAnything),
    Broken("limits_make_sense", "a carousel of 3 to 2 cards", OffersNothing),
    Broken("limits_make_sense", "ProductLimit has limits below 0: [-1]", OffersLess),
    Broken("limits_make_sense", "words that are none: {'dice'}", OffersDice),
    Broken("sending_shows_no_secret", "the server's log shows a secret", Chatty),
    Broken("sending_shows_no_secret", "channel log shows", LogsItsKey, suite={"secrets": (SESSION_KEY,)}),
    Broken("media_can_be_downloaded", "is empty", EmptyFiles),
    Broken("media_that_is_not_there_is_a_channel_error", "must raise", EmptyFiles),
    Broken("templates_have_a_name_and_a_language_of_their_own", "no template", NoTemplates),
    Broken("designs_have_ids_and_what_can_be_sent_is_among_them", "lists no template", NoDesigns),
    Broken("designs_have_ids_and_what_can_be_sent_is_among_them", "without an id", NamelessDesigns),
    Broken("designs_have_ids_and_what_can_be_sent_is_among_them", "or not so", OffersWhatIsPaused),
    Broken("a_design_is_shown_without_asking_anybody", "places that a message", LosesPlaces),
    Broken("a_design_is_shown_without_asking_anybody", "showing a template asked", AsksToShow),
    Broken("there_are_samples_of_its_webhooks", "give the suite samples", suite={"webhooks": ()}),
    Broken("batches_are_whole", "batch: ['1'], not ['1', '2']", FirstOnly),
    Broken("batches_are_whole", "must not raise", HookRaises),
    Broken("the_same_webhook_twice_is_the_same_messages", "other ids", FreshIds),
    Broken("every_event_is_sound", "times are aware", LocalTime),
    Broken("every_event_is_sound", "shows a secret", TellsSecret),
    Broken("own_messages_are_from_me", "not {'2'}", ForgetsWhoIAm),
    Broken("a_wrong_signature_stores_nothing", "was accepted", Trusting),
    Broken("a_foreign_payload_is_refused", "was accepted", Trusting),
    Broken("without_its_secrets_it_accepts_nothing", "without a secret", OpenWithoutSecret),
    Broken("webhooks_show_no_secret", "the server's log shows a secret", ChattyHook),
    Broken("batches_are_whole", "connects to", HookConnects),
    Broken("batches_are_whole", "only converts", HookStores),
    Broken("what_is_known_but_unsupported_is_answered_200_and_kept", "it is lost", Drops),
    Broken("samples_name_their_recipient", "none of", kind=NobodysKeys),
    Broken("a_foreign_payload_names_nobody", "names", kind=Everybody),
    Broken("another_channel_takes_no_message_that_is_not_its_own", "another channel took", Greedy),
    Broken(
        "another_channel_takes_no_message_that_is_not_its_own", "same keys", suite={"stranger": dict(CONFIG)}
    ),
    Broken("every_login_has_a_title", "no title", kind=NoLoginTitle),
    Broken("lets_clients_go_only_ways_there_are", "fax", kind=LeadsNowhere),
    Broken("a_login_can_be_cancelled_before_it_starts", "cancel() raised", login=CancelsOnlyBegun),
    Broken("steps_have_stable_ids_of_their_kind", "then with", login=Restless),
    Broken("an_empty_answer_is_asked_again", "led on to", login=TakesAnything),
    Broken("a_login_leads_to_a_channel_that_opens", "external_id is empty", login=NoAddress),
    Broken("a_login_leads_to_a_channel_that_opens", "answers has nothing", suite={"answers": {"x": {}}}),
    Broken("a_login_can_be_cancelled_at_every_step", "after 1 steps: cancel() raised", login=CannotCancel),
    Broken("a_login_can_be_cancelled_at_every_step", "wait() goes on", login=WaitsOn),
    Broken("waiting_can_be_taken_up_again", "now raises RuntimeError", login=WaitsOnce),
    Broken("a_login_shows_no_secret", "the server's log shows a secret", login=LogsTheForm),
]
