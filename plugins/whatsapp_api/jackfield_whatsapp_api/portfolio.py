"""What a token opens: its permissions, the accounts (WABAs) it sees, and the numbers in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from jackfield.channel import BadCredentials, Rejected

from .client import GraphClient
from .errors import NoPermission
from .numbers import SEEN, Number, read_number
from .payload import Node, listed, node, number, text

MESSAGING, MANAGEMENT = "whatsapp_business_messaging", "whatsapp_business_management"
MOST = 50  # accounts that are looked into: a person cannot choose among more
PAGES = 20  # of any listing
FIELDS = ",".join(field for field in SEEN if field not in ("webhook_configuration", "health_status"))


class Token(Struct, frozen=True, kw_only=True):
    """`scopes` None: the API does not say. `app`: its id. `accounts`: those it names for this token."""

    scopes: frozenset[str] | None = None
    app: str = ""
    accounts: tuple[str, ...] = ()
    expires: datetime | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Permissions that are needed and surely not there."""
        if self.scopes is None:
            return ()
        return tuple(scope for scope in (MESSAGING, MANAGEMENT) if scope not in self.scopes)


class Waba(Struct, frozen=True, kw_only=True):
    """One WhatsApp Business Account. `business_id`: the portfolio that owns it."""

    id: str
    name: str = ""
    business_id: str = ""
    numbers: tuple[Number, ...] = ()


async def token(client: GraphClient, value: str) -> Token:
    """Ask what the token is good for. Raises BadCredentials where it is good for nothing."""
    try:
        said = node(
            (await client.ask("GET", "debug_token", op="token", query={"input_token": value}))["data"]
        )
    except (Rejected, NoPermission, KeyError):  # only its app's own people may ask that
        return Token(scopes=await _permissions(client))
    if said.get("is_valid") is False:
        raise BadCredentials(text(node(said.get("error")).get("message")) or "the token is not valid")
    return read_token(said)


def read_token(said: Node) -> Token:
    """The `data` of debug_token."""
    scopes = frozenset(map(text, listed(said.get("scopes"))))
    granular = [node(item) for item in listed(said.get("granular_scopes"))]
    scopes |= {text(item.get("scope")) for item in granular}
    accounts = (
        text(target)
        for item in granular
        if item.get("scope") == MANAGEMENT
        for target in listed(item.get("target_ids"))
    )
    ends = number(said.get("expires_at"))
    return Token(
        scopes=scopes if scopes or "scopes" in said else None,
        app=text(said.get("app_id")),
        accounts=tuple(dict.fromkeys(filter(None, accounts))),
        expires=datetime.fromtimestamp(ends, UTC) if ends and 0 < ends < 1e11 else None,
    )


async def _permissions(client: GraphClient) -> frozenset[str] | None:
    try:
        said = await client.ask("GET", "me/permissions", op="token")
    except (Rejected, NoPermission):
        return None
    granted = [node(item) for item in listed(said.get("data"))]
    return frozenset(text(item.get("permission")) for item in granted if item.get("status") == "granted")


async def accounts(client: GraphClient, found: Token, business_id: str = "") -> list[Waba]:
    """The accounts a token opens, with their numbers: those named for it, then those of its businesses.

    What it may not see is left out. Raises other ChannelErrors.
    """
    ids = dict.fromkeys(found.accounts)
    for business in [business_id] if business_id else await _ids(client, "me/businesses"):
        for edge in ("owned_whatsapp_business_accounts", "client_whatsapp_business_accounts"):
            ids |= dict.fromkeys(await _ids(client, f"{business}/{edge}"))
    wabas = [await waba(client, id_) for id_ in list(ids)[:MOST]]
    return [one for one in wabas if one is not None]


async def _ids(client: GraphClient, path: str) -> list[str]:
    try:
        return [text(item.get("id")) async for item in pages(client, path, {"fields": "id"})]
    except (Rejected, NoPermission):
        return []


async def waba(client: GraphClient, id_: str) -> Waba | None:
    """One account with its numbers; None where the token may not see it."""
    try:
        said = await client.ask("GET", id_, op="account", query={"fields": "id,name,owner_business_info"})
        found = [one async for one in pages(client, f"{id_}/phone_numbers", {"fields": FIELDS})]
    except (Rejected, NoPermission):
        return None
    return Waba(
        id=id_,
        name=text(said.get("name")),
        business_id=text(node(said.get("owner_business_info")).get("id")),
        numbers=tuple(read_number(one) for one in found),
    )


async def owner(client: GraphClient, waba_id: str) -> str:
    """The portfolio an account belongs to; "" where the token may not see it."""
    try:
        said = await client.ask("GET", waba_id, op="account", query={"fields": "id,owner_business_info"})
    except (Rejected, NoPermission):
        return ""
    return text(node(said.get("owner_business_info")).get("id"))


async def pages(client: GraphClient, path: str, query: Mapping[str, str]) -> AsyncIterator[Node]:
    """Every item of a listing."""
    asked = {**query, "limit": "100"}
    for _ in range(PAGES):
        said = await client.ask("GET", path, op="list", query=asked)
        for item in map(node, listed(said.get("data"))):
            yield item
        paging = node(said.get("paging"))
        after = text(node(paging.get("cursors")).get("after"))
        if not paging.get("next") or not after:
            return
        asked["after"] = after
