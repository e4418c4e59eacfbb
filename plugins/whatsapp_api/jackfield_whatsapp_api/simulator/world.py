"""What every part of the simulator shares, and the webhooks that both sides cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import ids, payload
from .courier import Courier
from .crew import Crew, Feed
from .errors import GraphError
from .ledger import Ledger
from .limits import Limits
from .model import Customer, Json, Media, Number, Said, Status
from .script import FailedWithContacts, Script
from .settings import Settings
from .state import State
from .view import said_view

_RANK: dict[Status, int] = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 4}


@dataclass(kw_only=True)
class World:
    settings: Settings
    state: State
    script: Script
    limits: Limits
    ledger: Ledger
    courier: Courier
    crew: Crew
    feed: Feed
    url: str = ""  # where the simulator itself listens

    def post(self, number: Number, kind: str, **parts: Any) -> None:
        """A webhook about a number, under the field `kind`."""
        value = payload.about(number, **parts)
        self.courier.post(self.state.accounts[number.account], number, payload.change(kind, value))

    def show(self, said: Said) -> None:
        """Tell the phone pages that a message is new or changed."""
        self.feed.tell({"event": "message", "message": said_view(said)})

    def raise_status(self, said: Said, level: Status, error: GraphError | None = None) -> None:
        """Note a status that is higher than the one before, and tell the business."""
        if _RANK[level] <= _RANK[said.status]:
            return
        said.status = level
        if level in ("delivered", "read"):
            said.arrived = True
        number = self.state.numbers[said.number]
        customer = self.state.customers.get(said.user) or Customer(phone=said.user, name="")
        bsuid = self.state.bsuid(customer, number)
        item = payload.status(said, customer, bsuid, level=level, at=self.state.clock.now(), error=error)
        parts: Json = {"statuses": [item]}
        if error is None or self._contacts_in_failed(said):
            parts = {"contacts": [payload.contact(customer, bsuid)], **parts}
        self.post(number, "messages", **parts)
        self.show(said)

    def _contacts_in_failed(self, said: Said) -> bool:
        asked = self.script.take(FailedWithContacts, number=said.number, user=said.user)
        return asked is not None or self.settings.contacts_in_failed

    def store(
        self,
        number: Number,
        data: bytes,
        *,
        mime: str,
        name: str = "",
        received: bool = False,
        media_id: str = "",
    ) -> Media:
        media = Media(
            id=media_id or ids.numeric(),
            owner=number.id,
            account=number.account,
            mime=mime,
            name=name,
            sha256=ids.sha256(data),
            data=data,
            at=self.state.clock.now(),
            received=received,
        )
        self.state.media[media.id] = media
        return media
