"""Traffic of a scenario: customers who write, and an operator who answers, until they are told to end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from jackfield import ids
from jackfield_whatsapp_api.simulator import Customer, Number, Said, Simulator

from .install import Install
from .operator import Operator


class Customers:
    """`written`: what they wrote, in the order in which it was written."""

    def __init__(
        self,
        sim: Simulator,
        numbers: Sequence[Number],
        customers: Sequence[Customer],
        luck: random.Random,
    ) -> None:
        self._sim, self._numbers, self._customers, self._luck = sim, numbers, customers, luck
        self.written: list[Said] = []

    def write(self) -> Said:
        number, customer = self._luck.choice(self._numbers), self._luck.choice(self._customers)
        said = self._sim.user_says(number.id, customer.phone, f"message {len(self.written)}")
        self.written.append(said)
        return said

    def greet(self) -> None:
        """Everybody writes to every number once: from now on they may be answered."""
        for number in self._numbers:
            for customer in self._customers:
                self.written.append(self._sim.user_says(number.id, customer.phone, "hello"))

    async def go_on(self, every: float) -> None:
        """Write bursts, `every` seconds on average."""
        while True:
            for _ in range(self._luck.randint(1, 8)):
                self.write()
            await asyncio.sleep(self._luck.uniform(0, 2 * every))


@asynccontextmanager
async def writing(customers: Customers, every: float) -> AsyncGenerator[None]:
    task = asyncio.create_task(customers.go_on(every), name="customers")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def conversations(install: Install) -> list[tuple[str, str]]:
    """All that are there: the shown id of each, and its peer."""
    rows = await install.rows("SELECT id, peer FROM conversation WHERE merged_into IS NULL ORDER BY id")
    return [(ids.show("c", number), peer) for number, peer in rows]


class Answers:
    """An operator who answers in several conversations at once. `asked`: how many commands so far."""

    def __init__(self, operator: Operator, places: Sequence[str], luck: random.Random) -> None:
        self._operator, self._places, self._luck = operator, places, luck
        self._end = asyncio.Event()
        self.asked = 0

    async def _one_hand(self, every: float) -> None:
        while not self._end.is_set():
            self.asked += 1
            await self._operator.send(self._luck.choice(self._places), f"answer {self.asked}")
            await asyncio.sleep(self._luck.uniform(0, 2 * every))

    @asynccontextmanager
    async def going_on(self, *, hands: int = 4, every: float = 0.1) -> AsyncGenerator[None]:
        """At the end every command has been answered."""
        async with asyncio.TaskGroup() as group:
            for _ in range(hands):
                group.create_task(self._one_hand(every))
            try:
                yield
            finally:
                self._end.set()


async def settled(install: Install, sim: Simulator, *, within: float = 40) -> None:
    """Wait until nothing waits to leave and the provider has told all. Raises TimeoutError."""
    sql = "SELECT COUNT(*) FROM outbox WHERE state IN ('waiting', 'sending')"
    async with asyncio.timeout(within):
        while True:
            await sim.settled(within)
            ((left,),) = await install.rows(sql)
            if not left:
                await sim.settled(within)
                return
            await asyncio.sleep(0.1)
