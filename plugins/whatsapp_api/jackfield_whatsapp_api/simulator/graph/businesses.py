"""Who asks: what a token is good for, the portfolios behind it, and the accounts of each."""

from __future__ import annotations

import hashlib
import hmac

from jackfield_whatsapp_api.simulator.errors import GraphError, unknown_object
from jackfield_whatsapp_api.simulator.model import Account, Json

from .calls import Call, token_of
from .pages import page, pick

SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")


def _accounts(call: Call) -> list[Account]:
    return [call.world.state.accounts[one] for one in sorted(call.open)]


def _scopes(accounts: list[Account]) -> list[str]:
    withheld = {scope for account in accounts for scope in account.withheld}
    return [scope for scope in SCOPES if scope not in withheld]


async def debug_token(call: Call) -> Json:
    """The token that is asked about; one that opens nothing is not valid."""
    about = call.query.get("input_token", "")
    found = [one for one in call.world.state.accounts.values() if about and one.token == about]
    app = call.world.settings.app_id
    if not found:
        error = {"code": 190, "message": "Invalid OAuth access token."}
        return {"data": {"app_id": app, "is_valid": False, "error": error, "scopes": []}}
    scopes, targets = _scopes(found), sorted(one.id for one in found)
    return {
        "data": {
            "app_id": app,
            "application": "Simulated app",
            "type": "SYSTEM_USER",
            "is_valid": True,
            "expires_at": 0,
            "scopes": scopes,
            "granular_scopes": [{"scope": scope, "target_ids": targets} for scope in scopes],
        }
    }


async def get_permissions(call: Call) -> Json:
    _only_me(call)
    granted = set(_scopes(_accounts(call)))
    return {
        "data": [
            {"permission": scope, "status": "granted" if scope in granted else "declined"} for scope in SCOPES
        ]
    }


async def get_businesses(call: Call) -> Json:
    _only_me(call)
    found = {one.business_id: {"id": one.business_id, "name": one.name} for one in _accounts(call)}
    return page([pick(one, call.query.get("fields")) for one in found.values()], call.query, _url(call))


async def get_owned(call: Call) -> Json:
    owned = [one for one in _accounts(call) if one.business_id == call.id]
    if not owned:
        raise unknown_object(call.id)
    items: list[Json] = [{"id": one.id, "name": one.name, "currency": one.currency} for one in owned]
    return page([pick(one, call.query.get("fields")) for one in items], call.query, _url(call))


async def get_client(call: Call) -> Json:
    """No portfolio here has lent its accounts to another."""
    if call.id not in {one.business_id for one in _accounts(call)}:
        raise unknown_object(call.id)
    return {"data": []}


def check_proof(call: Call) -> None:
    """`appsecret_proof`, where it is given, must be made of the token and the app's secret."""
    given = call.query.get("appsecret_proof")
    if given is None:
        return
    key = call.world.settings.app_secret.encode()
    right = hmac.new(key, token_of(call.request).encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right, given):
        raise GraphError(100, message="Invalid appsecret_proof provided in the API argument")


def _only_me(call: Call) -> None:
    if call.id != "me":
        raise unknown_object(call.id)


def _url(call: Call) -> str:
    return str(call.request.url.replace(query=""))
