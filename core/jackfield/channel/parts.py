"""Parts: what a message is made of. A closed, tagged union."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from msgspec import UNSET, Raw, UnsetType, field

from ._base import Wire

MediaSort = Literal["image", "video", "gif", "round", "audio", "voice", "document", "sticker"]


class Text(Wire, frozen=True, kw_only=True, tag="text"):
    """Plain text. WhatsApp marks (*b* _i_ ~s~ `code`) stay in the text; the page draws them."""

    body: str
    preview: bool | UnsetType = UNSET  # of a link in it; UNSET: where there is one


class Media(Wire, frozen=True, kw_only=True, tag="media"):
    """One file. Inbound, `ref` is the plugin's own word for it, fetched later through HasMedia;
    outbound, it is the id of a file in Jackfield's store, read through Port.media.

    Outbound, `link` may stand for the file, with an empty `ref`: a public https address that the provider
    fetches from. Jackfield itself never does.
    """

    sort: MediaSort
    ref: str
    link: str = ""
    mime: str = ""
    caption: str = ""
    name: str = ""
    size: int | None = None  # bytes
    sha256: str = ""  # base64, as the provider said it
    width: int | None = None  # pixels
    height: int | None = None
    duration: float | None = None  # seconds
    view_once: bool = False


class Location(Wire, frozen=True, kw_only=True, tag="location"):
    latitude: float  # degrees, WGS 84
    longitude: float
    name: str = ""
    address: str = ""
    url: str = ""
    live_until: datetime | None = None  # set: the person shares it while moving


class Labelled(Wire, frozen=True, kw_only=True, tag="labelled"):
    """A value of a contact card with what it is for: a phone and "WORK"."""

    value: str
    label: str = ""
    address: str = ""  # phones: the person's own id on this network, where the card says it


class Card(Wire, frozen=True, kw_only=True, tag="card"):
    """One contact card."""

    name: str
    phones: tuple[Labelled, ...] = ()
    emails: tuple[Labelled, ...] = ()
    urls: tuple[Labelled, ...] = ()
    addresses: tuple[Labelled, ...] = ()
    organisation: str = ""
    title: str = ""
    birthday: str = ""


class Contacts(Wire, frozen=True, kw_only=True, tag="contacts"):
    cards: tuple[Card, ...]


class Option(Wire, frozen=True, kw_only=True, tag="option"):
    """One thing that can be chosen. `url` or `phone` set: it opens instead of answering."""

    id: str
    title: str
    description: str = ""
    section: str = ""
    url: str = ""
    phone: str = ""


ChoiceStyle = Literal[
    "buttons",
    "list",
    "link",
    "location_request",
    "address",
    "form",
    "call",
    "call_permission",  # may we call?
    "contact_request",  # what is your number?
]


class ChoiceOffered(Wire, frozen=True, kw_only=True, tag="choice_offered"):
    """Buttons, a list, a link, a form, or a question for a place, an address, a number, a call.

    `data`, by style:
      form       form (its id) or name · token · screen · values (JSON object) · action "exchange": the
                 form asks our server for its first screen · mode "draft": not published yet
      address    country (ISO 3166) · value.<field>, error.<field>: what is filled in already, what of
                 it is wrong · saved (JSON list of {"id", "value": {field: …}})
      call       minutes: how long the button works · payload: comes back with the call
    """

    style: ChoiceStyle
    body: str
    options: tuple[Option, ...] = ()
    header: str = ""
    header_media: Media | None = None
    footer: str = ""
    button: str = ""  # what opens the list, the form, the call
    data: Mapping[str, str] = {}


class ChoiceMade(Wire, frozen=True, kw_only=True, tag="choice_made"):
    """The person pressed something. `source` says of what: a template's button has only a title."""

    source: Literal["buttons", "list", "template", "permission", "other"]
    title: str
    id: str = ""
    description: str = ""


class CarouselCard(Wire, frozen=True, kw_only=True, tag="carousel_card"):
    """One card: a picture or film with words and buttons, or one product of the carousel's catalogue."""

    media: Media | None = None
    body: str = ""
    options: tuple[Option, ...] = ()
    product: str = ""


class Carousel(Wire, frozen=True, kw_only=True, tag="carousel"):
    """Cards side by side."""

    body: str
    cards: tuple[CarouselCard, ...]
    catalog: str = ""


class ProductSection(Wire, frozen=True, kw_only=True, tag="product_section"):
    title: str
    products: tuple[str, ...]


class Product(Wire, frozen=True, kw_only=True, tag="product"):
    """One product or several from a catalogue, offered or asked about.

    `sections`: several, under headings. `whole`: all of the catalogue; the first product, if there is
    one, is on its picture.
    """

    catalog: str
    products: tuple[str, ...] = ()
    sections: tuple[ProductSection, ...] = ()
    whole: bool = False
    body: str = ""
    header: str = ""
    footer: str = ""


class Money(Wire, frozen=True, kw_only=True, tag="money"):
    amount: str  # decimal
    currency: str  # ISO 4217


class Moment(Wire, frozen=True, kw_only=True, tag="moment"):
    at: datetime


class Template(Wire, frozen=True, kw_only=True, tag="template"):
    """A message approved beforehand, with the text as the person sees it.

    `parameters`, by place: "header.1", "body.1", "body.name", "button.0" (the end of an address, the
    code, the payload, the token), "card.0.body.1", "card.0.button.1", "deadline" (ISO 8601: the end of a
    limited offer). What else a button takes is behind its name: "button.0.values" of a form (JSON
    object), "button.0.minutes" of a call. `exact`: what a parameter of header or body stands for, so that
    the person's app may write it in its own way.
    """

    name: str
    language: str
    category: str = ""
    header: str = ""
    header_media: Media | None = None
    header_wants: Literal["", "location", "product"] = ""  # its header is one of these
    header_location: Location | None = None
    body: str = ""
    footer: str = ""
    limited: str = ""  # the line of a limited offer
    buttons: tuple[Option, ...] = ()
    cards: tuple[CarouselCard, ...] = ()
    offer: Product | None = None  # what its header, its cards or a button show of a catalogue
    parameters: Mapping[str, str] = {}
    exact: Mapping[str, Money | Moment] = {}


class OrderItem(Wire, frozen=True, kw_only=True, tag="order_item"):
    product: str
    quantity: int
    price: str = ""  # decimal, as the provider said it
    currency: str = ""  # ISO 4217


class Order(Wire, frozen=True, kw_only=True, tag="order"):
    catalog: str
    items: tuple[OrderItem, ...]
    note: str = ""


class FormReply(Wire, frozen=True, kw_only=True, tag="form_reply"):
    """A filled form. `fields` in the order of the form; nested values stay JSON text."""

    name: str
    body: str = ""
    fields: Mapping[str, str] = {}


class Poll(Wire, frozen=True, kw_only=True, tag="poll"):
    question: str
    options: tuple[str, ...]
    most: int = 1  # how many one may choose; 0 is any number


class Call(Wire, frozen=True, kw_only=True, tag="call"):
    id: str
    outcome: Literal["ringing", "answered", "missed", "rejected", "failed", "ended"]
    video: bool = False
    duration: float | None = None  # seconds


class System(Wire, frozen=True, kw_only=True, tag="system"):
    """Something that happened to the conversation. `code` picks the words in the catalogue
    ("system.<code>"); `text` is the provider's own sentence, shown where no words are known."""

    code: str
    text: str = ""
    data: Mapping[str, str] = {}


class Unsupported(Wire, frozen=True, kw_only=True, tag="unsupported"):
    """Something we cannot show yet: an opaque bubble with "view raw", never nothing."""

    kind: str
    note: str = ""
    raw: Raw = field(default_factory=lambda: Raw(b"null"))


Part = (
    Text
    | Media
    | Location
    | Contacts
    | ChoiceOffered
    | ChoiceMade
    | Template
    | Product
    | Carousel
    | Order
    | FormReply
    | Poll
    | Call
    | System
    | Unsupported
)


def files_in(part: Part) -> tuple[Media, ...]:
    """The files of a part that lie with us or the plugin: its own, its header's, its cards'."""
    return tuple(media for media in _media_in(part) if media.ref)


def links_in(part: Part) -> tuple[Media, ...]:
    """The files of a part that the provider is to fetch by an address."""
    return tuple(media for media in _media_in(part) if media.link)


def _media_in(part: Part) -> Iterator[Media]:
    match part:
        case Media():
            yield part
        case ChoiceOffered(header_media=media):
            yield from () if media is None else (media,)
        case Template(header_media=media, cards=cards):
            yield from () if media is None else (media,)
            yield from (card.media for card in cards if card.media)
        case Carousel(cards=cards):
            yield from (card.media for card in cards if card.media)
        case _:
            return
