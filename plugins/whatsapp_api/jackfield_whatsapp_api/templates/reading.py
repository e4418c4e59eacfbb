"""What the provider says of a template, as a record. Pure, and never raises for odd things in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from jackfield.channel import (
    ButtonForm,
    HeaderForm,
    TemplateButton,
    TemplateCard,
    TemplateDesign,
    TemplateHeader,
    TemplateRecord,
)
from jackfield_whatsapp_api.payload import Node, is_list, is_node, listed, name, node, text, when, whole

from .checking import problems
from .words import (
    BUTTONS,
    EXTRAS,
    FLAGS,
    HEADERS,
    JSON_MARK,
    OTP_TYPE,
    PLACE,
    QUALITY,
    STRUCTURED,
    VALUES,
    category,
    standing,
)

HEADER_FORMS: Mapping[str, HeaderForm] = {word: form for form, word in HEADERS.items()}
BUTTON_FORMS: Mapping[str, ButtonForm] = {word: form for form, word in BUTTONS.items()}
KNOWN = frozenset(
    {"HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "CALL_PERMISSION_REQUEST"}
)
OTP_ADDRESS = "https://www.whatsapp.com/otp/"  # as which the provider lists the button of a code
SINCE_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def record(said: Node) -> TemplateRecord | None:
    """One of GET /{waba}/message_templates; None where it has no id, name or language."""
    found, number = design(said), text(said.get("id"))
    if not number or not found.name or not found.language:
        return None
    stands = standing(name(said.get("status")))
    reason = text(said.get("rejected_reason"))
    quality = node(said.get("quality_score"))
    since = when(said.get("last_updated_time"), SINCE_NEVER)
    return TemplateRecord(
        id=number,
        design=found,
        standing=stands,
        word=name(said.get("status")).lower(),
        reason="" if reason == "NONE" else reason,
        quality=QUALITY.get(name(quality.get("score")).upper(), ""),
        next_category=name(said.get("correct_category")).lower(),
        changed_at=None if since == SINCE_NEVER else since,
        problems=problems(stands),
    )


def design(said: Node) -> TemplateDesign:
    """A template's name, language, category and components, as listed or as they were handed over."""
    parts = {name(part.get("type")).upper(): part for part in map(node, listed(said.get("components")))}
    header, body = parts.get("HEADER", node(None)), parts.get("BODY", node(None))
    footer, offer = parts.get("FOOTER", node(None)), parts.get("LIMITED_TIME_OFFER", node(None))
    buttons = _nodes(parts.get("BUTTONS", node(None)).get("buttons"))
    cards = _nodes(parts.get("CAROUSEL", node(None)).get("cards"))
    texts = (text(header.get("text")), text(body.get("text")))
    return TemplateDesign(
        name=text(said.get("name")),
        language=text(said.get("language")),
        category=category(name(said.get("category"))),
        places=_places_are(name(said.get("parameter_format")), texts),
        header=_header(header),
        body=text(body.get("text")),
        footer=text(footer.get("text")),
        limited=text(node(offer.get("limited_time_offer")).get("text")),
        buttons=tuple(map(_button, buttons)),
        cards=tuple(map(_card, cards)),
        examples=dict(_examples(header, body, buttons, cards)),
        ttl=whole(said.get("message_send_ttl_seconds")),
        data=dict(_data(said, parts)),
    )


def example_file(said: Node, place: str) -> str:
    """Where the example in a header can be fetched: `place` is "header" or "card.<n>"; "": nowhere."""
    components = _nodes(said.get("components"))
    kind, _, index = place.partition(".")
    if kind == "card":
        cards = [card for part in components for card in _nodes(part.get("cards"))]
        components = _nodes(cards[int(index)].get("components")) if int(index) < len(cards) else []
    header = next((part for part in components if name(part.get("type")).upper() == "HEADER"), node(None))
    return next(map(text, listed(node(header.get("example")).get("header_handle"))), "")


def _nodes(value: object) -> list[Node]:
    return [item for item in listed(value) if is_node(item)]


def _places_are(said: str, texts: Sequence[str]) -> Literal["numbered", "named"]:
    if said:
        return "named" if said.upper() == "NAMED" else "numbered"
    blanks = [place for words in texts for place in PLACE.findall(words)]
    return "named" if blanks and not any(place.isdecimal() for place in blanks) else "numbered"


def _header(said: Node) -> TemplateHeader:
    if not said:
        return TemplateHeader()
    form = HEADER_FORMS.get(name(said.get("format")).upper() or "TEXT", "other")
    return TemplateHeader(form=form, text=text(said.get("text")))


def _card(said: Node) -> TemplateCard:
    inner = design({"components": said.get("components")})
    return TemplateCard(header=inner.header, body=inner.body, buttons=inner.buttons)


def _button(said: Node) -> TemplateButton:
    word = name(said.get("type")).upper()
    form = BUTTON_FORMS.get(word, "other")
    if form == "url" and text(said.get("url")).startswith(OTP_ADDRESS):
        otp = _otp_of(text(said.get("url")))
        return TemplateButton(form="otp", title=text(said.get("text")), data={OTP_TYPE: otp.lower()})
    if form == "other":
        return TemplateButton(form=form, title=text(said.get("text")), value=word, data={"raw": _json(said)})
    value = VALUES.get(form, "")
    rest = {key: item for key, item in said.items() if key not in ("type", "text", "example", value)}
    return TemplateButton(
        form=form,
        title=text(said.get("text")),
        value=text(said.get(value)) if value else "",
        data=dict(_flat(key, item) for key, item in rest.items() if item is not None),
    )


def _otp_of(url: str) -> str:
    for pair in url.partition("?")[2].split("&"):
        key, _, value = pair.partition("=")
        if key == "otp_type":
            return value
    return "COPY_CODE"


def _flat(key: str, value: object) -> tuple[str, str]:
    """A string as it is; anything else as its JSON, of which true and false are the same in both."""
    if isinstance(value, str):
        return key, value.lower() if key == OTP_TYPE else value
    return key if key in FLAGS | STRUCTURED else key + JSON_MARK, _json(value)


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


def _examples(
    header: Node, body: Node, buttons: Sequence[Node], cards: Sequence[Node]
) -> Iterator[tuple[str, str]]:
    """Every place that wants a value, with the example given when the template was made."""
    yield from _in_text("header", header)
    yield from _in_text("body", body)
    for index, button in enumerate(buttons):
        address = text(button.get("url"))
        if ("{{" in address and not address.startswith(OTP_ADDRESS)) or name(
            button.get("type")
        ).upper() == "COPY_CODE":
            yield f"button.{index}", next(map(text, listed(button.get("example"))), "")
    for index, card in enumerate(cards):
        for place, example in design({"components": card.get("components")}).examples.items():
            yield f"card.{index}.{place}", example


def _in_text(where: str, part: Node) -> Iterator[tuple[str, str]]:
    example = node(part.get("example"))
    if named := listed(example.get(f"{where}_text_named_params")):
        given = {text(item.get("param_name")): text(item.get("example")) for item in map(node, named)}
    else:
        values = listed(example.get(f"{where}_text"))
        if values and is_list(values[0]):
            values = values[0]
        given = {str(place): text(value) for place, value in enumerate(values, start=1)}
    for place in dict.fromkeys(PLACE.findall(text(part.get("text")))):
        yield f"{where}.{place}", given.get(place, "")


def _data(said: Node, parts: Mapping[str, Node]) -> Iterator[tuple[str, str]]:
    """What the provider wants beside texts and buttons."""
    for key in EXTRAS:
        if (value := said.get(key)) is not None:
            yield _flat(key, value)
    body, footer = parts.get("BODY", node(None)), parts.get("FOOTER", node(None))
    if (recommended := body.get("add_security_recommendation")) is not None:
        yield "add_security_recommendation", _json(recommended)
    if minutes := text(footer.get("code_expiration_minutes")):
        yield "code_expiration_minutes", minutes
    offer = node(parts.get("LIMITED_TIME_OFFER", node(None)).get("limited_time_offer"))
    if (expires := offer.get("has_expiration")) is not None:
        yield "has_expiration", _json(expires)
    if "CALL_PERMISSION_REQUEST" in parts:
        yield "call_permission_request", "true"
    header = parts.get("HEADER", node(None))
    if header and _header(header).form == "other":
        yield "header", _json(header)
    for word in parts.keys() - KNOWN:
        yield f"component.{word}", _json(parts[word])
