"""What a business account has beside its conversations: optional abilities, each with its data.

They are asked by an admin's page, one call at a time: every method may do I/O and raise a ChannelError.
What is read here is the provider's and is not kept by core, but for figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from msgspec import UNSET, Struct, UnsetType

from ._base import Address
from .abilities import Download


class ProfileRules(Struct, frozen=True, kw_only=True):
    """Limits in characters; 0: there is no such field. `categories`: the provider's own words."""

    about: int = 0
    description: int = 0
    address: int = 0
    email: int = 0
    website: int = 0
    websites: int = 0  # how many
    categories: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()  # MIME types
    username: int = 0


class BusinessProfile(Struct, frozen=True, kw_only=True):
    """What customers see of the business. `name` is the provider's to change."""

    name: str = ""
    about: str = ""
    description: str = ""
    address: str = ""
    email: str = ""
    websites: tuple[str, ...] = ()
    category: str = ""
    picture: str = ""  # URL at the provider's; "": none
    username: str = ""  # by which people find the business
    username_state: str = ""  # the provider's word: "reserved", "approved" …
    usernames: tuple[str, ...] = ()  # set aside by the provider: can be had at once


class ProfileChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """UNSET stays as it is. `picture`: the id of a file in Jackfield's store. `username` "": given up."""

    about: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    websites: tuple[str, ...] | UnsetType = UNSET
    category: str | UnsetType = UNSET
    picture: str | UnsetType = UNSET
    username: str | UnsetType = UNSET


@runtime_checkable
class HasProfile(Protocol):
    def profile_rules(self) -> ProfileRules: ...
    async def profile(self) -> BusinessProfile: ...
    async def save_profile(self, change: ProfileChange) -> None: ...


class Shop(Struct, frozen=True, kw_only=True):
    """`catalog` "": none is connected. `cart`: orders can be put together; `visible`: in the profile."""

    catalog: str = ""
    cart: bool = False
    visible: bool = False


class CatalogItem(Struct, frozen=True, kw_only=True):
    """`id`: the seller's own, as messages name it."""

    id: str
    name: str
    price: str = ""  # as the provider writes it, with its currency
    picture: str = ""  # URL at the provider's
    description: str = ""
    available: bool = True


class CatalogPage(Struct, frozen=True, kw_only=True):
    """`after`: what to ask with for more; "": this was the end."""

    items: tuple[CatalogItem, ...]
    after: str = ""


@runtime_checkable
class HasCatalogue(Protocol):
    async def shop(self) -> Shop: ...
    async def save_shop(self, *, cart: bool, visible: bool) -> None: ...
    async def catalogue(self, query: str = "", after: str = "") -> CatalogPage: ...


class ChatLink(Struct, frozen=True, kw_only=True):
    """A short address that opens a chat with us, with `text` already typed."""

    id: str
    text: str
    url: str


@runtime_checkable
class HasLinks(Protocol):
    async def links(self) -> Sequence[ChatLink]: ...
    async def save_link(self, text: str, link: str = "") -> ChatLink:
        """A new one; or another text behind the code of `link`, which stays as it was printed."""
        ...

    async def delete_link(self, link: str) -> None: ...
    async def link_picture(self, link: str, form: Literal["svg", "png"]) -> Download:
        """Its QR code."""
        ...


class NotBlocked(Struct, frozen=True, kw_only=True):
    """One of several that were refused. `code` picks our words ("error.<code>"), `text` is the provider's."""

    person: Address
    code: str = ""
    text: str = ""


class BlockedPage(Struct, frozen=True, kw_only=True):
    people: tuple[Address, ...]
    after: str = ""


@runtime_checkable
class Blocks(Protocol):
    """People who may not write to us. Each person by any one address that the channel knows."""

    async def block(self, people: Sequence[Address]) -> Sequence[NotBlocked]: ...
    async def unblock(self, people: Sequence[Address]) -> Sequence[NotBlocked]: ...
    async def blocked(self, after: str = "") -> BlockedPage: ...


class BotCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str  # without its slash
    description: str


class AutomationRules(Struct, frozen=True, kw_only=True):
    """How many, and how long in characters. `welcome`: whether it knows the sign of a chat just opened."""

    prompts: int = 0
    prompt: int = 0
    commands: int = 0
    command_name: int = 0
    command_description: int = 0
    welcome: bool = False


class Automation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the provider's app offers by itself. `prompts`: questions to tap in an empty chat."""

    welcome: bool = False
    prompts: tuple[str, ...] = ()
    commands: tuple[BotCommand, ...] = ()


@runtime_checkable
class Automates(Protocol):
    def automation_rules(self) -> AutomationRules: ...
    async def automation(self) -> Automation: ...
    async def save_automation(self, automation: Automation) -> None:
        """The whole of it: what is not there any more is gone."""
        ...


class Figure(Struct, frozen=True, kw_only=True):
    """Numbers of one span of time. The same (report, start, end, by) again replaces what was said before.

    `report`: "messages", "conversations", "pricing", "templates"; `by`: what it is counted by
    ("country", "category", "type", "template", "language" …); `values`: "sent", "delivered", "read",
    "clicked", "conversations", "cost" …
    """

    report: str
    start: datetime
    end: datetime
    by: Mapping[str, str] = {}
    values: Mapping[str, float] = {}
    currency: str = ""  # ISO 4217, of a cost


@runtime_checkable
class Counts(Protocol):
    """The provider counts what goes through the channel. Core asks once a day and when a person asks."""

    async def figures(self, since: datetime, until: datetime) -> Sequence[Figure]: ...


@runtime_checkable
class BringsHistory(Protocol):
    """The past and the contacts of the phone can be asked for, once; they come as HistoryChunk events."""

    async def bring_history(self) -> None: ...
