"""How the number is, measured: what each call comes to, and a small call of its own now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress

from jackfield.channel import BadCredentials, ChannelError, Port, State, Suspended, Unavailable

from .client import GraphClient
from .payload import Node, listed, node, text

USUALLY, IN_TROUBLE = 300.0, 60.0  # seconds between two looks
FIELDS = ("id", "health_status")


class Health:
    """Tells core each change once. While core holds messages back, only a look finds the end of it."""

    def __init__(
        self, client: GraphClient, port: Port, *, usually: float = USUALLY, in_trouble: float = IN_TROUBLE
    ) -> None:
        self._client, self._port = client, port
        self._usually, self._in_trouble = usually, in_trouble
        self._said: tuple[State, str] | None = None

    async def watch(self) -> None:
        """Look now and then, until cancelled. What was said before core started us anew no longer counts."""
        self._said = None
        while True:
            with suppress(ChannelError):  # told to core already
                await self._look()
            fine = self._said is not None and self._said[0] is State.CONNECTED
            await asyncio.sleep(self._usually if fine else self._in_trouble)

    async def _look(self) -> None:
        with self.watched():
            try:
                blocked = blocking(await self._client.number(FIELDS))
            except Unavailable as error:
                if self._said is None or self._said[0] is State.CONNECTED:
                    self._say(State.TRANSIENT, error)
                raise
            if blocked is not None:
                raise Suspended(blocked)

    @contextmanager
    def watched(self) -> Generator[None]:
        """For every call: whether the provider still takes them."""
        try:
            yield
        except Suspended as error:
            self._say(State.SUSPENDED, error)
            raise
        except BadCredentials as error:
            self._say(State.BAD_CREDENTIALS, error)
            raise
        else:
            self._say(State.CONNECTED)

    def _say(self, state: State, error: ChannelError | None = None) -> None:
        code, words = (error.code, error.detail) if error else ("", "")
        if self._said != (state, code):
            self._said = (state, code)
            self._port.state(state, code, words)


def blocking(number: Node) -> str | None:
    """Why the number can send nothing at all, in the provider's words; None where it can."""
    health = node(number.get("health_status"))
    if health.get("can_send_message") != "BLOCKED":
        return None
    for entity in map(node, listed(health.get("entities"))):
        for error in map(node, listed(entity.get("errors"))):
            if words := text(error.get("error_description")):
                return words
    return "the number may not send"
