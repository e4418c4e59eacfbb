"""App state of an account: what its phone knows of contacts and chats, told to companions in patches.

Each collection is a list of changes, sealed with a key the phone shares, and a sum over all of them that
grows and shrinks with each (LTHash), so that both sides can tell whether they agree.
"""

# pyright: reportMissingTypeStubs=false
# (two of the engine's packages of messages do not say that they are typed)
from __future__ import annotations

import builtins
import json
import os
import struct
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from google.protobuf import runtime_version
from neonize.proto.waServerSync import WAServerSync_pb2 as sync_pb

from .curve import derive
from .sealing import decrypt, encrypt, mac

# The engine's package forgets this import in some of its message classes.
builtins._runtime_version = runtime_version  # type: ignore[attr-defined]
from neonize.proto.waSyncAction import WASyncAction_pb2 as action_pb  # noqa: E402  # see above

SyncActionValue = action_pb.SyncActionValue
MAC = 32  # bytes
SUM = struct.Struct("<64H")

Index = Sequence[str]


class Written(NamedTuple):
    """What a companion changed. `place`: the path of the value in its collection."""

    place: Index
    value: action_pb.SyncActionValue
    removed: bool


@dataclass
class Collection:
    version: int = 0
    total: bytes = bytes(SUM.size)
    patches: list[sync_pb.SyncdPatch] = field(default_factory=list[sync_pb.SyncdPatch])
    macs: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])  # of index → of value

    def since(self, version: int) -> list[sync_pb.SyncdPatch]:
        return [patch for patch in self.patches if patch.version.version > version]


class AppState:
    """`key` opens everything: the phone makes it, and shares it with companions under `key_id`."""

    def __init__(self, key_id: bytes = b"", key: bytes = b"") -> None:
        self.key_id, self.key = key_id or os.urandom(6), key or os.urandom(32)
        keys = derive(self.key, 160, info=b"WhatsApp Mutation Keys")
        self._index, self._cipher, self._value, self._snapshot, self._patch = (
            keys[at : at + 32] for at in range(0, 160, 32)
        )
        self._collections: dict[str, Collection] = {}

    def collection(self, name: str) -> Collection:
        return self._collections.setdefault(name, Collection())

    def put(self, name: str, index: Index, value: action_pb.SyncActionValue, *, version: int = 2) -> None:
        """Change something as the phone does; companions hear of it when they are told to ask."""
        kept = self.collection(name)
        key = json.dumps(list(index), separators=(",", ":"), ensure_ascii=False).encode()
        if not value.timestamp:
            value.timestamp = int(time.time() * 1000)
        data = action_pb.SyncActionData(index=key, value=value, padding=b"", version=version)
        iv = os.urandom(16)
        sealed = iv + encrypt(self._cipher, iv, data.SerializeToString())
        length = struct.pack(">Q", len(self.key_id) + 1)
        value_mac = mac(self._value, b"\x01", self.key_id, sealed, length, sha="sha512")[:MAC]
        index_mac = mac(self._index, key)

        patch = sync_pb.SyncdPatch()
        record = patch.mutations.add(operation=sync_pb.SyncdMutation.SET).record
        record.index.blob, record.value.blob = index_mac, sealed + value_mac
        record.keyID.ID = patch.keyID.ID = self.key_id
        self._replace(kept, index_mac, value_mac)
        kept.version += 1
        number = struct.pack(">Q", kept.version)
        patch.version.version = kept.version
        patch.snapshotMAC = mac(self._snapshot, kept.total, number, name.encode())
        patch.patchMAC = mac(self._patch, patch.snapshotMAC, value_mac, number, name.encode())
        kept.patches.append(patch)

    def accept(self, name: str, data: bytes) -> list[Written]:
        """A companion's patch. Returns what it changed."""
        kept, patch = self.collection(name), sync_pb.SyncdPatch.FromString(data)
        written: list[Written] = []
        for mutation in patch.mutations:
            blob = mutation.record.value.blob
            sealed, value_mac = blob[:-MAC], blob[-MAC:]
            said = action_pb.SyncActionData.FromString(decrypt(self._cipher, sealed[:16], sealed[16:]))
            removed = mutation.operation == sync_pb.SyncdMutation.REMOVE
            written.append(Written(json.loads(said.index), said.value, removed))
            self._replace(kept, mutation.record.index.blob, None if removed else value_mac)
        kept.version += 1
        patch.version.version = kept.version
        kept.patches.append(patch)
        return written

    @staticmethod
    def _replace(kept: Collection, index_mac: bytes, value_mac: bytes | None) -> None:
        old = kept.macs.pop(index_mac, None)
        if old is not None:
            kept.total = summed(kept.total, [old], -1)
        if value_mac is not None:
            kept.total, kept.macs[index_mac] = summed(kept.total, [value_mac], 1), value_mac


def summed(total: bytes, items: Iterable[bytes], sign: int) -> bytes:
    """LTHash: 64 numbers of 16 bits, to each of which every item adds its own."""
    numbers = SUM.unpack(total)
    for item in items:
        added = SUM.unpack(derive(item, SUM.size, info=b"WhatsApp Patch Integrity"))
        numbers = tuple((number + sign * more) & 0xFFFF for number, more in zip(numbers, added, strict=True))
    return SUM.pack(*numbers)
