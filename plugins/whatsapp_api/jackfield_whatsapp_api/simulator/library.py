"""The provider's ready-made templates: a few, to be listed and taken over."""

from __future__ import annotations

from typing import Any

from .errors import GraphError
from .model import Json

LIBRARY: tuple[dict[str, Any], ...] = (
    {
        "id": "7147013345418927",
        "name": "delivery_update_1",
        "language": "en_US",
        "category": "UTILITY",
        "topic": "ORDER_MANAGEMENT",
        "usecase": "DELIVERY_UPDATE",
        "industry": ["E_COMMERCE"],
        "header": "Delivery update",
        "body": "Good news, {{1}}: your order {{2}} is on its way to you.",
        "body_params": ["Ann", "17"],
        "body_param_types": ["TEXT", "TEXT"],
        "buttons": [{"type": "QUICK_REPLY", "text": "Thank you"}],
    },
    {
        "id": "7147013345418928",
        "name": "payment_overdue_1",
        "language": "en_US",
        "category": "UTILITY",
        "topic": "PAYMENTS",
        "usecase": "PAYMENT_OVERDUE",
        "industry": ["FINANCIAL_SERVICES"],
        "body": "Hello {{1}}, the payment of {{2}} is overdue; please look at your account.",
        "body_params": ["Ann", "$20"],
        "body_param_types": ["TEXT", "AMOUNT"],
        "buttons": [],
    },
)


def ready_made(name: str, language: str) -> Json:
    """What a template from the library is made of. Raises GraphError for one that is not there."""
    for found in LIBRARY:
        if (found["name"], found["language"]) != (name, language):
            continue
        components: list[Json] = []
        if header := found.get("header"):
            components.append({"type": "HEADER", "format": "TEXT", "text": header})
        example = {"body_text": [found["body_params"]]}
        components.append({"type": "BODY", "text": found["body"], "example": example})
        if found["buttons"]:
            components.append({"type": "BUTTONS", "buttons": found["buttons"]})
        return {"category": found["category"], "components": components}
    raise GraphError(100, f"The library has no template {name!r} in {language!r}.")
