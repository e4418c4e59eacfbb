"""Call: one request to the API, with who makes it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from jackfield.errors import Invalid
from jackfield.inbox.perform import Actor
from jackfield.web.auth.visitor import Visitor
from jackfield.web.parts import Parts
from jackfield.wire.commands import AnyAnswer, AnyCommand

IDEMPOTENCY = "idempotency-key"
LONGEST = 64  # characters, as a command's cid


@dataclass(frozen=True, kw_only=True)
class Call:
    parts: Parts
    visitor: Visitor
    request: Request

    @property
    def actor(self) -> Actor:
        return Actor(operator=self.visitor.operator, name=self.visitor.name, roles=self.visitor.roles)

    @property
    def cid(self) -> str | None:
        """The Idempotency-Key: the same key again gets the same answer and does nothing twice."""
        key = self.request.headers.get(IDEMPOTENCY)
        if key is not None and not 0 < len(key) <= LONGEST:
            raise Invalid(
                f"an Idempotency-Key has 1 to {LONGEST} characters",
                fields={"Idempotency-Key": f"1 to {LONGEST} characters"},
            )
        return key

    async def perform(self, command: AnyCommand) -> AnyAnswer:
        return await self.parts.inbox.perform(self.actor, command, cid=self.cid)
