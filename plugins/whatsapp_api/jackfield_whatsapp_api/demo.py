"""What this plugin adds to `jackfield demo`: a simulator, two businesses, their past and customers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal

from jackfield.channel import (
    AnyEvent,
    ChoiceOffered,
    DemoChannel,
    DemoPart,
    DemoStage,
    Location,
    Media,
    Message,
    Option,
    Part,
    Reaction,
    Receipt,
    Sender,
    Template,
    Text,
)

from .config import API_VERSION, Config
from .convert_in import Account, convert
from .ids import address_of, make_conversation, make_message, peer_of
from .kind import WhatsAppApi
from .simulator import Callback, Customer, Number, Said, Settings, Simulator, stories
from .simulator import payload as provider
from .simulator.model import Json

LANGUAGES: tuple[Literal["ru", "en"], ...] = ("ru", "en")


@asynccontextmanager
async def demo(stage: DemoStage) -> AsyncGenerator[DemoPart]:
    """The simulator listens on a free port of 127.0.0.1 for as long as the context is open."""
    async with Simulator.start(Settings()) as sim:
        told = [stories.load(language) for language in LANGUAGES]
        verify_token = secrets.token_hex(16)
        numbers = [_settle(sim, story, stage, verify_token) for story in told]
        channels = [
            _channel(sim, number, story, verify_token) for number, story in zip(numbers, told, strict=True)
        ]

        async def live() -> None:
            async with asyncio.TaskGroup() as group:
                for number, story in zip(numbers, told, strict=True):
                    group.create_task(stories.live(sim, number, story))

        first = sim.world.state.customer(told[0].customers[0].phone)
        yield DemoPart(channels=channels, pages={"phone": sim.phone_page(numbers[0], first)}, live=live)


def _settle(sim: Simulator, story: stories.Story, stage: DemoStage, verify_token: str) -> Number:
    callback = Callback(url=stage.webhook(stories.find(story)), verify_token=verify_token)
    return stories.settle(sim, story, callback=callback)


def _channel(sim: Simulator, number: Number, story: stories.Story, verify_token: str) -> DemoChannel:
    business = sim.world.state.accounts[number.account].business_id
    config = {
        "access_token": sim.token_of(number),
        "app_secret": sim.settings.app_secret,
        "verify_token": verify_token,
        "phone_number_id": number.id,
        "waba_id": number.account,
        "business_id": business,
        "display_phone_number": number.display,
        "api_base": sim.url,
        "api_version": API_VERSION,
    }
    said = list(stories.recall(sim, number, story))
    shown = ("app_secret", "verify_token", "phone_number_id", "waba_id")
    return DemoChannel(
        kind=WhatsAppApi.name,
        name=story.name,
        external_id=number.id,
        config=config,
        language=story.language,
        public={**{name: config[name] for name in shown}, "simulator": sim.url},
        history=tuple(history(sim, number, said, Config.read(config))),
    )


def history(sim: Simulator, number: Number, said: Sequence[Said], config: Config) -> Iterator[AnyEvent]:
    """What was said, as this channel would have told it: customers through the plugin's own reading."""
    account = Account(
        phone_number_id=config.phone_number_id,
        waba_id=config.waba_id,
        scope=config.scope,
        display_phone_number=config.display_phone_number,
    )
    for one in said:
        if one.by == "business" and one.told == "messages":
            yield from _sent(sim, number, one, config)
        else:
            yield from convert(_webhook(sim, number, one), account, one.at)


def _webhook(sim: Simulator, number: Number, said: Said) -> object:
    customer = sim.customers[said.user]
    bsuid = sim.bsuid(number, customer)
    contacts = [provider.contact(customer, bsuid)]
    item = provider.message(said, customer, bsuid, number, **said.extra)
    value = provider.about(number, contacts=contacts, **_told(said, item, customer, bsuid, number))
    change = provider.change(said.told, value)
    return provider.envelope(provider.entry(number.account, [change], said.at))


def _told(said: Said, item: Json, customer: Customer, bsuid: str, number: Number) -> Json:
    """What stands in the value of a change beside its number and contacts."""
    at, sender = provider.stamp(said.at), provider.sender(customer, bsuid)
    match said.told:
        case "standby" if said.by == "business":
            echo = {**item, "from": number.phone, "to_user_id": bsuid, "to": customer.phone}
            return {"standby": {"message_echoes": [echo]}}
        case "standby":
            return {"standby": {"messages": [item]}}
        case "messaging_handovers":
            role = "previous_owner_role" if said.content == "control_passed" else "new_owner_role"
            who = {"user_id": bsuid, "phone_number": customer.phone}
            turn = {said.content: {role: "meta_business_agent"}}
            return {"type": said.content, "sender": who, **turn}  # no time: the same id with every start
        case "calls":
            call: Json = {"id": said.id, **sender, "to": number.phone, "event": "terminate", "timestamp": at}
            length = {"duration": said.content} if said.content else {}
            status = "COMPLETED" if said.content else "FAILED"
            return {"calls": [{**call, "direction": "USER_INITIATED", "status": status, **length}]}
        case _:
            return {"messages": [item]}


def _sent(sim: Simulator, number: Number, said: Said, config: Config) -> Iterator[AnyEvent]:
    """A message of the business, and that it was read."""
    customer = sim.customers[said.user]
    known = (
        [sim.bsuid(number, customer)] if customer.hidden else [sim.bsuid(number, customer), customer.phone]
    )
    peers = [peer for value in known if (peer := peer_of(value))]
    conversation = make_conversation(peers[0])
    addresses = tuple(address_of(peer, config.scope) for peer in peers)
    if said.type == "reaction":
        yield Reaction(
            at=said.at,
            conversation=conversation,
            target=make_message(said.content["message_id"]),
            sender=Sender(from_me=True),
            emoji=said.content["emoji"],
            id=make_message(said.id),
        )
        return
    yield Message(
        at=said.at,
        conversation=conversation,
        id=make_message(said.id),
        sender=Sender(from_me=True),
        parts=(_part(sim, said),),
        reply_to=make_message(said.reply_to) if said.reply_to else None,
        origin="api",
        peer=addresses,
    )
    yield Receipt(
        at=said.at,
        targets=(make_message(said.id),),
        level="read",
        conversation=conversation,
        person=addresses,
    )


def _part(sim: Simulator, said: Said) -> Part:
    content = said.content
    match said.type:
        case "text":
            return Text(body=content["body"])
        case "image" | "document":
            return Media(
                sort="image" if said.type == "image" else "document",
                ref=content["id"],
                mime=content["mime_type"],
                caption=content.get("caption", ""),
                name=content.get("filename", ""),
                sha256=content["sha256"],
                size=len(sim.world.state.media[content["id"]].data),
            )
        case "location":
            return Location(latitude=content["latitude"], longitude=content["longitude"])
        case "template":
            shown = said.shown
            return Template(
                name=content["name"],
                language=content["language"]["code"],
                category=said.category,
                header=shown.get("header", ""),
                body=shown["body"],
                footer=shown["footer"],
                buttons=tuple(Option(id=one["payload"], title=one["title"]) for one in shown["buttons"]),
            )
        case "interactive" if content["type"] == "list":
            (section,) = content["action"]["sections"]
            rows = tuple(Option(**{key: row[key] for key in ("id", "title", "description")})
                         for row in section["rows"])  # fmt: skip
            return ChoiceOffered(
                style="list", body=content["body"]["text"], button=content["action"]["button"], options=rows
            )
        case "interactive":
            replies = [button["reply"] for button in content["action"]["buttons"]]
            options = tuple(Option(id=one["id"], title=one["title"]) for one in replies)
            return ChoiceOffered(style="buttons", body=content["body"]["text"], options=options)
        case kind:
            raise ValueError(f"a business of the demo does not send {kind!r}")
