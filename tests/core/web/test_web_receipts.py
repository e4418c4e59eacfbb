"""How far a message got, step by step, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from web_world import World

from jackfield.ids import new_id, read
from jackfield.store.rows import ReceiptRow
from jackfield.store.uow import Need, Uow

PRICING = '{"pricing": {"billable": true, "category": "utility"}}'


class Told(Struct, frozen=True):
    """A receipt, as the provider's call would leave it."""

    workspace: int
    message: int
    level: str
    at: int
    detail: str = ""

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from ()

    def apply(self, uow: Uow) -> None:
        uow.add(
            ReceiptRow(
                id=new_id(),
                workspace_id=self.workspace,
                message_id=self.message,
                level=self.level,
                at=self.at,
                detail=self.detail,
            )
        )


async def said_something(world: World) -> tuple[Any, str]:
    conv = await world.conversation(world.alpha)
    api = await world.api(world.alpha.people["operator"])
    answer = await api.post(
        f"/api/v1/conversations/{conv}/messages", json={"parts": [{"type": "text", "body": "hi"}]}
    )
    return api, answer.json()["messages"][0]


async def test_receipts_are_told_in_order_with_what_the_provider_said(world: World) -> None:
    api, message = await said_something(world)
    assert (await api.get(f"/api/v1/messages/{message}/receipts")).json()["items"] == []
    for level, at, detail in (("delivered", 2_000, ""), ("sent", 1_000, PRICING), ("read", 3_000, "{cut of")):
        await world.store.writer.do(Told(world.alpha.workspace, read("m", message), level, at, detail))
    items = (await api.get(f"/api/v1/messages/{message}/receipts")).json()["items"]
    assert [(one["level"], one["at"]) for one in items] == [
        ("sent", 1_000),
        ("delivered", 2_000),
        ("read", 3_000),
    ]
    assert items[0]["detail"]["pricing"]["category"] == "utility"
    assert items[1]["detail"] is None
    assert items[2]["detail"] == "{cut of", "what was cut off is shown as it is"


async def test_anothers_receipts_do_not_exist(world: World) -> None:
    _, message = await said_something(world)
    stranger = await world.api(world.beta.people["owner"])
    assert (await stranger.get(f"/api/v1/messages/{message}/receipts")).status_code == 404
