"""The provider keeps silent, breaks off, or has no file any more."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from msgspec import Struct, structs

from chaos.audit import ARRIVED, audit_inbound, audit_outbound
from chaos.figures import Figures, together
from chaos.ground import Ground, Wish, ground_of
from chaos.install import LEASE
from chaos.traffic import Customers, settled
from jackfield_whatsapp_api.simulator import Break, Hang

from .kills import SHORT, greeted

IMAGE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 2000


class Silence(Struct, frozen=True, kw_only=True):
    """The provider has a message or not, and does not say so. `cut`: the connection ends before he does."""

    name: str
    fault: Hang | Break
    has: bool
    cut: bool = False


QUICK = [
    Silence(name="cut, taken", fault=Hang(seconds=3, taken=True), has=True, cut=True),
    Silence(name="cut, not taken", fault=Hang(seconds=3, taken=False), has=False, cut=True),
    Silence(name="gateway, taken", fault=Break(status=502, taken=True), has=True),
    Silence(name="gateway, not taken", fault=Break(status=502, taken=False), has=False),
]
PATIENT = [  # longer than anybody waits for an answer
    Silence(name="silent, taken", fault=Hang(seconds=45, taken=True), has=True),
    Silence(name="silent, not taken", fault=Hang(seconds=45, taken=False), has=False),
]


async def provider_silence(wish: Wish) -> Figures:
    """No answer after the bytes left: the line is cut, a gateway breaks, or nobody says anything for as
    long as one waits; taken or not. Never twice."""
    wrong: list[str] = []
    async with ground_of(wish, customers=1) as ground:
        (place,) = await greeted(ground)
        await asyncio.sleep(LEASE)
        for case in QUICK + (PATIENT if wish.seconds >= SHORT else []):
            # a copy: a fault counts down
            ground.sim.script(structs.replace(case.fault))
            message = await ground.operator.send(place, case.name)
            if case.cut:
                await asyncio.sleep(0.7)
                ground.provider.cut()
            await settled(ground.install, ground.sim, within=60)
            st = (await ground.operator.get(f"/messages/{message}"))["st"]
            taken = sum(1 for one in ground.sim.messages.values() if one.tracker == message)
            if taken != int(case.has) or (st in ARRIVED) != case.has or (st == "unknown") == case.has:
                wrong.append(f"{case.name}: shown as {st}, the provider has it {taken} times")
        found = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
    return together([found, Figures(wrong=tuple(wrong))])


async def media_never(wish: Wish) -> Figures:
    """A file that is gone, and one that cannot be had for a while: the messages are there at once, the
    neighbours' files too, and what comes back is fetched."""
    async with ground_of(wish, customers=3) as ground:
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        customers.greet()
        await settled(ground.install, ground.sim)
        gone, good, away = ground.customers
        written = [
            _image(ground, gone.phone, data=None),
            _image(ground, good.phone, data=IMAGE),
        ]
        await ground.sim.settled()
        states = {"gone": await _file(ground, written[0].id, "failed")}
        states["good"] = await _file(ground, written[1].id, "ready")
        ground.provider.down()
        written.append(_image(ground, away.phone, data=IMAGE))
        await ground.sim.settled()
        await asyncio.sleep(2)
        states["away"] = await _file(ground, written[2].id, "pending")
        ground.provider.up()
        states["back"] = await _file(ground, written[2].id, "ready")
        found = await audit_inbound(ground.install, ground.sim, [*customers.written, *written])
    wanted = {"gone": "failed", "good": "ready", "away": "pending", "back": "ready"}
    wrong = [
        f"{name}: {states[name]}, not {state}" for name, state in wanted.items() if states[name] != state
    ]
    return together([found, Figures(wrong=tuple(wrong))])


def _image(ground: Ground, user: str, *, data: bytes | None) -> Any:
    """An image a customer sends; without data the provider has lost it already."""
    number = ground.numbers[0].id
    media = ground.sim.user_has(number, data or IMAGE, "image/png", "photo.png")
    said = ground.sim.user_writes(number, user, "image", {"id": media.id})
    if data is None:
        del ground.sim.world.state.media[media.id]
    return said


async def _file(ground: Ground, external_id: str, wanted: str) -> str:
    """The state of a message's file: as soon as it is the wanted one, or what it is after a while."""
    (channel,) = ground.install.channels.values()
    state = ""
    for _ in range(100):
        rows = await ground.install.rows(
            f"SELECT media FROM message WHERE channel_id = {channel} AND external_id = '{external_id}'"
        )
        state = json.loads(rows[0][0])[0]["state"] if rows else "no message"
        if state == wanted:
            break
        await asyncio.sleep(0.15)
    return state
