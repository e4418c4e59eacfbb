"""Every error that the provider has: as the answer to a send, in a late status, with and without words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from chaos.audit import ARRIVED, audit_outbound
from chaos.figures import Figures, together
from chaos.ground import Ground, Wish, ground_of
from chaos.traffic import settled
from jackfield import ids
from jackfield_whatsapp_api.simulator import Break, FailLater, Number, Refuse

from .kills import greeted

End = Literal["arrived", "queued", "unknown", "failed"]

# What becomes of a message whose send is refused once with a code. Source: Meta's error codes for the
# Cloud API: which were refused for sure, and which may have gone out all the same.
SAID_AGAIN_SOON: Sequence[int] = (130429, 131056)
SAID_AGAIN_LATER: Mapping[int, float] = {  # seconds to wait
    4: 60, 17: 60, 32: 60, 613: 60, 80007: 60, 80008: 60, 133009: 60, 133015: 300, 134101: 600,
    133008: 3600,
}  # fmt: skip
BRAKING: Sequence[int] = (4, 17, 32, 613, 80007, 80008)  # of these: the whole number waits
MAY_HAVE_LEFT: Sequence[int] = (1, 2, 131000, 131016, 131057, 133004, 2494100)
STOPPING: Sequence[int] = (  # the whole number
    131048, 368, 131031, 130497, 131042, 134011, 131045, 133010, 131037, 133000, 133005, 133006,
    0, 102, 104, 190, 3, 10, 200, 299, 131005,
)  # fmt: skip
REFUSED: Sequence[int] = (
    131049, 131064, 133016,  # not before a message has ended its life
    131047, 131026, 131050, 130403, 130472, 131021, 131030, 131062, 33, 100, 803, 131008, 131009,
    131051, 131052, 131053, 131055, 131061, 131063, 132000, 132001, 132005, 132007, 132012, 132018, 135000,
    134100, 134102, 132015, 132016, 132068, 132069, 999999,
    2388019, 2388023, 2388024, 2388039, 2388040, 2388043, 2388047, 2388072, 2388073, 2388293, 2388299,
    147001, 147002, 147003, 147004, 147005, 2593107, 2593108, 2593109,
)  # fmt: skip
WITHOUT_WORDS: Mapping[int, End] = {  # an HTTP status, and nothing that could be read
    400: "failed", 401: "failed", 403: "failed", 404: "failed", 413: "failed", 429: "arrived",
    500: "unknown", 502: "unknown", 503: "unknown", 504: "unknown",
}  # fmt: skip
STATUS_AFTER: Sequence[Literal["accepted", "sent", "delivered"]] = ("accepted", "sent")
AT_ONCE = 8  # hands of the operator


class Case(Struct, frozen=True, kw_only=True):
    """One message to one customer. `remote_code`: what a person is shown of it; "" if it says nothing."""

    name: str
    number: Number
    user: str
    fault: Refuse | FailLater | Break
    ends: End
    remote_code: str = ""
    after: float = 0  # seconds before the next try


def codes() -> Mapping[int, End]:
    """How each code ends that is the answer to a send."""
    refused: Mapping[int, End] = dict.fromkeys((*REFUSED, *STOPPING), "failed")
    unknown: Mapping[int, End] = dict.fromkeys(MAY_HAVE_LEFT, "unknown")
    later: Mapping[int, End] = dict.fromkeys(SAID_AGAIN_LATER, "queued")
    return {**refused, **unknown, **later, **dict.fromkeys(SAID_AGAIN_SOON, "arrived")}


async def provider_errors(wish: Wish) -> Figures:
    """Every code as an answer and every code in a status that comes after the acceptance, each at one
    customer; a code that stops a number for all has a number of its own."""
    ends = codes()
    alone = 1 + 2 * len(STOPPING) + len(BRAKING)
    async with ground_of(
        wish, numbers=alone + len(WITHOUT_WORDS), customers=2 * len(ends) + len(WITHOUT_WORDS)
    ) as ground:
        todo = [*_answers(ground, ends), *_statuses(ground, ends), *_wordless(ground, alone)]
        for case in todo:
            ground.sim.user_says(case.number.id, case.user, "hello")
            ground.sim.script(case.fault)
        await settled(ground.install, ground.sim)
        places = await _places(ground)
        hands = asyncio.Semaphore(AT_ONCE)
        messages = await asyncio.gather(*(_sent(ground, places[case.user], hands) for case in todo))
        await _until_quiet(ground, waiting=sum(1 for case in todo if case.ends == "queued"))
        shown = [await ground.operator.get(f"/messages/{message}") for message in messages]
        rests = await _rests(ground)
        apart = {message for message, case in zip(messages, todo, strict=True) if case.ends != "arrived"}
        found = await audit_outbound(ground.install, ground.sim, ground.operator.commands, apart=apart)
    looked_at = zip(todo, shown, strict=True)
    wrong = [fault for case, one in looked_at for fault in _faults(case, one, rests.get(one["id"], 0))]
    measured = {"codes": len(ends), "the same in a status": len(ends), "without words": len(WITHOUT_WORDS)}
    return together([found, Figures(wrong=tuple(wrong), measured=measured)])


def _answers(ground: Ground, ends: Mapping[int, End]) -> Iterable[Case]:
    stopping = dict(zip(STOPPING, ground.numbers[1:], strict=False))
    braking = dict(zip(BRAKING, ground.numbers[1 + 2 * len(STOPPING) :], strict=False))
    number_of = stopping | braking
    for (code, end), customer in zip(ends.items(), ground.customers, strict=False):
        yield Case(
            name=f"code {code}",
            number=number_of.get(code, ground.numbers[0]),
            user=customer.phone,
            fault=Refuse(code=code, user=customer.phone),
            ends=end,
            remote_code=str(code),
            after=SAID_AGAIN_LATER.get(code, 0),
        )


def _statuses(ground: Ground, ends: Mapping[int, End]) -> Iterable[Case]:
    """Whatever the code: a status says for sure that it failed."""
    number_of = dict(zip(STOPPING, ground.numbers[1 + len(STOPPING) :], strict=False))
    for place, (code, customer) in enumerate(zip(ends, ground.customers[len(ends) :], strict=False)):
        after = STATUS_AFTER[place % len(STATUS_AFTER)]
        yield Case(
            name=f"code {code} in a status after {after}",
            number=number_of.get(code, ground.numbers[0]),
            user=customer.phone,
            fault=FailLater(code=code, user=customer.phone, after=after),
            ends="failed",
            remote_code=str(code),
        )


def _wordless(ground: Ground, first: int) -> Iterable[Case]:
    customers = ground.customers[-len(WITHOUT_WORDS) :]
    for (status, end), number, customer in zip(
        WITHOUT_WORDS.items(), ground.numbers[first:], customers, strict=True
    ):
        fault = Break(status=status, number=number.id)
        yield Case(name=f"HTTP {status}", number=number, user=customer.phone, fault=fault, ends=end)


async def _sent(ground: Ground, place: str, hands: asyncio.Semaphore) -> str:
    async with hands:
        return await ground.operator.send(place, "?")


def _faults(case: Case, message: Mapping[str, Any], rest: float) -> Iterable[str]:
    """What is wrong with how a message ended. `rest`: seconds from its writing to its next try."""
    st: str = message["st"]
    fail: Mapping[str, Any] = message.get("fail") or {}
    if st not in (ARRIVED if case.ends == "arrived" else (case.ends,)):
        yield f"{case.name} ends as {st}, not {case.ends}: {fail}"
    elif st == "failed" and not (fail.get("code") and fail.get("remote_code", "") == case.remote_code):
        yield f"{case.name} is shown without its reason: {fail}"
    elif rest < case.after:
        yield f"{case.name} is said again after {rest} s, not {case.after}"


async def _until_quiet(ground: Ground, *, waiting: int) -> None:
    """Only those that have to wait for minutes still do."""
    sql = "SELECT SUM(state = 'waiting'), SUM(state = 'sending') FROM outbox"
    async with asyncio.timeout(150):
        while await ground.install.rows(sql) != [(waiting, 0)]:  # noqa: ASYNC110  # another process has no event
            await asyncio.sleep(0.2)
    await ground.sim.settled(60)


async def _rests(ground: Ground) -> dict[str, float]:
    sql = "SELECT message_id, (due_at - created_at) / 1000.0 FROM outbox WHERE op = 'send'"
    return {ids.show("m", message): seconds for message, seconds in await ground.install.rows(sql)}


async def _places(ground: Ground) -> dict[str, str]:
    """Conversations by the customer's phone."""
    sql = (
        "SELECT c.id, i.value FROM conversation c JOIN identity i ON i.contact_id = c.contact_id"
        " WHERE i.kind = 'phone'"
    )
    return {
        value.removeprefix("+"): ids.show("c", number) for number, value in await ground.install.rows(sql)
    }


async def throttled(wish: Wish) -> Figures:
    """Too fast, again and again: nothing is said again before the provider allows it, nor out of order."""
    wait = 6 if wish.seconds < 30 else 10  # more than is waited anyhow after a first and a second refusal
    async with ground_of(wish, customers=4) as ground:
        places = await greeted(ground)
        ground.sim.script(*(Refuse(code=130429, retry_after=wait, times=4) for _ in range(2)))
        for number in range(3):
            for place in places:
                await ground.operator.send(place, f"answer {number}")
        await settled(ground.install, ground.sim, within=60 + 10 * wait)
        found = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
        refused, wrong = _said_too_soon(ground, wait)
    wrong += [] if refused == 8 else [f"{refused} sends were refused, not 8"]
    return together([found, Figures(wrong=tuple(wrong), measured={"refused": refused, "to wait, s": wait})])


def _said_too_soon(ground: Ground, wait: float) -> tuple[int, list[str]]:
    """How many were refused, and which of them came again before it was allowed."""
    wrong: list[str] = []
    refused = 0
    until: dict[str, float] = {}
    for one in ground.sim.requests:
        body: Mapping[str, Any] = one.body if one.method == "POST" and one.path.endswith("/messages") else {}
        txn: str = body.get("biz_opaque_callback_data", "")
        at = one.at.timestamp()
        if txn and at < until.get(txn, 0):
            wrong.append(f"{txn} was said again {until[txn] - at:.1f} s too soon")
        if txn and one.status == 429:
            refused += 1
            until[txn] = at + wait
    return refused, wrong
