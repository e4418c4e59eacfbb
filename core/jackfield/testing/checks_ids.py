"""Checks of ids: what is made can be parsed, and nonsense is a ValueError."""

from __future__ import annotations

from .bench import Bench, Subject

NONSENSE = ("", " ", ":", "\x00", "no such id", "a:b:c:d:e:f", "💥" * 300)


class IdChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return bool(about.suite.ids)

    def test_ids_round_trip(self) -> None:
        for pair in self.ids:
            assert pair.samples, "an IdPair without samples checks nothing"
            for sample in pair.samples:
                back = pair.make(pair.parse(sample))
                assert back == sample, f"{sample!r} comes back as {back!r}"

    def test_nonsense_is_no_id_or_a_value_error(self) -> None:
        for pair in self.ids:
            for text in NONSENSE:
                try:
                    parsed = pair.parse(text)
                except ValueError:
                    continue
                assert pair.make(parsed) == text, f"{text!r} was parsed, but is made {pair.make(parsed)!r}"
