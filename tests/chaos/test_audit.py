"""The audit itself finds what is lost, doubled and out of order: a check that cannot fail checks nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from chaos.audit import audit_inbound, audit_outbound, unread_is_right
from chaos.ground import Ground, Wish, ground_of
from chaos.traffic import Customers, conversations, settled
from jackfield import ids


def tamper(ground: Ground, *statements: str) -> None:
    with closing(sqlite3.connect(ground.install.settings.sqlite_path, timeout=20)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


async def test_the_audit_sees_what_was_taken_away_and_what_was_put_there(tmp_path: Path) -> None:
    wish = Wish(seed=1, seconds=1, folder=tmp_path)
    async with ground_of(wish, customers=2) as ground:
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        customers.greet()
        await settled(ground.install, ground.sim)
        places = await conversations(ground.install)
        sent = [await ground.operator.send(places[0][0], f"answer {number}") for number in range(2)]
        await settled(ground.install, ground.sim)
        good = [
            await audit_inbound(ground.install, ground.sim, customers.written),
            await audit_outbound(ground.install, ground.sim, ground.operator.commands),
        ]
        assert all(one.good for one in good), good

        first, second = (ids.read("m", message) for message in sent)
        tamper(ground, "DELETE FROM message WHERE external_id = '" + customers.written[0].id + "'")
        tamper(ground, "UPDATE conversation SET unread = unread + 1")
        tamper(ground, "DELETE FROM delivery WHERE id = (SELECT MIN(id) FROM delivery)")
        tamper(ground, "DELETE FROM stream WHERE seq = 2")
        tamper(ground, f"UPDATE message SET pos = pos + 100 WHERE id = {first}")
        tamper(ground, f"UPDATE message SET st = 'unknown' WHERE id = {second}")
        twice = next(one for one in ground.sim.messages.values() if one.tracker == sent[0])
        ground.sim.messages["again"] = twice  # type: ignore[index]  # pyright: ignore[reportIndexIssue]  # a plain dict below

        inbound = await audit_inbound(ground.install, ground.sim, customers.written)
        outbound = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
        unread = await unread_is_right(ground.install, customers.written)
    assert len(inbound.lost) == 2
    assert any("kept" in one for one in inbound.wrong)
    assert any("gaps" in one for one in inbound.wrong)
    assert len(outbound.doubled) == 1
    assert any("out of order" in one for one in outbound.wrong)
    assert any("unknown" in one for one in outbound.wrong)
    assert unread


async def test_an_accepted_command_without_its_message_is_lost(tmp_path: Path) -> None:
    async with ground_of(Wish(seed=1, seconds=1, folder=tmp_path), customers=1, start=False) as ground:
        ground.operator.commands.accepted["key"] = ["m_0000000000001"]
        found = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
    assert found.lost == ("accepted and not stored: m_0000000000001",)
