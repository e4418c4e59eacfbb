"""Who may connect to a channel as its bridge, and what is made of nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from jackfield_whatsapp_business.line import COMMAND
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from whatsapp_bridge import WITHIN, Bridge, bridge

AT = "$JACKFIELD_BRIDGE_FOLDER/at"
QUIET = f"""sh -c 'printf %s "$JACKFIELD_BRIDGE_URL $JACKFIELD_BRIDGE_TOKEN" > "{AT}.new"
mv "{AT}.new" "{AT}"; exec cat'"""
"""A bridge that writes down where it should connect to, and does not."""


@pytest.fixture
async def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Bridge, str, str]]:
    """A line without its bridge, its address and its token."""
    monkeypatch.setenv(COMMAND, QUIET)
    at = tmp_path / "channel" / "at"
    async with bridge(at.parent) as started:
        async with asyncio.timeout(WITHIN):
            while not await asyncio.to_thread(at.exists):  # noqa: ASYNC110  # another process writes it
                await asyncio.sleep(0.02)
        url, token = (await asyncio.to_thread(at.read_text)).split()
        yield started, url, token


@pytest.mark.parametrize("said", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}"])
async def test_nobody_is_let_in_without_the_token(opened: tuple[Bridge, str, str], said: str | None) -> None:
    started, url, token = opened
    headers = {} if said is None else {"Authorization": said.format(token=token)}
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, additional_headers=headers)
    assert refused.value.response.status_code == 401
    assert not started.said
    assert not started.line.connected


@pytest.mark.parametrize("frame", ["", "null", '{"type": "ack"}', '{"type": "heard", "number": "x"}'])
async def test_what_is_no_frame_ends_the_connection_and_not_the_channel(
    opened: tuple[Bridge, str, str], frame: str
) -> None:
    started, url, token = opened
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(url, additional_headers=headers) as line:
        await line.send(frame)
        with pytest.raises(ConnectionClosedError) as closed:
            await line.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1007
    async with connect(url, additional_headers=headers) as line:
        await line.send('{"type": "status", "state": "unlinked", "of a later version": 1}')
        await started.state("unlinked")
