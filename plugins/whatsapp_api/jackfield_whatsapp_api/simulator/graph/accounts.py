"""Accounts: look up, their numbers, and which app hears of them at which address."""

from __future__ import annotations

import secrets

from jackfield_whatsapp_api.simulator.errors import GraphError
from jackfield_whatsapp_api.simulator.model import Callback, Json

from . import analytics
from .calls import Call
from .pages import page, pick


async def get_account(call: Call) -> Json:
    account = call.account()
    found: Json = {
        "id": account.id,
        "name": account.name,
        "currency": account.currency,
        "timezone_id": "1",
        "message_template_namespace": f"sim_{account.id}",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "owner_business_info": {"id": account.business_id, "name": account.name},
    }
    return pick(found | analytics.asked(call, account), call.query.get("fields"))


async def get_numbers(call: Call) -> Json:
    account = call.account()
    found = [one.view() for one in call.world.state.numbers.values() if one.account == account.id]
    fields = call.query.get("fields")
    return page([pick(one, fields) for one in found], call.query, str(call.request.url.replace(query="")))


async def get_subscribed(call: Call) -> Json:
    account = call.account()
    if not account.subscribed:
        return {"data": []}
    app: Json = {
        "whatsapp_business_api_data": {
            "id": call.world.settings.app_id,
            "name": "Simulated app",
            "link": f"https://www.facebook.com/games/?app_id={call.world.settings.app_id}",
        }
    }
    if account.callback:
        app["override_callback_uri"] = account.callback.url
    return {"data": [app]}


async def post_subscribed(call: Call) -> Json:
    account, body = call.account(), call.json()
    account.callback = await checked_callback(call, body)
    account.subscribed = True
    return {"success": True}


async def delete_subscribed(call: Call) -> Json:
    account = call.account()
    account.subscribed, account.callback = False, None
    return {"success": True}


async def checked_callback(call: Call, body: Json) -> Callback | None:
    """The address asked for, once it has answered the challenge; None where none is named."""
    url = str(body.get("override_callback_uri") or "")
    if not url:
        return None
    if not url.startswith(("https://", "http://")):
        raise GraphError(100, "override_callback_uri must be an http(s) address.")
    target = Callback(url=url, verify_token=str(body.get("verify_token") or ""))
    if not await call.world.courier.verify(target, str(secrets.randbelow(10**10))):
        raise GraphError(
            2200, message="(#2200) Callback verification failed: the address did not give the challenge back."
        )
    return target
