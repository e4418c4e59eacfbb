"""Everything the simulator knows, in memory, with the look-ups that fail as the provider's do."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime, timedelta

from . import ids
from .clock import Clock
from .errors import GraphError, unknown_object
from .model import Account, Customer, Media, Number, Received, Said, Template, Upload
from .settings import RECEIVED_LIFE, UPLOADED_LIFE, Settings

# The BSUID begins with the country of the person; enough of the world for a simulator.
_COUNTRIES = {
    "7": "RU",
    "1": "US",
    "44": "GB",
    "49": "DE",
    "33": "FR",
    "34": "ES",
    "39": "IT",
    "380": "UA",
    "972": "IL",
}
BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


def country_of(phone: str) -> str:
    for length in (3, 2, 1):
        if found := _COUNTRIES.get(phone[:length]):
            return found
    return "US"


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


class State:
    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings, self.clock = settings, clock
        self.accounts: dict[str, Account] = {}
        self.numbers: dict[str, Number] = {}
        self.customers: dict[str, Customer] = {}
        self.media: dict[str, Media] = {}
        self.templates: dict[str, Template] = {}
        self.reviews_held = False
        self.creations: defaultdict[str, list[datetime]] = defaultdict(list)  # of templates, by account
        self.blocked_names: dict[tuple[str, str, str], datetime] = {}  # account, name, language: until when
        self.uploads: dict[str, Upload] = {}
        self.handles: dict[str, Upload] = {}  # of files that were handed over whole
        self.messages: dict[str, Said] = {}
        self.chats: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
        self.last_inbound: dict[tuple[str, str], datetime] = {}
        self.requests: list[Received] = []

    # who asks

    def opened_by(self, token: str) -> set[str]:
        """Ids of the accounts a token opens."""
        return {account.id for account in self.accounts.values() if account.token == token}

    # what is asked for: `open` are the accounts the caller may see

    def account(self, account_id: str, open_: set[str]) -> Account:
        if account_id not in open_:
            raise unknown_object(account_id)
        return self.accounts[account_id]

    def number(self, number_id: str, open_: set[str]) -> Number:
        number = self.numbers.get(number_id)
        if number is None or number.account not in open_:
            raise unknown_object(number_id)
        return number

    def template(self, template_id: str, open_: set[str]) -> Template:
        template = self.templates.get(template_id)
        if template is None or template.account not in open_:
            raise unknown_object(template_id)
        return template

    def file(self, media_id: str, open_: set[str], *, owner: str = "") -> Media:
        """A media file that has not run out. `owner`: only if it belongs to this number."""
        media = self.media.get(media_id)
        if media is None or media.account not in open_ or (owner and media.owner != owner):
            raise unknown_object(media_id)
        if self.clock.now() - media.at > self._life(media):
            raise unknown_object(media_id)
        return media

    def _life(self, media: Media) -> timedelta:
        return RECEIVED_LIFE if media.received else UPLOADED_LIFE

    # people

    def customer(self, user: str) -> Customer:
        """Raises KeyError for a phone nobody has."""
        return self.customers[digits(user)]

    def meet(self, phone: str, name: str = "", *, country: str = "") -> Customer:
        """The customer of this phone, made on the spot if it is a new one."""
        key = digits(phone)
        if key not in self.customers:
            self.customers[key] = Customer(
                phone=key, name=name or f"+{key}", country=country or country_of(key)
            )
        return self.customers[key]

    def by_bsuid(self, bsuid: str, number: Number) -> Customer:
        business = self.accounts[number.account].business_id
        for customer in self.customers.values():
            if ids.bsuid(customer, business) == bsuid:
                return customer
        raise GraphError(131026, "The recipient is not known to this business portfolio.")

    def bsuid(self, customer: Customer, number: Number) -> str:
        return ids.bsuid(customer, self.accounts[number.account].business_id)

    # chats

    def keep(self, said: Said) -> None:
        self.messages[said.id] = said
        self.chats[said.number, said.user].append(said)

    def said(self, message_id: str, *, number: str, user: str = "") -> Said:
        """Raises KeyError where this chat has no such message."""
        said = self.messages[message_id]
        if said.number != number or (user and said.user != user):
            raise KeyError(message_id)
        return said
