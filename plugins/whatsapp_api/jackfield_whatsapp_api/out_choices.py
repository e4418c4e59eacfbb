"""Outbound interactive messages: buttons, a list, a link, a question for the place."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from jackfield.channel import ChoiceOffered, NotSupported, Option, Rejected

from . import limits

Body = dict[str, Any]


def interactive(part: ChoiceOffered, uploads: Mapping[str, str]) -> Body:
    match part.style:
        case "buttons":
            return {**_frame(part, "button", limits.BODY, uploads), "action": _buttons(part)}
        case "list":
            return {**_frame(part, "list", limits.LIST_BODY, uploads), "action": _list(part)}
        case "link":
            return {**_frame(part, "cta_url", limits.BODY, uploads), "action": _link(part)}
        case "location_request":
            body = {"text": limits.some("body", part.body, limits.BODY)}
            return {"type": "location_request_message", "body": body, "action": {"name": "send_location"}}
        case "address" | "form" | "call":
            raise NotSupported(f"a choice of style {part.style} cannot be sent yet")


def _frame(part: ChoiceOffered, kind: str, body_limit: int, uploads: Mapping[str, str]) -> Body:
    said: Body = {"type": kind, "body": {"text": limits.some("body", part.body, body_limit)}}
    if part.header_media:
        if kind == "list":
            raise Rejected("header: a list has text there, no file")
        word = limits.FILES[part.header_media.sort].word
        said["header"] = {"type": word, word: {"id": uploads[part.header_media.ref]}}
    elif part.header:
        said["header"] = {"type": "text", "text": limits.at_most("header", part.header, limits.SMALL)}
    if part.footer:
        said["footer"] = {"text": limits.at_most("footer", part.footer, limits.SMALL)}
    return said


def _buttons(part: ChoiceOffered) -> Body:
    limits.count("buttons", len(part.options), limits.BUTTONS)
    _distinct(part.options)
    return {"buttons": [_button(option) for option in part.options]}


def _button(option: Option) -> Body:
    title = limits.some("button title", option.title, limits.BUTTON_TITLE)
    return {
        "type": "reply",
        "reply": {"id": limits.some("button id", option.id, limits.BUTTON_ID), "title": title},
    }


def _list(part: ChoiceOffered) -> Body:
    limits.count("rows", len(part.options), limits.ROWS)
    _distinct(part.options)
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


def _distinct(options: tuple[Option, ...]) -> None:
    """The provider refuses two choices with one id, and buttons with one title."""
    if len({option.id for option in options}) != len(options):
        raise Rejected("choices: two have the same id")


def _link(part: ChoiceOffered) -> Body:
    if len(part.options) != 1 or not part.options[0].url:
        raise Rejected("link: exactly one option with a url is needed")
    (option,) = part.options
    title = limits.some("link title", option.title, limits.BUTTON_TITLE)
    return {"name": "cta_url", "parameters": {"display_text": title, "url": option.url}}
