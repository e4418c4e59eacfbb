"""Taking secrets out of text that people will read, in whatever way the text quotes them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, quote_plus

from jackfield.channel import ChannelKind

Redact = Callable[[str], str]

HIDDEN = "[secret]"
LONG_ENOUGH = 6  # characters; shorter ones are too common inside base64 to look for there


def _json_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _json_plain(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_slashes(text: str) -> str:
    return json.dumps(text)[1:-1].replace("/", "\\/")


def _url(text: str) -> str:
    return quote(text, safe="")


QUOTINGS = (_json_ascii, _json_plain, _json_slashes, _url, quote, quote_plus)


def secrets_of(kind: ChannelKind, config: Mapping[str, str]) -> frozenset[str]:
    """The values in `config` of the fields that `kind` calls secret."""
    return frozenset(config[field.name] for field in kind.fields if field.secret and config.get(field.name))


def redactor(secrets: Iterable[str]) -> Redact:
    """Return a function that replaces each secret: plain, JSON- or URL-quoted (twice over), in base64.

    It answers the very same text if there is none in it.
    """
    forms = {secret for secret in secrets if secret}
    inside = {form for secret in forms if len(secret) >= LONG_ENOUGH for form in _base64(secret)}
    for _ in range(2):
        forms |= {quoting(form) for form in forms for quoting in QUOTINGS}
    if not forms:
        return str
    longest_first = sorted(forms | inside, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)  # %2F is %2f
    folded = tuple({form.casefold() for form in longest_first})

    def redact(text: str) -> str:
        # Nearly no text holds a secret, and to look for each is ten times cheaper than the pattern.
        within = text.casefold()
        return pattern.sub(HIDDEN, text) if any(form in within for form in folded) else text

    return redact


def _base64(secret: str) -> Iterable[str]:
    """What a secret looks like inside "user:secret" in base64, at each of the three offsets."""
    raw = secret.encode()
    for offset in range(3):
        ends_short = (offset + len(raw)) % 3
        text = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        # the first and the last characters mix in bits of the neighbours
        text = text[(0, 2, 3)[offset] : len(text) - 1 if ends_short else None]
        yield text
        yield text.replace("+", "-").replace("/", "_")
