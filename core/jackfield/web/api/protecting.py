"""The protection of an account that is used with care: its gauge, its limits, and its pause."""

from __future__ import annotations

from typing import cast

from jackfield.channel import Guarded
from jackfield.errors import Conflict, Invalid
from jackfield.inbox.openings import used as openings_used
from jackfield.inbox.protection import gauge
from jackfield.inbox.protection.beginning import pool_of
from jackfield.inbox.protection.leaving import gone_since
from jackfield.inbox.protection.limits import HOUR, watch
from jackfield.inbox.protection.pausing import Pausing, Resuming
from jackfield.inbox.protection.setting import SetLimits
from jackfield.store.rows import ChannelRow, PauseRow
from jackfield.web.auth.sessions import note
from jackfield.web.clock import now_ms
from jackfield.wire.protection import LimitsChange, Pause, PauseReason, ProtectionView
from jackfield.wire.views import Role

from .asking import lacks, open_channel
from .call import Call
from .channels import about
from .registry import Api

api = Api("protection")


@api.get("/channels/{channel}/protection", refuses=(Conflict,))
async def protection(call: Call, channel: str) -> ProtectionView:
    """What the account may do, how much of it is used, and why something waits."""
    row, line = await _guarded(call, channel, "operator")
    return await _view(call, row, line)


@api.patch("/channels/{channel}/protection", refuses=(Conflict, Invalid))
async def change_protection(call: Call, channel: str, body: LimitsChange) -> ProtectionView:
    """Set some of the limits, within the ceilings."""
    row, line = await _guarded(call, channel, "admin")
    work = SetLimits(workspace=row.workspace_id, channel=row.id, rules=line.protection(), change=body)
    changed = await call.parts.store.writer.do(work)
    await _done(call, changed, "protection.changed")
    return await _view(call, changed, line)


@api.post("/channels/{channel}/protection/pause", refuses=(Conflict,))
async def pause_channel(call: Call, channel: str) -> ProtectionView:
    """Only people answer people there: nothing automatic leaves, and nobody is written to first."""
    row, line = await _guarded(call, channel, "admin")
    by = call.visitor.operator
    work = Pausing(workspace=row.workspace_id, channel=row.id, reason="by_hand", by=by)
    paused = await call.parts.store.writer.do(work)
    await _done(call, paused, "protection.paused")
    return await _view(call, paused, line)


@api.post("/channels/{channel}/protection/resume", refuses=(Conflict,))
async def resume_channel(call: Call, channel: str) -> ProtectionView:
    """Go on, whoever paused it: a person has looked at what happened."""
    row, line = await _guarded(call, channel, "admin")
    work = Resuming(workspace=row.workspace_id, channel=row.id, by=call.visitor.operator)
    resumed = await call.parts.store.writer.do(work)
    await _done(call, resumed, "protection.resumed")
    return await _view(call, resumed, line)


async def _guarded(call: Call, text: str, least: Role) -> tuple[ChannelRow, Guarded]:
    row, line = await open_channel(call, text, least)
    if not isinstance(line, Guarded):
        raise lacks("protection")
    return row, line


async def _done(call: Call, row: ChannelRow, what: str) -> None:
    """Written down with who did it; and what waited may leave now."""
    channel = about(call.request.path_params["channel"])
    await note(call.visitor.operator, what, workspace=row.workspace_id, data=channel)
    await call.parts.bus.publish(f"lane.{row.id}", b"")


async def _view(call: Call, row: ChannelRow, line: Guarded) -> ProtectionView:
    seen = watch(line, row)
    assert seen is not None, "it is guarded"
    store, now = call.parts.store, now_ms()
    gone = await gone_since(store, row.id, now - HOUR)
    begun = await openings_used(store, pool_of(row.id), now=now)
    uses = gauge.used(seen, gone, begun, now=now)
    level, reasons = gauge.read(seen, uses, now=now)
    return ProtectionView(
        limits=seen.limits,
        ceilings=line.protection().ceilings,
        used=uses,
        paused=await _pause(call, row) if row.paused else None,
        level=level,
        reasons=reasons,
    )


async def _pause(call: Call, row: ChannelRow) -> Pause | None:
    """The one that lasts."""
    found = await call.parts.store.rows(
        PauseRow, "WHERE channel_id = $1 AND resumed_at IS NULL ORDER BY id DESC LIMIT 1", row.id
    )
    if not found:
        return None
    (lasting,) = found
    return Pause(reason=cast("PauseReason", lasting.reason), at=lasting.at, until=lasting.until)
