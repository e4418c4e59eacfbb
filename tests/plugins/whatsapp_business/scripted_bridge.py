"""A bridge without an engine, by docs/bridge.md alone: it shares no code with the plugin.

Everything it is told succeeds. Who is written to says the same words back, so that numbering, journal and
acknowledgement are played as well. Its session is a file with a phone's number in it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

PHONE, LID = "4915550001", "900000000000001"
HELLO = {"type": "hello", "version": 1, "engine": "scripted", "engine_version": "1"}


class Scripted:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._session, self._journal = folder / "session.json", folder / "journal.json"
        kept: dict[str, Any] = json.loads(self._journal.read_text()) if self._journal.exists() else {}
        self._last: int = kept.get("last", 0)  # the greatest number that was given
        self._heard: dict[int, Any] = {int(number): said for number, said in kept.get("heard", {}).items()}
        self._sent: dict[str, str] = kept.get("sent", {})  # txn → id

    def begin(self) -> Iterator[Any]:
        """What every connection begins with: who we are, how things stand, what was not acknowledged."""
        yield HELLO
        yield {"type": "status", "state": "connected" if self._session.exists() else "unlinked"}
        yield from self._heard.values()

    def keep(self, piece: bytes) -> None:
        """A piece of the file of a command that is to come."""
        head, _, data = piece.partition(b"\n")
        ref, offset = head.decode().split(" ")
        with (self._folder / f"arriving-{ref}").open("ab" if int(offset) else "wb") as file:
            file.write(data)

    def answer(self, said: dict[str, Any]) -> Iterator[Any]:
        done = {"type": "done", "ref": said.get("ref", "")}
        match said["type"]:
            case "ack":
                self._heard = {n: heard for n, heard in self._heard.items() if n > said["number"]}
                self._keep()
            case "link":
                yield done
                yield from self._link(said.get("phone", ""))
            case "send":
                yield from self._send(said, done)
            case "fetch":
                yield f"{said['ref']} 0\na file".encode()
                yield {**done, "size": 6}
            case "ask":
                alive = {"round_trip": 1.0, "silent": 0.0, "memory": 1 << 20}
                yield {"type": "alive", "ref": said["ref"], **alive}
            case "unlink":
                self._session.unlink(missing_ok=True)
                yield done
                yield {"type": "status", "state": "logged_out"}
            case _:  # whatever else is asked for is done
                yield done

    def _link(self, phone: str) -> Iterator[Any]:
        kind, text = ("pair", "ABCD-EFGH") if phone else ("qr", "2@scripted")
        yield {"type": "code", "kind": kind, "text": text, "seconds": 60.0}
        self._session.write_text(json.dumps(PHONE))
        yield {"type": "linked", "phone": PHONE, "lid": LID, "name": "Flowers", "platform": "smba"}
        yield {"type": "status", "state": "connected"}

    def _send(self, said: dict[str, Any], done: dict[str, Any]) -> Iterator[Any]:
        """A txn goes out once: asked again, it answers with the id that it has."""
        again = said["txn"] in self._sent
        number = self._sent.setdefault(said["txn"], f"{said['to']}/{len(self._sent) + 1}")
        self._keep()
        yield {**done, "id": number}
        if not again:
            yield self._hear(said["to"], said["part"])

    def _hear(self, who: str, part: Any) -> Any:
        self._last += 1
        message = {
            "type": "message",
            "at": datetime.now(UTC).isoformat(),
            "conversation": who,
            "id": f"{who}/echo-{self._last}",
            "sender": {"addresses": [{"kind": "lid", "value": who.partition("@")[0]}]},
            "parts": [part],
        }
        self._heard[self._last] = {"type": "heard", "number": self._last, "events": [message]}
        self._keep()
        return self._heard[self._last]

    def _keep(self) -> None:
        kept = {"last": self._last, "heard": self._heard, "sent": self._sent}
        self._journal.write_text(json.dumps(kept))


def talk(line: ClientConnection, bridge: Scripted) -> None:
    """Until the channel says End, or the connection ends."""
    for frame in bridge.begin():
        line.send(json.dumps(frame))
    for data in line:
        if isinstance(data, bytes):
            bridge.keep(data)
            continue
        said = json.loads(data)
        if said["type"] == "end":
            return
        for frame in bridge.answer(said):
            line.send(frame if isinstance(frame, bytes) else json.dumps(frame))


def end_with_parent() -> None:
    """Standard input is closed when the process that started us is gone."""
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    token = os.environ["JACKFIELD_BRIDGE_TOKEN"]
    bridge = Scripted(Path(os.environ["JACKFIELD_BRIDGE_FOLDER"]))
    with connect(
        os.environ["JACKFIELD_BRIDGE_URL"], additional_headers={"Authorization": f"Bearer {token}"}
    ) as line:
        talk(line, bridge)


if __name__ == "__main__":
    main()
