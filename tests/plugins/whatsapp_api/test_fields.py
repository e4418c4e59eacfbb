"""Inbound: every field beside `messages`."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET
from waba_cloud import PHONE_ID, WABA_ID
from waba_samples import NOW, SCOPE, bubbles, change, numbered, read

from jackfield.channel import (
    Address,
    AnyEvent,
    Call,
    ConversationInfo,
    Delete,
    Edit,
    HistoryChunk,
    LimitChange,
    Media,
    Message,
    Profile,
    Reaction,
    Receipt,
    SamePerson,
    System,
    TemplateState,
    Text,
    Unrecognised,
    Unsupported,
)
from jackfield.testing import faults_of
from jackfield_whatsapp_api.convert_in.fields import FIELDS

PHONE = Address(kind="phone", value="+16505551234")
BSUID = Address(kind="bsuid", value="US.1", scope=SCOPE)
OURS = "15550783881"
ODD_VALUES: list[Any] = [{}, {"event": None}, {"groups": 5, "calls": "x", "history": [[]]}, None, []]


def sound(payload: Any) -> tuple[AnyEvent, ...]:
    events = read(payload)
    assert not [fault for event in events for fault in faults_of(event)]
    return events


def told(field: str, **value: Any) -> tuple[AnyEvent, ...]:
    return sound(change(field, numbered(**value)))


def of_account(field: str, **value: Any) -> AnyEvent:
    (event,) = sound(change(field, value))
    return event


@pytest.mark.parametrize("field", sorted(FIELDS))
@pytest.mark.parametrize("value", ODD_VALUES)
def test_a_field_with_anything_in_it_is_kept(field: str, value: Any) -> None:
    assert sound(change(field, value))


# calls

CALL = {"id": "wacid.1", "from": "16505551234", "to": OURS, "timestamp": "1750000000"}


def test_a_call_rings_in_the_callers_conversation() -> None:
    (ringing,) = told("calls", calls=[{**CALL, "event": "connect", "direction": "USER_INITIATED"}])
    assert isinstance(ringing, Message)
    assert ringing.parts == (Call(id="wacid.1", outcome="ringing"),)
    assert ringing.sender.addresses == (PHONE,)


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ({"status": "COMPLETED", "duration": 120}, "ended"),
        ({"status": "FAILED"}, "missed"),
        ({"status": "FAILED", "errors": [{"code": 1}]}, "failed"),
        ({"status": "REJECTED"}, "rejected"),
        ({"status": None}, "missed"),
        ({"status": "FAILED", "direction": "BUSINESS_INITIATED"}, "failed"),
    ],
)
def test_a_call_that_is_over_corrects_its_message(call: dict[str, Any], outcome: str) -> None:
    first, correction = told("calls", calls=[{**CALL, "event": "terminate", **call}])
    assert isinstance(first, Message)
    assert isinstance(correction, Edit)
    assert correction.target == first.id
    (part,) = correction.parts
    assert isinstance(part, Call)
    assert part.outcome == outcome


def test_our_call_that_is_accepted_is_from_us_and_brings_our_txn() -> None:
    status = {"id": "wacid.1", "type": "call", "status": "ACCEPTED", "recipient_id": "16505551234"}
    said, _ = told("calls", statuses=[{**status, "biz_opaque_callback_data": "txn-1"}])
    assert isinstance(said, Message)
    assert said.sender.from_me
    assert (said.peer, said.txn) == ((PHONE,), "txn-1")


# coexistence


def test_an_echo_is_from_our_phone_in_the_conversation_it_was_sent_to() -> None:
    item = {
        "from": OURS,
        "to": "16505551234",
        "to_user_id": "US.1",
        "id": "wamid.e",
        "timestamp": "1750000000",
    }
    (said,) = told("smb_message_echoes", message_echoes=[{**item, "type": "text", "text": {"body": "x"}}])
    assert isinstance(said, Message)
    assert said.sender.from_me
    assert (said.origin, said.conversation) == ("phone", "bsuid:US.1")
    assert said.peer == (BSUID, PHONE)
    assert said.parts == (Text(body="x"),)


@pytest.mark.parametrize(
    ("content", "event"),
    [
        ({"type": "revoke", "revoke": {"original_message_id": "wamid.z"}}, Delete),
        ({"type": "edit", "edit": {"original_message_id": "wamid.z", "message": {"type": "text"}}}, Edit),
        ({"type": "reaction", "reaction": {"message_id": "wamid.z", "emoji": "👍"}}, Reaction),
    ],
)
def test_changes_made_on_our_phone_are_changes(content: dict[str, Any], event: type) -> None:
    (said,) = told("smb_message_echoes", message_echoes=[{"to": "16505551234", "id": "wamid.e", **content}])
    assert isinstance(said, event)


def history(*messages: dict[str, Any], **thread: Any) -> tuple[AnyEvent, ...]:
    chunk = {
        "metadata": {"phase": 0, "chunk_order": 1, "progress": 55},
        "threads": [{"id": "16505551234", "messages": list(messages), **thread}],
    }
    return told("history", history=[chunk])


def test_history_tells_both_sides_as_past() -> None:
    theirs = {
        "from": "16505551234",
        "id": "wamid.1",
        "timestamp": "1739230955",
        "type": "text",
        "text": {"body": "a"},
    }
    ours = {**theirs, "from": OURS, "id": "wamid.2", "text": {"body": "b"}}
    (chunk,) = history(theirs, ours)
    assert isinstance(chunk, HistoryChunk)
    assert (chunk.progress, chunk.done) == (55, False)
    one, two = chunk.messages
    assert (one.sender.addresses, two.sender.from_me) == ((PHONE,), True)
    assert one.conversation == two.conversation == "phone:+16505551234"
    assert two.peer == (PHONE,)
    assert one.history
    assert two.history


def test_a_thread_known_by_bsuid_brings_its_username() -> None:
    said = {"from_user_id": "US.1", "id": "wamid.1", "type": "text", "text": {"body": "a"}}
    profile, chunk = history(said, id=None, context={"user_id": "US.1", "username": "ada"})
    assert isinstance(profile, Profile)
    assert profile.attributes == {"username": "ada"}
    assert isinstance(chunk, HistoryChunk)
    assert chunk.messages[0].conversation == "bsuid:US.1"


def test_one_bad_message_of_history_is_kept_beside_the_others() -> None:
    good = {"from": "16505551234", "id": "wamid.1", "type": "text", "text": {"body": "a"}}
    events = history({"type": "text"}, good, {"type": "reaction", "id": "wamid.2"})
    assert [m.id for m in bubbles(events)] == ["wamid.1"]
    assert sum(isinstance(event, Unrecognised) for event in events) == 2


def test_a_file_of_history_fills_its_placeholder() -> None:
    placeholder = {"from": OURS, "id": "wamid.p", "type": "media_placeholder", "timestamp": "1739230955"}
    (chunk,) = history(placeholder)
    assert isinstance(chunk, HistoryChunk)
    (empty,) = chunk.messages[0].parts
    assert isinstance(empty, Unsupported)
    file = {"from": OURS, "to": "16505551234", "id": "wamid.p", "type": "image", "image": {"id": "7"}}
    message, correction = told("history", message_echoes=[file])
    assert isinstance(message, HistoryChunk)
    assert isinstance(correction, Edit)
    assert correction.target == "wamid.p"
    assert correction.parts == (Media(sort="image", ref="7"),)
    assert message.messages[0].sender.from_me


def test_history_that_was_declined_is_told() -> None:
    error = {"code": 2593109, "error_data": {"details": "History sync is turned off"}}
    (said,) = told("history", history=[{"errors": [error]}])
    assert isinstance(said, LimitChange)
    assert (said.about, said.value, said.text) == ("history", "2593109", "History sync is turned off")


def test_the_phones_address_book_names_people() -> None:
    contact = {"phone_number": "16505551234", "user_id": "US.1", "full_name": "Ada L", "username": "ada"}
    items: list[Any] = [
        {"type": "contact", "contact": contact, "action": "add", "metadata": {"timestamp": "1750000000"}},
        {"type": "contact", "contact": {"phone_number": "16505551234"}, "action": "remove"},
        {"type": "contact", "contact": {}},
    ]
    added, removed, nobody = told("smb_app_state_sync", state_sync=items)
    assert isinstance(added, Profile)
    assert (added.person, added.name) == ((BSUID, PHONE), "Ada L")
    assert added.attributes == {"address_book": "listed", "username": "ada"}
    assert isinstance(removed, Profile)
    assert (removed.name, removed.attributes) == (UNSET, {"address_book": "removed"})
    assert isinstance(nobody, Unrecognised)


# agents, preferences, ids


def test_standby_tells_what_the_agent_holds() -> None:
    nested = {
        "messages": [{"from": "16505551234", "id": "wamid.1", "type": "text", "text": {"body": "a"}}],
        "message_echoes": [{"to": "16505551234", "id": "wamid.2", "type": "text", "text": {"body": "b"}}],
        "statuses": [{"id": "wamid.2", "status": "read", "recipient_id": "16505551234"}],
    }
    theirs, held, agents, receipt = told("standby", standby=nested)
    assert isinstance(theirs, Message)
    assert held == ConversationInfo(
        at=theirs.at, conversation=theirs.conversation, group=False, holder="agent"
    )
    assert isinstance(agents, Message)
    assert (agents.origin, agents.sender.from_me) == ("bot", True)
    assert isinstance(receipt, Receipt)


def test_who_took_over_is_a_line_with_the_same_id_each_time() -> None:
    value = {
        "type": "control_passed",
        "timestamp": "1750000000",
        "sender": {"phone_number": "16505551234"},
        "recipient": {"phone_number_id": PHONE_ID},
        "control_passed": {"previous_owner_app_role": "meta_business_agent"},
    }
    payload = change("messaging_handovers", value)
    line, held = sound(payload)
    assert isinstance(line, Message)
    assert line.parts == (
        System(code="control_passed", data={"previous_owner_app_role": "meta_business_agent"}),
    )
    assert held == ConversationInfo(at=line.at, conversation=line.conversation, group=False, holder="")
    assert sound(payload) == (line, held)


AGENT, US = "meta_business_agent", "primary_receiver"


@pytest.mark.parametrize(
    ("turn", "roles", "holder"),
    [
        ("control_passed", {"previous_owner_app_role": AGENT}, ""),
        ("control_passed", {"previous_owner_app_role": US}, "agent"),
        ("control_passed", {"new_owner_app_role": AGENT}, "agent"),
        ("control_passed", {}, ""),
        ("control_taken", {"new_owner_app_role": AGENT}, "agent"),
        ("control_taken", {"new_owner_app_role": US, "previous_owner_app_role": AGENT}, ""),
        ("control_taken", {"previous_owner_app_role": AGENT}, ""),
        ("control_taken", {"metadata": "agent"}, "agent"),
    ],
)
def test_each_turn_says_who_answers_from_now_on(turn: str, roles: dict[str, str], holder: str) -> None:
    value = {"type": turn, "sender": {"phone_number": "16505551234"}, turn: roles}
    line, held = sound(change("messaging_handovers", value))
    assert isinstance(held, ConversationInfo)
    assert held.holder == holder
    assert isinstance(line, Message)
    (part,) = line.parts
    assert isinstance(part, System)
    assert part.code == ("control_taken" if holder else "control_passed")


def test_a_handover_of_another_number_is_kept_apart() -> None:
    value = {"type": "control_taken", "recipient": {"phone_number_id": "9"}, "control_taken": {}}
    (event,) = sound(change("messaging_handovers", value))
    assert isinstance(event, Unrecognised)
    assert event.kind == "other_number"


def test_marketing_that_is_stopped_is_consent() -> None:
    item = {
        "wa_id": "16505551234",
        "category": "marketing_messages",
        "value": "stop",
        "timestamp": 1731705721,
    }
    (said,) = told("user_preferences", user_preferences=[item])
    assert isinstance(said, Profile)
    assert said.attributes == {"consent.marketing": "stop"}


def test_an_updated_user_id_moves_the_person() -> None:
    item = {
        "wa_id": "16505551234",
        "user_id": {"previous": "US.1", "current": "US.2"},
        "timestamp": "1750000000",
    }
    (moved,) = told("user_id_update", user_id_update=[item])
    assert isinstance(moved, SamePerson)
    assert moved.known_as == (BSUID, Address(kind="bsuid", value="US.2", scope=SCOPE), PHONE)


# groups


def group(kind: str, **item: Any) -> tuple[AnyEvent, ...]:
    news = {"timestamp": "1750269342", "group_id": "Y2Fw", "type": kind, **item}
    return told("group_lifecycle_update", groups=[news])


def test_a_new_group_tells_its_name_and_members() -> None:
    info, line = group("group_create", subject="Roses", added_participants=[{"wa_id": 16505551234}])
    assert isinstance(info, ConversationInfo)
    assert (info.name, info.about) == ("Roses", UNSET)
    assert info.members is not UNSET
    assert [who.addresses for who in info.members] == [(PHONE,)]
    assert isinstance(line, Message)
    assert line.group
    assert line.parts == (System(code="group_created", data={"added": "+16505551234", "subject": "Roses"}),)


@pytest.mark.parametrize(
    ("kind", "item", "code"),
    [
        ("group_delete", {}, "group_deleted"),
        ("group_suspend", {}, "group_suspended"),
        ("group_suspend_cleared", {}, "group_restored"),
        ("group_settings_update", {"profile_picture": {"mime_type": "image/jpeg"}}, "group_changed"),
        ("group_participants_add", {"added_participants": [{"wa_id": "16505551234"}]}, "group_joined"),
        ("group_create", {"removed_participants": [{"wa_id": "16505551234"}]}, "group_left"),
        ("group_create", {"errors": [{"message": "no"}]}, "group_failed"),
        ("group_unheard_of", {}, "group_changed"),
    ],
)
def test_news_of_a_group_are_a_line_in_it(kind: str, item: dict[str, Any], code: str) -> None:
    *_, line = group(kind, **item)
    assert isinstance(line, Message)
    (part,) = line.parts
    assert isinstance(part, System)
    assert part.code == code


def test_a_setting_that_was_refused_is_not_taken_over() -> None:
    info, _ = group(
        "group_settings_update",
        group_subject={"text": "Too long", "update_successful": False},
        group_description={"text": "Fine", "update_successful": True},
    )
    assert isinstance(info, ConversationInfo)
    assert (info.name, info.about) == (UNSET, "Fine")


# the account

TEMPLATE = {
    "message_template_id": 806312974732579,
    "message_template_name": "hello",
    "message_template_language": "ru",
}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (
            "message_template_status_update",
            {"event": "APPROVED", "reason": "NONE"},
            {"state": "approved", "standing": "approved"},
        ),
        (
            "message_template_status_update",
            {"event": "PAUSED", "reason": None, "other_info": {"title": "FIRST_PAUSE", "description": "3 h"}},
            {"state": "paused", "standing": "paused", "reason": "FIRST_PAUSE: 3 h"},
        ),
        (
            "message_template_status_update",
            {"event": "REJECTED", "reason": "ABUSIVE_CONTENT", "message_template_category": "MARKETING"},
            {
                "state": "rejected",
                "standing": "rejected",
                "reason": "ABUSIVE_CONTENT",
                "category": "marketing",
            },
        ),
        (
            "message_template_status_update",
            {
                "event": "REJECTED",
                "reason": "NONE",
                "rejection_info": {"reason": "No", "recommendation": "Do"},
            },
            {"state": "rejected", "standing": "rejected", "reason": "No: Do"},
        ),
        (
            "message_template_status_update",
            {"event": "FLAGGED"},
            {"state": "flagged", "standing": "approved"},
        ),
        (
            "message_template_status_update",
            {"event": "REINSTATED"},
            {"state": "reinstated", "standing": "approved"},
        ),
        ("message_template_status_update", {"event": "LOCKED"}, {"state": "locked", "changed": True}),
        (
            "message_template_status_update",
            {"event": "NEW_WORD"},
            {"state": "new_word", "standing": "unknown"},
        ),
        ("message_template_quality_update", {"new_quality_score": "RED"}, {"quality": "low"}),
        ("message_template_quality_update", {"new_quality_score": "UNKNOWN"}, {"quality": "unknown"}),
        ("template_category_update", {"new_category": "MARKETING"}, {"category": "marketing"}),
        (
            "template_category_update",
            {"correct_category": "MARKETING", "new_category": "UTILITY"},
            {"category": "utility", "next_category": "marketing"},
        ),
        ("template_category_update", {"correct_category": "MARKETING"}, {"next_category": "marketing"}),
        (
            "template_correct_category_detection",
            {"correct_category": "MARKETING"},
            {"next_category": "marketing", "reason": "category_detected"},
        ),
        ("message_template_components_update", {}, {"reason": "components_changed", "changed": True}),
    ],
)
def test_news_of_a_template(field: str, value: dict[str, Any], said: dict[str, Any]) -> None:
    blank: dict[str, Any] = {"state": "", "reason": "", "category": "", "quality": ""}
    assert of_account(field, **TEMPLATE, **value) == TemplateState(
        at=NOW, id="806312974732579", name="hello", language="ru", account=WABA_ID, **{**blank, **said}
    )


@pytest.mark.parametrize(
    ("field", "value", "about", "said", "severity"),
    [
        (
            "phone_number_quality_update",
            {"event": "THROUGHPUT_UPGRADE"},
            "throughput",
            "high",
            "info",
        ),
        (
            "phone_number_quality_update",
            {"event": "DOWNGRADE", "current_limit": "TIER_250"},
            "messaging_limit",
            "250",
            "warning",
        ),
        (
            "phone_number_name_update",
            {"decision": "REJECTED", "requested_verified_name": "N"},
            "name",
            "rejected",
            "warning",
        ),
        (
            "business_capability_update",
            {"max_daily_conversations_per_business": 2000},
            "messaging_limit",
            "2000",
            "info",
        ),
        ("account_update", {"event": "ACCOUNT_VIOLATION"}, "account", "account_violation", "warning"),
        ("account_update", {"event": "SOMETHING_NEW"}, "account_news", "something_new", "info"),
        *(
            ("account_update", {"event": event}, about, event.lower(), severity)
            for about, severity, events in (
                ("account", "info", ("VERIFIED_ACCOUNT", "ACCOUNT_RECONNECTED", "PARTNER_ADDED")),
                ("account", "info", ("PARTNER_APP_INSTALLED",)),
                ("account", "warning", ("PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED")),
                ("account", "critical", ("ACCOUNT_RESTRICTION", "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED")),
                ("account", "critical", ("DISABLED_UPDATE",)),
                ("account_news", "info", ("AUTH_INTL_PRICE_ELIGIBILITY_UPDATE", "AD_ACCOUNT_LINKED")),
                ("account_news", "info", ("BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",)),
                ("account_news", "info", ("VOLUME_BASED_PRICING_TIER_UPDATE", "MM_LITE_TERMS_SIGNED")),
            )
            for event in events
        ),
        ("phone_number_quality_update", {"event": "FLAGGED"}, "status", "flagged", "warning"),
        ("phone_number_quality_update", {"event": "UNFLAGGED"}, "status", "connected", "info"),
        (
            "phone_number_quality_update",
            {"event": "UPGRADE", "current_limit": "TIER_UNLIMITED"},
            "messaging_limit",
            "unlimited",
            "info",
        ),
        ("phone_number_quality_update", {"event": "ONBOARDING"}, "messaging_limit", "onboarding", "info"),
        ("phone_number_name_update", {"decision": "APPROVED"}, "name", "approved", "info"),
        ("business_capability_update", {"max_phone_numbers_per_business": 20}, "phone_numbers", "20", "info"),
        (
            "business_capability_update",
            {"max_daily_conversations_per_business": -1},
            "messaging_limit",
            "unlimited",
            "info",
        ),
        (
            "account_settings_update",
            {"type": "phone_number_settings", "phone_number_settings": {"phone_number_id": PHONE_ID}},
            "settings",
            "phone_number_settings",
            "info",
        ),
        ("flows", {"event": "FLOW_STATUS_CHANGE", "new_status": "THROTTLED"}, "flow", "throttled", "warning"),
        ("flows", {"event": "FLOW_STATUS_CHANGE", "new_status": "PUBLISHED"}, "flow", "published", "info"),
        (
            "flows",
            {"event": "ENDPOINT_ERROR_RATE", "alert_state": "ACTIVATED"},
            "flow",
            "endpoint_error_rate",
            "warning",
        ),
        (
            "partner_solutions",
            {"event": "SOLUTION_UPDATED", "solution_status": "ACTIVE"},
            "partner_solution",
            "active",
            "info",
        ),
        (
            "payment_configuration_update",
            {"configuration_name": "card", "status": "Active"},
            "payment_configuration",
            "active",
            "info",
        ),
        (
            "account_update",
            {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}},
            "account",
            "disable",
            "critical",
        ),
        (
            "account_update",
            {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}},
            "account",
            "reinstate",
            "info",
        ),
        ("account_review_update", {"decision": "REJECTED"}, "account_review", "rejected", "critical"),
        (
            "account_alerts",
            {"alert_info": {"alert_type": "OBA_APPROVED", "alert_severity": "INFORMATIONAL"}},
            "alert",
            "oba_approved",
            "info",
        ),
        ("account_alerts", {"alert_type": "X", "alert_severity": "CRITICAL"}, "alert", "x", "critical"),
        ("security", {"event": "PIN_CHANGED"}, "security", "pin_changed", "warning"),
        (
            "business_username_update",
            {"status": "approved", "username": "tulip"},
            "username",
            "approved",
            "info",
        ),
    ],
)
def test_news_of_the_account(field: str, value: dict[str, Any], about: str, said: str, severity: str) -> None:
    event = of_account(field, **value)
    assert isinstance(event, LimitChange)
    assert (event.about, event.value, event.severity) == (about, said, severity)


def test_the_quality_of_another_number_is_kept_apart() -> None:
    event = of_account("phone_number_quality_update", event="FLAGGED", display_phone_number="16505550000")
    assert isinstance(event, Unrecognised)
    assert event.kind == "other_number"
