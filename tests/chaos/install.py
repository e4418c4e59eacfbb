"""An install made ready for a scenario: one workspace a number of the simulator, one operator, one token."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from jackfield import ids
from jackfield.demo.works import PutChannel
from jackfield.inbox.derive import derive
from jackfield.settings import Settings
from jackfield.store.store import Store, open_store
from jackfield.store.tables import ApiToken, Operator
from jackfield.web.auth.keys import API_TOKEN, digest, new_key
from jackfield.web.works import MakeWorkspace, split_config
from jackfield_whatsapp_api.config import FIELDS
from jackfield_whatsapp_api.simulator import Number, Simulator

LEASE = 1.5  # seconds: a scenario does not wait fifteen for a channel to move
VERIFY = "chaos"


class Install(Struct, frozen=True, kw_only=True):
    """`channels` and `workspaces` by the simulator's number id."""

    settings: Settings
    token: str
    channels: Mapping[str, int]
    workspaces: Mapping[str, int]

    @property
    def environ(self) -> dict[str, str]:
        return {
            "JACKFIELD_DATA": str(self.settings.data),
            "JACKFIELD_DATABASE": self.settings.database,
            "JACKFIELD_BUS": self.settings.bus,
            "JACKFIELD_LEASE": str(LEASE),
            "JACKFIELD_PRIVATE_MEDIA": "1",  # the provider is on this machine
        }

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Committed state, read past Jackfield."""
        if self.settings.database:
            return await _postgres(self.settings.database, sql)
        return await asyncio.to_thread(_sqlite, self.settings.sqlite_path, sql)


def _sqlite(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        return connection.execute(sql).fetchall()


async def _postgres(url: str, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def make_install(
    settings: Settings, sim: Simulator, numbers: Sequence[Number], *, api_base: str = ""
) -> Install:
    """Make the database. `api_base`: where the channels find the provider, if not at the simulator."""
    token = new_key(API_TOKEN)
    channels, workspaces = {number.id: ids.new_id() for number in numbers}, dict[str, int]()
    async with open_store(settings, derive=derive) as store:
        owner = await Operator.create(
            id=ids.new_id(), email="chaos@example.org", name="Operator", staff=True, created_at=1
        )
        await ApiToken.create(
            id=ids.new_id(), operator_id=owner.id, name="chaos", token=digest(token), created_at=1
        )
        for number in numbers:
            make = MakeWorkspace(name=number.verified_name, color="#1d6fc0", owner=owner.id, id=ids.new_id())
            workspaces[number.id] = await store.writer.do(make)
            await _connect(
                store,
                sim,
                number,
                workspace=workspaces[number.id],
                channel=channels[number.id],
                api_base=api_base,
            )
    return Install(settings=settings, token=token, channels=channels, workspaces=workspaces)


async def _connect(
    store: Store, sim: Simulator, number: Number, *, workspace: int, channel: int, api_base: str
) -> None:
    config = {
        "phone_number_id": number.id,
        "waba_id": number.account,
        "access_token": sim.token_of(number),
        "app_secret": sim.settings.app_secret,
        "verify_token": VERIFY,
        "api_base": api_base or sim.url,
        "api_version": "v25.0",
    }
    public, hidden = split_config(config, [field.name for field in FIELDS if field.secret])
    sealed = store.box.seal(msgspec.json.encode(hidden).decode(), about=f"channel:{channel}")
    await store.writer.do(
        PutChannel(
            workspace=workspace,
            channel=channel,
            kind="whatsapp_api",
            name=number.verified_name,
            external_id=number.id,
            config=public,
            secrets=sealed,
        )
    )
