"""A number that is on the Business app too: its past is asked for once, and its phone must be opened.

What webhooks tell of it is kept under keys of the channel: any process takes a webhook, one watches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from jackfield.channel import ChannelError, LimitChange, Rejected

from .client import GraphClient
from .payload import Node, listed, node, text, whole

PAST, PHONE, CALLED = "past", "phone_seen", "called"  # keys of the channel
WANTED, ASKED, DONE = b"wanted", b"asked", b"done"  # of PAST; between the last two: per cent
SIGNS = frozenset({"smb_message_echoes", "message_echoes", "smb_app_state_sync"})
SYNCS = ("smb_app_state_sync", "history")
QUIET = timedelta(days=12)  # of the 14 after which the provider takes the number from us
HOURLY = timedelta(hours=1)


class Signs:
    """What a channel keeps of the calls it gets: that there are any, and that the phone is in use.

    Each at most once an hour in one process: how far the past got, always.
    """

    def __init__(self) -> None:
        self._kept: dict[str, datetime] = {}

    def of(self, payload: object, phone_id: str, now: datetime) -> Mapping[str, bytes]:
        """Values to keep after this call. Does no I/O."""
        found: dict[str, bytes] = {CALLED: stamp(now)}
        for field, value in _changes(payload, phone_id):
            if field in SIGNS:
                found[PHONE] = stamp(now)
            if field == "history" and (far := progress(value)):
                found[PAST] = far
        return {key: value for key, value in found.items() if key == PAST or self._due(key, now)}

    def _due(self, key: str, now: datetime) -> bool:
        last = self._kept.get(key)
        if last is not None and now - last < HOURLY:
            return False
        self._kept[key] = now
        return True


def _changes(payload: object, phone_id: str) -> Iterator[tuple[str, Node]]:
    """Every change about this number."""
    for entry in map(node, listed(node(payload).get("entry"))):
        for change in map(node, listed(entry.get("changes"))):
            value = node(change.get("value"))
            if text(node(value.get("metadata")).get("phone_number_id")) in ("", phone_id):
                yield text(change.get("field")), value


def progress(value: Node) -> bytes:
    """How far the past has come, as PAST keeps it; b"" where a webhook does not say."""
    found = b""
    for chunk in map(node, listed(value.get("history"))):
        if listed(chunk.get("errors")):
            found = DONE  # it was refused on the phone: there is nothing to wait for
        far = whole(node(chunk.get("metadata")).get("progress"))
        if far is not None and 0 <= far <= 100:
            found = DONE if far == 100 else str(far).encode()
    return found


async def bring(client: GraphClient, phone_id: str) -> None:
    """Ask for contacts and the past: once each, within 24 hours after the number was connected.

    Raises what the past was refused with, then what the contacts were.
    """
    refused: ChannelError | None = None
    for sync in SYNCS:
        body = {"messaging_product": "whatsapp", "sync_type": sync}
        try:
            await client.ask("POST", f"{phone_id}/smb_app_data", op="sync", body=body)
        except Rejected as error:
            refused = error
    if refused is not None:
        raise refused


def silence(seen: bytes | None, told: str, now: datetime) -> LimitChange | None:
    """News of the phone: not opened for twelve days, or opened again. `told`: what was said last."""
    last = moment(seen)
    quiet = last is not None and now - last >= QUIET
    value = "silent" if quiet else "in_use"
    if last is None or value == told or (not told and not quiet):
        return None
    return LimitChange(
        at=now,
        about="phone",
        value=value,
        severity="warning" if quiet else "info",
        text=last.date().isoformat() if quiet else "",
    )


def stamp(at: datetime) -> bytes:
    return at.isoformat(timespec="seconds").encode()


def moment(kept: bytes | None) -> datetime | None:
    """The time under a key; None where there is none."""
    try:
        found = datetime.fromisoformat((kept or b"").decode("ascii", "replace"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
