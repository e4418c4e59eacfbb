"""Beginning and ending sessions: by password, by a link that works once, by signing out."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from starlette.requests import HTTPConnection

from jackfield.bus import Bus
from jackfield.ids import new_id
from jackfield.settings import Settings
from jackfield.store.store import Store
from jackfield.store.tables import Audit, Operator, Session, SignInLink
from jackfield.web.clock import now_ms
from jackfield.web.problems import LinkUsed, WrongCredentials

from .cookies import session_key
from .door import LIFE
from .keys import digest, new_key
from .limits import SignInLimits
from .passwords import Passwords
from .rows import SignInLinkRow, operator_by_email, operator_by_id

LINK_LIFE = 600_000  # ms


class Begun(NamedTuple):
    """A session that has just begun: the cookie's key, and the key its changes must carry."""

    key: str
    csrf: str


class SignIn:
    def __init__(
        self, store: Store, bus: Bus, settings: Settings, passwords: Passwords, limits: SignInLimits
    ) -> None:
        self._store, self._bus, self._settings = store, bus, settings
        self._passwords, self._limits = passwords, limits

    async def by_password(self, connection: HTTPConnection, email: str, password: str) -> Begun:
        """Raises WrongCredentials, and TooMany before any work is done."""
        email = email.strip().casefold()
        self._limits.take(address_of(connection), email)
        operator = await operator_by_email(self._store, email)
        usable = operator is not None and not operator.disabled
        stored = operator.password if operator is not None and usable else ""
        if not await self._passwords.fits(stored, password) or operator is None:
            raise WrongCredentials()
        self._limits.account.forget(email)
        if self._passwords.is_dated(stored):
            await Operator.filter(id=operator.id).update(password=await self._passwords.hash(password))
        return await self._begin(connection, operator.id, "sign_in.password")

    async def by_link(self, connection: HTTPConnection, key: str) -> Begun:
        """Use up a sign-in link. Raises LinkUsed; TooMany for an address that tries many."""
        self._limits.take_address(address_of(connection))
        now, found = now_ms(), digest(key)
        used = await SignInLink.filter(token=found, used_at=None, expires_at__gt=now).update(used_at=now)
        if used != 1:  # the database decides which of two simultaneous visits was first
            raise LinkUsed()
        (link,) = await self._store.rows(SignInLinkRow, "WHERE token = $1", found)
        operator = await operator_by_id(self._store, link.operator_id)
        if operator is None or operator.disabled:
            raise LinkUsed()
        return await self._begin(connection, operator.id, "sign_in.link")

    async def end(self, connection: HTTPConnection) -> None:
        """End the session of this browser, and the websockets it opened."""
        found = digest(session_key(self._settings, connection))
        whose = await self._store.fetch("SELECT operator_id FROM session WHERE token = $1", found)
        if whose:
            await Session.filter(token=found).delete()
            await tell_rights(self._bus, whose[0][0])

    async def _begin(self, connection: HTTPConnection, operator: int, how: str) -> Begun:
        """A fresh key at every sign-in: one that somebody planted before is worth nothing."""
        await self.end(connection)
        begun, now = Begun(new_key(), new_key()), now_ms()
        await Session.create(
            id=new_id(),
            operator_id=operator,
            token=digest(begun.key),
            csrf=begun.csrf,
            created_at=now,
            seen_at=now,
            expires_at=now + LIFE,
            address=address_of(connection)[:64],
            agent=connection.headers.get("user-agent", "")[:300],
        )
        await note(operator, how)
        return begun


async def make_link(operator: int, *, life: int = LINK_LIFE) -> str:
    """The path of a link that signs in once, within `life` ms."""
    key = new_key()
    await SignInLink.create(
        id=new_id(), operator_id=operator, token=digest(key), expires_at=now_ms() + life, used_at=None
    )
    return f"/signin/{key}"


async def tell_rights(bus: Bus, operator: int) -> None:
    """His rights or sessions are others now: every open websocket of his looks again."""
    await bus.publish(f"operator.{operator}", msgspec.json.encode({"operator": operator}))


async def note(operator: int | None, what: str, *, workspace: int | None = None, data: str = "{}") -> None:
    """One line of the audit log."""
    await Audit.create(
        id=new_id(), workspace_id=workspace, operator_id=operator, at=now_ms(), what=what, data=data
    )


def address_of(connection: HTTPConnection) -> str:
    """Where the visitor calls from; the server has already believed a trusted proxy's word on it."""
    return connection.client.host if connection.client is not None else ""
