"""Who works in the demo, and with which labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jackfield.channel import Text


class Person(NamedTuple):
    email: str
    name: str


OWNER = Person("owner@demo.example", "Anna")
COLLEAGUE = Person("colleague@demo.example", "Oleg")

COLORS = ("#b4235a", "#1d6fc0", "#3d6b22", "#8a5a00")
LABELS: Mapping[str, Sequence[tuple[str, str]]] = {
    "en": (("VIP", "#8a5a00"), ("Delivery", "#1d6fc0"), ("Unpaid", "#b4235a")),
    "ru": (("VIP", "#8a5a00"), ("Доставка", "#1d6fc0"), ("Ждём оплату", "#b4235a")),
}
NOTES: Mapping[str, Sequence[Text]] = {
    "en": (Text(body="Call back after 15:00, prefers the phone."), Text(body="A regular: 10 % off.")),
    "ru": (Text(body="Перезвонить после 15:00."), Text(body="Постоянный клиент, скидка 10 %.")),
}
