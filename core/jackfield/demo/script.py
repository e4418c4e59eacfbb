"""Who works in the demo, and with which labels."""

from __future__ import annotations

from typing import NamedTuple

from jackfield.channel import Text


class Person(NamedTuple):
    email: str
    name: str


OWNER = Person("owner@demo.example", "Anna")
COLLEAGUE = Person("colleague@demo.example", "Oleg")

COLORS = ("#b4235a", "#1d6fc0", "#3d6b22", "#8a5a00")
LABELS = (("VIP", "#8a5a00"), ("Доставка · Delivery", "#1d6fc0"), ("Ждём оплату · Unpaid", "#b4235a"))
NOTES = (
    Text(body="Постоянный клиент, скидка 10 %. / A regular: 10 % off."),
    Text(body="Call back after 15:00, prefers the phone."),
)
