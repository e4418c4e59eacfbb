"""How the number is, measured: what each call comes to, and a small call of its own now and then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from yarl import URL

from jackfield.channel import (
    BadCredentials,
    ChannelError,
    LimitChange,
    NotSupported,
    Pace,
    Port,
    RateLimited,
    State,
    Suspended,
    Unavailable,
)

from . import coexistence, setting_up, standing
from .client import GraphClient
from .numbers import Number, look, read_number
from .payload import Node, listed, node, text

USUALLY, IN_TROUBLE, WHILE_PAST = 300.0, 60.0, 5.0  # seconds between two looks
NO_PHONE = "whatsapp_api.refused.no_phone"
PATIENCE = 6 * 3600.0  # seconds without news of the past, before it counts as told
CALLS = timedelta(hours=24)  # a webhook younger than this came to us, wherever they seem to go


class Health:
    """Tells core each change once. While core holds messages back, only a look finds the end of it."""

    def __init__(
        self, client: GraphClient, port: Port, *, usually: float = USUALLY, in_trouble: float = IN_TROUBLE
    ) -> None:
        self._client, self._port = client, port
        self._usually, self._in_trouble = usually, in_trouble
        self._said: tuple[State, str] | None = None
        self._seen = standing.Seen()
        self._past, self._past_since = b"", 0.0

    def pace(self) -> Pace:
        """How fast the number may send, as far as is known."""
        return standing.pace(self._seen, self._client.config.scope)

    async def watch(self) -> None:
        """Look now and then, until cancelled. What was said before core started us anew no longer counts."""
        self._said = None
        self._seen = standing.recall(await self._port.get(standing.STANDING))
        while True:
            with suppress(ChannelError):  # told to core already
                await self._look()
            fine = self._said is not None and self._said[0] in (State.CONNECTED, State.BACKFILLING)
            await self._pause(self._usually if fine else self._in_trouble)

    async def _pause(self, seconds: float) -> None:
        """Wait for the next look; meanwhile follow a past that is being brought."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await self._follow_past()
            await asyncio.sleep(min(left, WHILE_PAST) if self._past not in (b"", coexistence.DONE) else left)

    async def bring_past(self) -> None:
        """Ask for the past of the phone. Raises a ChannelError where the provider gives none."""
        seen = standing.recall(await self._port.get(standing.STANDING))
        if seen.told and not seen.on_phone:
            raise NotSupported("the number is not in the WhatsApp Business app", words=NO_PHONE)
        await coexistence.bring(self._client, self._client.config.phone_number_id)
        await self._port.put(coexistence.PAST, coexistence.ASKED)
        await self._follow_past()

    async def _follow_past(self) -> None:
        """Ask for the past that was wished for at the login, and say how far it has come."""
        past = await self._port.get(coexistence.PAST) or b""
        if past != self._past:
            self._past, self._past_since = past, time.monotonic()
        elif past not in (b"", coexistence.DONE) and time.monotonic() - self._past_since > PATIENCE:
            self._past = coexistence.DONE  # nothing more comes
            await self._port.put(coexistence.PAST, coexistence.DONE)
        if self._past == coexistence.WANTED:
            await self._ask_past()
        elif self._past not in (b"", coexistence.DONE) and self._is_fine():
            far = self._past.decode("ascii", "replace") if self._past.isdigit() else "0"
            self._say(State.BACKFILLING, far, f"{far} %")
        elif self._past == coexistence.DONE and self._said and self._said[0] is State.BACKFILLING:
            self._say(State.CONNECTED)

    async def _ask_past(self) -> None:
        try:
            await self.bring_past()
        except (RateLimited, Unavailable):
            return  # with the next look
        except ChannelError as error:
            now = datetime.now(UTC)
            why = LimitChange(
                at=now, about="history", value=error.remote_code, severity="warning", text=error.detail
            )
            await self._port.put(coexistence.PAST, coexistence.DONE)
            await self._port.emit(why)

    async def _look(self) -> None:
        if self._said is not None and not self._client.budget.plenty():
            return  # people and templates come first
        with self.watched():
            try:
                said = await look(self._client)
            except Unavailable as error:
                if self._is_fine():
                    self._say(State.TRANSIENT, error.code, error.detail)
                raise
            await self._learn(said)
            if (blocked := blocking(said)) is not None:
                raise Suspended(blocked)

    async def _learn(self, said: Node) -> None:
        """Tell what is another than it was, and keep it."""
        now, number = datetime.now(UTC), read_number(said)
        if number.status:
            self._client.budget.registered(yes=number.registered)
        facts = standing.facts(said)
        facts |= await self._webhook(number, now)
        news = list(standing.changes(self._seen.told, facts, said, now))
        if number.on_phone:
            seen = await self._port.get(coexistence.PHONE)
            if (phone := coexistence.silence(seen, self._seen.told.get("phone", ""), now)) is not None:
                news.append(phone)
        after = standing.learnt(self._seen, number, {one.about: one.value for one in news})
        if after == self._seen:
            return
        if news:
            await self._port.emit(*news)
        self._seen = after
        await self._port.put(standing.STANDING, standing.keep(after))

    async def _webhook(self, number: Number, now: datetime) -> dict[str, str]:
        """Whether the provider calls us: it does, it has not yet, or it calls somebody else."""
        if not number.hooks:
            return {}
        await self._bring_home(number)
        called = coexistence.moment(await self._port.get(coexistence.CALLED))
        if called is not None and now - called < CALLS:
            return {"webhook": "heard"}
        if not _same_house(number.called, self._port.hook):
            return {"webhook": "elsewhere"}
        return {"webhook": "silent" if called is None else "heard"}

    async def _bring_home(self, number: Number) -> None:
        """An address of this house that is another channel's: that of a login which found its channel
        there already. A foreign address is left alone: it may be another install's."""
        own = number.hooks.get("phone_number", "")
        if own and own != self._port.hook and _same_house(own, self._port.hook) and "/hooks/ch_" in own:
            with suppress(ChannelError):  # the next look tries again
                await setting_up.point(self._client, self._client.config, "number", self._port.hook)

    def _is_fine(self) -> bool:
        return self._said is None or self._said[0] in (State.CONNECTED, State.BACKFILLING)

    @contextmanager
    def watched(self) -> Generator[None]:
        """For every call: whether the provider still takes them."""
        try:
            yield
        except Suspended as error:
            self._say(State.SUSPENDED, error.code, error.detail)
            raise
        except BadCredentials as error:
            self._say(State.BAD_CREDENTIALS, error.code, error.detail)
            raise
        else:
            if self._said is None or self._said[0] is not State.BACKFILLING:
                self._say(State.CONNECTED)

    def _say(self, state: State, code: str = "", words: str = "") -> None:
        if self._said != (state, code):
            self._said = (state, code)
            self._port.state(state, code, words)


def _same_house(one: str, other: str) -> bool:
    """Whether two addresses are at the same install."""
    try:
        return bool(one) and URL(one).origin() == URL(other).origin()
    except ValueError:
        return False


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
