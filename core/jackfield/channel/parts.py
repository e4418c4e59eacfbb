"""Parts: what a message is made of. A closed, tagged union."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Raw, field

from ._base import Wire

MediaSort = Literal["image", "video", "gif", "round", "audio", "voice", "document", "sticker"]


class Text(Wire, frozen=True, kw_only=True, tag="text"):
    """Plain text. WhatsApp marks (*b* _i_ ~s~ `code`) stay in the text; the page draws them."""

    body: str


class Media(Wire, frozen=True, kw_only=True, tag="media"):
    """One file. Inbound, `ref` is the plugin's own word for it, fetched later through HasMedia;
    outbound, it is the id of a file in Jackfield's store, read through Port.media."""

    sort: MediaSort
    ref: str
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


class ChoiceOffered(Wire, frozen=True, kw_only=True, tag="choice_offered"):
    """Buttons, a list, a link, or a question for a place or an address."""

    style: Literal["buttons", "list", "link", "location_request", "address", "form", "call"]
    body: str
    options: tuple[Option, ...] = ()
    header: str = ""
    header_media: Media | None = None
    footer: str = ""
    button: str = ""  # what opens the list
    data: Mapping[str, str] = {}  # what else the provider wants (form id, token …)


class ChoiceMade(Wire, frozen=True, kw_only=True, tag="choice_made"):
    """The person pressed something. `source` says of what: a template's button has only a title."""

    source: Literal["buttons", "list", "template", "permission", "other"]
    title: str
    id: str = ""
    description: str = ""


class Template(Wire, frozen=True, kw_only=True, tag="template"):
    """A message approved beforehand, with the text as the person sees it."""

    name: str
    language: str
    category: str = ""
    header: str = ""
    header_media: Media | None = None
    body: str = ""
    footer: str = ""
    buttons: tuple[Option, ...] = ()
    parameters: Mapping[str, str] = {}  # by place: "body.1", "body.name", "header.1", "button.0"


class Product(Wire, frozen=True, kw_only=True, tag="product"):
    """One product or several from a catalogue, offered or asked about."""

    catalog: str
    products: tuple[str, ...] = ()
    body: str = ""
    header: str = ""
    footer: str = ""


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
    | Order
    | FormReply
    | Poll
    | Call
    | System
    | Unsupported
)
