"""News of limits, quality and the account's standing: fields about a WABA, not a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from jackfield.channel import AnyEvent, LimitChange
from jackfield_whatsapp_api.ids import phone
from jackfield_whatsapp_api.payload import Node, Odd, listed, need_text, node, raw, text

from .ground import Ground, unknown

Severity = Literal["info", "warning", "critical"]

ACCOUNT: Mapping[str, Severity] = {
    "ACCOUNT_DELETED": "critical",
    "ACCOUNT_OFFBOARDED": "critical",
    "ACCOUNT_RESTRICTION": "critical",
    "ACCOUNT_VIOLATION": "warning",
    "PARTNER_REMOVED": "warning",
    "PARTNER_APP_UNINSTALLED": "warning",
}
"""Events of account_update that ask for somebody. All others are good to know."""

QUALITY: Mapping[str, tuple[str, Severity]] = {
    "FLAGGED": ("quality", "warning"),
    "UNFLAGGED": ("quality", "info"),
    "DOWNGRADE": ("messaging_limit", "warning"),
    "THROUGHPUT_UPGRADE": ("throughput", "info"),
}
"""Events of phone_number_quality_update: what they are about. All others: the messaging limit."""

ALERTS: Mapping[str, Severity] = {"CRITICAL": "critical", "WARNING": "warning"}


def number_quality(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    if not _our_number(value, ground):
        yield unknown("other_number", value, ground)
        return
    event = need_text(value, "event")
    about, severity = QUALITY.get(event, ("messaging_limit", "info"))
    limit = (
        text(value.get("current_limit"))
        or text(value.get("whatsapp_business_manager_messaging_limit"))
        or text(value.get("max_daily_conversations_per_business"))
    )
    said = limit if about == "messaging_limit" and limit else event
    yield _limit(value, ground, about, said, severity=severity)


def number_name(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    if not _our_number(value, ground):
        yield unknown("other_number", value, ground)
        return
    decision = need_text(value, "decision")
    wanted = text(value.get("requested_verified_name"))
    reason = text(value.get("rejection_reason"))
    said = ": ".join(filter(None, (wanted, "" if reason == "NONE" else reason)))
    severity: Severity = "warning" if decision == "REJECTED" else "info"
    yield _limit(value, ground, "name", decision, severity=severity, words=said)


def capability(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """business_capability_update: how many people may be written to a day, how many numbers there may be."""
    people = text(value.get("max_daily_conversations_per_business")) or text(
        value.get("max_daily_conversation_per_phone")
    )
    numbers = text(value.get("max_phone_numbers_per_business")) or text(
        value.get("max_phone_numbers_per_waba")
    )
    if not people and not numbers:
        raise Odd("no limit is named")
    if people:
        yield _limit(value, ground, "messaging_limit", people)
    if numbers:
        yield _limit(value, ground, "phone_numbers", numbers)


def account_update(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    event, ban = need_text(value, "event"), text(node(value.get("ban_info")).get("waba_ban_state"))
    severity = ACCOUNT.get(event, "info")
    if event == "DISABLED_UPDATE":
        severity = "info" if ban == "REINSTATE" else "critical"
    restrictions = (
        text(node(said).get("restriction_type")) for said in listed(value.get("restriction_info"))
    )
    violation = text(node(value.get("violation_info")).get("violation_type"))
    words = ", ".join(filter(None, (ban, violation, *restrictions)))
    yield _limit(value, ground, "account", event, severity=severity, words=words)


def account_review(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    decision = need_text(value, "decision")
    severity: Severity = "critical" if decision == "REJECTED" else "info"
    words = text(value.get("rejection_reason"))
    yield _limit(value, ground, "account_review", decision, severity=severity, words=words)


def account_alert(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """account_alerts: the fields stand in `alert_info`, in older payloads beside it."""
    info = node(value.get("alert_info")) or value
    severity = ALERTS.get(text(info.get("alert_severity")).upper(), "info")
    kind, words = need_text(info, "alert_type"), text(info.get("alert_description"))
    yield _limit(value, ground, "alert", kind, severity=severity, words=words)


def security(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The PIN of the number was changed or asked to be reset."""
    yield _limit(value, ground, "security", need_text(value, "event"), severity="warning")


def username(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """business_username_update: the business's own username."""
    said = text(value.get("status")) or need_text(value, "event")
    yield _limit(value, ground, "username", said, words=text(value.get("username")))


def _our_number(value: Node, ground: Ground) -> bool:
    """Several numbers of one WABA share these fields; without a number on either side it is ours."""
    said, ours = phone(text(value.get("display_phone_number"))), phone(ground.account.display_phone_number)
    return not said or not ours or said == ours


def _limit(
    value: Node, ground: Ground, about: str, said: str, *, severity: Severity = "info", words: str = ""
) -> LimitChange:
    return LimitChange(
        at=ground.at, about=about, value=said.lower(), severity=severity, text=words, detail=raw(value)
    )
