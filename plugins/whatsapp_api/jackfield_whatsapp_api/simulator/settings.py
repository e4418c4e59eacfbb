"""How a simulator is set up: times, limits, secrets."""

from __future__ import annotations

import secrets
from datetime import timedelta

from msgspec import Struct, field

from .model import Callback

WINDOW = timedelta(hours=24)
URL_LIFE = timedelta(minutes=5)
UPLOADED_LIFE = timedelta(days=30)
RECEIVED_LIFE = timedelta(days=7)


def _secret() -> str:
    return secrets.token_hex(16)


class Settings(Struct, kw_only=True):
    """All times are seconds of the waiting party; `speed` 10 makes every one of them ten times shorter.

    `read_after` None: the customer reads when told to (or when the phone page shows the chat).
    `retry_*`: an unanswered webhook is tried again, at first after `retry_first`, each time twice as
    late but never later than `retry_most`, for `retry_for` in all.
    """

    app_id: str = field(default_factory=lambda: str(10**14 + secrets.randbelow(9 * 10**14)))
    app_secret: str = field(default_factory=_secret)
    callback: Callback | None = None  # the app's own; accounts and numbers may have another
    speed: float = 1.0
    sent_after: float = 0.1
    delivered_after: float = 0.4
    read_after: float | None = None
    review_after: float = 3.0  # until a new template is approved
    webhook_timeout: float = 10.0
    retry_first: float = 1.0
    retry_most: float = 3600.0
    retry_for: float = 7 * 86400.0
    number_per_second: float = 80.0
    pair_every: float = 6.0
    pair_burst: int = 45
    contacts_in_failed: bool = False  # the provider leaves them out
    templates_most: int = 250
    allowed_hosts: tuple[str, ...] = ()  # beside the address listened on
