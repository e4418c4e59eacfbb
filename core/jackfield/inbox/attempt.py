"""One attempt to let something leave, and which of four ends it came to."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

from msgspec import Struct

from jackfield.channel import (
    Channel,
    ChannelError,
    Composes,
    ConversationId,
    Deletes,
    Edits,
    Failure,
    MarksRead,
    MessageId,
    NotSupported,
    Part,
    Pins,
    RateLimited,
    Reacts,
    TxnId,
)

from .outbox_rows import Op, failure_of

log = logging.getLogger("jackfield.outbox")


COMPOSE_WITHIN = 20.0  # seconds
Scope = Literal["", "conversation", "channel"]


class Job(Struct, frozen=True, kw_only=True):
    """A claimed row of the outbox, with all that is needed to let it leave.

    `target` and `reply_to` are the provider's ids; `owner` and `attempts` say whose claim this is.
    """

    row: int
    op: Op
    workspace: int
    conversation: int
    message: int
    to: str
    txn: str = ""
    parts: tuple[Part, ...] = ()
    reply_to: str | None = None
    target: str = ""
    emoji: str = ""
    days: int = 0
    automatic: bool = False  # a program says it
    owner: str
    attempts: int


class Accepted(Struct, frozen=True):
    """The provider has it. `external_id`: what it calls a message that was sent."""

    external_id: str = ""


class Refused(Struct, frozen=True):
    """It surely did not go out, and another try would not help."""

    failure: Failure


class Later(Struct, frozen=True):
    """It surely did not go out; another try may help. `after`: seconds the provider asks for.

    `too_fast`: for the one conversation, or for the channel; "": it was something else.
    """

    failure: Failure
    after: float = 0
    too_fast: Scope = ""


class Unclear(Struct, frozen=True):
    """It may have gone out or not."""

    failure: Failure


Result = Accepted | Refused | Later | Unclear


async def attempt(channel: Channel, job: Job, *, within: float) -> Result:
    """Let a job leave; answer what came of it. `within`: seconds after which nobody knows."""
    if job.op == "send" and job.automatic and isinstance(channel, Composes):
        await _compose(channel, job)
    try:
        async with asyncio.timeout(within):
            return Accepted(await _leave(channel, job))
    except ChannelError as error:
        failure = failure_of(error)
        if not error.certain:
            return Unclear(failure)
        return Later(failure, error.after, _too_fast(error)) if error.retryable else Refused(failure)
    except TimeoutError:
        return Unclear(Failure(code="outcome_unknown", text=f"no answer within {within:g} s"))
    except Exception as error:
        # A plugin may break before or after the bytes left: nobody can say which.
        log.exception("channel of outbox row %d broke at %s", job.row, job.op)
        return Unclear(Failure(code="outcome_unknown", text=f"{type(error).__name__} in the plugin"))


async def _compose(channel: Composes, job: Job) -> None:
    """Show that somebody writes. It is for looks: whatever goes wrong, the message leaves."""
    try:
        async with asyncio.timeout(COMPOSE_WITHIN):
            await channel.compose(ConversationId(job.to), job.parts)
    except (ChannelError, TimeoutError) as error:
        log.info("outbox row %d leaves without being typed: %s", job.row, error)
    except Exception:
        log.exception("channel of outbox row %d broke at composing", job.row)


def _too_fast(error: ChannelError) -> Scope:
    if not isinstance(error, RateLimited):
        return ""
    return "conversation" if error.conversation else "channel"


async def _leave(channel: Channel, job: Job) -> str:
    to, target = ConversationId(job.to), MessageId(job.target)
    match job.op:
        case "send":
            reply_to = None if job.reply_to is None else MessageId(job.reply_to)
            return await channel.send(to, job.parts, TxnId(job.txn), reply_to=reply_to)
        case "edit" if isinstance(channel, Edits):
            await channel.edit(to, target, job.parts)
        case "delete" if isinstance(channel, Deletes):
            await channel.delete(to, target)
        case "react" if isinstance(channel, Reacts):
            await channel.react(to, target, job.emoji)
        case "pin" if isinstance(channel, Pins):
            await channel.pin(to, target, job.days)
        case "read" if isinstance(channel, MarksRead):
            await channel.mark_read(to, target)
        case _:
            raise NotSupported(f"this channel has no {job.op}")
    return ""
