"""Linking a companion: by the code that a phone scans, or by eight characters typed on it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from neonize.proto.waAdv.WAAdv_pb2 import (
    ADVDeviceIdentity,
    ADVSignedDeviceIdentity,
    ADVSignedDeviceIdentityHMAC,
)

from .curve import KeyPair, derive, sign, signed
from .devices import Account, Device
from .nodes import LID, PHONE, SERVER, Jid, Node
from .ratchet import Bundle
from .sealing import mac, stream

if TYPE_CHECKING:
    from .connection import Connection
    from .server import MockWhatsApp

REFERENCES = 6  # codes to scan, one after another
ROUNDS = 2 << 16  # of PBKDF2 over the eight characters
ACCOUNT_SIGNS, DEVICE_SIGNS = b"\x06\x00", b"\x06\x01"
AFTER = 2.0  # seconds until the connection of a linked companion is ended: it comes again as itself


class NotLinked(Exception):
    """The companion's proof is wrong, or nobody waits under this code."""


@dataclass
class Attempt:
    """A companion that waits to be linked. What is asked of it is filled in on the way."""

    references: tuple[str, ...]
    account: Account | None = None
    number: int = 0
    identity: bytes = b""
    wrapped: bytes = b""  # its key, sealed with the eight characters
    reference: bytes = b""
    shared: bytes = b""


class Pairing:
    """The server's part, and the part of a person with the phone in hand."""

    def __init__(self, server: MockWhatsApp) -> None:
        self._server = server
        self._scanned: dict[str, Connection] = {}  # who waits, by reference
        self._typed: dict[str, Connection] = {}  # by phone number

    async def begin(self, link: Connection) -> Attempt:
        """Give it codes to show."""
        made = tuple("2@" + base64.b64encode(os.urandom(24)).decode() for _ in range(REFERENCES))
        self._scanned |= dict.fromkeys(made, link)
        codes = Node("pair-device", {}, [Node("ref", {}, one.encode()) for one in made])
        await link.send(self._question(codes))
        return Attempt(made)

    async def scan(self, code: str, account: Account) -> None:
        """The phone's owner points it at the code. Raises NotLinked."""
        reference, _, identity, secret, *_ = code.rpartition("#")[2].split(",")
        link = self._scanned.get(reference)
        if link is None:
            raise NotLinked("nobody shows this code")
        await self._vouch(link, account, base64.b64decode(identity), base64.b64decode(secret))

    async def type(self, code: str, account: Account) -> None:
        """The phone's owner types the eight characters. Raises NotLinked."""
        link = self._typed.get(account.phone)
        if link is None or link.attempt is None:
            raise NotLinked("nobody waits for this number")
        attempt, word = link.attempt, code.replace("-", "").encode()
        wrapped = attempt.wrapped
        companion = stream(_stretched(word, wrapped[:32]), wrapped[32:48], wrapped[48:80])
        ours, salt, iv = KeyPair(), os.urandom(32), os.urandom(16)
        attempt.shared, attempt.account = ours.agree(companion), account
        sealed = salt + iv + stream(_stretched(word, salt), iv, ours.public)
        content = [
            Node("link_code_pairing_wrapped_primary_ephemeral_pub", {}, sealed),
            Node("primary_identity_pub", {}, account.identity.key.public),
            Node("link_code_pairing_ref", {}, attempt.reference),
        ]
        told = Node("link_code_companion_reg", {"stage": "primary_hello"}, content)
        await link.send(self._notice("link_code_companion_reg", told))

    async def demand_passkey(self, code: str) -> None:
        """The account may only be linked with a passkey."""
        link = self._scanned[code.rpartition("#")[2].partition(",")[0]]
        options = {
            "challenge": "AAAA",
            "rpId": "whatsapp.com",
            "timeout": 600_000,
            "userVerification": "required",
            "allowCredentials": list[str](),
        }
        asked = Node("passkey_request_options", {}, json.dumps(options).encode())
        await link.send(self._notice("passkey_prologue_request", asked))

    async def by_code(self, link: Connection, node: Node) -> None:
        """What a companion says on its way with the eight characters."""
        said = node.need("link_code_companion_reg")
        attempt = link.attempt
        if attempt is None:
            raise NotLinked("it is linked already")
        if said.text("stage") == "companion_hello":
            jid = said.jid("jid") or Jid()
            attempt.wrapped = said.need("link_code_pairing_wrapped_companion_ephemeral_pub").data
            attempt.reference = os.urandom(16)
            self._typed[jid.user] = link
            given = Node("link_code_pairing_ref", {}, attempt.reference)
            told = Node("link_code_companion_reg", {"stage": "companion_hello"}, [given])
            await link.result(node, [told])
        elif said.text("stage") == "companion_finish":
            await link.result(node)
            await self._opened(link, attempt, said)

    async def _opened(self, link: Connection, attempt: Attempt, said: Node) -> None:
        account = attempt.account
        assert account is not None, "the phone has typed the characters before"
        sealed = said.need("link_code_pairing_wrapped_key_bundle").data
        identity = said.need("companion_identity_public").data
        info = b"link_code_pairing_key_bundle_encryption_key"
        key = derive(attempt.shared, 32, salt=sealed[:32], info=info)
        bundle = AESGCM(key).decrypt(sealed[32:44], sealed[44:], None)
        if bundle[:32] != identity or bundle[32:64] != account.identity.key.public:
            raise NotLinked("the companion's keys are not those it said")
        agreed = attempt.shared + account.identity.key.agree(identity) + bundle[64:]
        await self._vouch(link, account, identity, derive(agreed, 32, info=b"adv_secret"))

    async def _vouch(self, link: Connection, account: Account, identity: bytes, secret: bytes) -> None:
        """The phone signs the companion's key, and the server tells it."""
        attempt = link.attempt
        if attempt is None:
            raise NotLinked("it is linked already")
        account.key_index += 1
        attempt.account, attempt.number, attempt.identity = account, max(account.devices) + 1, identity
        details = ADVDeviceIdentity(
            rawID=1, timestamp=int(time.time()), keyIndex=account.key_index
        ).SerializeToString()
        key = account.identity.key
        vouched = ADVSignedDeviceIdentity(
            details=details,
            accountSignatureKey=key.public,
            accountSignature=sign(key.private, ACCOUNT_SIGNS + details + identity),
        ).SerializeToString()
        sealed = ADVSignedDeviceIdentityHMAC(details=vouched, HMAC=mac(secret, vouched)).SerializeToString()
        names = {
            "jid": Jid(account.phone, PHONE, attempt.number),
            "lid": Jid(account.lid, LID, attempt.number),
        }
        content = [
            Node("device-identity", {}, sealed),
            Node("device", names),
            Node("platform", {"name": "smba" if account.business else "android"}),
        ]
        if account.business:
            content.append(Node("biz", {"name": account.business}))
        await link.send(self._question(Node("pair-success", {}, content)))

    async def finish(self, link: Connection, node: Node) -> None:
        """The companion signs back. Raises NotLinked if its signature is wrong."""
        attempt, account = link.attempt, link.attempt.account if link.attempt else None
        if attempt is None or account is None:
            raise NotLinked("the phone has not vouched for it")
        proof = node.need("pair-device-sign", "device-identity").data
        back = ADVSignedDeviceIdentity.FromString(proof)
        said = DEVICE_SIGNS + back.details + attempt.identity + account.identity.key.public
        if not signed(attempt.identity, said, back.deviceSignature):
            raise NotLinked("the companion's signature is wrong")
        data = link.payload.devicePairingData
        account.devices[attempt.number] = Device(
            account,
            attempt.number,
            noise=link.noise,
            published=Bundle(
                registration=int.from_bytes(data.eRegid, "big"),
                identity=attempt.identity,
                signed_id=int.from_bytes(data.eSkeyID, "big"),
                signed=data.eSkeyVal,
                signature=data.eSkeySig,
            ),
        )
        for reference in attempt.references:
            self._scanned.pop(reference, None)
        await link.send(Node("stream:error", {"code": "515"}))
        self._server.later(AFTER, link.socket.close)

    def _question(self, content: Node) -> Node:
        attrs = {"from": SERVER, "type": "set", "id": self._server.next_id(), "xmlns": "md"}
        return Node("iq", {**attrs, "t": int(time.time())}, [content])

    def _notice(self, kind: str, content: Node) -> Node:
        attrs = {"from": SERVER, "type": kind, "id": self._server.next_id(), "t": int(time.time())}
        return Node("notification", attrs, [content])


def _stretched(word: bytes, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", word, salt, ROUNDS, 32)
