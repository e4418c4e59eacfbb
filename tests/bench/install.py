"""A fresh install for a contender: one workspace, its owner with a token, and numbers of the Cloud API."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from bench import webhooks
from msgspec import Struct

from jackfield.app import Jackfield
from jackfield.ids import new_id
from jackfield.settings import Settings
from jackfield.store.tables import ApiToken, Operator
from jackfield.web.auth.keys import API_TOKEN, digest, new_key
from jackfield.web.clock import now_ms
from jackfield.web.works import MakeWorkspace, StoreChannel, split_config

KIND = "whatsapp_api"


class Owner(Struct, frozen=True):
    operator: int
    token: str
    workspace: int


def settings(given: Mapping[str, Any]) -> Settings:
    """From what the parent says: the folder, the database ("": SQLite) and the bus ("": none)."""
    return Settings(
        data=Path(given["data"]),
        database=given.get("database", ""),
        bus=given.get("bus", ""),
        plugins=(KIND,),
        private_media=True,
    )


async def settle(jackfield: Jackfield) -> Owner:
    operator, workspace, token = new_id(), new_id(), new_key(API_TOKEN)
    await Operator.create(id=operator, email="o@example.org", name="Owner", staff=True, created_at=now_ms())
    await ApiToken.create(
        id=new_id(), operator_id=operator, name="bench", token=digest(token), created_at=now_ms()
    )
    await jackfield.store.writer.do(
        MakeWorkspace(name="Bench", color="#446688", owner=operator, id=workspace)
    )
    return Owner(operator, token, workspace)


async def connect(jackfield: Jackfield, owner: Owner, number: str, **config: str) -> int:
    """A number of the Cloud API, connected and open. Answers the channel."""
    whole = {
        "phone_number_id": number,
        "waba_id": webhooks.WABA,
        "access_token": "none",
        "app_secret": webhooks.SECRET,
        "verify_token": "none",
        **config,
    }
    kind = jackfield.host.kind(KIND)
    public, secret = split_config(whole, [field.name for field in kind.fields if field.secret])
    channel = await jackfield.store.writer.do(
        StoreChannel(
            workspace=owner.workspace,
            kind=KIND,
            name="Bench",
            external_id=number,
            config=public,
            secrets=msgspec.convert(secret, dict[str, str]),
            box=jackfield.box,
        )
    )
    await jackfield.lines.reload(channel)
    return channel
