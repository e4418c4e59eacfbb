"""@kapso/whatsapp-cloud-api, a client for Node written by others, sends the simulator everything it can."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from jackfield_whatsapp_api.simulator import Customer, Number, Simulator

ROOT = Path(__file__).parents[4]
NODE = Path(sys.executable).with_name("node")
SCRIPT = ROOT / "tests/clients/kapso.mjs"
NO_SEND = {  # methods for messages that ask the client's own proxy, not the Cloud API
    "query": "the history that the maker's proxy keeps",
    "listByConversation": "the same of one conversation",
    "get": "a message that the maker's proxy keeps",
}
# Names in kapso.mjs are types of messages; these are not.
OF_TYPE = {"text to a BSUID": "text", "quote": "text", "voice": "audio", "raw": "text"}
ELSEWHERE = {"raw interactive": "location_request_message"}


async def drive(given: dict[str, str]) -> Any:
    """What the script says it did."""
    process = await asyncio.create_subprocess_exec(
        NODE, SCRIPT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, cwd=SCRIPT.parent,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await process.communicate(json.dumps(given).encode())
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def test_everything_kapso_can_send_is_taken_and_arrives(
    sim: Simulator, shop: Number, ann: Customer
) -> None:
    sim.add_template(shop, "ready", "en", "Order {{1}} is ready")
    eve = sim.add_customer("+1 555 010 0177", "Eve", username="eve", hidden=True)
    sim.user_says(shop.id, eve.phone, "Hello")
    asked = sim.user_says(shop.id, ann.phone, "Hello")
    done = await drive({
        "url": sim.url, "token": sim.token_of(shop), "number": shop.id, "user": ann.phone,
        "bsuid": sim.bsuid(shop, eve), "asked": asked.id, "link": "https://example.org/file",
    })  # fmt: skip
    sends = done["sends"]
    assert {name: one["error"] for name, one in sends.items() if "error" in one} == {}
    assert set(done["methods"]) == {one["method"] for one in sends.values()} | NO_SEND.keys()
    assert sends.pop("read")["success"] is True
    assert asked.status == "read"
    await sim.settled()
    for name, one in sends.items():
        said = sim.messages[one["id"]]
        kind = said.content["type"] if said.type == "interactive" else said.type
        assert kind == OF_TYPE.get(name) or kind == ELSEWHERE.get(name, name), name
        assert said.status == ("sent" if said.type == "reaction" else "delivered"), name
    assert sim.messages[sends["text to a BSUID"]["id"]].user == eve.phone
    assert sim.messages[sends["quote"]["id"]].reply_to == asked.id
    assert sim.messages[sends["quote"]["id"]].tracker == "txn"
    assert sim.messages[sends["image"]["id"]].content["id"] == done["media"]["id"]
    assert sim.messages[sends["template"]["id"]].shown["body"] == "Order 17 is ready"
