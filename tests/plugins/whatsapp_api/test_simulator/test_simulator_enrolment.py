"""Numbers on their way in: the refusals of the provider, and the controls that change how one stands."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from jackfield_whatsapp_api.simulator import Number, Simulator
from jackfield_whatsapp_api.simulator.enrolment import Enrolment

PIN = {"messaging_product": "whatsapp", "pin": "123456"}


async def code_of(answer: aiohttp.ClientResponse) -> int:
    """The code of an error; 0 where there is none."""
    said: Any = await answer.json()
    return int(said.get("error", {}).get("code", 0))


@pytest.mark.parametrize(
    ("enrolment", "edge", "body", "code"),
    [
        (Enrolment(), "register", PIN, 0),
        (Enrolment(pin="654321"), "register", PIN, 133005),
        (Enrolment(proven=False, registered=False), "register", PIN, 133006),
        (Enrolment(on_phone=True), "register", PIN, 100),
        (Enrolment(on_phone=True), "deregister", {}, 100),
        (Enrolment(registered=False), "deregister", {}, 133010),
        (Enrolment(), "register", {"pin": "12"}, 131009),
        (Enrolment(), "request_code", {"code_method": "SMS"}, 136024),
        (Enrolment(proven=False), "request_code", {"code_method": "PIGEON"}, 131009),
        (Enrolment(proven=False, code="111111"), "verify_code", {"code": "222222"}, 136025),
        (Enrolment(proven=False, code="111111"), "verify_code", {"code": "111111"}, 0),
        (Enrolment(), "smb_app_data", {"sync_type": "history"}, 100),
        (Enrolment(on_phone=True), "smb_app_data", {"sync_type": "everything"}, 131009),
        (Enrolment(on_phone=True, synced={"history"}), "smb_app_data", {"sync_type": "history"}, 2593107),
        (Enrolment(on_phone=True), "smb_app_data", {"sync_type": "history"}, 0),
    ],
)
async def test_each_step_is_taken_or_refused_as_over_there(
    api: aiohttp.ClientSession, shop: Number, *, enrolment: Enrolment, edge: str, body: Any, code: int
) -> None:
    shop.enrolment = enrolment
    async with api.post(f"{shop.id}/{edge}", json=body) as answer:
        assert await code_of(answer) == code


async def test_ten_moves_in_72_hours_are_too_many(api: aiohttp.ClientSession, shop: Number) -> None:
    for count in range(11):
        async with api.post(f"{shop.id}/register", json=PIN) as answer:
            assert await code_of(answer) == (133016 if count == 10 else 0)


async def test_the_controls_change_a_number_and_tell_it(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, inbox: list[dict[str, Any]]
) -> None:
    async with aiohttp.ClientSession(f"{sim.url}/control/") as control:
        wish = {
            "number": shop.id,
            "status": "FLAGGED",
            "quality": "RED",
            "limit": "TIER_10K",
            "joined_hours": 30,
        }
        async with control.post("number", json=wish) as answer:
            assert answer.status == 200
        async with control.post(
            "number", json={"number": shop.id, "on_phone": True, "quiet": True}
        ) as answer:
            assert (await answer.json())["is_on_biz_app"] is True
        async with control.post("number", json={"number": "404"}) as answer:
            assert answer.status == 422
        async with control.post("withhold", json={"account": shop.account, "scopes": ["x"]}) as answer:
            assert answer.status == 200
        async with control.get("code", params={"number": shop.id}) as answer:
            assert await answer.json() == {"code": ""}
    await sim.settled()
    changes = [change for body in inbox for entry in body["entry"] for change in entry["changes"]]
    assert [(change["field"], change["value"]["event"]) for change in changes] == [
        ("phone_number_quality_update", "UPGRADE"),
        ("phone_number_quality_update", "FLAGGED"),
    ]
    async with api.get(shop.id, params={"fields": "status,quality_rating,is_on_biz_app"}) as answer:
        seen = {"id": shop.id, "status": "FLAGGED", "quality_rating": "RED", "is_on_biz_app": True}
        assert await answer.json() == seen
    async with api.post(f"{shop.id}/smb_app_data", json={"sync_type": "history"}) as answer:
        assert await code_of(answer) == 2593108
