"""The simulator's clock: real time, and as far ahead or behind as was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    def __init__(self) -> None:
        self._shift = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def ago(self, seconds: float) -> datetime:
        return self.now() - timedelta(seconds=seconds)

    def forward(self, by: timedelta) -> None:
        self._shift += by

    def set(self, to: datetime) -> None:
        """Raises ValueError for a time without a zone."""
        if to.tzinfo is None:
            raise ValueError("the time needs a zone")
        self._shift = to - datetime.now(UTC)
