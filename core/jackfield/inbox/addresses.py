"""Addresses of people: how they are written for a person, and which one stands for him."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from jackfield.channel import Address

_SHOWN_FIRST = ("phone", "username", "email")  # what a person can read; the rest is opaque


@lru_cache(maxsize=8192)
def shown_phone(number: str) -> str:
    """A phone number as one would write it: "+7 999 123-45-67". As it came if it is no number."""
    try:
        parsed = phonenumbers.parse(number if number.startswith("+") else f"+{number}")
    except NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def shown(address: Address) -> str:
    match address.kind:
        case "phone":
            return shown_phone(address.value)
        case "username":
            return f"@{address.value.removeprefix('@')}"
        case _:
            return address.value


def best_shown(addresses: Iterable[Address]) -> str:
    """The address of a person that says most to another person; "" if all are opaque."""
    by_kind = {address.kind: address for address in reversed(list(addresses))}
    return next((shown(by_kind[kind]) for kind in _SHOWN_FIRST if kind in by_kind), "")
