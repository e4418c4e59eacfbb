"""Outbound interactive messages that ask for something: buttons, lists, links, forms, places, calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, assert_never, cast

import msgspec

from jackfield.channel import ChoiceOffered, MediaSort, Option, Rejected

from . import limits
from .out_files import Uploads, header

Body = dict[str, Any]

WITH_FILES = frozenset({"buttons", "link", "form", "address"})
"""Styles that may have a file over their text."""
FILES_ABOVE: tuple[MediaSort, ...] = ("image", "video", "document")


def interactive(part: ChoiceOffered, uploads: Uploads) -> Body:
    """What goes under `interactive`. Raises Rejected, naming the limit."""
    match part.style:
        case "buttons":
            kind, action = "button", _buttons(part)
        case "list":
            kind, action = "list", _list(part)
        case "link":
            kind, action = "cta_url", _link(part)
        case "form":
            kind, action = "flow", _named("flow", _form(part))
        case "address":
            kind, action = "address_message", _named("address_message", _address(part))
        case "call":
            kind, action = "voice_call", _named("voice_call", _call(part))
        case "location_request":
            kind, action = _question(part, "location_request_message", "send_location")
        case "call_permission":
            kind, action = _question(part, "call_permission_request", "call_permission_request")
        case "contact_request":
            kind, action = _question(part, "request_contact_info", "request_contact_info")
        case _:
            assert_never(part.style)
    return {"type": kind, **_frame(part, uploads), "action": action}


def _frame(part: ChoiceOffered, uploads: Uploads) -> Body:
    """Header, body and footer around what is offered."""
    most = limits.LIST_BODY if part.style == "list" else limits.BODY
    said: Body = {"body": {"text": limits.some("body", part.body, most)}}
    if part.header_media:
        if part.style not in WITH_FILES:
            raise Rejected(f"header: a {part.style} has text there, no file")
        said["header"] = header(part.header_media, uploads, *FILES_ABOVE)
    elif part.header:
        said["header"] = {"type": "text", "text": limits.at_most("header", part.header, limits.SMALL)}
    if part.footer:
        said["footer"] = {"text": limits.at_most("footer", part.footer, limits.SMALL)}
    return said


def _question(part: ChoiceOffered, kind: str, action: str) -> tuple[str, Body]:
    """The provider's own button under a text, and nothing else."""
    for what, there in (("header", part.header or part.header_media), ("footer", part.footer)):
        if there:
            raise Rejected(f"{what}: a {part.style} has none")
    return kind, {"name": action}


def _named(name: str, parameters: Body) -> Body:
    return {"name": name, "parameters": parameters}


# -- buttons, lists, links ----------------------------------------------------------------------------


def _buttons(part: ChoiceOffered) -> Body:
    limits.count("buttons", len(part.options), limits.BUTTONS)
    _distinct("id", (option.id for option in part.options))
    _distinct("title", (option.title for option in part.options))
    return {"buttons": [_button(option) for option in part.options]}


def _button(option: Option) -> Body:
    title = limits.some("button title", option.title, limits.BUTTON_TITLE)
    return {
        "type": "reply",
        "reply": {"id": limits.some("button id", option.id, limits.BUTTON_ID), "title": title},
    }


def _list(part: ChoiceOffered) -> Body:
    limits.count("rows", len(part.options), limits.ROWS)
    _distinct("id", (option.id for option in part.options))
    sections = [
        {"title": limits.at_most("section title", title, limits.SECTION_TITLE), "rows": [*map(_row, rows)]}
        for title, rows in groupby(part.options, key=lambda option: option.section)
    ]
    limits.count("sections", len(sections), limits.SECTIONS)
    if len(sections) == 1 and not sections[0]["title"]:
        del sections[0]["title"]  # one section needs none, an empty one is refused
    elif not all(section["title"] for section in sections):
        raise Rejected("section title: must not be empty where there are several sections")
    return {"button": limits.some("list button", part.button, limits.LIST_BUTTON), "sections": sections}


def _row(option: Option) -> Body:
    said = {
        "id": limits.some("row id", option.id, limits.ROW_ID),
        "title": limits.some("row title", option.title, limits.ROW_TITLE),
    }
    if option.description:
        said["description"] = limits.at_most("row description", option.description, limits.ROW_DESCRIPTION)
    return said


def _distinct(what: str, values: Iterable[str]) -> None:
    """The provider refuses two choices with one id, and two buttons with one title."""
    given = [*values]
    if len(set(given)) != len(given):
        raise Rejected(f"choices: two have the same {what}")


def _link(part: ChoiceOffered) -> Body:
    if len(part.options) != 1 or not part.options[0].url:
        raise Rejected("link: exactly one option with a url is needed")
    (option,) = part.options
    return link(option)


def link(option: Option) -> Body:
    """The action of one button that opens an address."""
    title = limits.some("link title", option.title, limits.BUTTON_TITLE)
    if not option.url.startswith(("https://", "http://")):
        raise Rejected("link: the address begins with https:// or http://")
    url = limits.at_most("link", option.url, limits.URL)
    return _named("cta_url", {"display_text": title, "url": url})


# -- forms, addresses, calls --------------------------------------------------------------------------


def _form(part: ChoiceOffered) -> Body:
    """A flow, by its id or its name."""
    data = part.data
    if bool(data.get("form")) == bool(data.get("name")):
        raise Rejected("form: either its id (form) or its name is needed")
    said: Body = {"flow_message_version": "3"}
    said |= {"flow_id": data["form"]} if data.get("form") else {"flow_name": data["name"]}
    said["flow_cta"] = limits.some("form button", part.button, limits.FORM_BUTTON)
    if data.get("token"):
        said["flow_token"] = data["token"]
    match data.get("mode", ""):
        case "":
            pass
        case "draft" | "published" as mode:
            said["mode"] = mode
        case mode:
            raise Rejected(f"form: mode {mode!r}, allowed are draft, published")
    return {**said, **_first_screen(data)}


def _first_screen(data: Mapping[str, str]) -> Body:
    match data.get("action", ""):
        case "exchange":
            if data.get("screen") or data.get("values"):
                raise Rejected("form: a form that asks our server for its first screen is given none")
            return {"flow_action": "data_exchange"}
        case "":
            if not data.get("screen"):
                if data.get("values"):
                    raise Rejected("form: values need the screen they are for")
                return {}
            payload: Body = {"screen": data["screen"]}
            if data.get("values"):
                payload["data"] = json_object("form: values", data["values"])
            return {"flow_action": "navigate", "flow_action_payload": payload}
        case action:
            raise Rejected(f"form: action {action!r}, the only one there is is exchange")


def json_object(what: str, said: str) -> Body:
    """Raises Rejected for what is no JSON object, or an empty one, which the provider refuses."""
    try:
        value: object = msgspec.json.decode(said)
    except (msgspec.DecodeError, RecursionError):
        value = None
    if not isinstance(value, dict) or not value:
        raise Rejected(f"{what}: a JSON object with something in it is needed")
    return cast("Body", value)


def _address(part: ChoiceOffered) -> Body:
    data = part.data
    if not data.get("country"):
        raise Rejected("address: the country is missing")
    said: Body = {"country": data["country"]}
    if values := _under("value.", data):
        said["values"] = values
    if errors := _under("error.", data):
        said["validation_errors"] = errors
    if data.get("saved"):
        said["saved_addresses"] = _saved(data["saved"])
    return said


def _under(prefix: str, data: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in data.items() if key.startswith(prefix)}


class _Saved(msgspec.Struct, frozen=True):
    id: str
    value: dict[str, str]


def _saved(said: str) -> list[Body]:
    try:
        addresses = msgspec.json.decode(said, type=list[_Saved])
    except msgspec.DecodeError as error:
        raise Rejected(f"address: saved addresses cannot be read: {error}") from None
    return [{"id": one.id, "value": one.value} for one in addresses]


def _call(part: ChoiceOffered) -> Body:
    said: Body = {}
    if part.button:
        said["display_text"] = limits.at_most("call button", part.button, limits.BUTTON_TITLE)
    if part.data.get("minutes"):
        said["ttl_minutes"] = minutes(part.data["minutes"])
    if part.data.get("payload"):
        said["payload"] = limits.at_most("payload", part.data["payload"], limits.CALL_PAYLOAD)
    return said


def minutes(said: str) -> int:
    """How long a button that calls works. Raises Rejected for more than 30 days."""
    if not said.isdecimal() or not 1 <= int(said) <= limits.CALL_MINUTES:
        raise Rejected(f"call: {said!r} minutes, from 1 to {limits.CALL_MINUTES} are allowed")
    return int(said)
