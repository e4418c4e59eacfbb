"""What a template may cost is told from what was counted, and only that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import Struct
from web_world import World

from jackfield.channel import Figure
from jackfield.ids import new_id, read, show
from jackfield.inbox.templates.prices import Average, average
from jackfield.store.rows import FigureRow, IdentityRow
from jackfield.store.uow import Need, Uow
from jackfield.web.clock import now_ms

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def priced(category: str, country: str, cost: float, delivered: float, currency: str = "USD") -> Figure:
    by = {"category": category, "country": country}
    return Figure(
        report="pricing",
        start=DAY,
        end=DAY,
        by=by,
        values={"cost": cost, "delivered": delivered},
        currency=currency,
    )


@pytest.mark.parametrize(
    ("figures", "country", "each"),
    [
        ([], "RU", None),
        (
            [priced("marketing", "RU", 3, 30)],
            "RU",
            Average(each=0.1, currency="USD", messages=30, country="RU"),
        ),
        (
            [priced("marketing", "RU", 3, 30), priced("marketing", "DE", 9, 10)],
            "RU",
            Average(each=0.1, currency="USD", messages=30, country="RU"),
        ),
        (
            [priced("marketing", "DE", 9, 10)],
            "RU",
            Average(each=0.9, currency="USD", messages=10, country=""),
        ),
        ([priced("utility", "RU", 3, 30)], "RU", None),
        ([priced("marketing", "RU", 0, 0)], "RU", None),
        ([priced("marketing", "RU", 3, 30), priced("marketing", "RU", 3, 30, "EUR")], "RU", None),
    ],
)
def test_the_average_is_of_what_was_counted(
    figures: list[Figure], country: str, each: Average | None
) -> None:
    assert average(figures, "marketing", country) == each


class Put(Struct, frozen=True, kw_only=True):
    workspace: int
    rows: tuple[Any, ...]

    def needs(self, uow: Uow) -> Iterable[Need]:
        from jackfield.inbox.identity import whole

        for row in self.rows:
            if isinstance(row, IdentityRow):
                yield from whole(row.contact_id)

    def apply(self, uow: Uow) -> None:
        for row in self.rows:
            uow.add(row)


async def test_a_hint_says_the_window_and_the_average(world: World) -> None:
    conversation = await world.conversation(world.alpha)
    api = await world.api(world.alpha.people["viewer"])
    path = f"/api/v1/conversations/{conversation}/cost"
    hint = (await api.get(path, params={"category": "marketing"})).json()
    assert hint == {"category": "marketing", "window_open": True, "free_until": None, "average": None}
    contact = (await api.get(f"/api/v1/conversations/{conversation}")).json()["contact"]
    figure = FigureRow(
        id=new_id(),
        workspace_id=world.alpha.workspace,
        channel_id=world.alpha.channel,
        report="pricing",
        since=now_ms() - 1000,
        until=now_ms(),
        by='{"category":"marketing","country":"RU"}',
        numbers='{"cost":5,"delivered":10}',
        currency="USD",
        at=now_ms(),
    )
    phone = IdentityRow(
        id=new_id(),
        workspace_id=world.alpha.workspace,
        contact_id=read("p", contact),
        kind="phone",
        value="+79991234567",
        source=show("ch", world.alpha.channel),
        at=1,
    )
    await world.store.writer.do(Put(workspace=world.alpha.workspace, rows=(figure, phone)))
    hint = (await api.get(path, params={"category": "MARKETING"})).json()
    assert hint["average"] == {"each": 0.5, "currency": "USD", "messages": 10, "country": "RU"}
    stranger = await world.api(world.beta.people["owner"])
    assert (await stranger.get(path, params={"category": "marketing"})).status_code == 404
