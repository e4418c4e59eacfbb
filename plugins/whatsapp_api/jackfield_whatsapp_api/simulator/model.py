"""What the simulator keeps: accounts, numbers, customers, what was said, media, templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from .enrolment import Enrolment
from .kit import Catalogue, Kit

Json = dict[str, Any]
Side = Literal["business", "customer"]
Status = Literal["accepted", "sent", "delivered", "read", "failed"]


class Callback(Struct, frozen=True, kw_only=True):
    """Where webhooks go, and the word by which the receiver knows that it is asked by us."""

    url: str
    verify_token: str = ""


class Account(Struct, kw_only=True):
    """A WhatsApp Business Account (WABA) of one business portfolio, and the token that opens it."""

    id: str
    business_id: str
    name: str
    token: str
    subscribed: bool = True
    callback: Callback | None = None  # set: instead of the app's own
    currency: str = "USD"
    catalogue: Catalogue | None = None
    insights: bool = False  # it agreed to have its templates counted
    withheld: tuple[str, ...] = ()  # permissions that its token lacks


class Number(Struct, kw_only=True):
    """A business phone number. `phone` is digits without the plus."""

    id: str
    account: str
    phone: str
    display: str
    verified_name: str
    enrolment: Enrolment = field(default_factory=Enrolment)
    quality: str = "GREEN"
    limit: str = "TIER_2K"
    throughput: str = "STANDARD"  # or HIGH
    upgrading_until: datetime | None = None  # until then nothing can be sent: 131057
    callback: Callback | None = None  # set: instead of the account's and the app's
    profile: Json = field(default_factory=dict[str, Any])
    blocked: set[str] = field(default_factory=set[str])
    kit: Kit = field(default_factory=Kit)

    def view(self) -> Json:
        """As `GET /{phone_number_id}` shows it."""
        return {
            "id": self.id,
            "verified_name": self.verified_name,
            "display_phone_number": self.display,
            "quality_rating": self.quality,
            "throughput": {"level": self.throughput},
            **self.enrolment.view(),
            "account_mode": "LIVE",
            "whatsapp_business_manager_messaging_limit": self.limit,
        }


class Customer(Struct, kw_only=True):
    """A person with WhatsApp. `phone` (digits) is the simulator's own key for the person.

    `hidden`: took up a username, so that businesses see the BSUID only. `generation` counts the
    numbers the person had: every change makes new BSUIDs. `online` False: nothing is delivered.
    """

    phone: str
    name: str
    country: str = "US"
    username: str = ""
    hidden: bool = False
    online: bool = True
    generation: int = 0


class Said(Struct, kw_only=True):
    """One message of a chat between a number and a customer. `content` is the provider's object
    for `type`; `shown` is what a phone draws of a template. `told`: the field under which the business
    hears of it; `extra`: what stands beside the content (referral …)."""

    id: str
    number: str
    user: str
    by: Side
    at: datetime
    type: str
    content: Any
    reply_to: str = ""
    status: Status = "accepted"
    tracker: str = ""
    by_bsuid: bool = False
    category: str = "service"
    reactions: dict[Side, str] = field(default_factory=dict[Side, str])
    shown: Json = field(default_factory=dict[str, Any])
    arrived: bool = False  # of the business: it is on the customer's phone
    edited: bool = False
    revoked: bool = False
    told: str = "messages"
    extra: Json = field(default_factory=dict[str, Any])


class Media(Struct, frozen=True, kw_only=True):
    """A stored file. `owner` is the number it was uploaded to, or sent to (`received`, by a customer);
    sha256 is base64."""

    id: str
    owner: str
    account: str
    mime: str
    name: str
    sha256: str
    data: bytes
    at: datetime
    received: bool = False


class Template(Struct, kw_only=True):
    """`pauses`: how often it was paused. `parameter_format`: POSITIONAL or NAMED."""

    id: str
    account: str
    name: str
    language: str
    category: str
    components: list[Json]
    status: str = "PENDING"
    reason: str = "NONE"
    parameter_format: str = "POSITIONAL"
    sub_category: str = ""
    library: str = ""  # the ready-made one it was taken from
    ttl: int | None = None  # seconds
    previous_category: str = ""
    correct_category: str = ""
    quality: str = "UNKNOWN"
    scored_at: datetime | None = None
    paused_at: datetime | None = None
    pauses: int = 0
    locked: bool = False
    edits: list[datetime] = field(default_factory=list[datetime])

    def view(self) -> Json:
        """As `GET /{template_id}` shows it."""
        found: Json = {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "category": self.category,
            "status": self.status,
            "parameter_format": self.parameter_format,
            "rejected_reason": self.reason,
            "components": self.components,
        }
        more: Json = {
            "sub_category": self.sub_category,
            "library_template_name": self.library,
            "message_send_ttl_seconds": self.ttl,
            "previous_category": self.previous_category,
            "correct_category": self.correct_category,
        }
        return found | {name: value for name, value in more.items() if value}

    @property
    def score(self) -> Json:
        """`quality_score`, shown where it is asked for."""
        return {"score": self.quality, "date": int(self.scored_at.timestamp()) if self.scored_at else 0}


class Upload(Struct, kw_only=True):
    """A resumable upload in progress: the header file of a template."""

    id: str
    account: str
    name: str
    mime: str
    length: int
    data: bytearray = field(default_factory=bytearray)


class Received(Struct, frozen=True, kw_only=True):
    """One call of the Graph API as it came, and how it was answered. `body` and `answer` are JSON where they
    were that, and not too long; of a form only that it was one."""

    method: str
    path: str
    body: Any
    status: int
    at: datetime
    query: Json = field(default_factory=dict[str, Any])
    kind: str = ""  # the content type of the body
    answer: Any = None


class Attempt(Struct, frozen=True, kw_only=True):
    """One try to deliver a webhook. `status` 0: no answer at all."""

    url: str
    body: bytes
    signature: str
    status: int
    number: int  # 1: the first try
    at: datetime
