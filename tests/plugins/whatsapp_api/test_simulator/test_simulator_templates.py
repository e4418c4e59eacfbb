"""Templates at the simulator: the review as a state machine, limits, files of headers, other accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from jackfield_whatsapp_api.simulator import Simulator
from jackfield_whatsapp_api.simulator.model import Customer, Json, Number

EXAMPLE = {"body_text": [["17"]]}
BODY: Json = {"type": "BODY", "text": "Order {{1}} is ready", "example": EXAMPLE}
NEW: Json = {"name": "ready", "language": "en", "category": "UTILITY", "components": [BODY]}


async def ask(api: aiohttp.ClientSession, method: str, path: str, **options: Any) -> tuple[int, Json]:
    async with api.request(method, path, **options) as answer:
        return answer.status, await answer.json()


async def made(api: aiohttp.ClientSession, shop: Number, **changes: Any) -> str:
    status, answer = await ask(api, "POST", f"{shop.account}/message_templates", json=NEW | changes)
    assert status == 200, answer
    return str(answer["id"])


async def subcode(api: aiohttp.ClientSession, shop: Number, **changes: Any) -> int:
    status, answer = await ask(api, "POST", f"{shop.account}/message_templates", json=NEW | changes)
    assert status == 400
    return int(answer["error"].get("error_subcode") or answer["error"]["code"])


async def control(sim: Simulator, path: str, body: Json, *, status: int = 200) -> Json:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{sim.url}/control/{path}", json=body) as answer,
    ):
        assert answer.status == status, await answer.text()
        return await answer.json()  # type: ignore[no-any-return]  # JSON


def told(inbox: list[Json], field: str) -> list[Json]:
    changes = [change for body in inbox for entry in body["entry"] for change in entry["changes"]]
    return [change["value"] for change in changes if change["field"] == field]


def body(text: str, **more: Any) -> list[Json]:
    return [{"type": "BODY", "text": text, "example": EXAMPLE, **more}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"components": body("x" * 1025)}, 2388040),
        ({"components": [{"type": "HEADER", "format": "TEXT", "text": "x" * 61}, BODY]}, 2388040),
        ({"components": [{"type": "HEADER", "format": "TEXT", "text": "*bold*"}, BODY]}, 2388047),
        ({"components": body("a\n\n\nb {{1}} c")}, 2388072),
        ({"components": [BODY, {"type": "FOOTER", "text": "{{1}}"}]}, 2388073),
        ({"components": body("{{1}} {{2}} a", example={"body_text": [["1", "2"]]})}, 2388299),
        ({"components": body("a {{1}} {{2}} {{3}} b", example={"body_text": [["1", "2", "3"]]})}, 2388293),
        ({"components": body("a {{1}} b", example={})}, 2388043),
        ({"components": [{"type": "HEADER", "format": "IMAGE"}, BODY]}, 2388043),
        ({"category": "NONSENSE"}, 131009),
        ({"message_send_ttl_seconds": 29}, 131009),
        ({"category": "AUTHENTICATION", "components": [{"type": "BODY"}]}, 131009),
    ],
)
async def test_what_is_wrong_with_a_template_has_its_code(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession, changes: Json, code: int
) -> None:
    assert await subcode(api, shop, **changes) == code


async def test_only_what_may_follow_follows(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    await control(sim, "templates/hold", {"held": True})
    number = await made(api, shop)
    await sim.settled()
    assert (await ask(api, "GET", number))[1]["status"] == "PENDING"
    await control(sim, "templates/review", {"template": number, "decision": "pause"}, status=422)
    for decision in ("approve", "flag", "pause", "reinstate", "disable"):
        await control(sim, "templates/review", {"template": number, "decision": decision, "reason": None})
    await sim.settled()
    assert [value["event"] for value in told(inbox, "message_template_status_update")] == [
        "APPROVED", "FLAGGED", "PAUSED", "REINSTATED", "DISABLED",
    ]  # fmt: skip
    first = told(inbox, "message_template_status_update")[0]
    assert (first["message_template_id"], first["reason"]) == (int(number), None)
    status, answer = await ask(
        api, "DELETE", f"{shop.account}/message_templates", params={"name": "ready", "hsm_id": number}
    )
    assert (status, answer["error"]["error_subcode"]) == (400, 2388094)


async def test_score_and_category_are_told_and_listed(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession, inbox: list[Json]
) -> None:
    number = await made(api, shop)
    await sim.settled()
    await control(sim, "templates/quality", {"template": number, "quality": "red"})
    await control(sim, "templates/category", {"template": number, "category": "marketing", "impending": True})
    listing = f"{shop.account}/message_templates"
    (_, found) = await ask(api, "GET", listing, params={"fields": "quality_score,correct_category"})
    assert found["data"][0]["quality_score"]["score"] == "RED"
    assert found["data"][0]["correct_category"] == "MARKETING"
    assert (await ask(api, "GET", listing, params={"quality_score": "GREEN"}))[1]["data"] == []
    assert len((await ask(api, "GET", listing, params={"quality_score": "RED"}))[1]["data"]) == 1
    await control(sim, "templates/category", {"template": number, "category": "marketing"})
    assert (await ask(api, "GET", number))[1]["category"] == "MARKETING"
    await sim.settled()
    (quality,) = told(inbox, "message_template_quality_update")
    assert (quality["previous_quality_score"], quality["new_quality_score"]) == ("UNKNOWN", "RED")
    soon, now = told(inbox, "template_category_update")
    assert (soon["correct_category"], soon["new_category"]) == ("MARKETING", "UTILITY")
    assert (now["previous_category"], now["new_category"]) == ("UTILITY", "MARKETING")


async def test_the_name_of_what_was_approved_is_blocked_for_a_month(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    await made(api, shop)
    await sim.settled()
    await ask(api, "DELETE", f"{shop.account}/message_templates", params={"name": "ready"})
    assert await subcode(api, shop) == 2388023
    sim.forward(timedelta(days=31))
    await made(api, shop)


async def test_what_is_under_way_keeps_its_template_until_it_arrived(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    template = sim.add_template(shop, "bye", "en", "Bye")
    sim.user_goes_offline(ann.phone)
    message = {
        "messaging_product": "whatsapp",
        "to": ann.phone,
        "type": "template",
        "template": {"name": "bye", "language": {"code": "en"}},
    }
    assert (await ask(api, "POST", f"{shop.id}/messages", json=message))[0] == 200
    await sim.settled()
    await ask(api, "DELETE", f"{shop.account}/message_templates", params={"name": "bye"})
    assert template.status == "PENDING_DELETION"
    await control(sim, "templates/review", {"template": template.id, "decision": "delete"})
    assert (await ask(api, "GET", template.id))[0] == 400


async def test_no_more_than_a_hundred_in_an_hour(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    for number in range(100):
        await made(api, shop, name=f"t{number}")
    assert await subcode(api, shop, name="one_more") == 80008
    sim.forward(timedelta(hours=1, seconds=1))
    await made(api, shop, name="one_more")


async def test_an_approved_template_is_edited_once_a_day(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    number = await made(api, shop)
    for day in range(11):
        await sim.settled()
        status, answer = await ask(api, "POST", number, json={"components": [BODY]})
        assert (status == 200) == (day < 10), answer
        await sim.settled()
        sim.forward(timedelta(days=1, seconds=1))


async def test_a_file_goes_up_in_pieces_and_is_listed_as_an_address(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    data = bytes(range(256)) * 10
    about = {"file_length": str(len(data)), "file_type": "image/png", "file_name": "a.png"}
    _, begun = await ask(api, "POST", f"{sim.settings.app_id}/uploads", params=about)
    assert begun["id"].startswith("upload:")
    assert "?sig=" in begun["id"]
    session = f"{sim.url}/v23.0/{begun['id']}"
    _, half = await ask(api, "POST", session, data=data[:1000], headers={"file_offset": "0"})
    assert "h" not in half
    assert (await ask(api, "GET", session))[1]["file_offset"] == 1000
    assert (await ask(api, "POST", session, data=data[900:], headers={"file_offset": "900"}))[0] == 400
    _, whole = await ask(api, "POST", session, data=data[1000:], headers={"file_offset": "1000"})
    header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [whole["h"]]}}
    number = await made(api, shop, components=[header, BODY])
    (_, found) = await ask(api, "GET", number)
    (url,) = found["components"][0]["example"]["header_handle"]
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert (answer.status, await answer.read()) == (200, data)


async def test_unpausing_takes_some_minutes(sim: Simulator, shop: Number, api: aiohttp.ClientSession) -> None:
    number = await made(api, shop)
    await sim.settled()
    assert (await ask(api, "POST", f"{number}/unpause"))[1]["success"] is False
    await control(sim, "templates/review", {"template": number, "decision": "pause", "reason": None})
    assert (await ask(api, "POST", f"{number}/unpause"))[1]["success"] is False
    sim.forward(timedelta(minutes=6))
    assert (await ask(api, "POST", f"{number}/unpause"))[1]["success"] is True
    assert (await ask(api, "GET", number))[1]["status"] == "APPROVED"


async def test_templates_are_compared_taken_over_and_archived(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    first, second = await made(api, shop), await made(api, shop, name="other")
    await sim.settled()
    await control(sim, "templates/quality", {"template": second, "quality": "RED"})
    now = int(sim.now().timestamp())
    query = {"template_ids": second, "start": str(now - 86_400), "end": str(now + 60)}
    _, compared = await ask(api, "GET", f"{first}/compare", params=query)
    metrics = {one["metric"]: one for one in compared["data"]}
    assert set(metrics) == {"BLOCK_RATE", "MESSAGE_SENDS", "TOP_BLOCK_REASON"}
    migrated = f"{shop.account}/migrate_message_templates"
    _, answer = await ask(api, "POST", migrated, params={"source_waba_id": shop.account})
    assert answer["migrated_templates"] == []  # each is there already
    assert {one["id"] for one in answer["failed_templates"]} == {first, second}
    moved = f"{shop.account}/message_templates/archive"
    _, answer = await ask(api, "POST", moved, json={"hsm_ids": f"{first},1"})
    assert answer["archived_templates"] == [first]
    assert set(answer["failed_templates"]) == {"1"}


async def test_codes_are_made_in_many_languages_at_once(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    codes = {
        "name": "code",
        "category": "AUTHENTICATION",
        "languages": ["en", "ru"],
        "components": [
            {"type": "BODY", "add_security_recommendation": True},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
        ],
    }
    edge = f"{shop.account}/upsert_message_templates"
    _, first = await ask(api, "POST", edge, json=codes)
    assert [one["language"] for one in first["data"]] == ["en", "ru"]
    await sim.settled()
    _, second = await ask(api, "POST", edge, json=codes)
    assert [one["id"] for one in second["data"]] == [one["id"] for one in first["data"]]


async def test_a_template_comes_from_the_library(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    _, library = await ask(api, "GET", "message_template_library", params={"search": "delivery"})
    (found,) = library["data"]
    status, answer = await ask(
        api,
        "POST",
        f"{shop.account}/message_templates",
        json={
            "name": "on_its_way",
            "language": "en_US",
            "category": "UTILITY",
            "library_template_name": found["name"],
        },
    )
    assert status == 200, answer
    assert (await ask(api, "GET", answer["id"]))[1]["library_template_name"] == found["name"]


async def test_a_carousel_is_filled_card_by_card(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    card = {
        "components": [
            {"type": "HEADER", "format": "PRODUCT"},
            {"type": "BODY", "text": "For {{1}} now"},
            {
                "type": "BUTTONS",
                "buttons": [{"type": "URL", "text": "Buy", "url": "https://example.org/{{1}}"}],
            },
        ]
    }
    sim.add_template(shop, "offers", "en", "Look", components=[{"type": "CAROUSEL", "cards": [card, card]}])

    def filled(place: int) -> Json:
        return {
            "card_index": place,
            "components": [
                {
                    "type": "header",
                    "parameters": [
                        {"type": "product", "product": {"product_retailer_id": "a", "catalog_id": "1"}}
                    ],
                },
                {"type": "body", "parameters": [{"type": "text", "text": f"{place}0"}]},
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "0",
                    "parameters": [{"type": "text", "text": f"p{place}"}],
                },
            ],
        }

    def message(cards: list[Json]) -> Json:
        template = {
            "name": "offers",
            "language": {"code": "en"},
            "components": [{"type": "carousel", "cards": cards}],
        }
        return {"messaging_product": "whatsapp", "to": ann.phone, "type": "template", "template": template}

    edge = f"{shop.id}/messages"
    assert (await ask(api, "POST", edge, json=message([filled(0)])))[1]["error"]["code"] == 132012
    wanting = filled(1) | {"components": filled(1)["components"][:2]}
    assert (await ask(api, "POST", edge, json=message([filled(0), wanting])))[1]["error"]["code"] == 131008
    status, answer = await ask(api, "POST", edge, json=message([filled(0), filled(1)]))
    assert status == 200, answer
    cards = sim.messages[answer["messages"][0]["id"]].shown["cards"]
    assert [one["body"] for one in cards] == ["For 00 now", "For 10 now"]
    assert cards[1]["buttons"][0]["url"] == "https://example.org/p1"
