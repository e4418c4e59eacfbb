"""The state of a channel: measured, told once when it changes, and found again by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from waba_cloud import PHONE_ID, Answer, Cloud, cloud, drops, refuses, says

from jackfield.channel import BadCredentials, State, Suspended, WindowClosed
from jackfield.testing import FakePort
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.health import Health, blocking

BLOCKED = b"""{"id": "1", "health_status": {"can_send_message": "BLOCKED", "entities": [
    {"entity_type": "PHONE_NUMBER", "can_send_message": "AVAILABLE"},
    {"entity_type": "WABA", "errors": [{"error_code": 141006, "error_description": "no payment"}]}]}}"""
PATIENCE = 5.0  # seconds


@pytest.fixture
async def api() -> AsyncGenerator[Cloud]:
    async with cloud() as stand_in:
        yield stand_in


@pytest.fixture
def port() -> FakePort:
    return FakePort()


@pytest.fixture
def health(api: Cloud, port: FakePort) -> Health:
    return Health(GraphClient(Config.read(api.config), port), port, usually=0.01, in_trouble=0.01)


@asynccontextmanager
async def watching(health: Health) -> AsyncGenerator[None]:
    task = asyncio.create_task(health.watch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # neither the port nor the stand-in has an event
            await asyncio.sleep(0.005)


def said(port: FakePort) -> list[tuple[State, str]]:
    return [(state, code) for state, code, _ in port.states]


async def test_connected_is_said_once_however_often_it_is_measured(
    api: Cloud, health: Health, port: FakePort
) -> None:
    async with watching(health):
        await until(lambda: len(api.seen) >= 3)
    assert said(port) == [(State.CONNECTED, "")]
    assert api.seen[0].path.endswith(PHONE_ID)


@pytest.mark.parametrize(
    ("answers", "trouble"),
    [
        ((refuses(401, 190),), (State.BAD_CREDENTIALS, "bad_credentials")),
        ((refuses(403, 10),), (State.BAD_CREDENTIALS, "no_permission")),
        ((refuses(400, 131031),), (State.SUSPENDED, "suspended")),
        ((says(BLOCKED),), (State.SUSPENDED, "suspended")),
        ((refuses(500, 2),), (State.TRANSIENT, "unavailable")),
        ((drops, drops), (State.TRANSIENT, "unavailable")),
    ],
)
async def test_trouble_is_told_and_its_end_is_found_without_a_message(
    api: Cloud, health: Health, port: FakePort, answers: tuple[Answer, ...], trouble: tuple[State, str]
) -> None:
    api.instead(PHONE_ID, *answers)
    async with watching(health):
        await until(lambda: len(port.states) == 2)
    assert said(port) == [trouble, (State.CONNECTED, "")]


async def test_an_outage_does_not_hide_that_the_token_is_bad(
    api: Cloud, health: Health, port: FakePort
) -> None:
    api.instead(PHONE_ID, refuses(401, 190), refuses(500, 2))
    async with watching(health):
        await until(lambda: len(port.states) == 2)
    assert said(port) == [(State.BAD_CREDENTIALS, "bad_credentials"), (State.CONNECTED, "")]


async def test_every_call_tells_how_the_channel_is_but_not_twice(health: Health, port: FakePort) -> None:
    def call(error: Exception | None) -> None:
        with health.watched():
            if error:
                raise error

    call(None)
    for error in (BadCredentials("a"), BadCredentials("b"), Suspended("c"), WindowClosed("d")):
        with pytest.raises(type(error)):
            call(error)
    call(None)
    call(None)
    assert said(port) == [
        (State.CONNECTED, ""),
        (State.BAD_CREDENTIALS, "bad_credentials"),
        (State.SUSPENDED, "suspended"),
        (State.CONNECTED, ""),
    ]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ({}, None),
        ({"health_status": None}, None),
        ({"health_status": {"can_send_message": "LIMITED"}}, None),
        ({"health_status": {"can_send_message": "BLOCKED"}}, "the number may not send"),
        ({"health_status": {"can_send_message": "BLOCKED", "entities": [7]}}, "the number may not send"),
    ],
)
def test_only_a_blocked_number_is_blocked(number: Any, why: str | None) -> None:
    assert blocking(number) == why
