"""Webhook payloads, as the provider writes them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .errors import GraphError
from .model import Customer, Json, Number, Said, Template


def stamp(at: datetime) -> str:
    return str(int(at.timestamp()))


def change(field: str, value: Json) -> Json:
    return {"value": value, "field": field}


def entry(account: str, changes: Sequence[Json], at: datetime) -> Json:
    """An item of entry[]. Those about an account say when; those about a number do not."""
    found: Json = {"id": account, "changes": list(changes)}
    if all("metadata" not in one["value"] for one in changes):
        found["time"] = int(at.timestamp())
    return found


def envelope(*entries: Json) -> Json:
    return {"object": "whatsapp_business_account", "entry": list(entries)}


def about(number: Number, **parts: Any) -> Json:
    """The value of a change that concerns one number."""
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.phone, "phone_number_id": number.id},
        **parts,
    }


def contact(customer: Customer, bsuid: str) -> Json:
    """An item of contacts[]: the BSUID always, the phone only of those who do not hide it."""
    profile: Json = {"name": customer.name}
    if customer.username:
        profile["username"] = customer.username
    found: Json = {"profile": profile, "user_id": bsuid}
    if not customer.hidden:
        found["wa_id"] = customer.phone
    return found


def sender(customer: Customer, bsuid: str) -> Json:
    found: Json = {"from_user_id": bsuid}
    if not customer.hidden:
        found["from"] = customer.phone
    return found


def message(said: Said, customer: Customer, bsuid: str, number: Number, **extra: Any) -> Json:
    """An item of messages[]."""
    item: Json = {**sender(customer, bsuid), "id": said.id, "timestamp": stamp(said.at), "type": said.type}
    if said.content is not None:
        item[said.type] = said.content
    if said.reply_to:
        item["context"] = {"from": number.phone, "id": said.reply_to}
    return {**item, **extra}


def status(
    said: Said, customer: Customer, bsuid: str, *, level: str, at: datetime, error: GraphError | None
) -> Json:
    """An item of statuses[]. A failed one sent to a phone number tells no BSUID."""
    item: Json = {"id": said.id, "status": level, "timestamp": stamp(at)}
    if not (customer.hidden or said.by_bsuid):
        item["recipient_id"] = customer.phone
    if error is None or said.by_bsuid:
        item["recipient_user_id"] = bsuid
    if said.tracker:
        item["biz_opaque_callback_data"] = said.tracker
    if error is not None:
        item["errors"] = [error.in_webhook()]
    elif said.type != "reaction":
        item["pricing"] = pricing(said.category)
    return item


def pricing(category: str) -> Json:
    """Per-message pricing: templates are billed; a service message is within its free share here."""
    free = category == "service"
    return {
        "billable": not free,
        "pricing_model": "PMP",
        "type": "free_customer_service" if free else "regular",
        "category": category,
    }


def template_status(template: Template, event: str, reason: str | None) -> Json:
    """Template ids are numbers here, and texts everywhere else."""
    return {
        "event": event,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
        "reason": reason,
    }
