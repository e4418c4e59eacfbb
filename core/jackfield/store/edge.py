"""Where Tortoise is touched below its public face: its connections, its models' fields.

Tortoise is pinned to one version for this; a newer one is looked at here first.
"""
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportIncompatibleVariableOverride=false
# pyright: reportCallIssue=false, reportArgumentType=false
# (Tortoise's connections and generic fields carry no types for a strict checker)

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypeVar, cast

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.fields import CharField
from tortoise.models import Model

from . import tables

T = TypeVar("T")


async def in_thread(client: SqliteClient, do: Callable[[sqlite3.Connection], T]) -> T:
    """Run something on the connection, in its own thread, alone: one hop there and back."""
    async with client.acquire_connection() as connection:
        return cast("T", await connection._execute(do, connection._conn))


@asynccontextmanager
async def acquired(client: BaseDBAsyncClient) -> AsyncGenerator[Any]:
    """The driver's own connection, ours for a while."""
    async with client.acquire_connection() as connection:
        yield connection


def expanded(url: str) -> dict[str, Any]:
    """Tortoise's configuration of a connection, from its URL."""
    return cast("dict[str, Any]", expand_db_url(url))


def forget_statements() -> None:
    """Tortoise keeps its statements by the name of the connection: another engine needs them anew."""
    EXECUTOR_CACHE.clear()


@cache
def models() -> Mapping[str, type[Model]]:
    """Every model of tables/ by the name of its table."""
    found = [value for value in vars(tables).values() if isinstance(value, type) and issubclass(value, Model)]
    return {model._meta.db_table: model for model in found if model is not Model}


@cache
def text_lengths() -> Mapping[str, Mapping[str, int]]:
    """By table and column, the most characters of those that have a limit."""
    return {
        table: {
            name: field.max_length
            for name, field in model._meta.fields_map.items()
            if isinstance(field, CharField)
        }
        for table, model in models().items()
    }
