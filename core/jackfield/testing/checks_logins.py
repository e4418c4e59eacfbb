"""Checks of logins: stable steps, wrong answers asked again, cancelled at every step."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import assert_never

from jackfield.channel import Ask, Channel, ChannelError, Done, Login, Show, Step

from .bench import CHANNEL, Bench, Subject, listening
from .port import FakePort

STEPS = 20  # more than these is a loop
CANCEL_WITHIN = 1.0  # seconds


class LoginChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return bool(about.suite.kind.logins())

    def test_every_login_has_a_title(self) -> None:
        for flow, title in self.kind.logins().items():
            assert flow, "a login has no name"
            assert title, f"login {flow} has no title"

    def test_a_login_can_be_cancelled_before_it_starts(self) -> None:
        async def scene(_: Channel, port: FakePort) -> None:
            for flow in self.kind.logins():
                await _cancel(self.kind.login(flow, port), f"{flow}, before its first step")

        self.play(scene)


class WalkedLoginChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return bool(about.suite.kind.logins()) and bool(about.suite.answers)

    def test_steps_have_stable_ids_of_their_kind(self) -> None:
        async def scene(_: Channel, port: FakePort) -> None:
            for flow in self.kind.logins():
                first, second = [await self._first(flow, port) for _ in range(2)]
                assert first == second, f"{flow} starts with {first}, then with {second}"
                assert first.startswith(f"{self.kind.name}."), f"name it {self.kind.name}.…, not {first}"

        self.play(scene)

    async def _first(self, flow: str, port: FakePort) -> str:
        login = self.kind.login(flow, port)
        step = await login.start()
        assert not isinstance(step, Done), f"{flow} is done before anybody did anything"
        await login.cancel()
        return step.step

    def test_an_empty_answer_is_asked_again(self) -> None:
        async def scene(_: Channel, port: FakePort) -> None:
            for flow in self.kind.logins():
                login = self.kind.login(flow, port)
                step = await login.start()
                if isinstance(step, Ask) and any(field.required for field in step.fields):
                    again = await login.submit({})
                    assert isinstance(again, Ask), f"{step.step}: an empty answer led on to {again}"
                    assert again.step == step.step, f"an empty answer led from {step.step} to {again.step}"
                    assert again.errors, f"{step.step}: say in `errors` what is wrong with an empty answer"
                    fields = {field.name for field in again.fields} | {""}
                    assert set(again.errors) <= fields, f"{step.step}: errors name no field: {again.errors}"
                await login.cancel()

        self.play(scene)

    def test_a_login_leads_to_a_channel_that_opens(self) -> None:
        async def scene(_: Channel, port: FakePort) -> None:
            for flow in self.kind.logins():
                last = (await self._walk(self.kind.login(flow, port), STEPS))[-1]
                assert isinstance(last, Done), f"{flow} ends with {last}: give the answers it needs"
                assert last.external_id, f"{flow}: external_id is empty"
                assert last.name, f"{flow}: name is empty"
                extra = set(last.config) - {field.name for field in self.kind.fields}
                assert not extra, f"{flow}: its configuration has what no field declares: {extra}"
                self.kind.open(CHANNEL, last.config, port)

        self.play(scene)

    def test_a_login_can_be_cancelled_at_every_step(self) -> None:
        async def scene(_: Channel, port: FakePort) -> None:
            for flow in self.kind.logins():
                steps = len(await self._walk(self.kind.login(flow, port), STEPS))
                for count in range(1, steps):
                    login = self.kind.login(flow, port)
                    step = (await self._walk(login, count))[-1]
                    await _cancel(login, f"{flow}, after {count} steps")
                    if isinstance(step, Show):
                        await self._cancel_while_waiting(flow, count, port)

        self.play(scene)

    def test_waiting_can_be_taken_up_again(self) -> None:
        """The page that waits is closed and opened again: its request is cancelled, the login goes on."""

        async def scene(_: Channel, port: FakePort) -> None:
            for flow in self.kind.logins():
                walked = await self._walk(self.kind.login(flow, port), STEPS)
                for count, shown in enumerate(walked, start=1):
                    if isinstance(shown, Show):
                        await self._wait_twice(flow, count, port)

        self.play(scene)

    async def _wait_twice(self, flow: str, count: int, port: FakePort) -> None:
        login = self.kind.login(flow, port)
        await self._walk(login, count)
        if await _interrupted(login, flow):
            try:
                await login.wait()
            except Exception as err:
                raise AssertionError(f"{flow}: wait() was cancelled once and now raises {err!r}") from err
        await login.cancel()

    async def _cancel_while_waiting(self, flow: str, count: int, port: FakePort) -> None:
        login = self.kind.login(flow, port)
        await self._walk(login, count)
        await _interrupted(login, flow)  # as the host does: first the step, then the login
        await _cancel(login, f"{flow}, while it waited")

    def test_a_login_shows_no_secret(self) -> None:
        async def scene(_: Channel, port: FakePort) -> None:
            for flow in self.kind.logins():
                await self._walk(self.kind.login(flow, port), STEPS)

        with listening() as heard:
            self.play(scene)
        self.assert_no_secret("\n".join(heard), "the server's log")

    async def _walk(self, login: Login, most: int) -> list[Step]:
        """Take at most so many steps, answering as a person would. Stops where nobody has an answer."""
        steps: list[Step] = [await login.start()]
        while len(steps) < most:
            now = steps[-1]
            match now:
                case Done():
                    break
                case Ask(step=step):
                    answer: Mapping[str, str] | None = self.answers.get(step)
                    assert answer is not None, f"answers has nothing for the step {step}"
                    steps.append(await login.submit(answer))
                case Show():
                    steps.append(await login.wait())
                case _:
                    assert_never(now)
        return steps


async def _interrupted(login: Login, flow: str) -> bool:
    """Begin to wait, and be cancelled at once. False if the step was there before that."""
    waiting = asyncio.create_task(_wait(login))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting}, timeout=CANCEL_WITHIN)
    assert waiting.done(), f"{flow}: wait() goes on a second after it was cancelled"
    return waiting.cancelled()


async def _wait(login: Login) -> None:
    with contextlib.suppress(ChannelError):
        await login.wait()


async def _cancel(login: Login, when: str) -> None:
    try:
        async with asyncio.timeout(CANCEL_WITHIN):
            await login.cancel()
            await login.cancel()  # the person and the deadline may both want it
    except TimeoutError:
        raise AssertionError(f"{when}: cancel() takes longer than a second") from None
    except Exception as err:
        raise AssertionError(f"{when}: cancel() raised {err!r}") from err
