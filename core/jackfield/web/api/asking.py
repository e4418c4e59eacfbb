"""Asking the provider behind a channel: within a time, and its refusals as problems with words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from jackfield import ids
from jackfield.channel import (
    Channel,
    ChannelError,
    NotSupported,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from jackfield.channel import Unavailable as AwayNow
from jackfield.errors import Conflict, Invalid, NotFound, Problem, Refused, TooMany, Unavailable
from jackfield.store.rows import ChannelRow
from jackfield.wire.views import Role

from .call import Call

T = TypeVar("T")

WITHIN = 30.0  # seconds for one answer of the provider
REFUSES: tuple[type[Problem], ...] = (Conflict, Refused, Invalid, TooMany)
"""What an endpoint that asks a provider may answer beside the usual."""


async def channel_row(call: Call, text: str) -> ChannelRow:
    """A connected channel the visitor sees. Raises NotFound."""
    sql = "WHERE id = $1 AND removed_at IS NULL"
    rows = await call.parts.store.rows(ChannelRow, sql, ids.read("ch", text))
    if not rows or not call.visitor.sees(rows[0].workspace_id):
        raise NotFound(what="ch")
    return rows[0]


async def open_channel(call: Call, text: str, least: Role) -> tuple[ChannelRow, Channel]:
    """The same as it is open in this process. Raises NotFound, Forbidden, and Unavailable if it is not."""
    row = await channel_row(call, text)
    call.visitor.must_be(least, row.workspace_id, what="ch")
    line = call.parts.lines.get(row.id)
    if line is None:
        raise Unavailable("this channel is not open now")
    return row, line.channel


def lacks(ability: str) -> Conflict:
    """The problem of a channel that has no such thing."""
    return Conflict(f"this channel has no {ability}", code="no_ability", ability=ability)


async def answer_of(asked: Awaitable[T]) -> T:
    """What the provider answers. Raises the problem that its refusal, or its silence, is."""
    try:
        async with asyncio.timeout(WITHIN):
            return await asked
    except ChannelError as error:
        raise problem_of(error) from error
    except TimeoutError as error:
        raise Unavailable(f"the provider did not answer within {WITHIN:g} s") from error


def problem_of(error: ChannelError) -> Problem:
    words = {"words": error.words} if error.words else {}
    match error:
        case Rejected(field=field) if field:
            limit = {} if error.limit is None else {"limit": error.limit}
            return Invalid(error.detail, code=error.code, fields={field: error.detail}, **words, **limit)
        case RateLimited():
            return TooMany(error.detail, code=error.code, after=max(error.after, 1), **words)
        case AwayNow() | OutcomeUnknown():
            return Unavailable(error.detail, after=max(error.after, 1), **words)
        case NotSupported():
            return Conflict(error.detail, code="no_ability")
        case _:
            return Refused(error.detail, code=error.code, remote_code=error.remote_code, **words)
