"""What was offered in our name by somebody else (in echoes): choices, forms, products, cards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from jackfield.channel import (
    Carousel,
    CarouselCard,
    ChoiceOffered,
    ChoiceStyle,
    Media,
    MediaSort,
    Option,
    Part,
    Product,
    ProductSection,
)
from jackfield_whatsapp_api.payload import Node, listed, name, node, text

STYLES: Mapping[str, ChoiceStyle] = {
    "button": "buttons",
    "list": "list",
    "cta_url": "link",
    "location_request_message": "location_request",
    "address_message": "address",
    "flow": "form",
    "voice_call": "call",
    "call_permission_request": "call_permission",
    "request_contact_info": "contact_request",
    "contact_request": "contact_request",
}
FILES: Mapping[str, MediaSort] = {"image": "image", "video": "video", "document": "document"}


def offered(kind: str, said: Node) -> Part | None:
    """The offer of this kind; None for a kind that is none."""
    if style := STYLES.get(kind):
        return _choice(style, said)
    read = OTHERS.get(kind)
    return read(said) if read else None


def _choice(style: ChoiceStyle, said: Node) -> ChoiceOffered:
    action = node(said.get("action"))
    parameters = node(action.get("parameters"))
    return ChoiceOffered(
        style=style,
        body=_words(said, "body"),
        header=_words(said, "header"),
        header_media=_file(node(said.get("header"))),
        footer=_words(said, "footer"),
        options=tuple(_options(style, action)),
        button=text(action.get("button")) or _button(style, parameters),
        data=_data(style, parameters),
    )


def _words(said: Node, key: str) -> str:
    return text(node(said.get(key)).get("text"))


def _file(header: Node) -> Media | None:
    sort = FILES.get(name(header.get("type")))
    ref = text(node(header.get(sort)).get("id")) if sort else ""
    return Media(sort=sort, ref=ref) if sort and ref else None


def _options(style: ChoiceStyle, action: Node) -> Iterator[Option]:
    match style:
        case "buttons":
            yield from _buttons(action)
        case "list":
            yield from _rows(action)
        case "link":
            yield _link(action)
        case _:
            return


def _buttons(action: Node) -> Iterator[Option]:
    for button in map(node, listed(action.get("buttons"))):
        reply = node(button.get("reply") or button.get("quick_reply"))
        yield Option(id=text(reply.get("id")), title=text(reply.get("title")))


def _rows(action: Node) -> Iterator[Option]:
    for section in map(node, listed(action.get("sections"))):
        for row in map(node, listed(section.get("rows"))):
            yield Option(
                id=text(row.get("id")),
                title=text(row.get("title")),
                description=text(row.get("description")),
                section=text(section.get("title")),
            )


def _link(action: Node) -> Option:
    link = node(action.get("parameters"))
    return Option(id="", title=text(link.get("display_text")), url=text(link.get("url")))


def _button(style: ChoiceStyle, parameters: Node) -> str:
    match style:
        case "form":
            return text(parameters.get("flow_cta"))
        case "call":
            return text(parameters.get("display_text"))
        case _:
            return ""


def _data(style: ChoiceStyle, parameters: Node) -> dict[str, str]:
    keys: dict[str, str] = {}
    if style == "form":
        keys = {"form": "flow_id", "name": "flow_name", "token": "flow_token"}
    elif style == "address":
        keys = {"country": "country"}
    found = {ours: text(parameters.get(theirs)) for ours, theirs in keys.items()}
    return {key: value for key, value in found.items() if value}


# products


def _product(said: Node) -> Product:
    action = node(said.get("action"))
    return _goods(said, products=(text(action.get("product_retailer_id")),))


def _products(said: Node) -> Product:
    sections = tuple(
        ProductSection(
            title=text(section.get("title")),
            products=tuple(
                text(item.get("product_retailer_id"))
                for item in map(node, listed(section.get("product_items")))
            ),
        )
        for section in map(node, listed(node(said.get("action")).get("sections")))
    )
    return _goods(said, sections=sections)


def _whole(said: Node) -> Product:
    shown = text(node(node(said.get("action")).get("parameters")).get("thumbnail_product_retailer_id"))
    return _goods(said, products=(shown,) if shown else (), whole=True)


def _goods(
    said: Node,
    *,
    products: tuple[str, ...] = (),
    sections: tuple[ProductSection, ...] = (),
    whole: bool = False,
) -> Product:
    return Product(
        catalog=text(node(said.get("action")).get("catalog_id")),
        products=products,
        sections=sections,
        whole=whole,
        body=_words(said, "body"),
        header=_words(said, "header"),
        footer=_words(said, "footer"),
    )


def _carousel(said: Node) -> Carousel:
    cards = [node(card) for card in listed(node(said.get("action")).get("cards"))]
    catalogs = [text(node(card.get("action")).get("catalog_id")) for card in cards]
    return Carousel(
        body=_words(said, "body"),
        cards=tuple(_card(card) for card in cards),
        catalog=next(filter(None, catalogs), ""),
    )


def _card(card: Node) -> CarouselCard:
    action = node(card.get("action"))
    linked = name(action.get("name")) == "cta_url"
    return CarouselCard(
        media=_file(node(card.get("header"))),
        body=_words(card, "body"),
        options=(_link(action),) if linked else tuple(_buttons(action)),
        product=text(action.get("product_retailer_id")),
    )


OTHERS: Mapping[str, Callable[[Node], Part]] = {
    "product": _product,
    "product_list": _products,
    "catalog_message": _whole,
    "carousel": _carousel,
}
