"""Stories as data, and how a simulator comes to remember them."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from jackfield_whatsapp_api.simulator.kit import Catalogue, Goods
from jackfield_whatsapp_api.simulator.model import Callback, Json, Number, Said, Side
from jackfield_whatsapp_api.simulator.simulator import Simulator

HERE = Path(__file__).parent
# What a business hears of under another field than `messages`.
TOLD: Mapping[str, str] = {"call": "calls", "handover": "messaging_handovers"}
Kind = Literal["image", "audio", "document"]


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing said `ago` hours ago: a text, a file (with the text as caption), a place, an order, a
    reaction, an offer of buttons or of a list, the press of a button or the choice of a row, a filled form,
    a template with its `values`, a call of so many seconds (0: missed). `to` is the place of the line it
    answers. `ad`: the customer came by it. `agent`: said while the provider's own agent held the
    conversation; `turn`: who holds it from now on."""

    ago: float
    by: Side
    text: str = ""
    file: str = ""
    kind: Kind = "document"
    place: Json | None = None
    order: list[Json] | None = None
    react: str = ""
    offer: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    press: str = ""
    form: dict[str, str] | None = None
    template: str = ""
    values: tuple[str, ...] = ()
    call: int | None = None
    ad: Json | None = None
    agent: bool = False
    turn: Literal["", "control_passed", "control_taken"] = ""
    to: int | None = None


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    phone: str
    name: str
    talk: tuple[Line, ...]
    username: str = ""
    hidden: bool = False


class Sample(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template; `buttons` are quick replies."""

    name: str
    language: str
    body: str
    category: str = "UTILITY"
    buttons: tuple[str, ...] = ()


class Story(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A business. `later` is what its customers write by themselves, `answers` what they answer."""

    language: Literal["ru", "en"]
    name: str
    phone: str
    about: str
    customers: tuple[Person, ...]
    templates: tuple[Sample, ...]
    goods: tuple[Goods, ...]  # of its catalogue
    later: tuple[str, ...]
    answers: tuple[str, ...]


def load(language: Literal["ru", "en"]) -> Story:
    return msgspec.json.decode((HERE / f"{language}.json").read_bytes(), type=Story)


def stable(*seed: object) -> str:
    """A numeric id that is the same with every start."""
    digest = hashlib.sha256("/".join(map(str, seed)).encode()).digest()
    return str(10**14 + int.from_bytes(digest[:6], "big"))


def find(story: Story) -> str:
    """The phone number id this story's business will have."""
    return stable(story.name, "number")


def catalogue_of(number: Number) -> str:
    return stable(number.id, "catalog")


def settle(
    sim: Simulator,
    story: Story,
    *,
    callback: Callback | None = None,
    number_id: str = "",
    account_id: str = "",
    token: str = "",
) -> Number:
    """The business, its customers and its templates move into the simulator, with ids that stay the same
    from one start to the next unless others are asked for."""
    number = sim.add_number(
        story.phone,
        story.name,
        callback=callback,
        number_id=number_id or find(story),
        account_id=account_id or stable(story.name, "account"),
        business_id=stable(story.name, "business"),
        token=token,
    )
    number.profile["about"] = story.about
    account = sim.world.state.accounts[number.account]
    account.catalogue = Catalogue(id=catalogue_of(number), name=story.name, goods=[*story.goods])
    for person in story.customers:
        sim.add_customer(person.phone, person.name, username=person.username, hidden=person.hidden)
    for sample in story.templates:
        replies = [{"type": "QUICK_REPLY", "text": title} for title in sample.buttons]
        components: list[Json] = [{"type": "BUTTONS", "buttons": replies}] if replies else []
        sim.add_template(
            number,
            sample.name,
            sample.language,
            sample.body,
            category=sample.category,
            components=components,
        )
    return number


def recall(sim: Simulator, number: Number, story: Story) -> Iterator[Said]:
    """Everything that was said, oldest first. Reactions come as messages of their own kind."""
    now = sim.now()
    lines = [
        (now - timedelta(hours=line.ago), person, place)
        for person in story.customers
        for place, line in enumerate(person.talk)
    ]
    told: dict[tuple[str, int], Said] = {}
    for at, person, place in sorted(lines, key=lambda one: one[0]):
        told[person.phone, place] = said = _recall(sim, number, person, place, at=at, told=told)
        yield said


def _recall(
    sim: Simulator,
    number: Number,
    person: Person,
    place: int,
    *,
    at: datetime,
    told: dict[tuple[str, int], Said],
) -> Said:
    line = person.talk[place]
    target = None if line.to is None else told[person.phone, line.to]
    kind, content = _content(sim, number, line, target)
    field = "standby" if line.agent else TOLD.get(kind, "messages")
    if kind == "reaction" and target:
        target.reactions[line.by] = line.react
    said = sim.remember(
        number.id,
        person.phone,
        line.by,
        kind,
        content,
        at=at,
        reply_to=target.id if target and kind != "reaction" else "",
        message_id="wamid.demo" + stable(number.id, person.phone, place),
        told=field,
        extra={"referral": line.ad} if line.ad else {},
    )
    if not any(later.by == "business" for later in person.talk[place:]):
        said.status = "sent"  # nobody has looked at it yet
    return said


def _content(sim: Simulator, number: Number, line: Line, target: Said | None) -> tuple[str, Any]:
    """The message type, and the provider's object for it."""
    found: tuple[str, Any]
    match line:
        case Line(react=emoji) if emoji and target:
            found = "reaction", {"message_id": target.id, "emoji": emoji}
        case Line(press=title) if title and target:
            found = _choice(title, target)
        case Line(form=dict(fields)):
            answers = json.dumps(fields, ensure_ascii=False)
            reply = {"name": "flow", "body": "Sent", "response_json": answers}
            found = "interactive", {"type": "nfm_reply", "nfm_reply": reply}
        case Line(call=int(seconds)):
            found = "call", seconds
        case Line(turn=turn) if turn:
            found = "handover", turn
        case Line(template=name) if name:
            found = "template", _template(sim, name, line.values)
        case Line(offer=titles) if titles:
            found = "interactive", _offer(line)
        case Line(order=[*items]):
            found = "order", {"catalog_id": catalogue_of(number), "text": "", "product_items": items}
        case Line(place=dict(place)):
            found = "location", place
        case Line(file=name) if name:
            found = line.kind, _file(sim, number, line)
        case _:
            found = "text", {"body": line.text}
    return found


def _choice(title: str, offered: Said) -> tuple[str, Json]:
    if offered.type == "template":
        return "button", {"payload": title, "text": title}
    kind = "list_reply" if offered.content["type"] == "list" else "button_reply"
    return "interactive", {"type": kind, kind: {"id": title, "title": title}}


def _offer(line: Line) -> Json:
    """Buttons; or where there are rows a list, which the first title opens."""
    body: Json = {"text": line.text}
    if line.rows:
        rows = [{"id": title, "title": title, "description": more} for title, more in line.rows]
        sections = [{"title": line.offer[0], "rows": rows}]
        return {"type": "list", "body": body, "action": {"button": line.offer[0], "sections": sections}}
    buttons = [{"type": "reply", "reply": {"id": title, "title": title}} for title in line.offer]
    return {"type": "button", "body": body, "action": {"buttons": buttons}}


def _template(sim: Simulator, name: str, values: tuple[str, ...]) -> Json:
    given = [{"type": "text", "text": value} for value in values]
    language = next(one.language for one in sim.world.state.templates.values() if one.name == name)
    components = [{"type": "body", "parameters": given}] if given else []
    return {"name": name, "language": {"code": language}, "components": components}


def _file(sim: Simulator, number: Number, line: Line) -> Json:
    data = _read(line.file)
    voice = line.kind == "audio"
    mime = "audio/ogg; codecs=opus" if voice else mimetypes.guess_type(line.file)[0] or "application/pdf"
    media = sim.user_has(number.id, data, mime, line.file, media_id=stable(number.id, line.file))
    node: Json = {"id": media.id, "mime_type": mime, "sha256": media.sha256}
    if line.text:
        node["caption"] = line.text
    if line.kind == "document":
        node["filename"] = line.file
    if voice:
        node["voice"] = True
    return node


@cache
def _read(name: str) -> bytes:
    return (HERE / "media" / name).read_bytes()
