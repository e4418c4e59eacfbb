"""Checks of webhooks: fail closed, nothing dropped, nothing doubled, nothing done but converting."""

from __future__ import annotations

import asyncio
import time

from jackfield.channel import (
    AnyEvent,
    Channel,
    HistoryChunk,
    Hooked,
    HookRequest,
    Message,
    SharedWebhooks,
    Unrecognised,
    Unsupported,
    Webhooks,
)

from .bench import CHANNEL, Bench, Subject, listening
from .events import faults_of
from .fence import no_network
from .samples import WebhookSample

FOREIGN = (
    b"",
    b"hello",
    b'{"update_id": 1, "message": {"text": "hi"}}',
    b"<xml/>",
    b"a=1&b=2",
    b"\xff\xfe\x00",
)
UNREADABLE = (b"", b"[", b"null", b"0", b'"text"', b"\xff\xfe\x00", b"[]", b"{}", b"[" * 5000)
CONVERSION_WITHIN = 1.0  # seconds; it runs on the event loop


def messages_in(events: tuple[AnyEvent, ...]) -> list[Message]:
    found: list[Message] = []
    for event in events:
        if isinstance(event, Message):
            found.append(event)
        elif isinstance(event, HistoryChunk):
            found.extend(event.messages)
    return found


class _Hooks(Bench):
    def ask(self, request: HookRequest, what: str) -> Hooked:
        """Convert as core does: on the loop, with no network; whatever it raises is a failure."""

        async def convert() -> Hooked:
            channel, port = self.open(self.config)
            assert isinstance(channel, Webhooks)
            before, began = len(asyncio.all_tasks()), time.perf_counter()
            try:
                answer = channel.webhook(request)
            except Exception as err:
                raise AssertionError(f"{what}: webhook() must not raise, it raised {err!r}") from err
            took = time.perf_counter() - began
            assert took < CONVERSION_WITHIN, f"{what}: webhook() held up the loop for {took:.1f} s"
            used = set(port.calls) - {"log"}
            assert not used, f"{what}: webhook() only converts: return events, do not use the port ({used})"
            assert len(asyncio.all_tasks()) == before, f"{what}: webhook() starts a task"
            self.assert_no_secret(str(port.entries), f"{what}: the channel log")
            return answer

        with no_network() as attempts:
            answer = asyncio.run(convert())
        assert not attempts, f"{what}: webhook() connects to {attempts}: any process must be able to convert"
        return answer

    def converted(self, sample: WebhookSample) -> Hooked:
        answer = self.ask(sample.request, sample.name)
        assert answer.accepted, f"{sample.name}: not accepted ({answer.status}), though it is the provider's"
        assert not answer.failed, f"{sample.name}: could not be read: {answer.failed}"
        assert answer.status == 200, f"{sample.name}: answered {answer.status}; the provider would call again"
        return answer

    def refused(self, request: HookRequest, what: str) -> None:
        answer = self.ask(request, what)
        assert not answer.accepted, f"{what} was accepted: anybody could write into the inbox"
        assert not answer.events, f"{what} was refused, but gave {len(answer.events)} events"
        assert 400 <= answer.status < 500, f"{what} was answered {answer.status}: say 401 or 403"


class WebhookChecks(_Hooks):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return isinstance(about.channel, Webhooks)

    def test_there_are_samples_of_its_webhooks(self) -> None:
        assert self.webhooks, "the channel implements Webhooks: give the suite samples of them"
        names = [sample.name for sample in self.webhooks]
        assert len(set(names)) == len(names), f"two samples have one name: {names}"

    def test_batches_are_whole(self) -> None:
        for sample in self.webhooks:
            answer = self.converted(sample)
            if answer.stored:
                assert answer.events, f"{sample.name}: no event; what is not known is Unrecognised"
            if sample.messages:
                found = [message.id for message in messages_in(answer.events)]
                assert found == list(sample.messages), f"{sample.name}: {found}, not {list(sample.messages)}"
            if sample.events is not None:
                count = len(answer.events)
                assert count == sample.events, f"{sample.name}: {count} events, not {sample.events}"

    def test_the_same_webhook_twice_is_the_same_messages(self) -> None:
        for sample in self.webhooks:
            first, second = (
                [(type(event), getattr(event, "id", None)) for event in self.converted(sample).events]
                for _ in range(2)
            )
            assert first == second, f"{sample.name}: delivered twice it has other ids: core would store both"

    def test_every_event_is_sound(self) -> None:
        for sample in self.webhooks:
            answer = self.converted(sample)
            faults = [fault for event in answer.events for fault in faults_of(event)]
            assert not faults, f"{sample.name}: " + "; ".join(faults)
            for event in answer.events:
                self.assert_no_secret(str(event), f"{sample.name}: an event")

    def test_own_messages_are_from_me(self) -> None:
        for sample in self.webhooks:
            own = {m.id for m in messages_in(self.converted(sample).events) if m.sender.from_me}
            assert own == set(sample.own), f"{sample.name}: from_me are {own}, not {set(sample.own)}"

    def test_a_wrong_signature_stores_nothing(self) -> None:
        for sample in self.webhooks:
            if self.converted(sample).stored:
                for n, forged in enumerate(self.forgeries(sample.request)):
                    self.refused(forged, f"{sample.name}, forgery {n + 1}")

    def test_a_foreign_payload_is_refused(self) -> None:
        for sample in self.webhooks[:1]:
            for body in FOREIGN:
                request = HookRequest(
                    method="POST", path=sample.request.path, query={}, headers={}, body=body
                )
                self.refused(request, f"the foreign payload {body!r}")

    def test_without_its_secrets_it_accepts_nothing(self) -> None:
        secret = {field.name for field in self.kind.fields if field.secret}
        emptied = {name: "" if name in secret else value for name, value in self.config.items()}
        for sample in self.webhooks:
            if not self.converted(sample).stored:
                continue
            try:
                channel, _ = self.open(emptied)
            except Exception:  # refusing to open is as good
                return
            assert isinstance(channel, Webhooks)
            answer = channel.webhook(sample.request)
            assert not answer.accepted, f"{sample.name}: accepted without a secret to check it with"

    def test_webhooks_show_no_secret(self) -> None:
        with listening() as heard:
            for sample in self.webhooks:
                self.ask(sample.request, sample.name)
                for forged in self.forgeries(sample.request):
                    self.ask(forged, sample.name)
        self.assert_no_secret("\n".join(heard), "the server's log")


class UnsupportedChecks(_Hooks):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return isinstance(about.channel, Webhooks) and any(s.unsupported for s in about.suite.webhooks)

    def test_what_is_known_but_unsupported_is_answered_200_and_kept(self) -> None:
        for sample in self.webhooks:
            if not sample.unsupported:
                continue
            answer = self.converted(sample)
            assert answer.stored, f"{sample.name}: answered, but not stored"
            shown = any(isinstance(part, Unsupported) for m in messages_in(answer.events) for part in m.parts)
            kept = any(isinstance(event, Unrecognised) for event in answer.events)
            assert shown or kept, f"{sample.name}: neither an Unsupported part nor Unrecognised: it is lost"


class SignedChecks(_Hooks):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return isinstance(about.channel, Webhooks) and about.suite.sign is not Bench.sign

    def test_what_is_signed_but_unreadable_is_kept(self) -> None:
        for body in UNREADABLE:
            what = f"the signed body {body[:40]!r}"
            answer = self.ask(self.sign(body), what)
            assert answer.accepted, f"{what}: refused, though its signature is right"
            assert answer.stored, f"{what}: not stored, so nobody can look at it"
            understood = [event for event in answer.events if not isinstance(event, Unrecognised)]
            assert not understood, f"{what} became {understood}"
            assert answer.failed or answer.events, f"{what}: say in `failed` why it could not be read"


class SharedChecks(_Hooks):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return isinstance(about.suite.kind, SharedWebhooks)

    def _shared(self) -> SharedWebhooks:
        assert isinstance(self.kind, SharedWebhooks)
        return self.kind

    def test_samples_name_their_recipient(self) -> None:
        keys = self._shared().keys(self.config)
        assert keys, "keys() of the configuration is empty: no call could ever be routed to this channel"
        for sample in self.webhooks:
            if self.converted(sample).stored:
                named = self._shared().recipients(sample.request)
                assert named & keys, f"{sample.name} names {set(named)}: none of {set(keys)}"

    def test_a_foreign_payload_names_nobody(self) -> None:
        for body in (*FOREIGN, *UNREADABLE):
            request = HookRequest(method="POST", path="/", query={}, headers={}, body=body)
            try:
                named = self._shared().recipients(request)
            except Exception as err:
                raise AssertionError(
                    f"recipients() must not raise, for {body[:40]!r} it raised {err!r}"
                ) from err
            assert not named, f"{body[:40]!r} names {set(named)}"


class StrangerChecks(_Hooks):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return about.suite.stranger is not None and isinstance(about.channel, Webhooks)

    def test_another_channel_takes_no_message_that_is_not_its_own(self) -> None:
        assert self.stranger is not None
        channel: Channel = self.kind.open(CHANNEL, self.stranger, self.open(self.config)[1])
        assert isinstance(channel, Webhooks)
        if isinstance(self.kind, SharedWebhooks):
            shared = self.kind.keys(self.config) & self.kind.keys(self.stranger)
            assert self.kind.keys(self.stranger), "keys() of the stranger is empty"
            assert self.kind.keys(self.config) != shared, f"both channels have the same keys: {set(shared)}"
        for sample in self.webhooks:
            taken = messages_in(channel.webhook(sample.request).events)
            assert not taken, f"{sample.name}: another channel took {[message.id for message in taken]}"
