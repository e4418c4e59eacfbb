"""Who is in the demo's town, and what they said before it began."""

# pyright: reportMissingTypeStubs=false
# (the engine's stubs name their neighbours by paths that are not there)
from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message

from mock_whatsapp.devices import Account, Group
from mock_whatsapp.phone import Phone, make_id
from mock_whatsapp.server import MockWhatsApp

from . import content
from .handsets import Handsets
from .past import Remembered, Said

MINUTE = 60
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE  # seconds
LINKED = "447700900210"
"""The number that is linked when the demo begins."""

Line = tuple[Account, int, str | Path]
"""Who, how many seconds ago, and the words or the picture."""


@dataclass(frozen=True)
class Town:
    """Who talks to the first business."""

    shop: Account
    maya: Account
    tomas: Account
    aiko: Account
    ride: Group


def people(mock: MockWhatsApp, handsets: Handsets, pictures: Path) -> None:
    """Two businesses, three customers, a group, and the past of the first."""
    shop = mock.add(LINKED, "210000000000001", "Nora Whitlock", business="Spoke & Chain Rentals")
    studio = mock.add("447700900220", "210000000000002", "Felix Brandt", business="Brandt Frames")
    maya = mock.add("447700900311", "210000000000011", "Maya Lindqvist")
    tomas = mock.add("447700900312", "210000000000012", "Tomás Pereira")
    aiko = mock.add("447700900313", "210000000000013", "Aiko Tanabe")
    first = handsets.add(shop, owner=True)
    handsets.add(studio, owner=True)
    for phone in (maya, tomas, aiko):
        handsets.add(phone)
    ride = mock.add_group("120363000000000001", "Sunday ride", shop, maya, tomas)
    town = Town(shop.account, maya.account, tomas.account, aiko.account, ride)
    handsets.remember(first, _past(town, shop, pictures))
    for owner in (shop, studio):
        for customer in (maya, tomas, aiko):
            handsets.phones[owner.account.phone].chat(customer.account)
            handsets.phones[customer.account.phone].chat(owner.account)


def _past(town: Town, shop: Phone, pictures: Path) -> Sequence[Remembered]:
    us, maya, tomas, aiko = town.shop, town.maya, town.tomas, town.aiko
    return (
        _chat(
            shop,
            maya,
            (maya, 3 * HOUR, "Hello, do you rent touring bikes by the week?"),
            (us, 3 * HOUR - 4 * MINUTE, "We do. From Monday on three of them are free, all with racks."),
            (maya, 3 * HOUR - 9 * MINUTE, "Then two, please. One for 1.65 m, one for 1.82 m."),
            (us, 2 * HOUR, pictures / "ready.jpg"),
            (us, 2 * HOUR - MINUTE, "These two are yours from Monday, nine o'clock."),
            (maya, 40 * MINUTE, "Can we bring them back on Sunday evening?"),
        ),
        _chat(
            shop,
            tomas,
            (tomas, DAY + 2 * HOUR, pictures / "wheel.jpg"),
            (tomas, DAY + 2 * HOUR - MINUTE, "The rear wheel rubs a little. Is it safe to ride on?"),
            (us, DAY + HOUR, "Better not far. Come by, it takes ten minutes."),
            (tomas, DAY, "On my way."),
        ),
        _chat(
            shop,
            aiko,
            (aiko, 2 * DAY, "Is the deposit paid back in cash?"),
            (us, 2 * DAY - HOUR, "In the way you paid it."),
        ),
        _chat(
            shop,
            town.ride,
            (us, 5 * HOUR, "Sunday, eight o'clock, at the bridge. Sixty kilometres, flat."),
            (maya, 5 * HOUR - 20 * MINUTE, "I am in."),
            (tomas, 4 * HOUR, "Me too, if the wheel is done."),
        ),
    )


def _chat(shop: Phone, peer: Account | Group, *lines: Line) -> Remembered:
    now = int(time.time())
    return Remembered(
        shop.account,
        peer,
        [Said(make_id(), who, now - ago, _message(shop, what)) for who, ago, what in lines],
    )


def _message(shop: Phone, what: str | Path) -> Message:
    if isinstance(what, str):
        return content.text(what)
    stored = shop.store(what.read_bytes(), "image")
    return content.file("image", stored, mime="image/jpeg", name=what.name, caption="")
