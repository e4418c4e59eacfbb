"""Call: one request to the API, with who makes it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from jackfield.inbox.perform import Actor
from jackfield.web.auth.visitor import Visitor
from jackfield.web.parts import Parts
from jackfield.wire.commands import AnyAnswer, AnyCommand

IDEMPOTENCY = "idempotency-key"


@dataclass(frozen=True, kw_only=True)
class Call:
    parts: Parts
    visitor: Visitor
    request: Request

    @property
    def actor(self) -> Actor:
        return self.visitor.actor

    @property
    def cid(self) -> str | None:
        """The Idempotency-Key: the same key again gets the same answer and does nothing twice."""
        return self.request.headers.get(IDEMPOTENCY)

    async def perform(self, command: AnyCommand) -> AnyAnswer:
        return await self.parts.inbox.perform(self.actor, command, cid=self.cid)
