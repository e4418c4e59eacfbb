"""What is done to a number before it works: added, proven, registered, its webhooks pointed here."""

from __future__ import annotations

from jackfield.channel import Unavailable

from .client import GraphClient
from .config import Config
from .payload import listed, node, text

ABOUT_PIN = frozenset({"133005", "133006", "133008", "133009", "133015", "133016"})
"""Codes that are about registering and PINs."""


async def add(client: GraphClient, waba_id: str, *, country_code: str, number: str, name: str) -> str:
    """Put a new number into an account. Answers its id."""
    body = {"cc": country_code, "phone_number": number, "verified_name": name}
    answer = await client.ask("POST", f"{waba_id}/phone_numbers", op="add_number", body=body)
    if not (id_ := text(answer.get("id"))):
        raise Unavailable("the answer names no number")
    return id_


async def request_code(client: GraphClient, phone_id: str, way: str, language: str) -> None:
    """Have a code sent to the number: by SMS, or told by VOICE."""
    body = {"code_method": way, "language": language}
    await client.ask("POST", f"{phone_id}/request_code", op="request_code", body=body)


async def verify_code(client: GraphClient, phone_id: str, code: str) -> None:
    await client.ask("POST", f"{phone_id}/verify_code", op="verify_code", body={"code": code})


async def register(client: GraphClient, phone_id: str, pin: str) -> None:
    """Ten times in 72 hours at most, deregistering included; never for a number on the Business app."""
    body = {"messaging_product": "whatsapp", "pin": pin}
    await client.ask("POST", f"{phone_id}/register", op="register", body=body)


async def set_pin(client: GraphClient, phone_id: str, pin: str) -> None:
    """Set or change the PIN of two-step verification."""
    await client.ask("POST", phone_id, op="pin", body={"pin": pin})


async def subscribe(client: GraphClient, waba_id: str, app_id: str) -> None:
    """Have the account's webhooks sent to our app.

    Saying it again takes an address of the account's own away: what is subscribed is left alone.
    """
    if app_id:
        said = await client.ask("GET", f"{waba_id}/subscribed_apps", op="subscribed")
        apps = (node(node(item).get("whatsapp_business_api_data")) for item in listed(said.get("data")))
        if app_id in {text(app.get("id")) for app in apps}:
            return
    await client.subscribe()


async def point(client: GraphClient, config: Config, way: str, address: str) -> None:
    """Have webhooks come to this address: those of the number, or of its whole account.

    The provider calls the address before it answers. Saying it again does no harm.
    """
    target = {"override_callback_uri": address, "verify_token": config.verify_token}
    if way == "account":
        await client.ask("POST", f"{config.waba_id}/subscribed_apps", op="hook", body=target)
    else:
        body = {"webhook_configuration": target}
        await client.ask("POST", config.phone_number_id, op="hook", body=body)
