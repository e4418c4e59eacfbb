"""What a business account has beside its conversations, in memory: for tests of what asks for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

import jackfield.channel as c

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


class Business:
    """`refuses`: raised by whatever is asked next, once."""

    refuses: c.ChannelError | None = None

    def _ask(self) -> None:
        refuses, self.refuses = self.refuses, None
        if refuses is not None:
            raise refuses

    card = c.BusinessProfile(name="Whole", about="Open", websites=("https://example.org",))
    store = c.Shop(catalog="1")
    offers = c.Automation(prompts=("Prices?",))

    def profile_rules(self) -> c.ProfileRules:
        return c.ProfileRules(about=139, websites=2)

    async def profile(self) -> c.BusinessProfile:
        self._ask()
        return self.card

    async def save_profile(self, change: c.ProfileChange) -> None:
        self._ask()
        names = ("about", "description", "address", "email", "websites", "category")
        said = {name: value for name in names if (value := getattr(change, name)) is not msgspec.UNSET}
        self.card = msgspec.structs.replace(self.card, **said)

    async def shop(self) -> c.Shop:
        self._ask()
        return self.store

    async def save_shop(self, *, cart: bool, visible: bool) -> None:
        self._ask()
        self.store = c.Shop(catalog="1", cart=cart, visible=visible)

    async def catalogue(self, query: str = "", after: str = "") -> c.CatalogPage:
        self._ask()
        items = [c.CatalogItem(id=f"sku{n}", name=name) for n, name in enumerate(("Tea", "Teapot", "Cup"))]
        found = [item for item in items if query.lower() in item.name.lower()]
        start = int(after) if after.isdecimal() else 0
        return c.CatalogPage(
            items=tuple(found[start : start + 2]), after=str(start + 2) if found[start + 2 :] else ""
        )

    chats: dict[str, c.ChatLink]

    def __init__(self) -> None:
        self.chats = {"L1": c.ChatLink(id="L1", text="Hello", url="https://example.org/L1")}
        self.refused: list[c.Address] = []
        self.asked: list[tuple[datetime, datetime]] = []

    async def links(self) -> Sequence[c.ChatLink]:
        self._ask()
        return list(self.chats.values())

    async def save_link(self, text: str, link: str = "") -> c.ChatLink:
        self._ask()
        code = link or f"L{len(self.chats) + 1}"
        self.chats[code] = c.ChatLink(id=code, text=text, url=f"https://example.org/{code}")
        return self.chats[code]

    async def delete_link(self, link: str) -> None:
        self._ask()
        if self.chats.pop(link, None) is None:
            raise c.Rejected("no such code", remote_code="100")

    async def link_picture(self, link: str, form: Literal["svg", "png"]) -> c.Download:
        self._ask()
        body = {"svg": SVG, "png": PNG}[form] if link != "evil" else b"<html><script>alert(1)</script>"
        return c.Download(chunks=_chunks(body), mime="image/svg+xml")

    async def block(self, people: Sequence[c.Address]) -> Sequence[c.NotBlocked]:
        self._ask()
        self.refused.extend(people)
        return ()

    async def unblock(self, people: Sequence[c.Address]) -> Sequence[c.NotBlocked]:
        self._ask()
        gone = [person for person in people if person not in self.refused]
        self.refused = [person for person in self.refused if person not in people]
        return [c.NotBlocked(person=person, code="139103", text="not blocked") for person in gone]

    async def blocked(self, after: str = "") -> c.BlockedPage:
        self._ask()
        return c.BlockedPage(people=tuple(self.refused))

    def automation_rules(self) -> c.AutomationRules:
        return c.AutomationRules(prompts=4, prompt=80)

    async def automation(self) -> c.Automation:
        self._ask()
        return self.offers

    async def save_automation(self, automation: c.Automation) -> None:
        self._ask()
        self.offers = automation

    async def health(self) -> Sequence[c.Vital]:
        return [c.Vital(name="round_trip", value=12.5, unit="ms"), c.Vital(name="engine", value="whole 1")]

    async def figures(self, since: datetime, until: datetime) -> Sequence[c.Figure]:
        self._ask()
        self.asked.append((since, until))
        day = until.replace(hour=0, minute=0, second=0, microsecond=0)
        cost = {"volume": 3.0, "cost": 0.5}
        return [
            c.Figure(report="pricing", start=day, end=day, by={"category": kind}, values=cost, currency="EUR")
            for kind in ("marketing", "utility")
        ]

    async def bring_history(self) -> None:
        self._ask()


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    yield body[:10]
    yield body[10:]
