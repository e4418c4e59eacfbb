"""Visitor: who a request comes from, and what of which workspace he may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from msgspec import Struct

from jackfield import ids
from jackfield.errors import Forbidden, NotFound
from jackfield.inbox.perform import Actor
from jackfield.wire.views import OperatorView, Role

Theme = Literal["system", "light", "dark"]

RANK: Mapping[Role, int] = {"viewer": 0, "operator": 1, "admin": 2, "owner": 3}


def at_most(role: Role, ceiling: Role | None) -> Role:
    return role if ceiling is None or RANK[role] <= RANK[ceiling] else ceiling


class Visitor(Struct, frozen=True, kw_only=True):
    """`roles`: the workspaces he sees. `credential` is the id of the session or token; `csrf` the
    session's. An API token acts as its operator, in the workspaces and up to the role it was made for."""

    operator: int
    name: str
    email: str
    locale: str
    theme: Theme
    staff: bool
    roles: Mapping[int, Role]
    by: Literal["session", "token"]
    credential: int
    csrf: str = ""

    def sees(self, workspace: int | None) -> bool:
        return workspace in self.roles

    def must_see(self, workspace: int | None, *, what: str = "") -> int:
        """Raises NotFound, the same for what is not his and what does not exist."""
        if workspace is None or workspace not in self.roles:
            raise NotFound(what=what) if what else NotFound()
        return workspace

    def must_be(self, least: Role, workspace: int | None, *, what: str = "") -> int:
        """Raises NotFound for a workspace he does not see, Forbidden for one he may not change so."""
        seen = self.must_see(workspace, what=what)
        if RANK[self.roles[seen]] < RANK[least]:
            raise Forbidden(needs=least)
        return seen

    def where(self, least: Role) -> list[int]:
        """The workspaces in which he is at least that."""
        return [ws for ws, role in self.roles.items() if RANK[role] >= RANK[least]]

    @property
    def actor(self) -> Actor:
        """Who acts in the inbox. What comes with a token is a program's, whoever made the token."""
        return Actor(operator=self.operator, name=self.name, roles=self.roles, automatic=self.by == "token")

    @property
    def view(self) -> OperatorView:
        return OperatorView(id=ids.show("o", self.operator), name=self.name, email=self.email)


def roles_of(rows: list[tuple[object, object]], only: int | None, ceiling: Role | None) -> dict[int, Role]:
    """Memberships (workspace, role) under what a token was made for."""
    return {
        cast("int", workspace): at_most(cast("Role", role), ceiling)
        for workspace, role in rows
        if only is None or workspace == only
    }
