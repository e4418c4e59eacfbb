"""Settings say which variable cannot be read."""

from __future__ import annotations

import pytest

from jackfield.settings import from_environment


@pytest.mark.parametrize("said", ["soon", "0.5", "-3", "nan", "100000"])
def test_a_lease_that_no_process_could_keep_is_refused_by_name(said: str) -> None:
    with pytest.raises(ValueError, match="JACKFIELD_LEASE"):
        from_environment({"JACKFIELD_LEASE": said})


def test_a_lease_lasts_as_long_as_was_said() -> None:
    assert from_environment({"JACKFIELD_LEASE": "2.5"}).lease == 2.5
    assert from_environment({}).lease == 15
