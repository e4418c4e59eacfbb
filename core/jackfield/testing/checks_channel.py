"""Checks of an open channel: its capabilities tell the truth, and run() lives and ends as it should."""

from __future__ import annotations

import asyncio
import inspect
import time
from fnmatch import fnmatch
from typing import get_args

import msgspec

from jackfield.channel import (
    Capabilities,
    Channel,
    ChoiceStyle,
    Deletes,
    Edits,
    Level,
    MarksRead,
    MediaSort,
    Pins,
    Reacts,
    Starts,
    Types,
)

from .bench import Bench, Subject, said_something
from .events import faults_of
from .port import FakePort

OPTIONAL: dict[str, type] = {
    "edit": Edits,
    "delete": Deletes,
    "react": Reacts,
    "pin": Pins,
    "mark_read": MarksRead,
    "typing": Types,
}
CHEAP = 0.001  # seconds for one question; asked for every conversation on the page


class ChannelChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return about.channel is not None

    def _capabilities(self) -> list[Capabilities]:
        channel, _ = self.open(self.config)
        return [channel.capabilities(facts) for facts in self.all_facts()]

    def test_capabilities_tell_the_truth(self) -> None:
        channel, _ = self.open(self.config)
        everywhere = self._capabilities()
        for name, protocol in OPTIONAL.items():
            can = any(getattr(caps, name) > Level.FALLBACK for caps in everywhere)
            implements = isinstance(channel, protocol)
            assert implements or not can, (
                f"capabilities promise {name}, but the channel does not implement {protocol.__name__}"
            )
            assert can or not implements, (
                f"the channel implements {protocol.__name__}, but its capabilities offer {name} in none of "
                "the conversations asked for: raise the level, or add the conversation to `facts`"
            )

    def test_capabilities_are_pure_and_cheap(self) -> None:
        channel, port = self.open(self.config)
        assert not inspect.iscoroutinefunction(channel.capabilities), "capabilities() must not be async"
        best = float("inf")
        for facts in self.all_facts():
            assert channel.capabilities(facts) == channel.capabilities(facts), (
                f"two answers to one question, about {facts}: use facts.now, not the clock"
            )
            began = time.perf_counter()
            for _ in range(20):
                channel.capabilities(facts)
            best = min(best, (time.perf_counter() - began) / 20)
        assert best < CHEAP, f"capabilities() takes {best * 1000:.1f} ms: it is asked for every conversation"
        assert not port.calls, f"capabilities() uses its port: {port.calls}"

    def test_limits_make_sense(self) -> None:
        for caps in self._capabilities():
            assert caps.text_max >= 0, "text_max is negative"
            wrong = [pattern for pattern in caps.media if not fnmatch(pattern, "?*/?*")]
            assert not wrong, f"media limits are by MIME pattern (image/jpeg, video/*): not {wrong}"
            sorts = set(caps.media_sorts) - set(get_args(MediaSort))
            assert not sorts, f"media_sorts has words that are none: {sorts}"
            for limits in (caps.choices, caps.products, caps.carousel):
                counts = [value for value in msgspec.structs.astuple(limits) if isinstance(value, int)]
                below = [value for value in counts if value < 0 and not isinstance(value, Level)]
                assert not below, f"{type(limits).__name__} has limits below 0: {below}"
            styles = set(caps.choices.styles) - set(get_args(ChoiceStyle))
            assert not styles, f"choices.styles has words that are none: {styles}"
            offers = caps.carousel
            assert offers.level is Level.REJECTED or 1 <= offers.least <= offers.most, (
                f"a carousel of {offers.least} to {offers.most} cards is none"
            )
            assert caps.edit_within is None or caps.edit > Level.REJECTED, "edit_within without edit"
            assert caps.delete_within is None or caps.delete > Level.REJECTED, "delete_within without delete"

    def test_the_free_form_window_is_the_kinds(self) -> None:
        channel, _ = self.open(self.config)
        window = self.kind.free_form_window
        never, fresh, _, stale = self.all_facts()[:4]
        if window is None:
            for facts in (never, fresh, stale):
                caps = channel.capabilities(facts)
                assert caps.free_form_until is None, "free_form_until, but the kind has no free_form_window"
                assert not caps.free_form_closed, "free_form_closed, but the kind has no free_form_window"
            return
        until = channel.capabilities(fresh).free_form_until
        assert until is not None, "a message just came in: free_form_until must say until when one may answer"
        assert until <= fresh.now + window, f"{until} is later than free_form_window allows"
        for facts, when in ((never, "nobody ever wrote"), (stale, "the window is over")):
            assert channel.capabilities(facts).free_form_closed, f"{when}: free_form_closed must be True"

    def test_pace_is_a_speed(self) -> None:
        channel, _ = self.open(self.config)
        pace = channel.pace()
        assert pace.per_second > 0, "per_second must be above 0: nothing would ever be sent"
        assert pace.burst >= 1, "burst must be 1 or more"
        assert pace.at_once >= 1, "at_once must be 1 or more"
        assert pace.conversation_per_second >= 0, "conversation_per_second is negative; 0 is no limit"
        assert pace.conversation_burst >= 1, "conversation_burst must be 1 or more"

    def test_run_reports_how_it_is_and_ends_within_a_second_of_being_cancelled(self) -> None:
        self.play(self._run_and_cancel)

    def test_run_can_be_started_again(self) -> None:
        async def scene(channel: Channel, port: FakePort) -> None:
            for _ in range(2):
                port.states.clear()
                await self._run_and_cancel(channel, port)

        self.play(scene)

    async def _run_and_cancel(self, channel: Channel, port: FakePort) -> None:
        before = asyncio.all_tasks()
        running = asyncio.create_task(channel.run())
        await said_something(running, port)
        assert port.states, "run() reported no state: say CONNECTED and wait, if there is nothing to hold"
        if running.done():
            running.result()
            raise AssertionError("run() returned: it holds the connection until it is cancelled")
        running.cancel()
        await asyncio.wait({running}, timeout=self.run_ends_within)
        assert running.done(), f"run() goes on {self.run_ends_within:g} s after it was cancelled"
        assert running.cancelled(), f"run() ended with {running.exception()!r}: let the cancellation out"
        await asyncio.sleep(0)  # what it cancelled ends in this turn of the loop
        left = [task for task in asyncio.all_tasks() - before if not task.done()]
        assert not left, f"run() left tasks behind: {left}"
        faults = [fault for event in port.events for fault in faults_of(event)]
        assert not faults, "; ".join(faults)


class StartChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return isinstance(about.channel, Starts)

    def test_people_can_be_written_to_first(self) -> None:
        assert self.addresses, "the channel implements Starts: give the suite addresses"
        channel, port = self.open(self.config)
        assert isinstance(channel, Starts)
        for address in self.addresses:
            conversation = channel.conversation_with(address)
            assert conversation, f"{address} has no conversation"
            again = channel.conversation_with(address)
            assert again == conversation, (
                f"{address} is {conversation}, then {again}: it would be two threads"
            )
        assert not port.calls, f"conversation_with() uses its port: {port.calls}"
