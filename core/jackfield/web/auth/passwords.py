"""Passwords: argon2id, checked in a thread, a few at a time, with the same work for unknown people."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jackfield.errors import Invalid

SHORTEST, LONGEST = 10, 1024  # characters

_AT_ONCE = 2  # each takes 64 MiB and a core


class Passwords:
    """`hasher` makes argon2id hashes; tests give a cheaper one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._decoy = self._hasher.hash("nobody has this password")
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Raises Invalid for one that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise Invalid(
                f"a password has {SHORTEST} to {LONGEST} characters",
                fields={"password": f"{SHORTEST} to {LONGEST} characters"},
            )
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, stored: str, password: str) -> bool:
        """Whether the password is the one of `stored`; "" (nobody, or no password) takes as long."""
        async with self._turn:
            right = await asyncio.to_thread(self._verify, stored or self._decoy, password[:LONGEST])
        return right and stored != ""

    def is_dated(self, stored: str) -> bool:
        """Made with weaker parameters than today's: hash it again while the password is at hand."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
