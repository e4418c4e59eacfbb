"""Holds what phones wrote and heard against what is stored: lost, doubled, out of order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from jackfield import ids

from .audit import ARRIVED
from .bridged import Bridged, Customer
from .figures import Figures


async def audit_heard(ground: Bridged) -> Figures:
    """Every message of a customer is in the inbox once, in the order in which it was written; or its place
    is, where the engine had opened it and was killed before it handed it over: that is told late."""
    rows = await ground.install.rows(
        "SELECT c.peer, m.external_id, m.parts FROM message m JOIN conversation c ON c.id = m.conversation_id"
        " WHERE m.dir = 'in' ORDER BY m.conversation_id, m.pos"
    )
    stored = Counter(external_id for _, external_id, _ in rows)
    empty = {external_id for _, external_id, parts in rows if '"undecryptable"' in parts}
    places: defaultdict[str, list[str]] = defaultdict(list)
    for peer, external_id, _ in rows:
        places[peer].append(external_id)
    written = [one for customer in ground.customers for one in customer.written]
    lost = [f"{text} ({number})" for text, number in written if not stored[number]]
    doubled = [f"{number} × {count}" for number, count in stored.items() if count > 1]
    known = {number for _, number in written}
    wrong = [f"{number} was never written" for number in stored if number not in known]
    for customer in ground.customers:
        there = set(places[customer.peer]) - empty
        order = [number for _, number in customer.written if number in there]
        if order != [number for number in places[customer.peer] if number in known - empty]:
            wrong.append(f"what {customer.peer} wrote is out of order")
    shown = {"only their place": float(len(empty))}
    return Figures(
        written=len(written), lost=tuple(lost), doubled=tuple(doubled), wrong=tuple(wrong), measured=shown
    )


async def audit_said(ground: Bridged, said: Mapping[str, str], *, late: Collection[str] = ()) -> Figures:
    """Every answer is at its customer's phone once, in order; or nobody knows, and that is shown.

    `said`: texts by the message's id as it was accepted; `late`: those a person sent again, whose place
    in the order is another one.
    """
    rows = await ground.install.rows(
        "SELECT m.id, m.st, c.peer, m.fail, m.external_id FROM message m"
        " JOIN conversation c ON c.id = m.conversation_id"
        " WHERE m.dir = 'out' ORDER BY m.conversation_id, m.pos"
    )
    stored = {ids.show("m", row[0]): row for row in rows}
    there = {message: row for message, row in stored.items() if message in said}
    heard = Counter(text for customer in ground.customers for text, _ in customer.heard)
    lost = [f"accepted and not stored: {message}" for message in said.keys() - there.keys()]
    doubled = [f"{text} × {count}" for text, count in heard.items() if count > 1]
    doubled += [f"stored and never accepted: {message}" for message in stored.keys() - said.keys()]
    wrong: list[str] = []
    unknown = 0
    for message, (_, st, _, fail, external_id) in there.items():
        arrived = heard[said[message]]
        if st in ARRIVED and not arrived:
            lost.append(f"{said[message]} is shown as {st} ({external_id}) and never arrived")
        elif st == "unknown":
            unknown += 1
            if arrived:
                wrong.append(f"{said[message]} is shown as unknown though it arrived")
        elif st not in ARRIVED:
            lost.append(f"{said[message]} is {st} at the end {fail}".rstrip())
    for customer in ground.customers:
        sent = [said[one] for one, row in there.items() if row[2] == customer.peer and one not in late]
        wrong += _order(customer, sent)
    return Figures(
        sent=len(said), unknown=unknown, lost=tuple(lost), doubled=tuple(doubled), wrong=tuple(wrong)
    )


def _order(customer: Customer, sent: Sequence[str]) -> list[str]:
    arrived = [text for text, _ in customer.heard if text in set(sent)]
    if arrived == [text for text in sent if text in set(arrived)]:
        return []
    return [f"what {customer.peer} heard is out of order: {arrived}"]


async def unknown(ground: Bridged) -> list[str]:
    """The messages of which nobody knows whether they arrived."""
    rows = await ground.install.rows("SELECT id FROM message WHERE dir = 'out' AND st = 'unknown'")
    return [ids.show("m", number) for (number,) in rows]
