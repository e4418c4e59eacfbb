"""The simulator as an object: start it, play customers and provider, look at what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from . import account, business, control, customer, filling, ids
from .app import build
from .clock import Clock
from .controls import faults as faults_
from .courier import Courier
from .crew import Crew, Feed
from .ledger import Ledger
from .limits import Limits
from .model import (
    Account,
    Attempt,
    Callback,
    Customer,
    Json,
    Media,
    Number,
    Received,
    Said,
    Side,
    Template,
)
from .script import Fault, Script
from .server import listen, serving
from .settings import Settings
from .state import State, digits
from .world import World


class Simulator:
    """A Cloud API on loopback.

        async with Simulator.start(Settings(callback=Callback(url=…, verify_token=…))) as sim:
            number = sim.add_number("+1 555 0100", "Corner Shop")
            user = sim.add_customer("+1 555 0199", "Ann")
            sim.user_says(number.id, user.phone, "Hello")
            await sim.settled()

    A business talks to `sim.url` with `sim.token_of(number)`. `sim.requests` is what it asked for,
    `sim.deliveries` every webhook sent. Methods of customers raise ValueError where there is no such
    number, customer, message or choice.
    """

    def __init__(self, world: World) -> None:
        self.world = world

    @classmethod
    @asynccontextmanager
    async def start(
        cls, settings: Settings | None = None, *, host: str = "127.0.0.1", port: int = 0
    ) -> AsyncGenerator[Simulator]:
        """Listen until the context ends: then nothing is left running, and what is undelivered is lost."""
        settings = settings or Settings()
        sock = listen(host, port)
        try:
            name = f"[{host}]" if ":" in host else host
            bound = sock.getsockname()[1]
            hosts = {f"{one}:{bound}" for one in (name, "127.0.0.1", "localhost")}
            async with aiohttp.ClientSession() as client, asyncio.TaskGroup() as group:
                world = _world(settings, Crew(group, settings.speed), client)
                world.url = f"http://{name}:{bound}"
                app = build(world, frozenset(hosts | set(settings.allowed_hosts)))
                try:
                    async with serving(app, sock):
                        try:
                            yield cls(world)
                        finally:
                            world.feed.close()
                finally:
                    world.crew.stop()
        finally:
            sock.close()

    # what is there

    @property
    def url(self) -> str:
        """Base of the Graph API (`{url}/v23.0/…`), of the media host, of /control/ and /phone."""
        return self.world.url

    @property
    def settings(self) -> Settings:
        return self.world.settings

    @property
    def numbers(self) -> Mapping[str, Number]:
        return self.world.state.numbers

    @property
    def customers(self) -> Mapping[str, Customer]:
        return self.world.state.customers

    @property
    def messages(self) -> Mapping[str, Said]:
        return self.world.state.messages

    @property
    def requests(self) -> Sequence[Received]:
        return self.world.state.requests

    @property
    def deliveries(self) -> Sequence[Attempt]:
        return self.world.courier.log

    @property
    def ledger(self) -> Ledger:
        """How fast was sent, and what broke a limit."""
        return self.world.ledger

    def token_of(self, number: Number) -> str:
        return self.world.state.accounts[number.account].token

    def bsuid(self, number: Number, user: Customer) -> str:
        return self.world.state.bsuid(user, number)

    def phone_page(self, number: Number, user: Customer) -> str:
        """Where a person plays this customer."""
        return f"{self.url}/phone?number={number.id}&user={user.phone}"

    async def settled(self, within: float = 10) -> None:
        """Wait until no status is due and no webhook undelivered. Raises TimeoutError where that takes
        longer than `within` seconds. What a Gather holds back does not count."""
        async with asyncio.timeout(within):
            await self.world.crew.idle()

    # setting up

    def add_number(
        self,
        phone: str,
        name: str,
        *,
        callback: Callback | None = None,
        number_id: str = "",
        account_id: str = "",
        business_id: str = "",
        token: str = "",
    ) -> Number:
        """A business phone number; in a new account of a new portfolio unless `account_id` is known."""
        state = self.world.state
        account_id = account_id or ids.numeric()
        if account_id not in state.accounts:
            state.accounts[account_id] = Account(
                id=account_id,
                business_id=business_id or ids.numeric(),
                name=name,
                token=token or "EAA" + ids.trace() + ids.trace(),
            )
        number = Number(
            id=number_id or ids.numeric(),
            account=account_id,
            phone=digits(phone),
            display=phone,
            verified_name=name,
            callback=callback,
            profile={"about": name, "vertical": "OTHER"},
        )
        state.numbers[number.id] = number
        return number

    def add_customer(
        self, phone: str, name: str, *, username: str = "", hidden: bool = False, country: str = ""
    ) -> Customer:
        """A person with WhatsApp. `hidden`: businesses see no phone number of this one."""
        wish = control.NewUser(phone=phone, name=name, username=username, hidden=hidden, country=country)
        return control.add_user(self.world, wish)

    def add_template(
        self,
        number: Number,
        name: str,
        language: str,
        body: str,
        *,
        category: str = "UTILITY",
        components: Sequence[Json] = (),
        status: str = "APPROVED",
    ) -> Template:
        """A template that is there already. `components` beside the body; it needs no review."""
        template = Template(
            id=ids.numeric(),
            account=number.account,
            name=name,
            language=language,
            category=category,
            components=[{"type": "BODY", "text": body}, *components],
            status=status,
        )
        self.world.state.templates[template.id] = template
        return template

    def remember(
        self,
        number: str,
        user: str,
        by: Side,
        kind: str,
        content: Any,
        *,
        at: datetime,
        reply_to: str = "",
        message_id: str = "",
        told: str = "messages",
        extra: Json | None = None,
    ) -> Said:
        """Something said before the simulator began: kept and shown, and nobody is told. A template is
        filled in as it would be if it were sent."""
        found, person = customer.who(self.world, number, user)
        if by == "customer" and kind in customer.MEDIA:
            content = customer.media_node(self.world, found, kind, content)
        said = Said(
            id=message_id or ids.wamid(person.phone),
            number=found.id,
            user=person.phone,
            by=by,
            at=at,
            type=kind,
            content=content,
            reply_to=reply_to,
            status="read",
            arrived=True,
            told=told,
            extra=extra or {},
        )
        if kind == "template":
            template = business.template_to_send(self.world, found, content)
            said.category, said.shown = template.category.lower(), filling.shown(template, content)
        self.world.state.keep(said)
        if by == "customer" and kind != "reaction":
            last = self.world.state.last_inbound.get((found.id, person.phone), at)
            self.world.state.last_inbound[found.id, person.phone] = max(at, last)
        return said

    # customers

    def user_says(self, number: str, user: str, text: str, *, reply_to: str = "") -> Said:
        return customer.writes(self.world, number, user, "text", {"body": text}, reply_to=reply_to)

    def user_writes(
        self,
        number: str,
        user: str,
        kind: str,
        content: Any,
        *,
        reply_to: str = "",
        extra: Json | None = None,
    ) -> Said:
        """A message of any type; see `customer.writes`."""
        return customer.writes(self.world, number, user, kind, content, reply_to=reply_to, extra=extra)

    def user_has(self, number: str, data: bytes, mime: str, name: str = "", *, media_id: str = "") -> Media:
        """A file on the customer's phone, ready to be sent by its id."""
        found = self.world.state.numbers.get(number)
        if found is None:
            raise ValueError(f"no such number: {number!r}")
        return self.world.store(found, data, mime=mime, name=name, received=True, media_id=media_id)

    def user_presses(self, number: str, user: str, message: str, choice: str) -> Said:
        return customer.presses(self.world, number, user, message, choice)

    def user_reacts(self, number: str, user: str, message: str, emoji: str) -> Said:
        return customer.reacts(self.world, number, user, message, emoji)

    def user_edits(self, number: str, user: str, message: str, body: str) -> Said:
        return customer.edits(self.world, number, user, message, body)

    def user_revokes(self, number: str, user: str, message: str) -> Said:
        return customer.revokes(self.world, number, user, message)

    def user_reads(self, number: str, user: str) -> int:
        return customer.reads(self.world, number, user)

    def user_types(self, number: str, user: str) -> None:
        customer.types(self.world, number, user)

    def user_calls(self, number: str, user: str, *, seconds: int = 0) -> str:
        return customer.calls(self.world, number, user, seconds=seconds)

    def user_goes_offline(self, user: str) -> None:
        customer.goes_offline(self.world, user)

    def user_comes_online(self, user: str) -> None:
        customer.goes_online(self.world, user)

    def user_changes_number(self, number: str, user: str, to: str) -> Said:
        return account.changes_number(self.world, number, user, to)

    def user_changes_id(self, number: str, user: str) -> Said:
        return account.changes_user_id(self.world, number, user)

    def user_changes_identity(self, number: str, user: str) -> Said:
        return account.changes_identity(self.world, number, user)

    # the provider

    def script(self, *faults: Fault) -> None:
        """What is to go wrong next; see `script`."""
        for fault in faults:
            self.world.script.add(fault)

    def scenario(self, name: str = "", *faults: Fault, seed: int = 0) -> None:
        """Faults in the place of all that waited: a ready scenario's, and others."""
        faults_.play(self.world, faults_.Scenario(name=name, faults=list(faults), seed=seed))

    def release(self) -> None:
        """Let go the webhooks a Gather still holds back."""
        self.world.courier.release()

    def number_event(self, number: str, field: str, parts: Json) -> None:
        """A webhook about a number under any field, known or not."""
        account.tells_number(self.world, number, field, parts)

    def account_event(self, account_id: str, field: str, value: Json) -> None:
        account.tells_account(self.world, account_id, field, value)

    def template_becomes(self, template: str, status: str, reason: str | None = "NONE") -> None:
        control.become(self.world, control.TemplateBecomes(template=template, status=status, reason=reason))

    def now(self) -> datetime:
        return self.world.state.clock.now()

    def forward(self, by: timedelta) -> None:
        """Move the simulator's clock ahead: windows close, media addresses run out."""
        self.world.state.clock.forward(by)


def _world(settings: Settings, crew: Crew, client: aiohttp.ClientSession) -> World:
    clock = Clock()
    script = Script(clock)
    return World(
        settings=settings,
        state=State(settings, clock),
        script=script,
        limits=Limits(settings),
        ledger=Ledger(),
        courier=Courier(settings, clock, script, crew, client),
        crew=crew,
        feed=Feed(),
    )
