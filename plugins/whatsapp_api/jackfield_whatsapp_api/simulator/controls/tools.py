"""Controls of what a number and its account have beside their messages: look at it, fill the catalogue."""

from __future__ import annotations

from msgspec import field

from jackfield_whatsapp_api.simulator import ids
from jackfield_whatsapp_api.simulator.kit import Catalogue, Goods
from jackfield_whatsapp_api.simulator.model import Json
from jackfield_whatsapp_api.simulator.world import World

from .wish import Gets, Posts, Wish


class Fill(Wish, kw_only=True):
    """The goods that are in the catalogue of a number's account from now on. None: no catalogue."""

    number: str
    goods: list[Goods] | None = field(default_factory=list[Goods])
    name: str = "Catalogue"


class Insights(Wish, kw_only=True):
    """Whether a number's account agreed to have its templates counted."""

    number: str
    on: bool = True


def fill(world: World, wish: Fill) -> Json:
    account = world.state.accounts[_number(world, wish.number)]
    if wish.goods is None:
        account.catalogue = None
        return {}
    known = account.catalogue.id if account.catalogue else ids.numeric()
    account.catalogue = Catalogue(id=known, name=wish.name, goods=wish.goods)
    return {"id": known}


def insights(world: World, wish: Insights) -> None:
    world.state.accounts[_number(world, wish.number)].insights = wish.on


def _number(world: World, number: str) -> str:
    """The account of a number. Raises ValueError where there is no such number."""
    found = world.state.numbers.get(number)
    if found is None:
        raise ValueError(f"no such number: {number!r}")
    return found.account


def view(world: World) -> Json:
    """Of every number: what customers see of it, and what it has."""
    return {
        "numbers": [
            {
                "id": one.id,
                "profile": one.profile,
                "username": one.kit.username,
                "cart": one.kit.cart,
                "visible": one.kit.visible,
                "offers": one.kit.offers,
                "links": [{"code": link.code, "text": link.text} for link in one.kit.links.values()],
                "blocked": sorted(one.blocked),
            }
            for one in world.state.numbers.values()
        ]
    }


POSTS: Posts = {"catalogue": (Fill, fill), "insights": (Insights, insights)}
GETS: Gets = {"tools": lambda w, _: view(w)}
