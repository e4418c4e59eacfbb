"""A design as the provider is told of it. Pure: the files of headers are handed over before, see uploads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from jackfield.channel import Rejected, TemplateButton, TemplateCard, TemplateDesign, TemplateHeader

from .words import BUTTONS, EXTRAS, FILES, FLAGS, HEADERS, JSON_MARK, OTP_TYPE, PLACE, STRUCTURED, VALUES

Body = dict[str, Any]
Handles = Mapping[str, str]
"""The files of headers that the provider has by now, by place: "header", "card.0" → its handle."""


def created(design: TemplateDesign, handles: Handles) -> Body:
    """What goes to POST /{waba}/message_templates."""
    said: Body = {
        "name": design.name,
        "language": design.language,
        "category": design.category.upper(),
        **_beside(design),
        "components": components(design, handles),
    }
    if _is_named(design):
        said["parameter_format"] = "NAMED"
    return said


def edited(design: TemplateDesign, handles: Handles, *, category: bool) -> Body:
    """What goes to POST /{template}: the whole list of components. `category`: it may be another."""
    said = {**_beside(design), "components": components(design, handles)}
    if category:
        said["category"] = design.category.upper()
    return said


def components(design: TemplateDesign, handles: Handles) -> list[Body]:
    """Raises Rejected for a header whose file was not handed over, and for data that is not what it says."""
    return list(_components(design, handles))


def _components(design: TemplateDesign, handles: Handles) -> Iterator[Body]:
    if design.header.form == "other":
        yield _decoded("header", design.data.get("header", ""))
    elif design.header.form != "none":
        yield _header(design, design.header, "", handles.get("header", ""))
    if design.limited:
        yield {"type": "LIMITED_TIME_OFFER", "limited_time_offer": _offer(design)}
    yield _body(design)
    if minutes := design.data.get("code_expiration_minutes"):
        yield {"type": "FOOTER", "code_expiration_minutes": _decoded("code_expiration_minutes", minutes)}
    elif design.footer and design.category != "authentication":
        yield {"type": "FOOTER", "text": design.footer}
    if design.buttons:
        yield {"type": "BUTTONS", "buttons": list(_buttons(design, design.buttons, ""))}
    if design.cards:
        cards = [_card(design, card, index, handles) for index, card in enumerate(design.cards)]
        yield {"type": "CAROUSEL", "cards": cards}
    if design.data.get("call_permission_request") == "true":
        yield {"type": "CALL_PERMISSION_REQUEST"}
    for key, value in design.data.items():
        if key.startswith("component."):
            yield _decoded(key, value)


def _offer(design: TemplateDesign) -> Body:
    said: Body = {"text": design.limited}
    if expires := design.data.get("has_expiration"):
        said["has_expiration"] = expires == "true"
    return said


def _header(design: TemplateDesign, header: TemplateHeader, at: str, handle: str) -> Body:
    said: Body = {"type": "HEADER", "format": HEADERS[header.form]}
    if header.form in FILES:
        if not handle:
            raise Rejected(
                f"{at}header: its file is missing",
                field=f"{at}header.file",
                words="whatsapp_api.template.file",
            )
        said["example"] = {"header_handle": [handle]}
    elif header.form == "text":
        said["text"] = header.text
        said |= _text_example(design, "header", header.text, at)
    return said


def _body(design: TemplateDesign) -> Body:
    if design.category == "authentication":  # its words are the provider's own
        said: Body = {"type": "BODY"}
        if recommended := design.data.get("add_security_recommendation"):
            said["add_security_recommendation"] = recommended == "true"
        return said
    return {"type": "BODY", "text": design.body, **_text_example(design, "body", design.body, "")}


def _card(design: TemplateDesign, card: TemplateCard, index: int, handles: Handles) -> Body:
    at = f"card.{index}."
    inner = [_header(design, card.header, at, handles.get(f"card.{index}", ""))]
    if card.body:
        inner.append({"type": "BODY", "text": card.body, **_text_example(design, "body", card.body, at)})
    if card.buttons:
        inner.append({"type": "BUTTONS", "buttons": list(_buttons(design, card.buttons, at))})
    return {"components": inner}


def _text_example(design: TemplateDesign, where: str, words: str, at: str) -> Body:
    """{"example": {"body_text": [["Anna", "5"]]}} and its kin; nothing where there are no blanks."""
    places = list(dict.fromkeys(PLACE.findall(words)))
    if not places:
        return {}
    given = {place: design.examples.get(f"{at}{where}.{place}", "") for place in places}
    if not all(place.isdecimal() for place in places):
        named = [{"param_name": place, "example": example} for place, example in given.items()]
        return {"example": {f"{where}_text_named_params": named}}
    values = [given[place] for place in sorted(places, key=int)]
    return {"example": {f"{where}_text": values if where == "header" else [values]}}


def _buttons(design: TemplateDesign, buttons: Sequence[TemplateButton], at: str) -> Iterator[Body]:
    for index, button in enumerate(buttons):
        if button.form == "other":
            yield _decoded(f"{at}buttons.{index}", button.data.get("raw", ""))
            continue
        said: Body = {"type": BUTTONS[button.form]}
        if button.title and button.form != "copy_code":  # whose words are the provider's own
            said["text"] = button.title
        if button.value and button.form in VALUES:
            said[VALUES[button.form]] = button.value
        example = design.examples.get(f"{at}button.{index}", "")
        if button.form == "copy_code":
            said["example"] = example or button.value
        elif button.form == "url" and PLACE.search(button.value):
            said["example"] = [example]
        yield said | _thick(button.data)


def _beside(design: TemplateDesign) -> Body:
    said = _thick({key: design.data[key] for key in EXTRAS if key in design.data})
    if design.ttl is not None:
        said["message_send_ttl_seconds"] = design.ttl
    return said


def _is_named(design: TemplateDesign) -> bool:
    texts = (design.header.text, design.body)
    return design.places == "named" and any(PLACE.search(words) for words in texts)


def _thick(data: Mapping[str, str]) -> Body:
    """Our data as the provider wants it: true, numbers and lists where they are none of them strings."""
    said: Body = {}
    for key, value in data.items():
        if key in FLAGS:
            said[key] = value == "true"
        elif key == OTP_TYPE:
            said[key] = value.upper()
        elif key in STRUCTURED or key.endswith(JSON_MARK):
            said[key.removesuffix(JSON_MARK)] = _decoded(key, value)
        else:
            said[key] = value
    return said


def _decoded(where: str, value: str) -> Any:
    try:
        return msgspec.json.decode(value)
    except msgspec.MsgspecError:
        raise Rejected(
            f"{where}: this is not JSON", field=where, words="whatsapp_api.template.json"
        ) from None
