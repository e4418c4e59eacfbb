"""The provider refuses, keeps silent, breaks off, or has no file any more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from chaos.audit import ARRIVED, audit_inbound, audit_outbound
from chaos.figures import Figures, together
from chaos.ground import Ground, Wish, ground_of
from chaos.install import LEASE
from chaos.traffic import Customers, conversations, settled
from jackfield import ids
from jackfield_whatsapp_api.simulator import Break, FailLater, Hang, Refuse

# What becomes of a message whose send is refused once with a code. Source: Meta's error codes for the
# Cloud API: which were refused for sure, and which may have gone out all the same.
REPLAYED_SOON: Sequence[int] = (130429, 131056)
LATER: Sequence[int] = (4, 80007, 134101, 133015, 133008, 133009, 133016)
MAY_HAVE_LEFT: Sequence[int] = (1, 2, 131000, 131016, 131057, 133004, 2494100)
REFUSED: Sequence[int] = (
    131049, 131064, 131047, 131026, 131050, 130403, 130472, 131021, 131062, 131048, 368, 131031, 130497,
    131042, 134011, 131045, 133010, 131037, 133000, 133005, 133006, 0, 190, 3, 10, 200, 299, 131005, 33,
    100, 131008, 131009, 131051, 131052, 131053, 131055, 131063, 132000, 132001, 132005, 132007, 132012,
    132018, 135000, 134100, 134102, 132015, 132016, 132068, 132069,
)  # fmt: skip
STOPPING: Sequence[int] = (
    131048, 368, 131031, 130497, 131042, 134011, 131045, 133010, 131037, 133000, 133005, 133006, 131064,
    0, 190, 3, 10, 200, 299, 131005,
)  # fmt: skip
FAILED_LATER = (131026, 131047, 131049, 130472, 131053, 131000)
IMAGE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 2000


def expected() -> Mapping[int, str]:
    """The status each code ends in."""
    ends = dict.fromkeys(REFUSED, "failed") | dict.fromkeys(MAY_HAVE_LEFT, "unknown")
    return ends | dict.fromkeys(LATER, "queued") | dict.fromkeys(REPLAYED_SOON, "arrived")


async def provider_errors(wish: Wish) -> Figures:
    """Every code of the table, each at one customer; then failures that come after the acceptance.

    A code that stops a number for all has a number of its own.
    """
    ends = expected()
    async with ground_of(wish, numbers=1 + len(STOPPING), customers=len(ends) + len(FAILED_LATER)) as ground:
        number_of = dict(zip(STOPPING, ground.numbers[1:], strict=True))
        users = [customer.phone for customer in ground.customers]
        by_code = dict(zip(ends, users, strict=False))
        late = dict(zip(FAILED_LATER, users[len(ends) :], strict=True))
        for code, user in (*by_code.items(), *late.items()):
            number = (
                number_of.get(code, ground.numbers[0]) if user == by_code.get(code) else ground.numbers[0]
            )
            ground.sim.user_says(number.id, user, "hello")
        await settled(ground.install, ground.sim)
        places = await _places(ground)
        ground.sim.script(*(Refuse(code=code, user=user) for code, user in by_code.items()))
        ground.sim.script(*(FailLater(code=code, user=user) for code, user in late.items()))
        messages = {user: await ground.operator.send(places[user], "?") for user in users}
        await _until_quiet(ground, waiting=len(LATER))
        shown = {user: await ground.operator.get(f"/messages/{id_}") for user, id_ in messages.items()}
        found = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
    wrong = [
        *(fault for code, user in by_code.items() if (fault := _of_code(code, shown[user], ends[code]))),
        *(fault for code, user in late.items() if (fault := _of_code(code, shown[user], "failed"))),
    ]
    return Figures(
        sent=len(messages), unknown=found.unknown, doubled=found.doubled, wrong=tuple(wrong),
        measured={"codes": len(ends), "codes after the acceptance": len(late)},
    )  # fmt: skip


def _of_code(code: int, message: Mapping[str, Any], wanted: str) -> str:
    """What is wrong with how a message ended; "" if nothing is."""
    st: str = message["st"]
    fail: Mapping[str, Any] = message.get("fail") or {}
    if st not in (ARRIVED if wanted == "arrived" else (wanted,)):
        return f"code {code} ends as {st}, not {wanted}: {fail}"
    if st == "failed" and fail.get("remote_code") != str(code):
        return f"code {code} is shown without its reason: {fail}"
    return ""


async def _until_quiet(ground: Ground, *, waiting: int) -> None:
    """Only those that have to wait for minutes still do."""
    sql = "SELECT SUM(state = 'waiting'), SUM(state = 'sending') FROM outbox"
    async with asyncio.timeout(40):
        while await ground.install.rows(sql) != [(waiting, 0)]:  # noqa: ASYNC110  # another process has no event
            await asyncio.sleep(0.2)
    await ground.sim.settled()


async def _places(ground: Ground) -> dict[str, str]:
    """Conversations by the customer's phone."""
    sql = (
        "SELECT c.id, i.value FROM conversation c JOIN identity i ON i.contact_id = c.contact_id"
        " WHERE i.kind = 'phone'"
    )
    return {
        value.removeprefix("+"): ids.show("c", number) for number, value in await ground.install.rows(sql)
    }


async def provider_silence(wish: Wish) -> Figures:
    """No answer after the bytes left: the line is cut, or a gateway breaks; taken or not. Never twice."""
    cases: Mapping[str, tuple[Hang | Break, bool]] = {
        "cut, taken": (Hang(seconds=3, taken=True), True),
        "cut, not taken": (Hang(seconds=3, taken=False), False),
        "gateway, taken": (Break(status=502, taken=True), True),
        "gateway, not taken": (Break(status=502, taken=False), False),
    }
    async with ground_of(wish, customers=1) as ground:
        Customers(ground.sim, ground.numbers, ground.customers, ground.luck).greet()
        await settled(ground.install, ground.sim)
        ((place, _),) = await conversations(ground.install)
        await asyncio.sleep(LEASE)
        wrong: list[str] = []
        for name, (fault, has) in cases.items():
            ground.sim.script(fault)
            message = await ground.operator.send(place, name)
            await asyncio.sleep(0.7)
            ground.provider.cut()
            await settled(ground.install, ground.sim)
            st = (await ground.operator.get(f"/messages/{message}"))["st"]
            taken = sum(1 for one in ground.sim.messages.values() if one.tracker == message)
            if taken != int(has) or (st in ARRIVED) != has or (st == "unknown") == has:
                wrong.append(f"{name}: shown as {st}, the provider has it {taken} times")
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
