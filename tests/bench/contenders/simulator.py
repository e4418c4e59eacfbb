"""The Cloud API that is sent to: the simulator in a process of its own, without limits and webhooks."""

from __future__ import annotations

from typing import Any

from bench import webhooks
from bench.talk import obey, play

from jackfield_whatsapp_api.simulator import Settings, Simulator

NO_LIMIT = 1e9


async def main(given: dict[str, Any]) -> None:
    """`numbers` of a business, each with `customers` who have just written to it."""
    settings = Settings(number_per_second=NO_LIMIT, pair_every=1 / NO_LIMIT, pair_burst=1_000_000)
    async with Simulator.start(settings) as simulator:
        numbers = [
            simulator.add_number(f"+1 555 01{place:02d}", "Bench") for place in range(given["numbers"])
        ]
        people = [
            simulator.add_customer(f"+{webhooks.phone(customer)}", f"Customer {customer}")
            for customer in range(given["customers"])
        ]
        for person in people:
            for number in numbers:
                simulator.remember(
                    number.id,
                    person.phone,
                    "customer",
                    "text",
                    {"body": "?"},
                    at=simulator.now(),
                )

        async def sent() -> int:
            """Messages of the business that arrived here."""
            return sum(said.by == "business" for said in simulator.messages.values())

        await obey(
            {"sent": sent},
            url=simulator.url,
            numbers=[
                {
                    "phone_number_id": number.id,
                    "access_token": simulator.token_of(number),
                    "bsuids": [simulator.bsuid(number, person) for person in people],
                }
                for number in numbers
            ],
        )


if __name__ == "__main__":
    play(main)
