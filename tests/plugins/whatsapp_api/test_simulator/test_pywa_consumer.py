"""pywa, as a receiver written by others, takes everything the simulator emits: by its own handlers."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from jackfield_whatsapp_api.simulator import Customer, FailedWithContacts, FailLater, Number, Simulator

# pywa's own annotations are incomplete: to the type checkers it is Any.
pywa: Any = importlib.import_module("pywa")
handlers: Any = importlib.import_module("pywa.handlers")
Json = dict[str, Any]
Log = list[tuple[str, Any]]


def receiver(sim: Simulator, shop: Number) -> tuple[Any, Log]:
    """A pywa client without a server, and what its handlers got."""
    wa = pywa.WhatsApp(
        phone_id=shop.id,
        waba_id=shop.account,
        app_secret=sim.settings.app_secret,
        verify_token="knock",
        server=None,
    )
    seen: Log = []

    def note(name: str) -> Callable[[Any, Any], None]:
        return lambda _, update: seen.append((name, update))

    wa.add_handlers(
        handlers.MessageHandler(note("message")),
        handlers.MessageStatusHandler(note("status")),
        handlers.CallbackButtonHandler(note("button")),
        handlers.CallbackSelectionHandler(note("selection")),
        handlers.EditedMessageHandler(note("edit")),
        handlers.DeletedMessageHandler(note("revoke")),
        handlers.PhoneNumberChangeHandler(note("number")),
        handlers.IdentityChangeHandler(note("identity")),
        handlers.CallTerminateHandler(note("call")),
        handlers.FlowCompletionHandler(note("flow")),
        handlers.TemplateStatusUpdateHandler(note("template")),
    )
    return wa, seen


async def consume(sim: Simulator, shop: Number) -> Log:
    """Everything delivered so far, through pywa's own signature check and parser."""
    await sim.settled()
    wa, seen = receiver(sim, shop)
    for sent in sim.deliveries:
        assert wa.webhook_update_validator(sent.body, sent.signature) is None
        assert wa.webhook_update_handler(sent.body) == ("ok", 200)
    return seen


@pytest.fixture(autouse=True)
def no_complaints(caplog: pytest.LogCaptureFixture) -> Any:
    """pywa logs what it could not read instead of raising it."""
    with caplog.at_level(logging.WARNING, logger="pywa"):
        yield
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []


async def offer(api: aiohttp.ClientSession, shop: Number, user: Customer, body: Json) -> str:
    request = {"messaging_product": "whatsapp", "to": user.phone} | body
    async with api.post(f"{shop.id}/messages", json=request) as answer:
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["messages"][0]["id"])


async def test_messages_of_every_kind(sim: Simulator, shop: Number, ann: Customer) -> None:
    say, write, who = sim.user_says, sim.user_writes, (shop.id, ann.phone)
    first = say(*who, "Привет")
    say(*who, "And?", reply_to=first.id)
    for kind, mime in (
        ("image", "image/jpeg"),
        ("video", "video/mp4"),
        ("audio", "audio/ogg; codecs=opus"),
        ("document", "application/pdf"),
        ("sticker", "image/webp"),
    ):
        file = sim.user_has(shop.id, b"bytes", mime, "a.pdf")
        write(*who, kind, {"id": file.id} | ({"voice": True} if kind == "audio" else {}))
    write(*who, "location", {"latitude": 59.9, "longitude": 30.3, "name": "Home", "address": "Nevsky 1"})
    name = {"formatted_name": "Bob Bee", "first_name": "Bob"}
    write(*who, "contacts", [{"name": name, "phones": [{"phone": "+15550100", "type": "WORK"}]}])
    item = {"product_retailer_id": "p1", "quantity": 2, "item_price": 30, "currency": "USD"}
    write(*who, "order", {"catalog_id": "1", "text": "please", "product_items": [item]})
    error = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown"}
    details = {"error_data": {"details": "Message type is currently not supported."}}
    write(*who, "unsupported", {"type": "poll"}, extra={"errors": [error | details]})
    sim.user_reacts(*who, first.id, "❤️")
    got = await consume(sim, shop)
    assert [name for name, _ in got] == ["message"] * 12
    kinds = [update.type.value for _, update in got]
    expected = "text text image video audio document sticker location contacts order unsupported reaction"
    assert kinds == expected.split()
    message = got[0][1]
    assert (message.text, message.id, message.from_user.wa_id) == ("Привет", first.id, ann.phone)
    assert message.from_user.bsuid == sim.bsuid(shop, ann)
    assert got[1][1].reply_to_message.id == first.id
    assert got[9][1].order.total_price == 60


async def test_answers_to_buttons_lists_templates_and_forms(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    who = (shop.id, ann.phone)
    sim.user_says(*who, "Hello")
    button = {"type": "reply", "reply": {"id": "y", "title": "Yes"}}
    buttons = {"type": "button", "body": {"text": "?"}, "action": {"buttons": [button]}}
    sim.user_presses(*who, await offer(api, shop, ann, {"type": "interactive", "interactive": buttons}), "y")
    section = {"title": "All", "rows": [{"id": "r", "title": "Roses", "description": "Red"}]}
    rows = {"type": "list", "body": {"text": "?"}, "action": {"button": "Open", "sections": [section]}}
    sim.user_presses(*who, await offer(api, shop, ann, {"type": "interactive", "interactive": rows}), "r")
    reply = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Confirm"}]}
    sim.add_template(shop, "ask", "en", "Come?", components=[reply])
    template = {"type": "template", "template": {"name": "ask", "language": {"code": "en"}}}
    asked = await offer(api, shop, ann, template)
    sim.user_presses(*who, asked, "Confirm")
    form = {"name": "flow", "body": "Sent", "response_json": '{"flow_token":"t","score":"5"}'}
    sim.user_writes(*who, "interactive", {"type": "nfm_reply", "nfm_reply": form}, reply_to=asked)
    got = await consume(sim, shop)
    answers = [(name, update) for name, update in got if name not in ("message", "status")]
    assert [name for name, _ in answers] == ["button", "selection", "button", "flow"]
    assert [answers[0][1].data, answers[1][1].data, answers[2][1].data] == ["y", "r", "Confirm"]
    assert answers[3][1].response["score"] == "5"


async def test_statuses_with_price_and_tracker_and_failures(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    text = {"type": "text", "text": {"body": "Hi"}, "biz_opaque_callback_data": "txn-1"}
    await offer(api, shop, ann, text)
    await sim.settled()
    sim.user_reads(shop.id, ann.phone)
    await sim.settled()
    sim.script(FailLater(code=131047), FailedWithContacts())
    await offer(api, shop, ann, text)
    statuses = [update for name, update in await consume(sim, shop) if name == "status"]
    assert [one.status.value for one in statuses] == ["sent", "delivered", "read", "failed"]
    assert {one.tracker for one in statuses} == {"txn-1"}
    assert statuses[0].pricing is not None
    assert statuses[3].error is not None
    assert statuses[3].error.code == 131047


async def test_edits_revocations_calls_identities_and_templates(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    said = sim.user_says(shop.id, ann.phone, "Helo")
    sim.user_edits(shop.id, ann.phone, said.id, "Hello")
    sim.user_revokes(shop.id, ann.phone, said.id)
    sim.user_calls(shop.id, ann.phone, seconds=60)
    sim.user_changes_identity(shop.id, ann.phone)
    old = ann.phone
    sim.user_changes_number(shop.id, old, "+1 555 010 0155")
    sim.user_changes_id(shop.id, ann.phone)
    new: Json = {"name": "a", "language": "en", "category": "UTILITY"}
    new["components"] = [{"type": "BODY", "text": "Hi"}]
    async with api.post(f"{shop.account}/message_templates", json=new) as answer:
        assert answer.status == 200
    got = await consume(sim, shop)
    names = ["message", "edit", "revoke", "call", "identity", "number", "number", "template"]
    assert [name for name, _ in got] == names
    assert (got[5][1].old_wa_id, got[5][1].new_wa_id) == (old, ann.phone)
