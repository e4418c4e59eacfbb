"""Rows of sign-in as they are read; they are written through their models."""

from __future__ import annotations

from typing import ClassVar

from jackfield.store.rows import OperatorRow, Row
from jackfield.store.store import Store


class ApiTokenRow(Row, kw_only=True):
    table: ClassVar[str] = "api_token"
    operator_id: int
    workspace_id: int | None = None
    role: str | None = None
    name: str
    token: str
    created_at: int
    used_at: int | None = None
    expires_at: int | None = None
    revoked_at: int | None = None


class SignInLinkRow(Row, kw_only=True):
    table: ClassVar[str] = "sign_in_link"
    operator_id: int
    token: str
    expires_at: int
    used_at: int | None = None


async def operator_by_id(store: Store, number: int) -> OperatorRow | None:
    rows = await store.rows(OperatorRow, "WHERE id = $1", number)
    return rows[0] if rows else None


async def operator_by_email(store: Store, email: str) -> OperatorRow | None:
    rows = await store.rows(OperatorRow, "WHERE email = $1", email)
    return rows[0] if rows else None
