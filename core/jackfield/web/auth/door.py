"""The door: finds the visitor behind a cookie or a bearer token. One read for all who knock in the same
moment; nothing is cached, so a revoked token, an ended session and a changed role count from the next
request on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
from starlette.requests import HTTPConnection

from jackfield.errors import Unauthorised
from jackfield.settings import Settings
from jackfield.store.engine import Records
from jackfield.store.store import Store
from jackfield.web.clock import now_ms
from jackfield.web.locales import best, choose
from jackfield.wire.views import Role

from .cookies import SAFE, check_change, session_key
from .keys import API_TOKEN, digest
from .together import Together
from .visitor import Visitor, roles_of
from .visits import Visits

IDLE = 30 * 86_400_000  # ms a session lives without a visit
LIFE = 90 * 86_400_000  # ms a session lives at all
NOTED = 300_000  # ms between two notes of a visit

_VISITOR = "jackfield.visitor"  # in the ASGI scope

_PERSON = "o.id, o.name, o.email, o.locale, o.theme, o.staff"
_ROLES = "m.workspace_id, m.role"  # a record for each; of nobody's member one, without
_SESSIONS = f"""
SELECT s.token, {_ROLES}, s.id, s.csrf, s.seen_at, {_PERSON}
FROM session s JOIN operator o ON o.id = s.operator_id LEFT JOIN membership m ON m.operator_id = o.id
WHERE {{theirs}} AND s.expires_at > $2 AND s.seen_at > $3 AND NOT o.disabled
ORDER BY m.workspace_id
"""  # noqa: S608  # names of our own
_TOKENS = f"""
SELECT t.token, {_ROLES}, t.id, t.workspace_id, t.role, t.used_at, {_PERSON}
FROM api_token t JOIN operator o ON o.id = t.operator_id LEFT JOIN membership m ON m.operator_id = o.id
WHERE {{theirs}} AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2) AND NOT o.disabled
ORDER BY m.workspace_id
"""  # noqa: S608


class Door:
    def __init__(self, store: Store, settings: Settings, visits: Visits) -> None:
        self._store, self._settings, self._visits = store, settings, visits
        self._sessions, self._tokens = Together(self._read_sessions), Together(self._read_tokens)

    async def visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Who is there; None for a stranger. Asked twice in one request, it looks once."""
        known = connection.scope.get(_VISITOR)
        if isinstance(known, Visitor):
            return known
        found = await self._look(connection)
        if found is not None:
            if not found.locale:
                asked = best(connection.headers.get("accept-language", ""))
                found = msgspec.structs.replace(found, locale=asked)
            connection.scope[_VISITOR] = found
            choose(connection, found.locale)
        return found

    async def _look(self, connection: HTTPConnection) -> Visitor | None:
        scheme, _, key = connection.headers.get("authorization", "").partition(" ")
        if scheme:
            return await self._by_token(key.strip()) if scheme.lower() == "bearer" else None
        return await self._by_session(session_key(self._settings, connection))

    async def again(self, connection: HTTPConnection) -> Visitor | None:
        """Look anew: for a connection that outlives the visitor's rights."""
        connection.scope.pop(_VISITOR, None)
        return await self.visitor(connection)

    async def admit(self, connection: HTTPConnection) -> Visitor:
        """The visitor of an API request. Raises Unauthorised, and CrossSite for a change that a
        cookie alone would allow."""
        found = await self.visitor(connection)
        if found is None:
            raise Unauthorised()
        if found.by == "session" and connection.scope.get("method", "GET") not in SAFE:
            check_change(self._settings, connection, found.csrf)
        return found

    async def _by_session(self, key: str) -> Visitor | None:
        return await self._sessions.find(digest(key)) if key else None

    async def _by_token(self, key: str) -> Visitor | None:
        return await self._tokens.find(digest(key)) if key.startswith(API_TOKEN) else None

    async def _read_sessions(self, tokens: Sequence[str]) -> Mapping[str, Visitor]:
        now = now_ms()
        sql = _SESSIONS.format(theirs=self._store.any("s.token", "$1"))
        found = await self._store.fetch(sql, tokens, now, now - IDLE)
        return {token: self._of_session(rows, now) for token, rows in _by_token(found).items()}

    async def _read_tokens(self, tokens: Sequence[str]) -> Mapping[str, Visitor]:
        now = now_ms()
        sql = _TOKENS.format(theirs=self._store.any("t.token", "$1"))
        found = await self._store.fetch(sql, tokens, now)
        return {token: self._of_token(rows, now) for token, rows in _by_token(found).items()}

    def _of_session(self, records: Records, now: int) -> Visitor:
        _, _, _, session, csrf, seen_at, *person = records[0]
        if seen_at < now - NOTED:
            self._visits.session(session, now)
        roles = roles_of(_memberships(records), None, None)
        return _visitor(person, roles, by="session", credential=session, csrf=csrf)

    def _of_token(self, records: Records, now: int) -> Visitor:
        _, _, _, token, workspace, ceiling, used_at, *person = records[0]
        if used_at is None or used_at < now - NOTED:
            self._visits.token(token, now)
        roles = roles_of(_memberships(records), workspace, cast("Role | None", ceiling))
        whole = workspace is None and ceiling is None
        person[5] = bool(person[5]) and whole  # a narrowed token is nobody's of the agency
        return _visitor(person, roles, by="token", credential=token)


def _memberships(records: Records) -> list[tuple[object, object]]:
    return [(workspace, role) for _, workspace, role, *_ in records if workspace is not None]


def _by_token(records: Records) -> dict[str, Records]:
    found: dict[str, Records] = {}
    for record in records:
        found.setdefault(record[0], []).append(record)
    return found


def _visitor(person: list[Any], roles: dict[int, Role], **rest: Any) -> Visitor:
    operator, name, email, locale, theme, staff = person
    return Visitor(
        operator=operator,
        name=name,
        email=email,
        locale=locale,
        theme=theme,
        staff=bool(staff),
        roles=roles,
        **rest,
    )
