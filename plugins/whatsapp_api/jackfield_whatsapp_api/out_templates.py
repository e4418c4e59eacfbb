"""Templates both ways: what the provider lists, and the components of one that is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jackfield.channel import Media, MediaSort, Option, Rejected, Template

from . import limits
from .payload import Node, is_list, listed, name, node, text

Body = dict[str, Any]

NAME = re.compile(r"[a-z0-9_]{1,512}")
PLACE = re.compile(r"(header|body|button)\.(\w+)")
HEADER_FILES: Mapping[str, MediaSort] = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}
BUTTON_PARAMETERS: Mapping[str, tuple[str, str]] = {
    "quick_reply": ("quick_reply", "payload"),
    "url": ("url", "text"),
    "otp": ("url", "text"),
    "copy_code": ("copy_code", "coupon_code"),
}
"""A button's type → what the API calls it in a message, and the type of its parameter."""


def template(part: Template, uploads: Mapping[str, str]) -> Body:
    """What goes under `template`. Raises Rejected for a name or a place that cannot be one."""
    if not NAME.fullmatch(part.name):
        raise Rejected("template: a name has 1 to 512 of a-z, 0-9 and _")
    if not part.language:
        raise Rejected("template: the language is missing")
    said: Body = {"name": part.name, "language": {"code": part.language}}
    if components := [*_components(part, uploads)]:
        said["components"] = components
    return said


def _components(part: Template, uploads: Mapping[str, str]) -> Iterator[Body]:
    places = _places(part.parameters)
    if part.header_media:
        word = limits.FILES[part.header_media.sort].word
        file = {"type": word, word: {"id": uploads[part.header_media.ref]}}
        yield {"type": "header", "parameters": [file]}
    elif header := places["header"]:
        yield {"type": "header", "parameters": _parameters("header", header)}
    if body := places["body"]:
        yield {"type": "body", "parameters": _parameters("body", body)}
    for place, value in sorted(places["button"].items(), key=lambda at: at[0].zfill(4)):
        yield _button(part, place, value)


def _places(parameters: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """ "body.1" → places["body"]["1"]."""
    places: dict[str, dict[str, str]] = {"header": {}, "body": {}, "button": {}}
    for place, value in parameters.items():
        found = PLACE.fullmatch(place)
        if found is None:
            raise Rejected(f"template: {place!r} is no place for a parameter")
        if not value:
            raise Rejected(f"template: the parameter {place} is empty")
        places[found[1]][found[2]] = value
    return places


def _parameters(where: str, values: Mapping[str, str]) -> list[Body]:
    """By number, in order; or by name. A template has either."""
    numbered = [place for place in values if place.isdecimal()]
    if not numbered:
        return [{"type": "text", "parameter_name": key, "text": value} for key, value in values.items()]
    if len(numbered) != len(values):
        raise Rejected(f"template: parameters of the {where} are numbered or named, not both")
    wanted = [str(place) for place in range(1, len(values) + 1)]
    if missing := [place for place in wanted if place not in values]:
        raise Rejected(f"template: the parameter {where}.{missing[0]} is missing")
    return [{"type": "text", "text": values[place]} for place in wanted]


def _button(part: Template, place: str, value: str) -> Body:
    if not place.isdecimal():
        raise Rejected(f"template: button.{place} is not the place of a button")
    kind = _button_kind(part, int(place))
    if kind not in BUTTON_PARAMETERS:
        raise Rejected(f"template: a button of type {kind} takes no parameter")
    sub_type, parameter = BUTTON_PARAMETERS[kind]
    return {
        "type": "button",
        "sub_type": sub_type,
        "index": place,
        "parameters": [{"type": parameter, parameter: value}],
    }


def _button_kind(part: Template, place: int) -> str:
    """As listed; for a template that was not listed, from what the button looks like."""
    if place >= len(part.buttons):
        return "url"
    button = part.buttons[place]
    return button.id or ("url" if button.url else "quick_reply")


def listed_template(said: Node) -> Template | None:
    """One of GET /{waba}/message_templates; None where it has no name or language to send it by."""
    called, language = text(said.get("name")), text(said.get("language"))
    if not called or not language:
        return None
    parts = {name(part.get("type")).upper(): part for part in map(node, listed(said.get("components")))}
    header, body = parts.get("HEADER", node(None)), parts.get("BODY", node(None))
    buttons = tuple(map(node, listed(parts.get("BUTTONS", node(None)).get("buttons"))))
    sort = HEADER_FILES.get(name(header.get("format")).upper())
    return Template(
        name=called,
        language=language,
        category=text(said.get("category")).lower(),
        header="" if sort else text(header.get("text")),
        header_media=Media(sort=sort, ref="") if sort else None,
        body=text(body.get("text")),
        footer=text(parts.get("FOOTER", node(None)).get("text")),
        buttons=tuple(_listed_button(button) for button in buttons),
        parameters=_examples(header, body, buttons),
    )


def _listed_button(said: Node) -> Option:
    return Option(
        id=name(said.get("type")).lower(),
        title=text(said.get("text")),
        url=text(said.get("url")),
        phone=text(said.get("phone_number")),
    )


def _examples(header: Node, body: Node, buttons: tuple[Node, ...]) -> dict[str, str]:
    """Every place that wants a value, with the example given when the template was made."""
    places = {**_places_in("header", header), **_places_in("body", body)}
    for index, button in enumerate(buttons):
        example = next(map(text, listed(button.get("example"))), "")
        if "{{" in text(button.get("url")) or name(button.get("type")).upper() == "COPY_CODE":
            places[f"button.{index}"] = example
    return places


def _places_in(where: str, part: Node) -> dict[str, str]:
    examples = _given(where, node(part.get("example")))
    wanted = dict.fromkeys(re.findall(r"\{\{\s*(\w+)\s*\}\}", text(part.get("text"))))
    return {f"{where}.{place}": examples.get(place, "") for place in wanted}


def _given(where: str, example: Node) -> dict[str, str]:
    """{"body_text": [["Anna", "5"]]}, {"header_text": ["Sale"]}, {"body_text_named_params": [...]}."""
    if named := listed(example.get(f"{where}_text_named_params")):
        return {text(said.get("param_name")): text(said.get("example")) for said in map(node, named)}
    values = listed(example.get(f"{where}_text"))
    if values and is_list(values[0]):
        values = values[0]
    return {str(place): text(value) for place, value in enumerate(values, start=1)}
