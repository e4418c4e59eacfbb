"""What the phone page and the control API see: chats as a phone shows them. Pure."""

from __future__ import annotations

from .model import Customer, Json, Media, Number, Said, Template
from .payload import stamp


def number_view(number: Number) -> Json:
    return {"id": number.id, "name": number.verified_name, "phone": number.display, "account": number.account}


def customer_view(customer: Customer) -> Json:
    return {
        "phone": customer.phone,
        "name": customer.name,
        "country": customer.country,
        "username": customer.username,
        "hidden": customer.hidden,
        "online": customer.online,
    }


def template_view(template: Template) -> Json:
    return {
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "status": template.status,
    }


def on_phone(said: Said) -> bool:
    """Whether the customer's phone shows it as a bubble."""
    return said.type not in ("reaction", "call", "handover") and (said.by == "customer" or said.arrived)


def said_view(said: Said) -> Json:
    return {
        "id": said.id,
        "number": said.number,
        "user": said.user,
        "by": said.by,
        "at": int(stamp(said.at)),
        "type": said.type,
        "content": None if said.revoked else said.content,
        "reply_to": said.reply_to,
        "status": said.status,
        "arrived": said.arrived,
        "reactions": said.reactions,
        "shown": said.shown,
        "edited": said.edited,
        "revoked": said.revoked,
    }


def media_view(media: Media) -> Json:
    return {"id": media.id, "mime_type": media.mime, "name": media.name, "file_size": len(media.data)}
