"""The invitation behind a token: whether it is good, and what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from starlette.requests import HTTPConnection

from jackfield import ids
from jackfield.channel import LinkedByClients
from jackfield.store.rows import ChannelRow, InvitationRow
from jackfield.web.auth.limits import network_of
from jackfield.web.auth.sessions import address_of
from jackfield.web.clock import now_ms
from jackfield.web.parts import Parts
from jackfield.web.problems import LinkUsed

from .tokens import digest_of

Screen = Literal["any", "other"]
Stage = Literal["open", "used", "expired", "revoked"]

_BY = """
SELECT w.name FROM workspace w
JOIN membership m ON m.workspace_id = w.id JOIN operator o ON o.id = m.operator_id
WHERE w.id = $1 AND o.id = $2 AND m.role IN ('admin', 'owner') AND NOT o.disabled
"""


class Invitation(Struct, frozen=True, kw_only=True):
    """One whose maker may still connect channels. `workspace` by its name; `renewed`: the channel whose
    login is; `flows` the client may choose from, each with the screen it can be done on."""

    row: InvitationRow
    workspace: str
    renewed: ChannelRow | None
    flows: Mapping[str, Screen]


def stage_of(row: InvitationRow, now: int) -> Stage:
    if row.revoked_at is not None:
        return "revoked"
    if row.used_at is not None:
        return "used"
    return "expired" if row.expires_at <= now else "open"


def client_flows(parts: Parts, kind: str, flow: str = "") -> dict[str, Screen]:
    """The ways a client can go himself, or the one of them; none where the kind has no such."""
    known = parts.plugins.kinds.get(kind)
    if not isinstance(known, LinkedByClients):
        return {}
    return {name: screen for name, screen in known.client_logins().items() if flow in ("", name)}


async def find(parts: Parts, connection: HTTPConnection, token: str) -> Invitation:
    """The invitation of a link, of whichever stage. Raises LinkUsed for one that was never made, is taken
    back, or whose maker may not make it any more; TooMany for an address that tries many such."""
    address = network_of(address_of(connection))
    parts.link_limits.wrong.check(address)
    found = await _look(parts, digest_of(parts.store.box, token))
    if found is None:
        parts.link_limits.wrong.take(address)
        raise LinkUsed()
    return found


async def find_open(parts: Parts, connection: HTTPConnection, token: str) -> Invitation:
    """The same, and it can be used. Raises LinkUsed also for one that is used or too old."""
    found = await find(parts, connection, token)
    if stage_of(found.row, now_ms()) != "open":
        raise LinkUsed()
    return found


async def _look(parts: Parts, token: str) -> Invitation | None:
    rows = await parts.store.rows(InvitationRow, "WHERE token = $1", token) if token else []
    if not rows or rows[0].revoked_at is not None:
        return None
    row = rows[0]
    by = await parts.store.fetch(_BY, row.workspace_id, row.by_id)
    flows = client_flows(parts, row.kind, row.flow)
    renewed = None
    if row.again_id is not None:
        sql = "WHERE id = $1 AND workspace_id = $2 AND removed_at IS NULL"
        renewed = next(iter(await parts.store.rows(ChannelRow, sql, row.again_id, row.workspace_id)), None)
    if not by or not flows or (row.again_id is not None and renewed is None):
        return None
    return Invitation(row=row, workspace=str(by[0][0]), renewed=renewed, flows=flows)


def show(row: InvitationRow) -> str:
    return ids.show("iv", row.id)
