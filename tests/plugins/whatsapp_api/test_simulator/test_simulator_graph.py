"""The Graph API as a business sees it: answers, refusals, the error envelope."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from jackfield_whatsapp_api.simulator import Customer, Number, Refuse, Simulator

Json = dict[str, Any]


def text_to(user: Customer, body: str = "Hi") -> Json:
    return {"messaging_product": "whatsapp", "to": user.phone, "type": "text", "text": {"body": body}}


async def post(api: aiohttp.ClientSession, path: str, body: Json) -> tuple[int, Json]:
    async with api.post(path, json=body) as answer:
        return answer.status, await answer.json()


async def get(api: aiohttp.ClientSession, path: str) -> tuple[int, Json]:
    async with api.get(path) as answer:
        return answer.status, await answer.json()


async def error_of(api: aiohttp.ClientSession, shop: Number, body: Json) -> int:
    status, answer = await post(api, f"{shop.id}/messages", body)
    assert status >= 400, answer
    return int(answer["error"]["code"])


@pytest.mark.parametrize("version", ["v17.0", "v23.0", "v26.0"])
async def test_any_version_is_served(sim: Simulator, shop: Number, version: str) -> None:
    headers = {"Authorization": f"Bearer {sim.token_of(shop)}"}
    async with aiohttp.ClientSession(headers=headers) as client:
        status, answer = await get(client, f"{sim.url}/{version}/{shop.id}")
    assert (status, answer["verified_name"]) == (200, "Corner Shop")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_without_a_good_token_nothing_opens(
    sim: Simulator, shop: Number, headers: dict[str, str]
) -> None:
    async with aiohttp.ClientSession(headers=headers) as client:
        status, answer = await get(client, f"{sim.url}/v23.0/{shop.id}")
    assert (status, answer["error"]["code"]) == (401, 190)
    assert answer["error"]["type"] == "OAuthException"
    assert answer["error"]["fbtrace_id"]


async def test_an_unknown_id_is_a_400_with_code_100_and_subcode_33(api: aiohttp.ClientSession) -> None:
    status, answer = await get(api, "123456789012345")
    assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (400, 100, 33)


async def test_a_token_opens_only_its_own_account(sim: Simulator, api: aiohttp.ClientSession) -> None:
    other = sim.add_number("+1 555 010 0002", "Other Shop")
    status, answer = await get(api, other.id)
    assert (status, answer["error"]["error_subcode"]) == (400, 33)


async def test_an_unknown_edge_is_code_2500(api: aiohttp.ClientSession, shop: Number) -> None:
    status, answer = await get(api, f"{shop.id}/nonsense")
    assert (status, answer["error"]["code"]) == (400, 2500)


async def test_a_sent_text_gets_a_fresh_wamid_and_arrives(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    seen: set[str] = set()
    for _ in range(3):
        status, answer = await post(api, f"{shop.id}/messages", text_to(ann))
        assert status == 200
        assert answer["contacts"] == [{"input": ann.phone, "wa_id": ann.phone}]
        seen.add(answer["messages"][0]["id"])
    assert len(seen) == 3
    assert all(re.fullmatch(r"wamid\.[A-Za-z0-9+/=]+", one) for one in seen)
    await sim.settled()
    assert {sim.messages[one].status for one in seen} == {"delivered"}


_WRONG: list[tuple[Json, int]] = [
    ({"messaging_product": None}, 100),
    ({"to": None}, 131008),
    ({"to": "not a phone"}, 131009),
    ({"type": "hologram"}, 100),
    ({"type": ["text"]}, 100),
    ({"text": None}, 131008),
    ({"text": "plain"}, 100),
    ({"text": {"body": ""}}, 131009),
    ({"text": {"body": 5}}, 100),
    ({"text": {"body": "x" * 4097}}, 100),
    ({"biz_opaque_callback_data": "x" * 513}, 100),
    ({"context": {"message_id": 5}}, 100),
    ({"type": "image", "image": {"link": "ftp://nowhere"}}, 131009),
    ({"type": "image", "image": {"id": "1", "caption": "x" * 1025}}, 100),
    ({"type": "audio", "audio": {"id": "1", "caption": "no"}}, 131009),
    ({"type": "image", "image": {"id": "1"}}, 100),
    ({"type": "location", "location": {"latitude": 91, "longitude": 0}}, 131009),
    ({"type": "location", "location": {"latitude": "x", "longitude": 0}}, 131009),
    ({"type": "contacts", "contacts": []}, 131008),
    ({"type": "contacts", "contacts": [{"name": {"formatted_name": "A"}}]}, 131008),
    ({"type": "reaction", "reaction": {"message_id": "x"}}, 131008),
    ({"type": "template", "template": {"name": "none", "language": {"code": "en"}}}, 132001),
    ({"type": "template", "template": {"name": "none"}}, 131008),
    ({"type": "interactive", "interactive": {"type": "wheel"}}, 131009),
    ({"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"}, "action": {}}}, 131009),
]


@pytest.mark.parametrize(("change", "code"), _WRONG)
async def test_a_wrong_send_is_refused_and_nothing_goes_out(
    *, sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer, change: Json, code: int
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    before = len(sim.messages)
    assert await error_of(api, shop, text_to(ann) | change) == code
    assert len(sim.messages) == before


async def test_a_body_that_is_no_json_is_code_100(api: aiohttp.ClientSession, shop: Number) -> None:
    async with api.post(f"{shop.id}/messages", data=b"{") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, 100)


def _buttons(count: int, title: str = "Yes") -> Json:
    buttons = [{"type": "reply", "reply": {"id": f"b{n}", "title": title}} for n in range(count)]
    return {"type": "button", "body": {"text": "?"}, "action": {"buttons": buttons}}


def _list(rows: int) -> Json:
    section = {"title": "All", "rows": [{"id": f"r{n}", "title": "Row"} for n in range(rows)]}
    return {"type": "list", "body": {"text": "?"}, "action": {"button": "Choose", "sections": [section]}}


@pytest.mark.parametrize(
    ("interactive", "status"),
    [
        (_buttons(3), 200),
        (_buttons(4), 400),
        (_buttons(1, "x" * 21), 400),
        (_list(10), 200),
        (_list(11), 400),
        (_list(0), 400),
        ({"type": "cta_url", "body": {"text": "?"}, "action": {"name": "cta_url", "parameters": {
            "display_text": "Open", "url": "https://example.org"}}}, 200),
        ({"type": "location_request_message", "body": {"text": "?"}, "action": {
            "name": "send_location"}}, 200),
        ({"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "2"}}, 200),
        ({"type": "product_list", "header": {"type": "text", "text": "H"}, "body": {"text": "?"}, "action": {
            "catalog_id": "1", "sections": [{"product_items": [{"product_retailer_id": "2"}] * 31}]}}, 400),
        ({"type": "flow", "body": {"text": "?"}, "action": {"name": "flow", "parameters": {
            "flow_cta": "Go", "flow_id": "1"}}}, 200),
    ],
)  # fmt: skip
async def test_interactive_limits(
    *, sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer, interactive: Json, status: int
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    body = text_to(ann) | {"type": "interactive", "interactive": interactive}
    found, answer = await post(api, f"{shop.id}/messages", body)
    assert found == status, answer


async def test_free_text_closes_24_hours_after_the_last_message(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer
) -> None:
    assert await error_of(api, shop, text_to(ann)) == 131047
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.forward(timedelta(hours=23, minutes=59))
    assert (await post(api, f"{shop.id}/messages", text_to(ann)))[0] == 200
    sim.forward(timedelta(minutes=2))
    assert await error_of(api, shop, text_to(ann)) == 131047
    sim.user_calls(shop.id, ann.phone)
    assert (await post(api, f"{shop.id}/messages", text_to(ann)))[0] == 200


async def test_a_template_goes_out_when_the_window_is_closed_and_shows_its_text(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer
) -> None:
    sim.add_template(shop, "ready", "en", "Hi {{1}}, order {{2}} is ready.")
    parameters = [{"type": "text", "text": "Ann"}, {"type": "text", "text": "17"}]
    template: Json = {"name": "ready", "language": {"code": "en"}}
    body = {"messaging_product": "whatsapp", "to": ann.phone, "type": "template", "template": template}
    assert await error_of(api, shop, body) == 132000
    template["components"] = [{"type": "body", "parameters": parameters}]
    status, answer = await post(api, f"{shop.id}/messages", body)
    assert status == 200
    assert sim.messages[answer["messages"][0]["id"]].shown["body"] == "Hi Ann, order 17 is ready."


@pytest.mark.parametrize(("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("REJECTED", 132001)])
async def test_a_template_that_is_not_approved_is_refused(
    *, sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer, status: str, code: int
) -> None:
    sim.add_template(shop, "promo", "en", "Sale!", status=status)
    template = {"name": "promo", "language": {"code": "en"}}
    body = text_to(ann) | {"type": "template", "template": template}
    assert await error_of(api, shop, body) == code


async def test_a_recipient_can_be_named_by_bsuid_and_the_answer_hides_the_phone(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number
) -> None:
    eve = sim.add_customer("+1 555 010 0177", "Eve", username="eve", hidden=True)
    sim.user_says(shop.id, eve.phone, "Hello")
    bsuid = sim.bsuid(shop, eve)
    body = {"messaging_product": "whatsapp", "recipient": bsuid, "type": "text", "text": {"body": "Hi"}}
    status, answer = await post(api, f"{shop.id}/messages", body)
    assert (status, answer["contacts"]) == (200, [{"input": bsuid, "user_id": bsuid}])
    assert re.fullmatch(r"US\.\d+", bsuid)


async def test_sending_to_oneself_to_a_blocked_user_and_from_an_unregistered_number(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    assert await error_of(api, shop, text_to(ann) | {"to": shop.phone}) == 131021
    block = {"messaging_product": "whatsapp", "block_users": [{"user": ann.phone}, {"user": "15550000000"}]}
    _, answer = await post(api, f"{shop.id}/block_users", block)
    assert [one["wa_id"] for one in answer["block_users"]["added_users"]] == [ann.phone]
    assert [one["input"] for one in answer["block_users"]["failed_users"]] == ["15550000000"]
    assert await error_of(api, shop, text_to(ann)) == 130403
    block["block_users"] = [{"user": ann.phone}]
    async with api.delete(f"{shop.id}/block_users", json=block) as unblocked:
        assert unblocked.status == 200
    assert (await post(api, f"{shop.id}/deregister", {}))[0] == 200
    assert await error_of(api, shop, text_to(ann)) == 133010
    assert (await post(api, f"{shop.id}/register", {"messaging_product": "whatsapp", "pin": "12"}))[0] == 400
    assert (await post(api, f"{shop.id}/register", {"messaging_product": "whatsapp", "pin": "123456"}))[
        0
    ] == 200
    assert (await post(api, f"{shop.id}/messages", text_to(ann)))[0] == 200


async def test_too_fast_to_one_person_is_131056_and_too_fast_in_all_is_130429(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.settings.pair_burst = 2
    statuses = [(await post(api, f"{shop.id}/messages", text_to(ann)))[0] for _ in range(2)]
    assert statuses == [200, 200]
    assert await error_of(api, shop, text_to(ann)) == 131056
    sim.forward(timedelta(seconds=6.1))
    assert (await post(api, f"{shop.id}/messages", text_to(ann)))[0] == 200
    sim.settings.number_per_second = 1
    sim.forward(timedelta(seconds=2))
    bob = sim.add_customer("+1 555 010 0198", "Bob")
    sim.user_says(shop.id, bob.phone, "Hello")
    assert (await post(api, f"{shop.id}/messages", text_to(bob)))[0] == 200
    assert await error_of(api, shop, text_to(bob)) == 130429


async def test_mark_read_marks_everything_up_to_the_message(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer
) -> None:
    first, second, third = (sim.user_says(shop.id, ann.phone, text) for text in "abc")
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": second.id}
    typing = {"typing_indicator": {"type": "text"}}
    assert await post(api, f"{shop.id}/messages", body | typing) == (200, {"success": True})
    assert [one.status for one in (first, second, third)] == ["read", "read", "sent"]
    assert await error_of(api, shop, body | {"message_id": "wamid.nothing"}) == 131009


async def test_a_number_its_profile_and_its_account(api: aiohttp.ClientSession, shop: Number) -> None:
    _, found = await get(api, f"{shop.id}?fields=verified_name,quality_rating")
    assert found == {"id": shop.id, "verified_name": "Corner Shop", "quality_rating": "GREEN"}
    profile: Json = {"messaging_product": "whatsapp", "about": "We mend", "websites": ["https://example.org"]}
    assert (await post(api, f"{shop.id}/whatsapp_business_profile", profile))[0] == 200
    _, found = await get(api, f"{shop.id}/whatsapp_business_profile?fields=about,websites")
    assert found == {"data": [profile]}
    long = {"messaging_product": "whatsapp", "about": "x" * 140}
    assert (await post(api, f"{shop.id}/whatsapp_business_profile", long))[0] == 400
    _, found = await get(api, f"{shop.account}/phone_numbers")
    assert [one["id"] for one in found["data"]] == [shop.id]
    assert (await get(api, shop.account))[1]["id"] == shop.account


async def test_an_account_can_be_unsubscribed_and_given_its_own_address(
    *, sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer, hook: str, inbox: list[Json]
) -> None:
    async with api.delete(f"{shop.account}/subscribed_apps") as answer:
        assert answer.status == 200
    assert (await get(api, f"{shop.account}/subscribed_apps"))[1] == {"data": []}
    sim.user_says(shop.id, ann.phone, "nobody hears")
    await sim.settled()
    assert inbox == []
    wrong = {"override_callback_uri": hook, "verify_token": "wrong"}
    assert (await post(api, f"{shop.account}/subscribed_apps", wrong))[1]["error"]["code"] == 2200
    right = {"override_callback_uri": hook, "verify_token": "knock"}
    assert (await post(api, f"{shop.account}/subscribed_apps", right))[0] == 200
    sim.user_says(shop.id, ann.phone, "heard")
    await sim.settled()
    assert len(inbox) == 1
    number = {"webhook_configuration": right}
    assert (await post(api, shop.id, number))[0] == 200
    _, found = await get(api, f"{shop.id}?fields=webhook_configuration")
    assert found["webhook_configuration"]["phone_number"] == hook


async def test_a_refusal_can_say_when_to_come_back(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(Refuse(code=130429, retry_after=7))
    async with api.post(f"{shop.id}/messages", json=text_to(ann)) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert (await answer.json())["error"]["is_transient"] is True


async def test_the_request_log_keeps_what_was_asked(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer
) -> None:
    await post(api, f"{shop.id}/messages", text_to(ann, "ping"))
    (asked,) = sim.requests
    assert (asked.method, asked.path, asked.status) == ("POST", f"/v23.0/{shop.id}/messages", 400)
    assert asked.body["text"] == {"body": "ping"}
