"""News of limits, quality and the account's standing: fields about a WABA, not a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from jackfield.channel import AnyEvent, LimitChange
from jackfield_whatsapp_api.ids import phone
from jackfield_whatsapp_api.payload import Node, Odd, listed, need_text, node, raw, text
from jackfield_whatsapp_api.tiers import people

from .ground import Ground, unknown

Severity = Literal["info", "warning", "critical"]

ACCOUNT: Mapping[str, Severity] = {
    "VERIFIED_ACCOUNT": "info",
    "ACCOUNT_DELETED": "critical",
    "ACCOUNT_OFFBOARDED": "critical",
    "ACCOUNT_RECONNECTED": "info",
    "ACCOUNT_RESTRICTION": "critical",
    "ACCOUNT_VIOLATION": "warning",
    "DISABLED_UPDATE": "critical",
    "PARTNER_ADDED": "info",
    "PARTNER_REMOVED": "warning",
    "PARTNER_APP_INSTALLED": "info",
    "PARTNER_APP_UNINSTALLED": "warning",
}
"""Events of account_update that say how the account stands. All others are news that change nothing of it."""

QUALITY: Mapping[str, tuple[str, str, Severity]] = {
    "FLAGGED": ("status", "flagged", "warning"),
    "UNFLAGGED": ("status", "connected", "info"),
    "THROUGHPUT_UPGRADE": ("throughput", "high", "info"),
}
"""Events of phone_number_quality_update that are not about the messaging limit: about what, and its value
as a look at the number would say it."""

ALERTS: Mapping[str, Severity] = {"CRITICAL": "critical", "WARNING": "warning"}


def number_quality(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    if not _our_number(value, ground):
        yield unknown("other_number", value, ground)
        return
    event = need_text(value, "event")
    if event in QUALITY:
        about, said, severity = QUALITY[event]
        yield _limit(value, ground, about, said, severity=severity)
        return
    limit = (
        text(value.get("current_limit"))
        or text(value.get("whatsapp_business_manager_messaging_limit"))
        or text(value.get("max_daily_conversations_per_business"))
    )
    worse: Severity = "warning" if event == "DOWNGRADE" else "info"
    yield _limit(value, ground, "messaging_limit", people(limit) if limit else event, severity=worse)


def number_name(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    if not _our_number(value, ground):
        yield unknown("other_number", value, ground)
        return
    decision = need_text(value, "decision")
    wanted = text(value.get("requested_verified_name"))
    reason = text(value.get("rejection_reason"))
    said = ": ".join(filter(None, (wanted, "" if reason == "NONE" else reason)))
    severity: Severity = "warning" if decision in ("REJECTED", "DECLINED") else "info"
    yield _limit(value, ground, "name", decision, severity=severity, words=said)


def capability(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """business_capability_update: how many people may be written to a day, how many numbers there may be."""
    most = text(value.get("max_daily_conversations_per_business")) or text(
        value.get("max_daily_conversation_per_phone")
    )
    numbers = text(value.get("max_phone_numbers_per_business")) or text(
        value.get("max_phone_numbers_per_waba")
    )
    if not most and not numbers:
        raise Odd("no limit is named")
    if most:
        yield _limit(value, ground, "messaging_limit", people(most))
    if numbers:
        yield _limit(value, ground, "phone_numbers", numbers)


def account_update(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    event, ban = need_text(value, "event"), text(node(value.get("ban_info")).get("waba_ban_state"))
    about, severity = "account" if event in ACCOUNT else "account_news", ACCOUNT.get(event, "info")
    said = event
    if event == "DISABLED_UPDATE" and ban:  # SCHEDULE_FOR_DISABLE, DISABLE or REINSTATE
        severity, said = "info" if ban == "REINSTATE" else "critical", ban
    restrictions = (
        text(node(item).get("restriction_type")) for item in listed(value.get("restriction_info"))
    )
    violation = text(node(value.get("violation_info")).get("violation_type"))
    words = ", ".join(filter(None, (ban, violation, *restrictions)))
    yield _limit(value, ground, about, said, severity=severity, words=words)


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


def settings(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """account_settings_update: somebody changed a setting of a number over there."""
    own = node(value.get(text(value.get("type")))).get("phone_number_id")
    if text(own) not in ("", ground.account.phone_number_id):
        yield unknown("other_number", value, ground)
        return
    yield _limit(value, ground, "settings", text(value.get("event")) or need_text(value, "type"))


def flow(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """flows: a form has another standing, or its endpoint is slow or fails."""
    event, status = need_text(value, "event"), text(value.get("new_status"))
    bad = status in ("THROTTLED", "BLOCKED") or text(value.get("alert_state")) == "ACTIVATED"
    words = text(value.get("message")) or text(value.get("flow_id"))
    yield _limit(value, ground, "flow", status or event, severity="warning" if bad else "info", words=words)


def partner_solution(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    said = text(value.get("solution_status")) or need_text(value, "event")
    yield _limit(value, ground, "partner_solution", said, words=text(value.get("solution_id")))


def payment_configuration(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    words = text(value.get("configuration_name"))
    yield _limit(value, ground, "payment_configuration", need_text(value, "status"), words=words)


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
