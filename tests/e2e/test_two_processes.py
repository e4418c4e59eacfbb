"""Two processes on one PostgreSQL and one NATS are one Jackfield."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest
import websockets
from e2e.conftest import JACKFIELD, Demo, demo_in
from fixtures.nats import NatsServer
from fixtures.ports import free_port
from fixtures.postgres import PostgresServer


def serve(environ: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """`jackfield serve` on a port; returns once it is ready."""
    process = subprocess.Popen(
        [str(JACKFIELD), "serve", "--port", str(port)], env=os.environ | environ, stderr=subprocess.DEVNULL
    )
    for _ in range(600):  # on a busy machine
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return process
        except OSError:
            assert process.poll() is None, "the second process ended"
            time.sleep(0.1)
    raise AssertionError("the second process is not ready")


@pytest.fixture
def pair(tmp_path: Path, postgres: PostgresServer, nats: NatsServer) -> Iterator[tuple[Demo, str]]:
    """A demo as process A, and the address of a process B on the same database and bus."""
    port = free_port()
    with ExitStack() as stack:
        url = stack.enter_context(postgres.database("template1"))
        environ = {"JACKFIELD_DATABASE": url, "JACKFIELD_BUS": nats.url, "JACKFIELD_PRIVATE_MEDIA": "1"}
        a = stack.enter_context(demo_in(tmp_path, environ))
        own = {"JACKFIELD_DATA": str(tmp_path / "data"), "JACKFIELD_URL": f"http://127.0.0.1:{port}"}
        b = serve(environ | own, port)
        stack.callback(b.wait, 20)
        stack.callback(b.terminate)
        yield a, f"127.0.0.1:{port}"


def text_message(channel: dict[str, str], body: str) -> bytes:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "1", "phone_number_id": channel["phone_number_id"]},
        "contacts": [{"profile": {"name": "Две"}, "wa_id": "79990001122"}],
        "messages": [
            {"from": "79990001122", "id": f"wamid.{body}", "timestamp": "1795345201", "type": "text",
             "text": {"body": body}},
        ],
    }  # fmt: skip
    change = {"field": "messages", "value": value}
    return json.dumps({"entry": [{"id": channel["waba_id"], "changes": [change]}]}).encode()


def take_in(channel: dict[str, str], body: bytes) -> None:
    signed = hmac.new(channel["app_secret"].encode(), body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(channel["webhook"], data=body)
    request.add_header("X-Hub-Signature-256", f"sha256={signed}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def frames(text: str | bytes) -> list[dict[str, Any]]:
    """A server frame is one object or an array of them."""
    said: Any = json.loads(text)
    return cast("list[dict[str, Any]]", said) if isinstance(said, list) else [said]


async def first_new_message(socket: websockets.ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        async for text in socket:
            for frame in frames(text):
                if frame["t"] == "ev" and frame["d"]["e"] == "message.new":
                    found: dict[str, Any] = frame["d"]["msg"]
                    return found
    raise AssertionError("the connection ended")


async def test_what_a_takes_in_is_seen_live_at_b(pair: tuple[Demo, str]) -> None:
    a, b = pair
    headers = {"Authorization": f"Bearer {a.said['token']}"}
    async with websockets.connect(f"ws://{b}/realtime", additional_headers=headers) as socket:
        await socket.send(json.dumps({"t": "hello", "v": 1}))
        ready = json.loads(await socket.recv())
        assert ready["t"] == "ready"
        await asyncio.to_thread(take_in, a.channel, text_message(a.channel, "сквозь-шину"))
        message = await first_new_message(socket)
    assert message["parts"] == [{"type": "text", "body": "сквозь-шину"}]


async def test_what_is_commanded_at_b_leaves_through_a(pair: tuple[Demo, str]) -> None:
    a, b = pair
    rows = a.get("/conversations?limit=60")["items"]
    row = next(r for r in rows if r["channel"] == a.channel["id"] and r.get("window_until"))
    headers = {"Authorization": f"Bearer {a.said['token']}"}
    send = {"op": "message.send", "conv": row["id"], "parts": [{"type": "text", "body": "от B"}]}
    async with websockets.connect(f"ws://{b}/realtime", additional_headers=headers) as socket:
        await socket.send(json.dumps({"t": "hello", "v": 1}))
        await socket.send(json.dumps({"t": "cmd", "cid": "b-1", "d": send}))
        risen: list[str] = []
        async with asyncio.timeout(15):
            async for text in socket:
                for frame in frames(text):
                    assert frame["t"] != "err", frame
                    if frame["t"] == "ev" and frame["d"]["e"] in ("message.status", "message.patch"):
                        risen.append(frame["d"].get("st") or frame["d"]["msg"].get("st", ""))
                if "delivered" in risen or "read" in risen:
                    break
    assert "sent" in risen
