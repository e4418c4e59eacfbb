"""The webhook's door: the handshake, the signature over the raw bytes, and what is kept unread."""

from __future__ import annotations

import json
from typing import Any

import pytest
from waba_cloud import APP_SECRET, PHONE_ID, VERIFY, WABA_ID, Cloud
from waba_samples import message

from jackfield.channel import Hooked, HookRequest, Message, Text, Unrecognised
from jackfield.testing import FakePort
from jackfield_whatsapp_api.channel import CloudChannel
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.kind import WhatsAppApi
from jackfield_whatsapp_api.signature import same_token, sign, signed

CONFIG = Cloud(url="http://127.0.0.1:9").config


def channel(**config: str) -> CloudChannel:
    return CloudChannel(Config.read({**CONFIG, **config}), FakePort())


def post(body: bytes, signature: str | None = None, **config: str) -> Hooked:
    header = sign(APP_SECRET, body) if signature is None else signature
    request = HookRequest(
        method="POST", path="/hooks/1", query={}, headers={"x-hub-signature-256": header}, body=body
    )
    return channel(**config).webhook(request)


def get(**query: str) -> Hooked:
    said = {f"hub.{key}": value for key, value in query.items()}
    return channel().webhook(HookRequest(method="GET", path="/hooks/1", query=said, headers={}, body=b""))


BODY = json.dumps(message(type="text", text={"body": "Привет 👋"}), ensure_ascii=True).encode()


def test_a_signed_delivery_is_read() -> None:
    hooked = post(BODY)
    assert (hooked.accepted, hooked.stored, hooked.status, hooked.failed) == (True, True, 200, "")
    (said,) = hooked.events
    assert isinstance(said, Message)
    assert said.parts == (Text(body="Привет 👋"),)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        sign(APP_SECRET, BODY + b" "),
        sign("another secret", BODY),
        sign(APP_SECRET, BODY)[7:],
        sign(APP_SECRET, BODY).replace("sha256", "sha1"),
        sign(APP_SECRET, BODY) + "0",
        "sha256=" + "é" * 64,
        "sha256=" + "٠" * 64,
    ],
)
def test_a_wrong_signature_is_refused_and_nothing_is_kept(signature: str) -> None:
    hooked = post(BODY, signature)
    assert (hooked.accepted, hooked.status, hooked.events) == (False, 403, ())


def test_without_a_secret_nothing_is_accepted_not_even_what_an_empty_secret_signs() -> None:
    assert not post(BODY, app_secret="").accepted
    assert not post(BODY, sign("", BODY), app_secret="").accepted
    assert not signed("", BODY, sign("", BODY))


def test_the_signature_is_over_the_bytes_as_they_came() -> None:
    other = json.dumps(json.loads(BODY), ensure_ascii=False).encode()
    assert not post(other, sign(APP_SECRET, BODY)).accepted
    assert post(other).accepted


def test_an_upper_case_signature_is_a_signature() -> None:
    assert post(BODY, "SHA256=" + sign(APP_SECRET, BODY)[7:].upper()).accepted


def test_a_body_over_three_megabytes_is_refused_before_it_is_read() -> None:
    hooked = post(b"[" + b" " * 3 * 1024 * 1024 + b"]")
    assert (hooked.accepted, hooked.status) == (False, 413)


@pytest.mark.parametrize("body", [b"", b"hello", b"{", b"\xff\xfe\x00", b'{"a": NaN}', b'{"a": 1} x'])
def test_a_signed_body_that_is_no_json_is_kept_as_failed_and_not_asked_for_again(body: bytes) -> None:
    hooked = post(body)
    assert (hooked.accepted, hooked.stored, hooked.status, hooked.events) == (True, True, 200, ())
    assert "not JSON" in hooked.failed


@pytest.mark.parametrize("body", [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 5000 + b"1" + b"}" * 5000])
def test_json_deeper_than_we_read_is_kept_whole(body: bytes) -> None:
    hooked = post(body)
    assert not hooked.failed
    (event,) = hooked.events
    assert isinstance(event, Unrecognised)


@pytest.mark.parametrize(
    ("escaped", "shown"),
    [
        ("\\ud800 x", "\ufffd x"),
        ("a\\u0000b", "a\ufffdb"),
        ("\\ud83d\\udc4b", "👋"),
        ("\\\\u0000", "\\u0000"),
    ],
)
def test_text_that_no_database_takes_is_mended(escaped: str, shown: str) -> None:
    body = BODY.replace(b"\\u041f\\u0440\\u0438\\u0432\\u0435\\u0442 \\ud83d\\udc4b", escaped.encode())
    assert body != BODY
    (said,) = post(body).events
    assert isinstance(said, Message)
    assert said.parts == (Text(body=shown),)


def test_the_handshake_is_answered_with_the_raw_challenge_and_not_kept() -> None:
    hooked = get(mode="subscribe", verify_token=VERIFY, challenge="11589<b>")
    assert (hooked.accepted, hooked.stored, hooked.status, hooked.body) == (True, False, 200, b"11589<b>")
    assert hooked.media_type == "text/plain"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"mode": "subscribe", "challenge": "1"},
        {"mode": "subscribe", "verify_token": "wrong", "challenge": "1"},
        {"mode": "subscribe", "verify_token": "é", "challenge": "1"},
        {"mode": "unsubscribe", "verify_token": VERIFY, "challenge": "1"},
    ],
)
def test_a_wrong_handshake_is_refused(query: dict[str, str]) -> None:
    hooked = get(**query)
    assert (hooked.accepted, hooked.status, hooked.body) == (False, 403, b"")


def test_an_empty_verify_token_of_ours_matches_nothing() -> None:
    assert not same_token("", "")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD"])
def test_no_other_method_is_taken(method: str) -> None:
    request = HookRequest(method=method, path="/hooks/1", query={}, headers={}, body=BODY)
    assert channel().webhook(request).status == 405


def test_a_shared_hook_finds_its_channels_by_number_and_account() -> None:
    kind = WhatsAppApi()
    request = HookRequest(method="POST", path="/hooks/whatsapp_api", query={}, headers={}, body=BODY)
    assert kind.recipients(request) == {PHONE_ID}
    assert kind.keys(CONFIG) == {PHONE_ID, WABA_ID}
    assert kind.keys({"phone_number_id": " "}) == set()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b'{"entry": [{"changes": 5, "id": {}}]}'])
def test_a_body_that_says_nothing_has_no_recipients(body: Any) -> None:
    request = HookRequest(method="POST", path="/hooks/whatsapp_api", query={}, headers={}, body=body)
    assert WhatsAppApi().recipients(request) == frozenset()
