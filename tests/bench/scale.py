"""How big a run is: the measured one, a quick look, and one so small that it only shows that all works."""

from __future__ import annotations

from msgspec import Struct


class Scale(Struct, frozen=True, kw_only=True):
    """`rounds` counts after a warm-up. Slices are short on purpose: noise comes in bursts."""

    rounds: int = 7
    slice: float = 1.2  # seconds
    senders: int = 64  # of webhooks, at once
    bodies: int = 12_000  # a slice of webhooks ends when they are used up
    customers: int = 2_000
    clients: int = 1_000  # of the websocket
    window: int = 16  # events on their way at once
    numbers: int = 20
    messages: int = 1_000  # to send in a slice, over all numbers
    rows: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    pages: int = 40  # read in a slice
    bells: int = 500  # events a second over the bus
    accounts: int = 5  # linked devices, each with its bridge
    street: float = 10.0  # seconds of a slice of them: an answer may leave every third


FULL = Scale()
QUICK = Scale(rounds=5, slice=0.6, bodies=6_000, messages=500, rows=(10_000, 100_000), pages=20, street=6.0)
TINY = Scale(
    rounds=1,
    slice=0.1,
    senders=4,
    bodies=40,
    customers=10,
    clients=8,
    numbers=2,
    messages=6,
    rows=(200, 400),
    pages=2,
    bells=100,
    accounts=2,
    street=0.1,
)
