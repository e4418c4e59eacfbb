"""What a channel can carry: a part that is to leave, against the channel's limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from jackfield.channel import (
    Capabilities,
    Carousel,
    CarouselCard,
    ChoiceLimit,
    ChoiceOffered,
    Contacts,
    Level,
    Location,
    Media,
    MediaLimit,
    Option,
    Product,
    Template,
    Text,
)
from jackfield.errors import Invalid
from jackfield.store.rows import FileRow
from jackfield.wire.commands import Sendable

from .policy import at_most

Files = Mapping[str, FileRow]
"""The files of a command by their ref."""

LINK_MAX = 2048  # characters
NO_LIMIT = 4096  # characters: where the channel names no limit


def check_part(part: Sendable, caps: Capabilities, files: Files) -> None:
    """Raise Invalid, naming the limit, if the channel cannot carry this part."""
    match part:
        case Text():
            at_most("text", part.body, caps.text_max)
        case Media():
            _check_media(part, caps, files)
        case Location():
            _need("location", caps.location)
        case Contacts():
            _need("contacts", caps.contacts)
        case Template():
            _need("template", caps.template)
            for media in (part.header_media, *(card.media for card in part.cards)):
                if media is not None:
                    _check_media(media, caps, files)
        case ChoiceOffered():
            _check_choice(part, caps, files)
        case Product():
            _check_products(part, caps)
        case Carousel():
            _check_carousel(part, caps, files)
        case _:
            assert_never(part)


def _need(what: str, level: Level) -> None:
    if level <= Level.DROPPED:
        raise Invalid(f"this channel carries no {what}", code="not_supported", field=what)


def _fits(what: str, value: str, limit: int) -> None:
    """Raise Invalid for a text that is longer than `limit` characters; 0: no limit is named."""
    if limit and len(value) > limit:
        raise Invalid(
            f"{what} has {len(value)} characters, at most {limit} are allowed",
            code="too_long",
            field=what,
            limit=limit,
        )


def _some(what: str, found: int, most: int, least: int = 1) -> None:
    if not least <= found <= most:
        raise Invalid(
            f"{what}: {found}, from {least} to {most} are allowed",
            code="too_many_options",
            field=what,
            limit=most,
        )


# -- files --------------------------------------------------------------------------------------------


def _check_media(media: Media, caps: Capabilities, files: Files) -> None:
    if caps.media_sorts and media.sort not in caps.media_sorts:
        raise Invalid(
            f"this channel carries no {media.sort}",
            code="not_supported",
            field=media.sort,
            allowed=list(caps.media_sorts),
        )
    if media.link:
        _check_link(media, caps)
    else:
        _check_file(media, caps.media, files[media.ref])


def _check_link(media: Media, caps: Capabilities) -> None:
    """The provider fetches it: whether it is there, and what it is, is not known here."""
    _need("links", caps.media_links)
    if media.ref:
        raise Invalid("a file is named by its id or by its address, not by both", field="link")
    if not media.link.startswith("https://") or any(sign.isspace() for sign in media.link):
        raise Invalid("the address of a file begins with https://", code="not_https", field="link")
    _fits("link", media.link, LINK_MAX)


def _check_file(media: Media, limits: Mapping[str, MediaLimit], file: FileRow) -> None:
    limit = media_limit(limits, file.mime)
    if limit is None:
        raise Invalid(
            f"this channel carries no {file.mime or 'file of unknown type'}",
            code="media_type",
            field="media",
            allowed=sorted(limits),
        )
    if limit.max_bytes is not None and (file.size or 0) > limit.max_bytes:
        raise Invalid(
            f"the file has {file.size} bytes, at most {limit.max_bytes} are allowed",
            code="media_size",
            field="media",
            limit=limit.max_bytes,
        )
    if len(media.caption) > limit.caption_max:
        raise Invalid(
            f"the caption has {len(media.caption)} characters, at most {limit.caption_max} are allowed",
            code="too_long",
            field="caption",
            limit=limit.caption_max,
        )


def media_limit(limits: Mapping[str, MediaLimit], mime: str) -> MediaLimit | None:
    """The limit of the narrowest pattern that fits: "image/jpeg" before "image/*" before "*/*"."""
    plain = mime.partition(";")[0].strip().lower()
    for pattern in (plain, f"{plain.partition('/')[0]}/*", "*/*"):
        limit = limits.get(pattern)
        if limit is not None:
            return limit if limit.level > Level.DROPPED else None
    return None


# -- choices ------------------------------------------------------------------------------------------


def _check_choice(part: ChoiceOffered, caps: Capabilities, files: Files) -> None:
    limits = caps.choices
    _need("choices", limits.level)
    if part.style not in limits.styles:
        raise Invalid(
            f"this channel carries no choice of style {part.style}",
            code="not_supported",
            field="style",
            allowed=list(limits.styles),
        )
    if body := (limits.list_body if part.style == "list" else 0) or limits.body:
        at_most("body", part.body, body)
    _fits("header", part.header, limits.header)
    _fits("footer", part.footer, limits.footer)
    if part.header_media is not None:
        if limits.header_media and part.header_media.sort not in limits.header_media:
            raise Invalid(
                f"a header carries no {part.header_media.sort}",
                code="not_supported",
                field="header",
                allowed=list(limits.header_media),
            )
        _check_media(part.header_media, caps, files)
    match part.style:
        case "buttons":
            _some("options", len(part.options), limits.buttons)
            _titles(part.options, limits.button_title)
        case "list":
            _check_list(part, limits)
        case "form" | "call":
            _fits("button", part.button, limits.form_title if part.style == "form" else limits.button_title)
        case "link":
            _some("options", len(part.options), 1)
            _titles(part.options, limits.button_title or NO_LIMIT)
        case _:
            return


def _titles(options: Iterable[Option], limit: int) -> None:
    for option in options:
        at_most("option", option.title, limit)


def _check_list(part: ChoiceOffered, limits: ChoiceLimit) -> None:
    _some("options", len(part.options), limits.rows)
    _titles(part.options, limits.row_title)
    for option in part.options:
        _fits("description", option.description, limits.row_description)
        _fits("section", option.section, limits.section_title)
    if limits.sections:
        _some("sections", len({option.section for option in part.options}), limits.sections)
    _fits("button", part.button, limits.opener)


# -- products and cards -------------------------------------------------------------------------------


def _check_products(part: Product, caps: Capabilities) -> None:
    limits = caps.products
    _need("products", limits.level)
    if part.whole:
        _need("catalogue", limits.level if limits.whole else Level.REJECTED)
    else:
        items = [*part.products, *(product for section in part.sections for product in section.products)]
        _some("products", len(items), limits.items)
    if len(part.sections) > limits.sections:
        _some("sections", len(part.sections), limits.sections)
    for section in part.sections:
        _fits("section", section.title, limits.section_title)
    _fits("body", part.body, limits.body)
    _fits("header", part.header, limits.header)
    _fits("footer", part.footer, limits.footer)


def _check_carousel(part: Carousel, caps: Capabilities, files: Files) -> None:
    limits = caps.carousel
    _need("carousel", limits.level)
    at_most("body", part.body, limits.body or NO_LIMIT)
    _some("cards", len(part.cards), limits.most, limits.least)
    for card in part.cards:
        _check_card(card, caps, files)


def _check_card(card: CarouselCard, caps: Capabilities, files: Files) -> None:
    limits = caps.carousel
    if card.product:
        _need("product cards", limits.level if limits.products else Level.REJECTED)
        return
    _fits("card", card.body, limits.card_body)
    if len(card.options) > limits.buttons:
        _some("buttons", len(card.options), limits.buttons)
    _titles(card.options, limits.button_title or NO_LIMIT)
    if card.media is not None:
        if limits.media and card.media.sort not in limits.media:
            raise Invalid(
                f"a card carries no {card.media.sort}",
                code="not_supported",
                field="card",
                allowed=list(limits.media),
            )
        _check_media(card.media, caps, files)
