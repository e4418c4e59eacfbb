"""Which language a visitor reads: what he chose, else what his browser asks for."""

from __future__ import annotations

from starlette.requests import HTTPConnection

LOCALES = ("en", "ru")
CHOSEN = "jackfield.locale"  # in the ASGI scope, once the visitor is known


def best(accepted: str, known: tuple[str, ...] = LOCALES) -> str:
    """The language an Accept-Language header likes best (RFC 9110 §12.5.4); the first known one if none."""
    liked: list[tuple[float, str]] = []
    for item in accepted.split(","):
        name, _, rest = item.strip().partition(";")
        language = name.strip().lower().split("-")[0]
        if language in known:
            liked.append((_weight(rest), language))
    weight, language = max(liked, key=lambda item: item[0], default=(0.0, known[0]))
    return language if weight > 0 else known[0]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def choose(connection: HTTPConnection, locale: str) -> None:
    """Remember what the visitor chose, for everything this request still says."""
    if locale in LOCALES:
        connection.scope[CHOSEN] = locale


def locale_of(connection: HTTPConnection) -> str:
    chosen = connection.scope.get(CHOSEN)
    if isinstance(chosen, str):
        return chosen
    return best(connection.headers.get("accept-language", ""))
