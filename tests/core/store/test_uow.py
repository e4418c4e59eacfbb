"""The unit of work in memory: what is found, what is undone, what is written."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs

from jackfield.store.indexes import CONTACT, CONVERSATION, LABEL, PEER, PEERS_OF
from jackfield.store.rows import LabelRow, PeerRow, Row
from jackfield.store.uow import Index, Uow

NAMES = ("red", "green", "blue")
BY_NAME = Index(LabelRow, "name", many=True)


def label(id_: int, name: str = "red", workspace: int = 1) -> LabelRow:
    return LabelRow(id=id_, workspace_id=workspace, name=name, color="#000000")


def loaded(*rows: LabelRow) -> Uow:
    """A unit of work that has these rows, and every key the tests look under."""
    uow = Uow(now=1)
    uow.fresh(*(BY_NAME(name) for name in NAMES))
    list(uow.loaded(LABEL, [(id_,) for id_ in range(20)], map(structs.replace, rows)))
    return uow


def test_a_key_that_was_not_named_is_an_error_and_not_an_absence() -> None:
    uow = loaded()
    with pytest.raises(KeyError, match="was not named"):
        uow.one(LABEL, 99)
    with pytest.raises(KeyError):
        uow.all(CONTACT, 1)
    assert not uow.knows(LABEL, 99)
    assert uow.knows(LABEL, 3)
    assert uow.one(LABEL, 3) is None


def test_a_row_is_found_by_what_its_columns_say_now() -> None:
    uow = loaded(label(1))
    row = uow.one(LABEL, 1)
    assert row is not None
    uow.edit(row).name = "green"
    assert uow.all(BY_NAME, "red") == []
    uow.place(row)
    assert uow.all(BY_NAME, "green") == [row]


def test_an_index_asked_for_late_finds_the_rows_that_are_here() -> None:
    uow = Uow(now=1)
    uow.add(PeerRow(id=5, channel_id=1, peer="+1", conversation_id=7))
    assert uow.lacks(PEERS_OF(7))
    uow.fresh(PEERS_OF(7))
    assert [row.id for row in uow.all(PEERS_OF, 7)] == [5]


def test_rows_bring_what_belongs_to_them() -> None:
    uow = Uow(now=1)
    row = PeerRow(id=5, channel_id=1, peer="+1", conversation_id=7)
    assert list(uow.loaded(PEER, [(1, "+1")], [row])) == [CONVERSATION(7)]
    assert not uow.lacks(PEER(1, "+1"))


def test_a_row_changed_and_changed_back_is_not_written() -> None:
    uow = loaded(label(1))
    row = uow.one(LABEL, 1)
    assert row is not None
    uow.edit(row).name = "green"
    uow.edit(row).name = "red"
    assert list(uow.changes()) == []


def test_a_row_added_and_removed_is_not_written() -> None:
    uow = loaded()
    uow.remove(uow.add(label(2)))
    assert list(uow.changes()) == []
    assert uow.one(LABEL, 2) is None


def test_a_part_that_raises_is_undone_alone() -> None:
    uow = loaded(label(1))
    row = uow.one(LABEL, 1)
    assert row is not None
    uow.begin()
    uow.edit(row).color = "#111111"
    with suppress(Stop), uow.attempt():
        uow.edit(row).color = "#222222"
        uow.add(label(2))
        raise Stop
    assert row.color == "#111111"
    assert uow.one(LABEL, 2) is None
    uow.roll_back()
    assert row.color == "#000000"
    assert list(uow.changes()) == []


class Stop(Exception):
    """What a part or a work raises here."""


class Op(Struct, frozen=True):
    kind: Literal["add", "edit", "remove"]
    pick: int
    name: str


class Step(Struct, frozen=True):
    """One work: what it does, and whether it fails in the end. `inner`: done in a part that fails."""

    ops: list[Op]
    inner: list[Op]
    fails: bool


ops = st.builds(
    Op, kind=st.sampled_from(["add", "edit", "remove"]), pick=st.integers(0, 9), name=st.sampled_from(NAMES)
)
steps = st.builds(Step, ops=st.lists(ops, max_size=6), inner=st.lists(ops, max_size=4), fails=st.booleans())


def do(uow: Uow, op: Op) -> None:
    row = uow.one(LABEL, op.pick)
    match op.kind:
        case "add" if row is None and op.pick not in uow.removed:
            uow.add(label(op.pick, op.name))
        case "edit" if row is not None:
            uow.edit(row).name = op.name
            uow.place(row)
        case "remove" if row is not None:
            uow.remove(row)
        case _:
            pass


def run(uow: Uow, step: Step, *, inner: bool) -> None:
    uow.begin()
    for op in step.ops[:3]:
        do(uow, op)
    if inner:
        with suppress(Stop), uow.attempt():
            for op in step.inner:
                do(uow, op)
            raise Stop
    for op in step.ops[3:]:
        do(uow, op)


def picture(uow: Uow) -> tuple[object, ...]:
    """All that can be seen of a unit of work."""

    def shown(row: Row | None) -> object:
        return None if row is None else structs.asdict(row)

    changes = sorted((repr((shown(before), shown(after))) for before, after in uow.changes()))
    by_id = [shown(uow.one(LABEL, id_)) for id_ in range(10)]
    by_name = [sorted(row.id for row in uow.all(BY_NAME, name)) for name in NAMES]
    return changes, by_id, by_name, sorted(uow.removed)


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, max_size=8))
def test_a_work_that_fails_leaves_no_trace(story: list[Step]) -> None:
    rows = [label(id_, NAMES[id_ % 3]) for id_ in range(5)]
    everything, only_good = loaded(*rows), loaded(*rows)
    for step in story:
        run(everything, step, inner=True)
        if step.fails:
            everything.roll_back()
        else:
            run(only_good, step, inner=False)
        assert picture(everything) == picture(only_good)
