"""Templates: what may be created. Pure; what a sent one looks like is in `filling`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from .errors import GraphError, invalid, missing
from .filling import component, shown
from .model import Json
from .reading import as_list, objects, part, parts

__all__ = ["CATEGORIES", "check_components", "check_new", "check_ttl", "component", "shown", "wrong"]

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
TTL: Mapping[str, tuple[int, int]] = {
    "AUTHENTICATION": (30, 900),
    "UTILITY": (30, 43_200),
    "MARKETING": (43_200, 2_592_000),
}
FILES = ("IMAGE", "VIDEO", "DOCUMENT", "GIF")

# Subcodes of the errors of creation.
TOO_LONG, HEADER, BODY, FOOTER, RATIO, EDGE, NO_EXAMPLE = (
    2388040, 2388047, 2388072, 2388073, 2388293, 2388299, 2388043,
)  # fmt: skip

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_BUTTON_LIMITS = {"QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "OTP": 1}


def wrong(subcode: int, details: str) -> GraphError:
    """What is wrong with a template."""
    return GraphError(100, details, subcode=subcode, message="Invalid parameter")


def check_new(body: Json) -> None:
    """Raises GraphError where the provider would not take the template."""
    for name in ("name", "language", "category"):
        if not body.get(name):
            raise missing(name)
    if not _NAME.fullmatch(str(body["name"])):
        raise invalid("name must be at most 512 lower-case letters, digits and underscores.")
    category = str(body["category"]).upper()
    if category not in CATEGORIES:
        raise invalid(f"category must be one of {{{', '.join(CATEGORIES)}}}.")
    check_ttl(body, category)
    check_components(body.get("components"), category)


def check_ttl(body: Json, category: str) -> None:
    ttl = body.get("message_send_ttl_seconds")
    least, most = TTL[category]
    if ttl is not None and (not isinstance(ttl, int) or not least <= ttl <= most):
        raise invalid(f"message_send_ttl_seconds must be between {least} and {most} for {category}.")


def check_components(value: Any, category: str) -> list[Json]:
    components = objects(value or [], "components")
    kinds = [_kind(component) for component in components]
    if "BODY" not in kinds:
        raise missing("components.BODY")
    if len(kinds) != len(set(kinds)):
        raise invalid("components: each type at most once.")
    for kind, found in zip(kinds, components, strict=True):
        match kind:
            case "HEADER":
                _header(found)
            case "BODY":
                _body(found, category, most=1024)
            case "FOOTER":
                _footer(found)
            case "BUTTONS":
                _buttons(objects(found.get("buttons") or [], "BUTTONS.buttons"))
            case "CAROUSEL":
                _cards(objects(found.get("cards") or [], "CAROUSEL.cards"), category)
            case "LIMITED_TIME_OFFER":
                _offer(found, kinds)
            case "CALL_PERMISSION_REQUEST":
                pass
            case _:
                raise invalid(f"components: {kind!r} is not a component type.")
    if category == "AUTHENTICATION":
        _code(components)
    return components


def _kind(found: Json) -> str:
    return str(found.get("type", "")).upper()


def _words(found: Json, where: str, *, most: int, least: int = 1) -> str:
    words = found.get("text")
    if words is None and least == 0:
        return ""
    if not isinstance(words, str) or len(words.strip()) < least:
        raise missing(f"components.{where}.text")
    if len(words) > most:
        raise wrong(TOO_LONG, f"{where}: at most {most} characters, this has {len(words)}.")
    return words


def _header(found: Json) -> None:
    kind = str(found.get("format", "TEXT")).upper()
    if kind in FILES:
        if not as_list(part(found, "example").get("header_handle") or [], "header_handle"):
            raise wrong(NO_EXAMPLE, "HEADER: the example of the file is missing (header_handle).")
        return
    if kind != "TEXT":
        return
    words = _words(found, "HEADER", most=60)
    places = _PLACE.findall(words)
    if len(set(places)) > 1 or "\n" in words or "*" in words:
        raise wrong(HEADER, "HEADER: one variable at most, no new lines and no formatting.")
    _examples(found, "header", places)


def _body(found: Json, category: str, *, most: int) -> None:
    if category == "AUTHENTICATION":
        if found.get("text"):
            raise wrong(BODY, "BODY: the text of an authentication template cannot be chosen.")
        return
    words = _words(found, "BODY", most=most)
    places = _PLACE.findall(words)
    stripped = words.strip()
    if _PLACE.match(stripped) or (places and stripped.endswith("}}")):
        raise wrong(EDGE, "BODY: variables cannot be at the start or end of the template.")
    if re.search(r"\n{3}|\t| {5}", words):
        raise wrong(BODY, "BODY: no tabs, no more than two new lines or four spaces in a row.")
    fixed = [word for word in _PLACE.sub(" ", words).split() if any(map(str.isalnum, word))]
    if len(fixed) < len(places):
        raise wrong(RATIO, "BODY: this template has too many variables for its length.")
    _examples(found, "body", places)


def _examples(found: Json, where: str, places: Sequence[str]) -> None:
    """Each variable has its sample; those with numbers are numbered from 1 on."""
    if not places:
        return
    example, numbered = part(found, "example"), [place.isdecimal() for place in places]
    wanted = set(places)
    if any(numbered):
        if not all(numbered) or wanted != {str(n + 1) for n in range(len(wanted))}:
            raise wrong(BODY, f"{where}: variables must be numbered from 1 on, or all have names.")
        values = as_list(example.get(f"{where}_text") or [], f"{where}_text")
        nested = bool(values) and isinstance(values[0], list)
        known = len(as_list(values[0], f"{where}_text")) if nested else len(values)
    else:
        names = {str(one.get("param_name")) for one in parts(example, f"{where}_text_named_params")}
        known = len(names & wanted)
    if known < len(wanted):
        raise wrong(NO_EXAMPLE, f"{where}: the samples of the variables are missing.")


def _footer(found: Json) -> None:
    if _PLACE.search(_words(found, "FOOTER", most=60, least=0)):
        raise wrong(FOOTER, "FOOTER: no variables.")


def _offer(found: Json, kinds: Sequence[str]) -> None:
    _words(part(found, "limited_time_offer"), "LIMITED_TIME_OFFER", most=16)
    if "FOOTER" in kinds:
        raise wrong(FOOTER, "FOOTER: not in a limited-time offer.")


def _cards(cards: list[Json], category: str) -> None:
    if not 2 <= len(cards) <= 10:
        raise invalid("CAROUSEL must have 2 to 10 cards.")
    shapes: set[tuple[str, ...]] = set()
    for card in cards:
        inner = objects(card.get("components") or [], "CAROUSEL.components")
        shapes.add(tuple(sorted(map(_kind, inner))))
        for found in inner:
            match _kind(found):
                case "HEADER":
                    _header(found)
                case "BODY":
                    _body(found, category, most=160)
                case "BUTTONS":
                    _buttons(objects(found.get("buttons") or [], "BUTTONS.buttons"), most=2)
                case kind:
                    raise invalid(f"CAROUSEL: {kind!r} is no part of a card.")
    if len(shapes) > 1:
        raise invalid("CAROUSEL: all cards must have the same components.")


def _buttons(buttons: list[Json], *, most: int = 10) -> None:
    kinds = [_kind(button) for button in buttons]
    if not 1 <= len(buttons) <= most:
        raise invalid(f"BUTTONS must have 1 to {most} buttons.")
    for kind, limit in _BUTTON_LIMITS.items():
        if kinds.count(kind) > limit:
            raise invalid(f"BUTTONS: at most {limit} of {kind}.")
    replies = [kind == "QUICK_REPLY" for kind in kinds]
    if sum(first != second for first, second in pairwise(replies)) > 1:
        raise invalid("BUTTONS: quick replies must be grouped.")
    for button in buttons:
        _words(button, "BUTTONS", most=25, least=0)
        if _kind(button) == "URL" and len(str(button.get("url", ""))) > 2000:
            raise wrong(TOO_LONG, "BUTTONS: an address has at most 2000 characters.")
        if _kind(button) == "PHONE_NUMBER" and len(str(button.get("phone_number", ""))) > 20:
            raise wrong(TOO_LONG, "BUTTONS: a phone number has at most 20 characters.")


def _code(components: list[Json]) -> None:
    buttons = [button for found in components for button in parts(found, "buttons")]
    if [_kind(button) for button in buttons] != ["OTP"]:
        raise invalid("An AUTHENTICATION template has exactly one button of type OTP.")
