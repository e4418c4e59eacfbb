"""What a million customers said: Russian and English, common words in all forms, a long tail of rare ones."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

_RU = (
    "заказ заказа заказы заказов заказу доставка доставки доставку доставкой оплата оплату оплатить оплатил"
    " возврат возврата вернуть товар товара товары цена цены стоимость адрес здравствуйте спасибо пожалуйста"
    " когда можно привет сегодня завтра менеджер скидка магазин курьер курьера размер"
)
_EN = (
    "order orders ordered delivery delivered deliver payment pay paid refund refunded return returned product"
    " products price address hello thanks please when today tomorrow manager discount shop courier size late"
    " exchange exchanged"
)
COMMON_RU: list[str] = [*_RU.split()]
COMMON_EN: list[str] = [*_EN.split()]
TAIL = 30_000  # further words of each language, each with some endings
_ENDINGS_RU = ("", "а", "у", "ом", "ы", "ов", "ами", "ный", "ного")
_ENDINGS_EN = ("", "s", "ed", "ing", "er", "ness")


class Corpus:
    """Word number n is said about n times less often than the first. The same seed says the same."""

    def __init__(self, seed: int = 7) -> None:
        self._chance = random.Random(seed)
        self._tongues = [
            self._tongue(COMMON_RU, "бвгдклмнпрст", "аеиоу", _ENDINGS_RU),
            self._tongue(COMMON_EN, "bcdfglmnprst", "aeiou", _ENDINGS_EN),
        ]
        self.rare = [words[-number] for words, _ in self._tongues for number in range(1, 500)]

    def _tongue(
        self, common: list[str], consonants: str, vowels: str, endings: tuple[str, ...]
    ) -> tuple[list[str], list[float]]:
        chance, words = self._chance, list(common)
        while len(words) < TAIL:
            pairs = chance.randint(1, 3)
            root = "".join(chance.choice(consonants) + chance.choice(vowels) for _ in range(pairs))
            words += (root + chance.choice(consonants) + ending for ending in endings)
        return words, list(itertools.accumulate(1 / (number + 10) for number in range(len(words))))

    def texts(self, count: int) -> Iterator[str]:
        """Messages of two to sixty words, about eleven."""
        chance = self._chance
        for _ in range(count):
            words, weights = chance.choice(self._tongues)
            length = min(60, int(chance.expovariate(1 / 9)) + 2)
            yield " ".join(chance.choices(words, cum_weights=weights, k=length))
