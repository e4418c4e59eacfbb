"""Templates: what may be created, and what a sent one looks like on the phone. Pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from .errors import GraphError, invalid, missing
from .model import Json, Template
from .reading import objects, part, parts, text

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_BUTTON_LIMITS = {"QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}


def check_new(body: Json) -> None:
    """Raises GraphError where the provider would not take the template."""
    for name in ("name", "language", "category"):
        if not body.get(name):
            raise missing(name)
    if not _NAME.fullmatch(str(body["name"])):
        raise invalid("name must be at most 512 lower-case letters, digits and underscores.")
    if str(body["category"]).upper() not in CATEGORIES:
        raise invalid(f"category must be one of {{{', '.join(CATEGORIES)}}}.")
    check_components(body.get("components"))


def check_components(value: Any) -> list[Json]:
    components = objects(value or [], "components")
    kinds = [str(component.get("type", "")).upper() for component in components]
    if "BODY" not in kinds:
        raise missing("components.BODY")
    if len(kinds) != len(set(kinds)):
        raise invalid("components: each type at most once.")
    for kind, component in zip(kinds, components, strict=True):
        match kind:
            case "HEADER":
                if str(component.get("format", "TEXT")).upper() == "TEXT":
                    text(component, "text", "HEADER", most=60)
            case "BODY":
                text(component, "text", "BODY", most=1024, least=0)
            case "FOOTER":
                text(component, "text", "FOOTER", most=60, least=0)
            case "BUTTONS":
                _check_buttons(objects(component.get("buttons") or [], "BUTTONS.buttons"))
            case "CAROUSEL" | "LIMITED_TIME_OFFER" | "CALL_PERMISSION_REQUEST":
                pass
            case _:
                raise invalid(f"components: {kind!r} is not a component type.")
    return components


def _check_buttons(buttons: list[Json]) -> None:
    kinds = [str(button.get("type", "")).upper() for button in buttons]
    if not 1 <= len(buttons) <= 10:
        raise invalid("BUTTONS must have 1 to 10 buttons.")
    for kind, most in _BUTTON_LIMITS.items():
        if kinds.count(kind) > most:
            raise invalid(f"BUTTONS: at most {most} of {kind}.")
    replies = [kind == "QUICK_REPLY" for kind in kinds]
    if sum(first != second for first, second in pairwise(replies)) > 1:
        raise invalid("BUTTONS: quick replies must be grouped.")
    for button in buttons:
        text(button, "text", "button", most=25, least=0)


def component(template: Template, kind: str) -> Json:
    for found in template.components:
        if str(found.get("type", "")).upper() == kind:
            return found
    return {}


def shown(template: Template, sent: Json) -> Json:
    """The text a phone shows: header, body, footer, buttons, with the parameters in their places.

    Raises GraphError 132000 where their number is not the template's, 132012 where the names differ.
    """
    given = {
        str(part.get("type", "")).lower(): objects(part.get("parameters") or [], "parameters")
        for part in objects(sent.get("components") or [], "components")
        if str(part.get("type", "")).lower() != "button"
    }
    header, payloads = component(template, "HEADER"), _payloads(sent)
    answer: Json = {
        "body": _fill(str(component(template, "BODY").get("text", "")), given.get("body", []), "body"),
        "footer": str(component(template, "FOOTER").get("text", "")),
        "buttons": [
            {
                "kind": str(button.get("type", "")).lower(),
                "title": str(button.get("text") or "Copy code"),
                "url": str(button.get("url", "")),
                "phone": str(button.get("phone_number", "")),
                "payload": payloads.get(place, str(button.get("text", ""))),
            }
            for place, button in enumerate(parts(component(template, "BUTTONS"), "buttons"))
        ],
    }
    if str(header.get("format", "")).upper() == "TEXT":
        answer["header"] = _fill(str(header.get("text", "")), given.get("header", []), "header")
    elif header:
        kind = str(header["format"]).lower()
        media = [part(one, kind) for one in given.get("header", []) if part(one, kind)]
        if not media:
            raise GraphError(132012, f"header: Format mismatch, expected {kind.upper()}, received UNKNOWN")
        answer["media"] = {"type": kind, **media[0]}
    return answer


def _payloads(sent: Json) -> dict[int, str]:
    """What the quick replies give back, by place; a button that was given nothing gives its title."""
    found: dict[int, str] = {}
    for button in parts(sent, "components"):
        index = str(button.get("index", ""))
        for parameter in parts(button, "parameters"):
            if (
                str(button.get("type", "")).lower() == "button"
                and index.isdecimal()
                and "payload" in parameter
            ):
                found[int(index)] = str(parameter["payload"])
    return found


def _fill(words: str, parameters: list[Json], where: str) -> str:
    places = list(dict.fromkeys(_PLACE.findall(words)))
    if len(places) != len(parameters):
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match "
            f"the expected number of params ({len(places)})",
        )
    values: dict[str, str] = {}
    for place, parameter in zip(places, parameters, strict=True):
        name = str(parameter.get("parameter_name") or place)
        values[name] = _said(parameter)
    if set(values) != set(places):
        raise GraphError(132012, f"{where}: Parameter name is missing or empty")
    return _PLACE.sub(lambda found: values[found[1]], words)


def _said(parameter: Json) -> str:
    match parameter.get("type", "text"):
        case "currency":
            return str(part(parameter, "currency").get("fallback_value", ""))
        case "date_time":
            return str(part(parameter, "date_time").get("fallback_value", ""))
        case _:
            return str(parameter.get("text", ""))
