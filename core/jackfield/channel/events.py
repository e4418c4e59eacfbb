"""Events: what a channel tells core. A closed, tagged union; nothing a provider says is dropped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import UNSET, Raw, Struct, UnsetType, field

from ._base import Address, ConversationId, MessageId, TxnId, Wire
from .parts import Part

ReceiptLevel = Literal["sent", "delivered", "read", "played", "failed"]
Origin = Literal["person", "phone", "api", "bot"]
TemplateStanding = Literal[
    "draft",  # not handed over
    "pending",
    "approved",
    "rejected",
    "paused",
    "disabled",
    "in_appeal",
    "pending_deletion",
    "deleted",
    "limit_exceeded",
    "archived",
    "unknown",  # a word of the provider's that we do not know: `word` has it
]


class Sender(Wire, frozen=True, kw_only=True, tag="sender"):
    """Who said it. `addresses` strongest first (BSUID before phone); empty only for from_me."""

    addresses: tuple[Address, ...] = ()
    from_me: bool = False  # the account itself: its own phone, its bot, or our echo
    name: str | UnsetType = UNSET  # UNSET: not said. "": said to be empty.
    role: Literal["", "admin", "owner"] = ""  # of a member of a group


class Failure(Wire, frozen=True, kw_only=True, tag="failure"):
    """Why something did not go out. `code` picks our words ("error.<code>"), `remote_code` and `text` are the
    provider's. `words`: a key of the catalogue that says more than `code` does; what to do about it is
    under the key with ".advice" behind it, where there is something to say."""

    code: str
    remote_code: str = ""
    text: str = ""
    words: str = ""


class Referral(Wire, frozen=True, kw_only=True, tag="referral"):
    """The advertisement or post the person came from.

    `free_for`: seconds during which what we send costs nothing, if we answer within `answer_within` of them;
    0: it makes no difference.
    """

    source: str = ""  # "ad", "post" …
    id: str = ""
    url: str = ""
    headline: str = ""
    body: str = ""
    click_id: str = ""
    media: str = ""  # what it shows: "image", "video"
    picture: str = ""  # URL at the provider's
    greeting: str = ""  # what the app said in our name when it was tapped
    answer_within: int = 0
    free_for: int = 0


class Charge(Struct, frozen=True, kw_only=True):
    """What the provider counts a message as, in its own words. It says nothing of the price."""

    category: str = ""  # "marketing", "service" …
    type: str = ""  # "regular", "free_entry_point" …
    billable: bool | None = None  # None: not said


class Event(Wire, frozen=True, kw_only=True):
    at: datetime  # when it happened over there; always aware


class ChatEvent(Event, frozen=True, kw_only=True):
    conversation: ConversationId  # core keeps order within one, never across


class Message(ChatEvent, frozen=True, kw_only=True, tag="message"):
    """One thing said. Stored once per (channel, id): a second delivery is not an error."""

    id: MessageId
    sender: Sender
    parts: tuple[Part, ...]
    group: bool = False  # the conversation is a group, not the sender alone
    reply_to: MessageId | None = None
    txn: TxnId | None = None  # ours came back
    origin: Origin = "person"
    forwarded: bool = False
    history: bool = False  # from before we were linked: neither unread nor news
    referral: Referral | None = None
    peer: tuple[Address, ...] = ()  # from_me in a direct conversation: whom it was said to


class Edit(ChatEvent, frozen=True, kw_only=True, tag="edit"):
    target: MessageId
    parts: tuple[Part, ...]
    id: MessageId | None = None


class Delete(ChatEvent, frozen=True, kw_only=True, tag="delete"):
    target: MessageId
    id: MessageId | None = None


class Reaction(ChatEvent, frozen=True, kw_only=True, tag="reaction"):
    target: MessageId
    sender: Sender
    emoji: str  # "" takes it away
    id: MessageId | None = None


class Receipt(Event, frozen=True, kw_only=True, tag="receipt"):
    """How far messages of ours got. Only ever rises; failed ends it."""

    targets: tuple[MessageId, ...]
    level: ReceiptLevel
    conversation: ConversationId | None = None
    person: tuple[Address, ...] = ()  # who, in a group or where an address is learnt from it
    failure: Failure | None = None
    txn: TxnId | None = None
    charge: Charge | None = None
    free_until: datetime | None = None  # the provider charges nothing in this conversation until then
    detail: Raw = field(
        default_factory=lambda: Raw(b"null")
    )  # the provider's own words (pricing …), kept as they came


class Seen(ChatEvent, frozen=True, kw_only=True, tag="seen"):
    """We have read everything up to these messages elsewhere: on the account's own phone."""

    upto: tuple[MessageId, ...]


class Typing(ChatEvent, frozen=True, kw_only=True, tag="typing"):
    sender: Sender
    mode: Literal["typing", "recording", "stopped"] = "typing"


class Profile(Event, frozen=True, kw_only=True, tag="profile"):
    """What a person says of himself. UNSET: not said; "": said to be empty."""

    person: tuple[Address, ...]
    name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    avatar: str | UnsetType = UNSET  # a ref, as in Media
    attributes: Mapping[str, str] = {}  # "username", "consent.marketing" …


class SamePerson(Event, frozen=True, kw_only=True, tag="same_person"):
    """The network says these addresses are one person. `moved`: the later ones replace the first."""

    known_as: tuple[Address, ...]
    moved: bool = False
    conversation: ConversationId | None = None  # the one that goes on under the new address
    was: ConversationId | None = None  # the one it was known as


class ConversationInfo(ChatEvent, frozen=True, kw_only=True, tag="conversation_info"):
    """What is new of a conversation. `holder`: who answers in it: "" we do, "agent" the provider's own
    agent, until somebody writes; the later of two such events counts."""

    group: bool = True
    name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    avatar: str | UnsetType = UNSET
    members: tuple[Sender, ...] | UnsetType = UNSET
    holder: Literal["", "agent"] | UnsetType = UNSET


class TemplateState(Event, frozen=True, kw_only=True, tag="template_state"):
    """News of one template; "" or None: nothing new of it. `account`: as DesignsTemplates.template_account.

    `changed`: it reads otherwise now, and has to be listed again.
    """

    id: str
    name: str
    language: str
    state: str  # the provider's word, lower case
    standing: TemplateStanding | None = None  # what the word comes to
    account: str = ""
    reason: str = ""
    category: str = ""
    next_category: str = ""  # it is about to become this one
    quality: str = ""  # "high", "medium", "low"; any other word: it has none yet
    changed: bool = False


class LimitChange(Event, frozen=True, kw_only=True, tag="limit_change"):
    """A limit, a quality rating or the standing of the account changed."""

    about: str  # "quality", "throughput", "messaging_limit", "account", "name" …
    value: str
    severity: Literal["info", "warning", "critical"] = "info"
    text: str = ""
    detail: Raw = field(default_factory=lambda: Raw(b"null"))


class HistoryChunk(Event, frozen=True, kw_only=True, tag="history_chunk"):
    """A piece of the past. Its messages are stored as history whatever they say."""

    messages: tuple[Message, ...]
    progress: int | None = None  # per cent
    done: bool = False


class Unrecognised(Event, frozen=True, kw_only=True, tag="unrecognised"):
    """Something we do not know: kept whole, so that a later version can read it."""

    kind: str
    raw: Raw
    note: str = ""


AnyEvent = (
    Message
    | Edit
    | Delete
    | Reaction
    | Receipt
    | Seen
    | Typing
    | Profile
    | SamePerson
    | ConversationInfo
    | TemplateState
    | LimitChange
    | HistoryChunk
    | Unrecognised
)
