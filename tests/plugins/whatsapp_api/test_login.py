"""Connecting a number: what is asked, what is tried, and which field is to blame."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from aiohttp import web
from waba_cloud import APP_SECRET, PHONE_ID, TOKEN, VERIFY, WABA_ID, Answer, Cloud, cloud, drops, refuses

from jackfield.channel import Ask, Done, NotSupported
from jackfield.testing import FakePort
from jackfield_whatsapp_api.kind import WhatsAppApi
from jackfield_whatsapp_api.login import TokenLogin


@pytest.fixture
async def api() -> AsyncGenerator[Cloud]:
    async with cloud() as stand_in:
        yield stand_in


async def attempt(api: Cloud, **changed: str) -> Ask | Done:
    login = TokenLogin(FakePort())
    await login.start()
    step = await login.submit({**api.config, **changed})
    assert isinstance(step, Ask | Done)
    return step


async def test_good_credentials_are_tried_subscribed_and_done(api: Cloud) -> None:
    step = await attempt(api)
    assert step == Done(
        name="Tulip",
        external_id=PHONE_ID,
        config={
            "phone_number_id": PHONE_ID,
            "waba_id": WABA_ID,
            "access_token": TOKEN,
            "app_secret": APP_SECRET,
            "verify_token": VERIFY,
            "business_id": "",
            "display_phone_number": "+1 555-078-3881",
            "api_base": api.url,
            "api_version": "v25.0",
        },
    )
    assert [(seen.method, seen.path) for seen in api.seen] == [
        ("GET", f"/v25.0/{PHONE_ID}"),
        ("GET", f"/v25.0/{PHONE_ID}"),
        ("POST", f"/v25.0/{WABA_ID}/subscribed_apps"),
    ]


async def test_the_form_proposes_a_verify_token_of_its_own_each_time() -> None:
    one, two = await TokenLogin(FakePort()).start(), await TokenLogin(FakePort()).start()
    assert isinstance(one, Ask)
    assert isinstance(two, Ask)
    proposed = [{field.name: field.default for field in step.fields}["verify_token"] for step in (one, two)]
    assert proposed[0] != proposed[1]
    assert all(len(token) >= 24 for token in proposed)


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"access_token": " "}, {"access_token": "whatsapp_api.login.missing"}),
        ({"phone_number_id": "+1 555"}, {"phone_number_id": "whatsapp_api.login.not_number"}),
        ({"waba_id": "٣"}, {"waba_id": "whatsapp_api.login.not_number"}),
        ({"api_base": "graph.facebook.com"}, {"api_base": "whatsapp_api.login.not_url"}),
        ({"api_base": "http://[::1"}, {"api_base": "whatsapp_api.login.not_url"}),
    ],
)
async def test_what_can_be_seen_at_once_is_told_without_a_call(
    api: Cloud, changed: dict[str, str], errors: dict[str, str]
) -> None:
    step = await attempt(api, **changed)
    assert isinstance(step, Ask)
    assert step.errors == errors
    assert api.seen == []


@pytest.mark.parametrize(
    ("where", "answer", "errors"),
    [
        (PHONE_ID, refuses(401, 190), {"access_token": "error.bad_credentials"}),
        (PHONE_ID, refuses(403, 10), {"access_token": "error.no_permission"}),
        (PHONE_ID, refuses(400, 100), {"phone_number_id": "whatsapp_api.login.no_such_number"}),
        (PHONE_ID, refuses(400, 4), {"": "error.rate_limited"}),
        ("subscribed_apps", refuses(400, 100), {"waba_id": "whatsapp_api.login.no_such_waba"}),
        ("subscribed_apps", refuses(403, 200), {"access_token": "error.no_permission"}),
        ("subscribed_apps", refuses(500, 2), {"": "error.unavailable"}),
        ("subscribed_apps", drops, {"": "error.unavailable"}),
    ],
)
async def test_each_refusal_names_the_field_to_look_at(
    api: Cloud, where: str, answer: Answer, errors: dict[str, str]
) -> None:
    api.instead(where, answer)
    step = await attempt(api)
    assert isinstance(step, Ask)
    assert step.errors == errors


async def test_a_wrong_app_secret_is_found_before_the_first_webhook(api: Cloud) -> None:
    async def number(_: web.Request) -> web.StreamResponse:
        return web.json_response({"verified_name": "Tulip"})

    api.instead(PHONE_ID, number, refuses(400, 100, error_user_msg="Invalid appsecret_proof provided"))
    step = await attempt(api)
    assert isinstance(step, Ask)
    assert step.errors == {"app_secret": "whatsapp_api.login.wrong_secret"}
    proof = api.seen[1].query["appsecret_proof"]
    assert len(proof) == 64
    assert APP_SECRET not in str(api.seen[1])


async def test_a_second_try_needs_only_what_was_wrong_and_no_secret_comes_back(api: Cloud) -> None:
    login = TokenLogin(FakePort())
    await login.start()
    step = await login.submit({**api.config, "waba_id": "no"})
    assert isinstance(step, Ask)
    shown = {field.name: field.default for field in step.fields}
    assert (shown["phone_number_id"], shown["verify_token"]) == (PHONE_ID, VERIFY)
    assert (shown["access_token"], shown["app_secret"]) == ("", "")
    assert await login.wait() == step
    again = await login.submit({"waba_id": WABA_ID, "access_token": TOKEN, "app_secret": APP_SECRET})
    assert isinstance(again, Done)


def test_another_flow_is_refused() -> None:
    with pytest.raises(NotSupported):
        WhatsAppApi().login("qr", FakePort())
