"""The bus inside one process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from . import Handler, Stop

log = logging.getLogger("jackfield.bus")


class MemoryBus:
    """Handlers by subject. Every publish reaches them before it returns."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = {}

    @property
    def connected(self) -> bool:
        return True

    @property
    def subjects(self) -> Iterable[str]:
        """What somebody hears."""
        return self._handlers.keys()

    async def publish(self, subject: str, data: bytes) -> None:
        level, _, _ = subject.rpartition(".")
        self.deliver(subject, data)
        self.deliver(f"{level}.*", data)

    def deliver(self, heard: str, data: bytes) -> None:
        """Call the handlers of exactly this subscription. One that fails disturbs nobody."""
        for handler in tuple(self._handlers.get(heard, ())):
            try:
                handler(data)
            except Exception:
                log.exception("a handler of %s failed", heard)

    def subscribe(self, subject: str, handler: Handler) -> Stop:
        handlers = self._handlers.setdefault(subject, [])
        handlers.append(handler)

        def stop() -> None:
            if handler in handlers:
                handlers.remove(handler)
            if not handlers and self._handlers.get(subject) is handlers:
                del self._handlers[subject]

        return stop

    async def settle(self) -> None:
        return

    def on_reconnect(self, call: Callable[[], None]) -> Stop:  # never lost
        return lambda: None
