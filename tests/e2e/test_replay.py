"""Real provider payloads into a running install: received = stored = found, on both engines."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from e2e.conftest import Demo, demo_in
from fixtures.postgres import PostgresServer

SAMPLES = Path(__file__).parents[1] / "plugins" / "whatsapp_api" / "data" / "webhooks.jsonl"
NO_BUBBLE = {"reaction", "edit", "revoke", "system"}  # they change or annotate another message


@pytest.fixture(params=["sqlite", "postgres"])
def demo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Demo]:
    """A demo of its own on each engine."""
    environ: dict[str, str] = {}
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        with server.database("template1") as url, demo_in(tmp_path, {"JACKFIELD_DATABASE": url}) as demo:
            yield demo
        return
    with demo_in(tmp_path, environ) as demo:
        yield demo


def aimed(payload: dict[str, Any], channel: dict[str, str], suffix: str) -> list[str]:
    """Point a published example at our channel; make its message ids its own and return the bubbles'."""
    found: list[str] = []
    entries: list[Any] = payload.get("entry") or []
    for entry in entries:
        entry["id"] = channel["waba_id"]
        changes: list[Any] = entry.get("changes") or []
        for change in changes:
            value: Any = change.get("value")
            if type(value) is not dict:
                continue
            fields = cast("dict[str, Any]", value)
            if isinstance(fields.get("metadata"), dict):
                fields["metadata"]["phone_number_id"] = channel["phone_number_id"]
            messages: list[Any] = fields.get("messages") or []
            for message in messages:
                message["id"] += suffix
                if change.get("field") == "messages" and message.get("type") not in NO_BUBBLE:
                    found.append(message["id"])
    return found


def post(channel: dict[str, str], body: bytes, signature: str | None = None) -> int:
    signed = hmac.new(channel["app_secret"].encode(), body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(channel["webhook"], data=body)
    request.add_header("X-Hub-Signature-256", f"sha256={signature or signed}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_every_payload_twice_is_kept_twice_and_shown_once(demo: Demo) -> None:
    channel = demo.channel
    summary = f"/deliveries/summary?channel={channel['id']}"
    payloads = [json.loads(line)["payload"] for line in SAMPLES.read_text().splitlines()]
    wanted = [aimed(payload, channel, f".{number}") for number, payload in enumerate(payloads)]
    before = demo.get(summary)

    for _ in range(2):
        for number, payload in enumerate(payloads):
            assert post(channel, json.dumps(payload).encode()) == 200, number

    after = demo.get(summary)
    grown = {key: after[key] - before[key] for key in ("received", "stored", "failed")}
    assert grown == {"received": 2 * len(payloads), "stored": 2 * len(payloads), "failed": 0}
    counts: dict[str, int] = {}
    for external_id in [one for ids in wanted for one in ids]:
        query = urllib.parse.urlencode({"channel": channel["id"], "external_id": external_id})
        counts[external_id] = len(demo.get(f"/messages?{query}")["items"])
    assert counts
    assert {external_id: n for external_id, n in counts.items() if n != 1} == {}


def test_a_forged_signature_is_refused_and_stores_nothing(demo: Demo) -> None:
    summary = f"/deliveries/summary?channel={demo.channel['id']}"
    before = demo.get(summary)
    assert post(demo.channel, b"{}", signature="0" * 64) in (401, 403)
    assert demo.get(summary) == before
