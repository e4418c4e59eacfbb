"""Events about messages we do not know yet: kept, and applied when the message comes."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from jackfield.channel import AnyEvent
from jackfield.ids import new_id
from jackfield.store.indexes import WAITING_FOR
from jackfield.store.rows import WaitingRow

from .scene import Scene

_encode = msgspec.json.Encoder(order="deterministic").encode


def wait(scene: Scene, target: str, event: AnyEvent) -> None:
    """Keep an event for a message that will come. The same one twice is kept once.

    Needs WAITING_FOR(channel, target).
    """
    encoded = _encode(event)
    digest = sha256(encoded).hexdigest()
    uow, facts = scene.uow, scene.facts
    if any(row.digest == digest for row in uow.all(WAITING_FOR, facts.channel, target)):
        return
    uow.add(
        WaitingRow(
            id=new_id(),
            workspace_id=facts.workspace,
            channel_id=facts.channel,
            external_id=target,
            event=encoded.decode(),
            digest=digest,
            at=uow.now,
        )
    )
