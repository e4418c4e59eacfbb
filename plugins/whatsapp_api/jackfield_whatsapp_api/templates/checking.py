"""What the provider would refuse, found before it is asked. Pure: every refusal names its value and limit.

Sources: Meta's pages on template components, template management, time to live and carousel templates.
What its reviewers decide (words, ratio of blanks to words) is left to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NoReturn

from jackfield.channel import (
    ButtonForm,
    Rejected,
    TemplateButton,
    TemplateDesign,
    TemplateRules,
    TemplateStanding,
)
from jackfield_whatsapp_api import limits

from .words import LANGUAGES, PLACE

NAME, HEADER, BODY, FOOTER, LIMITED = 512, limits.SMALL, limits.BODY, limits.SMALL, 16  # characters
BUTTONS, TITLE, ADDRESS, NUMBER, CODE = 10, 25, 2000, 20, 20
FEWEST_CARDS, CARDS, CARD_BODY, CARD_BUTTONS = 2, 10, 160, 2
MINUTES = (1, 90)  # a code is good for
HOUR, DAY = 3600, 86_400
TTL: Mapping[str, tuple[int, int]] = {
    "authentication": (30, 900),
    "utility": (30, 12 * HOUR),
    "marketing": (12 * HOUR, 30 * DAY),
}
MOST: Mapping[ButtonForm, int] = {
    "reply": 10,
    "url": 2,
    "phone": 1,
    "copy_code": 1,
    "flow": 1,
    "otp": 1,
    "catalog": 1,
    "product": 1,
    "products": 1,
    "call": 1,
    "contact_request": 1,
}
UNTITLED: frozenset[ButtonForm] = frozenset({"copy_code", "otp", "contact_request", "other"})
ALONE: frozenset[ButtonForm] = frozenset({"otp", "catalog", "product", "products"})
VALUED: Mapping[ButtonForm, int] = {"url": ADDRESS, "phone": NUMBER}
OTP_TYPES = frozenset({"copy_code", "one_tap", "zero_tap"})

RULES = TemplateRules(
    name=NAME,
    header=HEADER,
    body=BODY,
    footer=FOOTER,
    buttons=BUTTONS,
    button_title=TITLE,
    forms={str(form): most for form, most in MOST.items()},
    header_files={
        "image": ("image/jpeg", "image/png"),
        "video": ("video/mp4",),
        "document": ("application/pdf",),
    },
    languages=LANGUAGES,
    cards=CARDS,
    card_body=CARD_BODY,
    limited=LIMITED,
    ttl=TTL,
)

EDITABLE: frozenset[TemplateStanding] = frozenset({"approved", "rejected", "paused"})
UNSENDABLE: frozenset[TemplateStanding] = frozenset(
    {
        "draft",
        "pending",
        "rejected",
        "paused",
        "disabled",
        "in_appeal",
        "pending_deletion",
        "deleted",
        "archived",
    }
)
PROBLEMS: Mapping[str, str] = {
    "edit": "whatsapp_api.template.not_editable",
    "delete": "whatsapp_api.template.not_deletable",
    "send": "whatsapp_api.template.not_sendable",
}


def problems(standing: TemplateStanding) -> Mapping[str, str]:
    """What may not be done with a template that stands so, to the key of the reason."""
    found: dict[str, str] = {}
    if standing not in EDITABLE:
        found["edit"] = PROBLEMS["edit"]
    if standing in ("disabled", "deleted", "pending_deletion"):
        found["delete"] = PROBLEMS["delete"]
    if standing in UNSENDABLE:
        found["send"] = PROBLEMS["send"]
    return found


def check(design: TemplateDesign) -> None:
    """Raises Rejected for the first thing that is wrong with a design, by its field."""
    if not re.fullmatch(r"[a-z0-9_]+", design.name):
        _wrong("name", "not_name", "a name is made of a-z, 0-9 and _")
    _at_most("name", design.name, NAME)
    if design.language not in LANGUAGES:
        _wrong("language", "language", f"{design.language!r} is no language of templates")
    _ttl(design)
    if design.category == "authentication":
        _code(design)
        return
    _texts(design)
    _buttons("buttons", "button", design.buttons, design, most=BUTTONS)
    _cards(design)


def _texts(design: TemplateDesign) -> None:
    header = design.header
    if header.form == "text":
        _text(design, "header", header.text, field="header.text", limit=HEADER)
        if len(set(PLACE.findall(header.text))) > 1:
            _wrong("header.text", "one_place", "a header has one blank at most", limit=1)
        if "\n" in header.text:
            _wrong("header.text", "one_line", "a header is one line")
    _text(design, "body", design.body, field="body", limit=BODY)
    _edges("body", design.body)
    _at_most("footer", design.footer, FOOTER)
    if PLACE.search(design.footer):
        _wrong("footer", "no_places", "a footer has no blanks")
    if design.limited:
        _at_most("limited", design.limited, LIMITED)
        if design.category != "marketing":
            _wrong("limited", "marketing_only", "a limited offer is marketing")
        if design.footer:
            _wrong("footer", "limited_footer", "a limited offer has no footer")


def _text(design: TemplateDesign, where: str, words: str, *, field: str, limit: int, at: str = "") -> None:
    """Not empty, not too long; its blanks are of one kind, in order, and each has its example."""
    if not words.strip():
        _wrong(field, "empty", f"{field} is empty")
    _at_most(field, words, limit)
    places = list(dict.fromkeys(PLACE.findall(words)))
    numbered = [place for place in places if place.isdecimal()]
    if design.places == "numbered" and sorted(places) != sorted(str(n + 1) for n in range(len(places))):
        _wrong(field, "numbered", "blanks are numbered from 1 on, and none is left out")
    if design.places == "named" and (
        numbered or not all(re.fullmatch(r"[a-z0-9_]+", place) for place in places)
    ):
        _wrong(field, "named", "the name of a blank is made of a-z, 0-9 and _, and is no number")
    for place in places:
        if not design.examples.get(f"{at}{where}.{place}", "").strip():
            _wrong(f"examples.{at}{where}.{place}", "example", f"the blank {place} of {field} has no example")


def _edges(field: str, words: str) -> None:
    """Blanks stand between words: not at either end, not side by side."""
    plain = PLACE.sub("\0", words).strip(" \n\t.,!?;:")
    if plain.startswith("\0") or plain.endswith("\0"):
        _wrong(field, "edge", "a body neither begins nor ends with a blank")
    if re.search(r"\0\s*\0", plain):
        _wrong(field, "side_by_side", "two blanks stand side by side")


def _buttons(
    field: str, at: str, buttons: Sequence[TemplateButton], design: TemplateDesign, *, most: int
) -> None:
    if len(buttons) > most:
        _wrong(field, "too_many", f"{len(buttons)} buttons, at most {most}", limit=most)
    forms = [button.form for button in buttons]
    for form, limit in MOST.items():
        if forms.count(form) > limit:
            _wrong(
                field, "too_many_of", f"{forms.count(form)} buttons of one kind, at most {limit}", limit=limit
            )
    if len(buttons) > 1 and (alone := ALONE.intersection(forms)):
        _wrong(f"{field}.{forms.index(min(alone))}", "alone", "this kind of button stands alone")
    groups = [answers for answers, _ in groupby(form == "reply" for form in forms)]
    if len(groups) > 2:  # answers, and the others
        _wrong(field, "grouped", "buttons that answer stand together")
    for index, button in enumerate(buttons):
        _button(f"{field}.{index}", f"{at}.{index}", button, design)


def _button(field: str, place: str, button: TemplateButton, design: TemplateDesign) -> None:
    if button.form == "other":
        return
    if not button.title.strip() and button.form not in UNTITLED:
        _wrong(f"{field}.title", "empty", "a button has words")
    if PLACE.search(button.title):
        _wrong(f"{field}.title", "no_places", "the words of a button have no blanks")
    _at_most(f"{field}.title", button.title, TITLE)
    if limit := VALUED.get(button.form):
        if not button.value.strip():
            _wrong(f"{field}.value", "empty", f"{field}.value is empty")
        _at_most(f"{field}.value", button.value, limit)
    if special := SPECIAL.get(button.form):
        special(field, place, button, design)


def _address(field: str, place: str, button: TemplateButton, design: TemplateDesign) -> None:
    """One blank at most, at the end."""
    if not button.value.startswith(("https://", "http://")):
        _wrong(f"{field}.value", "url", "an address begins with https://")
    blanks = list(PLACE.finditer(button.value))
    if len(blanks) > 1 or (blanks and blanks[0].end() != len(button.value)):
        _wrong(f"{field}.value", "url_place", "an address has one blank at most, at its end", limit=1)
    if blanks and not design.examples.get(place):
        _wrong(f"examples.{place}", "example", "the blank of the address has no example")


def _phone(field: str, _place: str, button: TemplateButton, _design: TemplateDesign) -> None:
    if not re.fullmatch(r"\+?[0-9]{5,}", button.value):
        _wrong(f"{field}.value", "phone", "a phone number has its country and digits only")


def _coupon(_field: str, place: str, button: TemplateButton, design: TemplateDesign) -> None:
    code = design.examples.get(place, "") or button.value
    if not code:
        _wrong(f"examples.{place}", "example", "the code has no example")
    _at_most(f"examples.{place}", code, CODE)


def _form(field: str, _place: str, button: TemplateButton, _design: TemplateDesign) -> None:
    if not (button.value or button.data.get("flow_name") or button.data.get("flow_json")):
        _wrong(f"{field}.value", "empty", "a form is named by its id or name")


def _not_here(field: str, _place: str, _button: TemplateButton, _design: TemplateDesign) -> None:
    _wrong(field, "code_only", "such a button is for codes")


SPECIAL: Mapping[ButtonForm, Callable[[str, str, TemplateButton, TemplateDesign], None]] = {
    "url": _address,
    "phone": _phone,
    "copy_code": _coupon,
    "flow": _form,
    "otp": _not_here,
}


def _cards(design: TemplateDesign) -> None:
    cards = design.cards
    if not cards:
        return
    if not FEWEST_CARDS <= len(cards) <= CARDS:
        _wrong("cards", "cards", f"{len(cards)} cards, from {FEWEST_CARDS} to {CARDS}", limit=CARDS)
    if design.header.form != "none" or design.footer or design.buttons:
        _wrong("cards", "cards_alone", "with cards there is a body, and nothing else")
    for index, card in enumerate(cards):
        at = f"cards.{index}"
        if card.header.form not in ("image", "video", "product"):
            _wrong(f"{at}.header", "card_header", "a card shows a picture, a video or a product")
        if card.body:
            _text(design, "body", card.body, field=f"{at}.body", limit=CARD_BODY, at=f"card.{index}.")
        _buttons(f"{at}.buttons", f"card.{index}.button", card.buttons, design, most=CARD_BUTTONS)
    shapes = [
        (card.header.form, bool(card.body), tuple(button.form for button in card.buttons)) for card in cards
    ]
    for index, (one, other) in enumerate(pairwise(shapes), start=1):
        if one != other:
            _wrong(f"cards.{index}", "cards_alike", "all cards are made alike")


def _code(design: TemplateDesign) -> None:
    """A template for codes: its words are the provider's own, and one button gives the code."""
    for field in _not_for_codes(design):
        _wrong(field, "code_words", "the words of a code are the provider's own")
    if [button.form for button in design.buttons] != ["otp"]:
        _wrong("buttons", "otp", "a code has one button, of the kind otp")
    (button,) = design.buttons
    _at_most("buttons.0.title", button.title, TITLE)
    if button.data.get("otp_type") not in OTP_TYPES:
        _wrong("buttons.0.data.otp_type", "otp_type", f"one of {', '.join(sorted(OTP_TYPES))}")
    minutes = design.data.get("code_expiration_minutes", "1")
    if not minutes.isdecimal() or not MINUTES[0] <= int(minutes) <= MINUTES[1]:
        _wrong("data.code_expiration_minutes", "minutes", "from 1 to 90 minutes", limit=MINUTES[1])


def _not_for_codes(design: TemplateDesign) -> Iterator[str]:
    """Fields that a code does not have. `body` is not among them: the provider lists its own words there."""
    if design.header.form != "none":
        yield "header"
    if design.limited:
        yield "limited"
    if design.cards:
        yield "cards"


def _ttl(design: TemplateDesign) -> None:
    least, most = TTL[design.category]
    if design.ttl is not None and not least <= design.ttl <= most:
        _wrong("ttl", "ttl", f"from {least} to {most} seconds", limit=most)


def _at_most(field: str, value: str, limit: int) -> None:
    if len(value) > limit:
        _wrong(field, "too_long", f"{len(value)} characters, at most {limit} are allowed", limit=limit)


def _wrong(field: str, words: str, detail: str, *, limit: int | None = None) -> NoReturn:
    raise Rejected(f"{field}: {detail}", field=field, words=f"whatsapp_api.template.{words}", limit=limit)
