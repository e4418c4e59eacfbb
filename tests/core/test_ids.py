"""Ids: they rise, they are read as they were shown, and what is malformed names nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield.errors import NotFound
from jackfield.ids import first_id, make_ids, read, show

NUMBERS = st.integers(min_value=0, max_value=(1 << 63) - 1)
START = 1_800_000_000_000  # ms: some day


@given(NUMBERS)
def test_what_is_shown_can_be_read(number: int) -> None:
    shown = show("m", number)
    assert read("m", shown) == number
    assert len(shown) == len("m_") + 13


@given(NUMBERS, NUMBERS)
def test_an_id_shown_keeps_its_order(one: int, other: int) -> None:
    assert (one < other) == (show("c", one) < show("c", other))


def test_one_number_is_another_id_under_each_prefix() -> None:
    assert show("c", 5) == "c_0000000000005"
    assert show("ch", 5) == "ch_0000000000005"
    with pytest.raises(NotFound):
        read("c", show("ch", 5))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c",
        "c_",
        "c_5",
        "c_00000000000005",  # a letter too many
        "c_000000000000u",  # not in the alphabet
        "c_000000000000O",
        "c_zzzzzzzzzzzzz",  # beyond 63 bits
        " c_0000000000005",
        "c_0000000000005\n",
        "C_0000000000005",
    ],
)
def test_what_is_malformed_names_nothing(text: str) -> None:
    with pytest.raises(NotFound):
        read("c", text)


def test_ids_rise_though_the_clock_stands_or_goes_back() -> None:
    moments = iter([START, START, START + 5, START - 1000, START + 5, START + 6])
    new_id = make_ids(lambda: next(moments))
    assert all(one < other for one, other in pairwise([new_id() for _ in range(6)]))


def test_more_ids_than_a_millisecond_has_borrow_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def nearly_all(_bits: int) -> int:
        return (1 << 22) - 2  # two are left

    monkeypatch.setattr("secrets.randbits", nearly_all)
    new_id = make_ids(lambda: START)
    first, last, borrowed = new_id(), new_id(), new_id()
    assert first < last < first_id(START + 1) <= borrowed < first_id(START + 2)


def test_the_first_id_of_a_moment_is_below_all_of_it_and_above_all_before() -> None:
    assert first_id(START) <= make_ids(lambda: START)() < first_id(START + 1)
    assert first_id(0) == 0
