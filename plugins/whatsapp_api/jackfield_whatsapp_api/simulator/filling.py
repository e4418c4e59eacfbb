"""What a template that is sent looks like on the phone: its words with the parameters in place. Pure."""

from __future__ import annotations

import re

from .errors import GraphError
from .model import Json, Template
from .reading import objects, part, parts

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
CODE = "*{{1}}* is your verification code."
RECOMMENDED = " For your security, do not share this code."


def component(template: Template, kind: str) -> Json:
    return _of(template.components, kind)


def _of(components: list[Json], kind: str) -> Json:
    for found in components:
        if str(found.get("type", "")).upper() == kind:
            return found
    return {}


def shown(template: Template, sent: Json) -> Json:
    """Header, body, footer, buttons and cards, with the parameters in their places.

    Raises GraphError 132000 where their number is not the template's, 132012 where they are of another
    kind, 131008 where a button wants one and has none.
    """
    given = objects(sent.get("components") or [], "components")
    answer = _shown(template.components, given, template.category)
    answer["footer"] = _footer(template)
    if offer := component(template, "LIMITED_TIME_OFFER"):
        answer["offer"] = {"text": str(part(offer, "limited_time_offer").get("text", ""))}
    if cards := parts(component(template, "CAROUSEL"), "cards"):
        answer["cards"] = _cards(cards, given, template.category)
    return answer


def _footer(template: Template) -> str:
    found = component(template, "FOOTER")
    if minutes := found.get("code_expiration_minutes"):
        return f"This code expires in {minutes} minutes."
    return str(found.get("text", ""))


def _shown(components: list[Json], given: list[Json], category: str) -> Json:
    header, body = _of(components, "HEADER"), _of(components, "BODY")
    words = str(body.get("text", ""))
    if category == "AUTHENTICATION" and not words:
        words = CODE + (RECOMMENDED if body.get("add_security_recommendation") else "")
    answer: Json = {
        "body": _fill(words, _parameters(given, "body"), "body"),
        "buttons": _buttons(parts(_of(components, "BUTTONS"), "buttons"), given),
    }
    kind = str(header.get("format", "")).lower()
    if kind == "text":
        answer["header"] = _fill(str(header.get("text", "")), _parameters(given, "header"), "header")
    elif kind:
        found = [part(one, kind) for one in _parameters(given, "header") if part(one, kind)]
        if not found:
            raise GraphError(132012, f"header: Format mismatch, expected {kind.upper()}, received UNKNOWN")
        if kind in ("location", "product"):
            answer[kind] = found[0]
        else:
            answer["media"] = {"type": kind, **found[0]}
    return answer


def _cards(cards: list[Json], given: list[Json], category: str) -> list[Json]:
    sent = [card for one in given for card in parts(one, "cards")]
    if len(sent) != len(cards):
        raise GraphError(132012, f"carousel: expected {len(cards)} cards, received {len(sent)}")
    return [
        _shown(parts(card, "components"), parts(said, "components"), category)
        for card, said in zip(cards, sent, strict=True)
    ]


def _parameters(given: list[Json], kind: str) -> list[Json]:
    for found in given:
        if str(found.get("type", "")).lower() == kind:
            return objects(found.get("parameters") or [], "parameters")
    return []


def _buttons(buttons: list[Json], given: list[Json]) -> list[Json]:
    values = {
        str(found.get("index", "")): parts(found, "parameters")
        for found in given
        if str(found.get("type", "")).lower() == "button"
    }
    return [_button(place, button, values.get(str(place), [])) for place, button in enumerate(buttons)]


def _button(place: int, button: Json, values: list[Json]) -> Json:
    kind, url = str(button.get("type", "")).upper(), str(button.get("url", ""))
    value = values[0] if values else {}
    if not value and (kind in ("COPY_CODE", "OTP") or (kind == "URL" and _PLACE.search(url))):
        raise GraphError(
            131008, f"buttons: Button at index {place} of type {kind.title()} requires a parameter"
        )
    title = str(button.get("text") or "Copy code")
    return {
        "kind": kind.lower(),
        "title": title,
        "url": _PLACE.sub(lambda _: str(value.get("text", "")), url),
        "phone": str(button.get("phone_number", "")),
        "payload": str(value.get("payload") or button.get("text", "")),
    }


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
