"""What a message says: its parts, by its type. Each reader raises Odd for what it cannot read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from jackfield.channel import (
    Card,
    ChoiceMade,
    Contacts,
    Labelled,
    Location,
    Media,
    MediaSort,
    Order,
    OrderItem,
    Part,
    Product,
    System,
    Template,
    Text,
    Unsupported,
)
from jackfield_whatsapp_api.payload import (
    Node,
    Odd,
    decimal,
    is_node,
    listed,
    name,
    need_node,
    need_text,
    node,
    number,
    raw,
    text,
    whole,
)

from .ground import reason
from .interactive import interactive

Read = Callable[[Node], Part]


def parts_of(item: Node) -> tuple[Part, ...]:
    """Never empty and never raises: what cannot be read becomes an opaque bubble with its raw JSON."""
    kind = kind_of_message(item)
    try:
        read = CONTENT.get(kind)
        said = read(item) if read else unsupported(item)
    except Exception as error:  # a bubble that says so is better than a lost message
        return (Unsupported(kind=kind, note=_errors(item) or reason(error), raw=raw(item)),)
    product = _asked_about(item)
    return (said, product) if product else (said,)


def kind_of_message(item: Node) -> str:
    """The type; where it is not said, the one kind of content the message has."""
    if said := name(item.get("type")):
        return said
    present = [kind for kind in CONTENT if item.get(kind) is not None and kind != "unsupported"]
    return present[0] if len(present) == 1 else "unknown"


def words(item: Node) -> Text:
    body = need_node(item, "text").get("body")
    if not isinstance(body, str) or not body:
        raise Odd("text.body is missing or not text")
    return Text(body=body)


def media(item: Node, *, key: str, sort: MediaSort) -> Media:
    file = need_node(item, key)
    return Media(
        sort="voice" if sort == "audio" and file.get("voice") is True else sort,
        ref=need_text(file, "id"),
        mime=text(file.get("mime_type")),
        caption=text(file.get("caption")),
        name=text(file.get("filename")),
        size=whole(file.get("file_size")),
        sha256=text(file.get("sha256")),
    )


def location(item: Node) -> Location:
    place = need_node(item, "location")
    latitude, longitude = number(place.get("latitude")), number(place.get("longitude"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise Odd("location has no latitude and longitude on this globe")
    return Location(
        latitude=latitude,
        longitude=longitude,
        name=text(place.get("name")),
        address=text(place.get("address")),
        url=text(place.get("url")),
    )


def contacts(item: Node) -> Contacts:
    cards = tuple(_card(card) for card in listed(item.get("contacts")))
    if not cards:
        raise Odd("contacts are missing")
    return Contacts(cards=cards)


def _card(value: object) -> Card:
    if not is_node(value):
        raise Odd("a contact card is not an object")
    called, org = node(value.get("name")), node(value.get("org"))
    first_last = " ".join(filter(None, (text(called.get("first_name")), text(called.get("last_name")))))
    return Card(
        name=text(called.get("formatted_name")) or first_last,
        phones=_labelled(value.get("phones"), "phone"),
        emails=_labelled(value.get("emails"), "email"),
        urls=_labelled(value.get("urls"), "url"),
        addresses=_labelled(value.get("addresses"), "street", "city", "state", "zip", "country"),
        organisation=", ".join(filter(None, (text(org.get("company")), text(org.get("department"))))),
        title=text(org.get("title")),
        birthday=text(value.get("birthday")),
    )


def _labelled(value: object, *keys: str) -> tuple[Labelled, ...]:
    return tuple(
        Labelled(
            value=", ".join(filter(None, (text(line.get(key)) for key in keys))),
            label=text(line.get("type")),
            address=text(line.get("wa_id")) or text(line.get("user_id")),
        )
        for line in map(node, listed(value))
    )


def button(item: Node) -> ChoiceMade:
    pressed = need_node(item, "button")
    payload = text(pressed.get("payload"))
    title = text(pressed.get("text")) or payload
    if not title:
        raise Odd("button has neither text nor payload")
    return ChoiceMade(source="template", title=title, id=payload)


def order(item: Node) -> Order:
    basket = need_node(item, "order")
    return Order(
        catalog=text(basket.get("catalog_id")),
        items=tuple(_order_item(line) for line in listed(basket.get("product_items"))),
        note=text(basket.get("text")),
    )


def _order_item(value: object) -> OrderItem:
    line = node(value)
    quantity = whole(line.get("quantity"))
    if quantity is None:
        raise Odd("an ordered item has no quantity")
    return OrderItem(
        product=need_text(line, "product_retailer_id"),
        quantity=quantity,
        price=decimal(line.get("item_price")),
        currency=text(line.get("currency")),
    )


def template(item: Node) -> Template:
    """Only in echoes: what the business sent from elsewhere."""
    sent = need_node(item, "template")
    return Template(name=need_text(sent, "name"), language=text(node(sent.get("language")).get("code")))


def request_welcome(item: Node) -> System:
    return System(code="request_welcome", text=text(node(item.get("request_welcome")).get("text")))


def media_placeholder(item: Node) -> Unsupported:
    """History says that there was a file; the file itself follows, if it is younger than two weeks."""
    return Unsupported(kind="media_placeholder", note="The file has not been handed over yet.", raw=raw(item))


def unsupported(item: Node) -> Unsupported:
    kind = kind_of_message(item)
    said = name(node(item.get("unsupported")).get("type"))
    return Unsupported(kind=said or kind, note=_errors(item), raw=raw(item))


def _errors(item: Node) -> str:
    """What the provider says went wrong, in its words."""
    for error in map(node, listed(item.get("errors"))):
        details = text(node(error.get("error_data")).get("details")) or text(error.get("details"))
        if said := details or text(error.get("message")) or text(error.get("title")):
            return said
    return ""


def _asked_about(item: Node) -> Product | None:
    """The product a message is an enquiry about."""
    product = node(node(item.get("context")).get("referred_product"))
    wanted = text(product.get("product_retailer_id"))
    return Product(catalog=text(product.get("catalog_id")), products=(wanted,)) if wanted else None


CONTENT: Mapping[str, Read] = {
    "text": words,
    "image": partial(media, key="image", sort="image"),
    "video": partial(media, key="video", sort="video"),
    "audio": partial(media, key="audio", sort="audio"),
    "voice": partial(media, key="voice", sort="voice"),
    "document": partial(media, key="document", sort="document"),
    "sticker": partial(media, key="sticker", sort="sticker"),
    "location": location,
    "contacts": contacts,
    "interactive": interactive,
    "button": button,
    "order": order,
    "template": template,
    "request_welcome": request_welcome,
    "media_placeholder": media_placeholder,
    "unsupported": unsupported,
}
