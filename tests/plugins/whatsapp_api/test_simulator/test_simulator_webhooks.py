"""What the simulator tells a business: signed, escaped, in order, tried again; and every scripted fault."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

import aiohttp
import pytest

from jackfield_whatsapp_api.simulator import (
    Break,
    Callback,
    Customer,
    Duplicate,
    FailedWithContacts,
    FailLater,
    Gather,
    Hang,
    Number,
    Refuse,
    Settings,
    Simulator,
    SkipDelivered,
)

Json = dict[str, Any]


def text_to(user: Customer) -> Json:
    body = {"messaging_product": "whatsapp", "to": user.phone, "type": "text", "text": {"body": "Hi"}}
    return body | {"biz_opaque_callback_data": "txn-1"}


async def send(api: aiohttp.ClientSession, shop: Number, user: Customer) -> tuple[int, Json]:
    async with api.post(f"{shop.id}/messages", json=text_to(user)) as answer:
        return answer.status, await answer.json(content_type=None) if answer.ok else {}


def values(inbox: list[Json]) -> list[Json]:
    return [change["value"] for body in inbox for entry in body["entry"] for change in entry["changes"]]


def items(inbox: list[Json], name: str) -> list[Json]:
    return [item for value in values(inbox) for item in value.get(name, [])]


def statuses(inbox: list[Json]) -> list[str]:
    return [item["status"] for item in items(inbox, "statuses")]


async def test_the_signature_covers_the_escaped_bytes_that_were_sent(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    sim.user_says(shop.id, ann.phone, "Привет 👋")
    await sim.settled()
    (sent,) = sim.deliveries
    assert rb"\u041f\u0440\u0438\u0432\u0435\u0442 \ud83d\udc4b" in sent.body
    assert sent.body.isascii()
    digest = hmac.new(sim.settings.app_secret.encode(), sent.body, hashlib.sha256).hexdigest()
    assert sent.signature == f"sha256={digest}"
    assert items(inbox, "messages")[0]["text"]["body"] == "Привет 👋"


async def test_a_message_carries_the_envelope_the_phone_and_the_bsuid(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    said = sim.user_says(shop.id, ann.phone, "Hello")
    await sim.settled()
    entry = inbox[0]["entry"][0]
    assert (inbox[0]["object"], entry["id"]) == ("whatsapp_business_account", shop.account)
    value = entry["changes"][0]["value"]
    assert value["metadata"] == {"display_phone_number": shop.phone, "phone_number_id": shop.id}
    bsuid = sim.bsuid(shop, ann)
    assert value["contacts"] == [{"profile": {"name": "Ann"}, "wa_id": ann.phone, "user_id": bsuid}]
    message = value["messages"][0]
    assert (message["from"], message["from_user_id"], message["id"]) == (ann.phone, bsuid, said.id)


async def test_who_hides_the_phone_is_known_by_bsuid_only(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    eve = sim.add_customer("+1 555 010 0177", "Eve", username="eve", hidden=True)
    sim.user_says(shop.id, eve.phone, "Hello")
    body = {"messaging_product": "whatsapp", "recipient": sim.bsuid(shop, eve), "text": {"body": "Hi"}}
    async with api.post(f"{shop.id}/messages", json=body) as answer:
        assert answer.status == 200
    await sim.settled()
    assert all(eve.phone.encode() not in sent.body for sent in sim.deliveries)
    assert items(inbox, "contacts")[0]["profile"]["username"] == "eve"
    assert {one["recipient_user_id"] for one in items(inbox, "statuses")} == {sim.bsuid(shop, eve)}


async def test_a_sent_message_is_told_sent_delivered_and_read_with_its_price_and_tracker(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    _, answer = await send(api, shop, ann)
    await sim.settled()
    assert sim.user_reads(shop.id, ann.phone) == 1
    assert sim.user_reads(shop.id, ann.phone) == 0
    await sim.settled()
    assert statuses(inbox) == ["sent", "delivered", "read"]
    for item in items(inbox, "statuses"):
        assert item["id"] == answer["messages"][0]["id"]
        assert item["biz_opaque_callback_data"] == "txn-1"
        assert (item["pricing"]["pricing_model"], item["pricing"]["category"]) == ("PMP", "service")


async def test_nothing_is_delivered_to_a_phone_that_is_off_until_it_is_back(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.user_goes_offline(ann.phone)
    await send(api, shop, ann)
    await sim.settled()
    assert statuses(inbox) == ["sent"]
    sim.user_comes_online(ann.phone)
    await sim.settled()
    assert statuses(inbox) == ["sent", "delivered"]


async def test_a_phone_nobody_has_fails_without_contacts(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    sim.add_template(shop, "hello", "en", "Hello!")
    template = {"type": "template", "template": {"name": "hello", "language": {"code": "en"}}}
    async with api.post(
        f"{shop.id}/messages", json=text_to(ann) | {"to": "+15550000000"} | template
    ) as answer:
        assert answer.status == 200
    await sim.settled()
    (failed,) = items(inbox, "statuses")
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131026)
    assert "recipient_user_id" not in failed
    assert all("contacts" not in value for value in values(inbox))


async def test_a_webhook_that_is_not_taken_is_tried_again_and_does_not_hold_up_the_next(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json], answers: list[int]
) -> None:
    answers += [500, 200, 503]
    sim.user_says(shop.id, ann.phone, "first")
    sim.user_says(shop.id, ann.phone, "second")
    await sim.settled()
    assert [one["text"]["body"] for one in items(inbox, "messages")] == ["second", "first"]
    assert [(one.status, one.number) for one in sim.deliveries] == [(500, 1), (200, 1), (503, 2), (200, 3)]
    assert len({one.body for one in sim.deliveries if one.status != 200}) == 1


async def test_a_receiver_that_is_down_gets_its_webhook_when_it_is_back(unused_tcp_port: int) -> None:
    callback = Callback(url=f"http://127.0.0.1:{unused_tcp_port}/hook")
    async with Simulator.start(Settings(callback=callback, speed=1000, retry_for=20)) as sim:
        shop, ann = sim.add_number("+15550100001", "Shop"), sim.add_customer("+15550100199", "Ann")
        sim.user_says(shop.id, ann.phone, "Hello")
        await sim.settled()
        assert [one.status for one in sim.deliveries] == [0] * len(sim.deliveries)
        assert [one.number for one in sim.deliveries] == [1, 2, 3, 4, 5, 6]


async def test_refused_once_and_then_not(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(Refuse(code=131047), Refuse(code=130429))
    assert [(await send(api, shop, ann))[0] for _ in range(3)] == [400, 429, 200]


async def test_a_fault_for_one_customer_leaves_the_others_alone(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    bob = sim.add_customer("+1 555 010 0198", "Bob")
    for user in (ann, bob):
        sim.user_says(shop.id, user.phone, "Hello")
    sim.script(Refuse(code=131056, user=bob.phone))
    assert [(await send(api, shop, user))[0] for user in (ann, bob, bob)] == [200, 400, 200]


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ("accepted", ["failed"]),
        ("sent", ["sent", "failed"]),
        ("delivered", ["sent", "delivered", "failed"]),
    ],
)
async def test_an_accepted_message_can_fail_later(
    *,
    sim: Simulator,
    shop: Number,
    ann: Customer,
    api: aiohttp.ClientSession,
    inbox: list[Json],
    after: Any,
    told: list[str],
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(FailLater(code=131047, after=after))
    assert (await send(api, shop, ann))[0] == 200
    await sim.settled()
    assert statuses(inbox) == told
    assert items(inbox, "statuses")[-1]["errors"][0]["code"] == 131047
    assert "contacts" not in values(inbox)[-1]
    assert sim.user_reads(shop.id, ann.phone) == 0


async def test_failed_statuses_can_carry_contacts_for_receivers_that_need_them(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(FailLater(code=131026, times=2), FailedWithContacts())
    for _ in range(2):
        await send(api, shop, ann)
        await sim.settled()
    with_contacts = ["contacts" in value for value in values(inbox) if "statuses" in value]
    assert with_contacts == [True, False]


async def test_delivered_can_be_left_out(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(SkipDelivered())
    await send(api, shop, ann)
    await sim.settled()
    sim.user_reads(shop.id, ann.phone)
    await sim.settled()
    assert statuses(inbox) == ["sent", "read"]


@pytest.mark.parametrize("taken", [True, False])
async def test_a_send_can_hang_and_yet_have_gone_out(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, taken: bool
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(Hang(seconds=50, taken=taken))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.9):
            await send(api, shop, ann)
    assert len(sim.messages) == (2 if taken else 1)


@pytest.mark.parametrize("taken", [True, False])
async def test_a_send_can_be_answered_by_a_bare_gateway_error(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, taken: bool
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(Break(status=502, taken=taken))
    assert (await send(api, shop, ann))[0] == 502
    assert len(sim.messages) == (2 if taken else 1)


async def test_webhooks_can_come_twice(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    sim.script(Duplicate(copies=2))
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.user_says(shop.id, ann.phone, "Bye")
    await sim.settled()
    assert [one["text"]["body"] for one in items(inbox, "messages")] == ["Hello", "Hello", "Hello", "Bye"]
    assert inbox[0] == inbox[1] == inbox[2]


@pytest.mark.parametrize(
    ("shape", "bodies", "entries", "changes", "messages"),
    [
        ("entries", 1, 3, 1, 1),
        ("changes", 1, 1, 3, 1),
        ("items", 1, 1, 1, 3),
        ("reversed", 3, 1, 1, 1),
    ],
)
async def test_webhooks_can_be_gathered_and_reordered(
    *,
    sim: Simulator,
    shop: Number,
    ann: Customer,
    inbox: list[Json],
    shape: Any,
    bodies: int,
    entries: int,
    changes: int,
    messages: int,
) -> None:
    bob = sim.add_customer("+1 555 010 0198", "Bob")
    sim.script(Gather(size=3, shape=shape))
    for user, words in ((ann, "one"), (bob, "two"), (ann, "three")):
        sim.user_says(shop.id, user.phone, words)
    await sim.settled()
    first = inbox[0]
    assert (len(inbox), len(first["entry"])) == (bodies, entries)
    assert len(first["entry"][0]["changes"]) == changes
    assert len(first["entry"][0]["changes"][0]["value"]["messages"]) == messages
    said = [one["text"]["body"] for one in items(inbox, "messages")]
    assert said == (["three", "two", "one"] if shape == "reversed" else ["one", "two", "three"])
    if shape == "items":
        assert [one["wa_id"] for one in items(inbox, "contacts")] == [ann.phone, bob.phone]


async def test_an_incomplete_gather_is_let_go_on_demand(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    sim.script(Gather(size=5, shape="items"))
    sim.user_says(shop.id, ann.phone, "Hello")
    await sim.settled()
    assert inbox == []
    sim.release()
    await sim.settled()
    assert len(items(inbox, "messages")) == 1


async def test_unknown_fields_and_unknown_message_types_are_sent_as_given(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    sim.user_writes(shop.id, ann.phone, "hologram", {"depth": 3})
    sim.number_event(shop.id, "standby", {"standby": {"messages": []}})
    sim.account_event(shop.account, "made_up_update", {"event": "X"})
    await sim.settled()
    changes = [change for body in inbox for change in body["entry"][0]["changes"]]
    assert [change["field"] for change in changes] == ["messages", "standby", "made_up_update"]
    assert changes[0]["value"]["messages"][0]["hologram"] == {"depth": 3}
    assert changes[2]["value"] == {"event": "X"}


async def test_system_messages_have_no_contacts_and_move_the_chat(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    old, before = ann.phone, sim.bsuid(shop, ann)
    sim.user_changes_number(shop.id, old, "+1 555 010 0155")
    assert (ann.phone, sim.bsuid(shop, ann) != before) == ("15550100155", True)
    sim.user_changes_id(shop.id, ann.phone)
    sim.user_changes_identity(shop.id, ann.phone)
    await sim.settled()
    _, number, user_id, identity = values(inbox)
    assert "contacts" not in number
    assert number["messages"][0]["from"] == old
    assert number["messages"][0]["system"]["wa_id"] == ann.phone
    assert "contacts" not in user_id
    assert user_id["messages"][0]["system"]["type"] == "user_changed_user_id"
    assert user_id["messages"][0]["system"]["user_id"] == sim.bsuid(shop, ann)
    assert identity["contacts"][0]["wa_id"] == ann.phone
    assert {one.user for one in sim.messages.values()} == {ann.phone}


async def test_choices_come_back_as_what_was_offered(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    rows = [{"id": "r1", "title": "Roses", "description": "Red"}]
    action = {"button": "Choose", "sections": [{"title": "All", "rows": rows}]}
    interactive = {"type": "list", "body": {"text": "Which?"}, "action": action}
    body = text_to(ann) | {"type": "interactive", "interactive": interactive}
    async with api.post(f"{shop.id}/messages", json=body) as answer:
        offered = (await answer.json())["messages"][0]["id"]
    sim.user_presses(shop.id, ann.phone, offered, "r1")
    with pytest.raises(ValueError, match="no such choice"):
        sim.user_presses(shop.id, ann.phone, offered, "r2")
    await sim.settled()
    pressed = items(inbox, "messages")[-1]
    assert pressed["interactive"] == {"type": "list_reply", "list_reply": rows[0]}
    assert pressed["context"] == {"from": shop.phone, "id": offered}


async def test_a_template_button_gives_back_the_payload_it_was_sent_with(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    replies = [{"type": "QUICK_REPLY", "text": title} for title in ("Yes", "No")]
    sim.add_template(shop, "ask", "en", "Come?", components=[{"type": "BUTTONS", "buttons": replies}])
    payload = [{"type": "payload", "payload": "yes-17"}]
    components = [{"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": payload}]
    template = {"name": "ask", "language": {"code": "en"}, "components": components}
    body = text_to(ann) | {"type": "template", "template": template}
    async with api.post(f"{shop.id}/messages", json=body) as answer:
        asked = (await answer.json())["messages"][0]["id"]
    for title in ("Yes", "No"):
        sim.user_presses(shop.id, ann.phone, asked, title)
    with pytest.raises(ValueError, match="no such button"):
        sim.user_presses(shop.id, ann.phone, asked, "Maybe")
    await sim.settled()
    pressed = [one["button"] for one in items(inbox, "messages")]
    assert pressed == [{"payload": "yes-17", "text": "Yes"}, {"payload": "No", "text": "No"}]


async def test_reactions_edits_and_revocations_name_their_message(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    mine = sim.user_says(shop.id, ann.phone, "Helo")
    sim.user_edits(shop.id, ann.phone, mine.id, "Hello")
    sim.user_reacts(shop.id, ann.phone, mine.id, "👍")
    sim.user_reacts(shop.id, ann.phone, mine.id, "")
    sim.user_revokes(shop.id, ann.phone, mine.id)
    await sim.settled()
    _, edit, reaction, removed, revoke = items(inbox, "messages")
    assert edit["edit"]["original_message_id"] == mine.id
    assert edit["edit"]["message"]["text"]["body"] == "Hello"
    assert reaction["reaction"] == {"message_id": mine.id, "emoji": "👍"}
    assert removed["reaction"] == {"message_id": mine.id}
    assert revoke["revoke"] == {"original_message_id": mine.id}
    assert (mine.revoked, mine.reactions) == (True, {})
    with pytest.raises(ValueError, match="edit a text"):
        sim.user_edits(shop.id, ann.phone, mine.id, "again")
    with pytest.raises(ValueError, match="no such message"):
        sim.user_reacts(shop.id, ann.phone, "wamid.nothing", "👍")


async def test_the_business_reacts_and_hears_of_it_once(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    mine = sim.user_says(shop.id, ann.phone, "Hello")
    for target in (mine.id, "wamid.nothing"):
        reaction = {"type": "reaction", "reaction": {"message_id": target, "emoji": "🎉"}}
        async with api.post(f"{shop.id}/messages", json=text_to(ann) | reaction) as answer:
            assert answer.status == 200
        await sim.settled()
    assert mine.reactions == {"business": "🎉"}
    assert statuses(inbox) == ["sent", "failed"]


async def test_a_template_lives_through_review_edit_and_deletion(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    new = {"name": "order_ready", "language": "en", "category": "UTILITY"}
    example = {"body_text": [["17"]]}
    components = [{"type": "BODY", "text": "Order {{1}} is ready", "example": example}]
    url = f"{shop.account}/message_templates"
    for wrong in (new, new | {"components": components, "name": "No"}, new | {"components": [{"type": "X"}]}):
        async with api.post(url, json=wrong) as answer:
            assert answer.status == 400
    async with api.post(url, json=new | {"components": components}) as answer:
        made = await answer.json()
    assert (made["status"], made["category"]) == ("PENDING", "UTILITY")
    await sim.settled()
    async with api.get(made["id"]) as answer:
        assert (await answer.json())["status"] == "APPROVED"
    async with api.post(url, json=new | {"components": components}) as answer:
        assert (await answer.json())["error"]["error_subcode"] == 2388024
    async with api.post(made["id"], json={"category": "MARKETING"}) as answer:
        assert answer.status == 400
    edited = {"components": [{"type": "BODY", "text": "Ready: {{1}}, at last", "example": example}]}
    async with api.post(made["id"], json=edited) as answer:
        assert answer.status == 200
    await sim.settled()
    async with api.post(made["id"], json=edited) as answer:
        assert (await answer.json())["error"]["error_subcode"] == 2388039
    sim.template_becomes(made["id"], "PAUSED", None)
    async with api.delete(url, params={"name": "order_ready"}) as answer:
        assert answer.status == 200
    async with api.delete(url, params={"name": "order_ready"}) as answer:
        assert answer.status == 400
    await sim.settled()
    events = [(value.get("event"), value.get("reason")) for value in values(inbox)]
    assert events == [
        ("APPROVED", "NONE"),
        (None, None),  # it reads otherwise now
        ("APPROVED", "NONE"),
        ("PAUSED", None),
        ("DELETED", None),
    ]
    assert {value["message_template_id"] for value in values(inbox)} == {int(made["id"])}


async def test_templates_are_listed_page_by_page(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    for place in range(5):
        sim.add_template(shop, f"t{place}", "en", "Hi", status="REJECTED" if place == 4 else "APPROVED")
    url: str | None = f"{sim.url}/v23.0/{shop.account}/message_templates?limit=2&fields=name&status=APPROVED"
    names: list[str] = []
    pages = 0
    while url:
        async with api.get(url) as answer:
            page = await answer.json()
        names += [one["name"] for one in page["data"]]
        pages, url = pages + 1, page["paging"].get("next")
    assert (names, pages) == (["t0", "t1", "t2", "t3"], 2)
    async with api.get(f"{shop.account}/message_templates?after=%25") as answer:
        assert answer.status == 400
