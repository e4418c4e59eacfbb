"""Reading: one SQL for both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from fixtures.works import Do

from jackfield.store.rows import LabelRow
from jackfield.store.store import Store
from jackfield.store.uow import Uow

LABELS = [
    LabelRow(id=number, workspace_id=number % 2, name=f"label {number}", color="#000000", deleted=number == 3)
    for number in range(1, 6)
]


@pytest.fixture
async def labels(store: Store) -> Store:
    def apply(uow: Uow) -> None:
        for row in LABELS:
            uow.add(row)

    await store.writer.do(Do(apply))
    return store


async def test_rows_are_structs_of_their_table(labels: Store) -> None:
    assert await labels.rows(LabelRow, "ORDER BY id") == LABELS
    assert await labels.rows(LabelRow, "WHERE id = $1", 99) == []


@pytest.mark.parametrize("wanted", [[], [1], [1, 5, 99], list(range(3))])
async def test_a_list_is_one_parameter(labels: Store, wanted: Sequence[int]) -> None:
    rows = await labels.rows(LabelRow, f"WHERE {labels.any('id', '$1')} ORDER BY id", wanted)
    assert [row.id for row in rows] == [row.id for row in LABELS if row.id in wanted]


async def test_a_list_of_texts_is_one_parameter(labels: Store) -> None:
    names = ["label 2", "it's", 'quo"ted']
    assert await labels.fetch(f"SELECT id FROM label WHERE {labels.any('name', '$1')}", names) == [(2,)]


async def test_a_place_may_be_named_twice_and_in_any_order(labels: Store) -> None:
    sql = "SELECT id FROM label WHERE name = $2 AND id >= $1 AND id <= $1"
    assert await labels.fetch(sql, 4, "label 4") == [(4,)]


async def test_more_than_nine_places_are_told_apart(labels: Store) -> None:
    places = ", ".join(f"${place}" for place in range(1, 13))
    found = await labels.fetch(f"SELECT count(*) FROM label WHERE id IN ({places})", *range(12, 0, -1))
    assert found == [(5,)]


async def test_booleans_can_be_asked_for(labels: Store) -> None:
    assert await labels.fetch("SELECT id FROM label WHERE deleted") == [(3,)]
    assert await labels.fetch("SELECT id FROM label WHERE deleted = $1", True) == [(3,)]


async def test_row_values_make_pages(labels: Store) -> None:
    sql = "WHERE (workspace_id, id) < ($1, $2) ORDER BY workspace_id DESC, id DESC LIMIT $3"
    assert [row.id for row in await labels.rows(LabelRow, sql, 1, 5, 3)] == [3, 1, 4]


async def test_a_slow_read_does_not_hold_up_the_others(store: Store) -> None:
    count = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT count(*) FROM n"
    )
    slow = asyncio.create_task(store.fetch(count, 2_000_000))
    await asyncio.sleep(0.01)
    for _ in range(5):
        assert await store.fetch("SELECT 1") == [(1,)]
    assert not slow.done(), "the slow one is not slow here"
    assert await slow == [(2_000_000,)]


async def test_wrong_sql_is_a_bug_and_not_an_absence(labels: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)syntax|no such|does not exist") as caught:
        await labels.fetch("SELECT nonsense FROM nowhere")
    assert type(caught.value).__name__ != "Unavailable"
