"""Controls of numbers: how each stands with the provider, told by webhook as it would be."""

from __future__ import annotations

from collections.abc import Mapping

from jackfield_whatsapp_api.simulator import account
from jackfield_whatsapp_api.simulator.model import Json, Number
from jackfield_whatsapp_api.simulator.world import World

from .wish import Gets, Posts, Wish


class Becomes(Wish, kw_only=True):
    """What a number is from now on; what is left out stays. `joined_hours`: since it came to the API.

    `quiet`: no webhook tells of it, as some changes do not over there.
    """

    number: str
    quality: str | None = None
    limit: str | None = None
    status: str | None = None
    name_status: str | None = None
    health: str | None = None
    on_phone: bool | None = None
    registered: bool | None = None
    proven: bool | None = None
    declined: bool | None = None
    joined_hours: float | None = None
    quiet: bool = False


class Withhold(Wish, kw_only=True):
    """Permissions that the token of an account lacks from now on."""

    account: str
    scopes: list[str]


def become(world: World, wish: Becomes) -> Json:
    """Raises ValueError for a number that is not there."""
    number = world.state.numbers.get(wish.number)
    if number is None:
        raise ValueError(f"no such number: {wish.number!r}")
    enrolment = number.enrolment
    for key in ("status", "name_status", "health", "on_phone", "registered", "proven", "declined"):
        if (value := getattr(wish, key)) is not None:
            setattr(enrolment, key, value)
    if wish.joined_hours is not None:
        enrolment.joined = world.state.clock.ago(wish.joined_hours * 3600)
    if wish.quality is not None:
        number.quality = wish.quality
    if wish.limit is not None:
        number.limit = wish.limit
    if not wish.quiet:
        _tell(world, number, wish)
    return number.view()


def _tell(world: World, number: Number, wish: Becomes) -> None:
    """The webhooks of what changed."""
    about: Json = {"display_phone_number": number.phone}
    if wish.limit is not None:
        value: Json = {**about, "event": "UPGRADE", "current_limit": number.limit}
        account.tells_account(world, number.account, "phone_number_quality_update", value)
    if wish.status in ("FLAGGED", "CONNECTED"):
        event = "FLAGGED" if wish.status == "FLAGGED" else "UNFLAGGED"
        value = {**about, "event": event, "current_limit": number.limit}
        account.tells_account(world, number.account, "phone_number_quality_update", value)
    if wish.name_status is not None:
        value = {
            **about,
            "decision": wish.name_status,
            "requested_verified_name": number.verified_name,
            "rejection_reason": None,
        }
        account.tells_account(world, number.account, "phone_number_name_update", value)


def withhold(world: World, wish: Withhold) -> None:
    """Raises ValueError for an account that is not there."""
    if wish.account not in world.state.accounts:
        raise ValueError(f"no such account: {wish.account!r}")
    world.state.accounts[wish.account].withheld = tuple(wish.scopes)


def code_of(world: World, query: Mapping[str, str]) -> Json:
    """The code that was sent to a number last: what its owner reads on the phone."""
    number = world.state.numbers.get(query.get("number", ""))
    if number is None:
        raise ValueError("no such number")
    return {"code": number.enrolment.code}


POSTS: Posts = {"number": (Becomes, become), "withhold": (Withhold, withhold)}
GETS: Gets = {"code": code_of}
