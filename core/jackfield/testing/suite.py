"""The conformance suite: subclass ChannelContract, fill in its attributes, and pytest does the rest."""

from __future__ import annotations

from jackfield.channel import Channel

from .bench import CHANNEL, Bench, Subject
from .checks_channel import ChannelChecks, StartChecks
from .checks_designs import DesignChecks
from .checks_ids import IdChecks
from .checks_kind import KindChecks
from .checks_logins import LoginChecks, WalkedLoginChecks
from .checks_protection import ProtectionChecks
from .checks_sending import MediaChecks, SendingChecks, TemplateChecks
from .checks_webhooks import (
    SharedChecks,
    SignedChecks,
    StrangerChecks,
    UnsupportedChecks,
    WebhookChecks,
)
from .port import FakePort


class ChannelContract(
    KindChecks,
    ChannelChecks,
    StartChecks,
    ProtectionChecks,
    IdChecks,
    SendingChecks,
    MediaChecks,
    TemplateChecks,
    DesignChecks,
    WebhookChecks,
    UnsupportedChecks,
    SignedChecks,
    SharedChecks,
    StrangerChecks,
    LoginChecks,
    WalkedLoginChecks,
):
    """The checks every channel owes core.

        class TestEcho(ChannelContract):
            kind = Echo()
            config = {"secret": "a long shared secret"}
            conversation = make_conversation("ada")
            webhooks = (WebhookSample(name="hello", request=signed(b"…"), messages=("1",)),)

    What a check needs is documented at each attribute of Bench. A subclass keeps the tests that apply to
    what its channel implements and to what it was given; the others are taken out of it, so nothing is
    ever skipped. Tests are plain functions: no asyncio plugin is needed.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not hasattr(cls, "kind"):  # a base that other suites share
            return
        about = Subject(suite=cls, channel=_channel_of(cls))
        for checks in ChannelContract.__bases__:
            assert issubclass(checks, Bench)
            _fit(cls, checks, about)


def _channel_of(suite: type[Bench]) -> Channel | None:
    try:
        return suite.kind.open(CHANNEL, suite.config, FakePort())
    except Exception:  # test_opening_does_no_io stays, and fails with it
        return None


def _fit(suite: type[Bench], checks: type[Bench], about: Subject) -> None:
    applies = checks.applies(about)
    for name, test in vars(checks).items():
        if not name.startswith("test_") or name in vars(suite):
            continue
        if not applies:
            setattr(suite, name, None)  # which pytest does not collect
        elif getattr(suite, name) is None:  # taken out of a parent, and apt here
            setattr(suite, name, test)
