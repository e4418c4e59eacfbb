"""Calls of kinds that no published payload shows, put together from the provider's documents."""

from __future__ import annotations

from typing import Any

from waba_cloud import PHONE_ID
from waba_samples import change, message, numbered

Json = dict[str, Any]
USER, BSUID, OURS, AT = "16505551234", "US.13491208655302741918", "15550783881", "1750000000"
ROLES = {"previous_owner_role": "ai_agent", "new_owner_role": "business"}


def _of(field: str, **value: Any) -> Json:
    return change(field, numbered(**value))


def _item(id_: str, **content: Any) -> Json:
    return {"from": USER, "from_user_id": BSUID, "id": f"wamid.{id_}", "timestamp": AT, **content}


def _said(id_: str, words: str) -> Json:
    return _item(id_, type="text", text={"body": words})


def _thread() -> Json:
    past = {**_said("past", "Long ago"), "history_context": {"status": "READ"}}
    ours = {**past, "from": OURS, "to": USER, "id": "wamid.ours"}
    return {"id": USER, "context": {"wa_id": USER, "user_id": BSUID}, "messages": [past, ours]}


def _group_status(person: str) -> Json:
    return {
        "id": "wamid.group",
        "status": "delivered",
        "timestamp": AT,
        "recipient_id": "Y2FwaV9ncm91cDox",
        "recipient_type": "group",
        "recipient_participant_id": person,
        "recipient_participant_user_id": BSUID,
    }


REFERRAL = {
    "source_url": "https://fb.me/x",
    "source_id": "7",
    "source_type": "ad",
    "headline": "Half off",
    "body": "Today",
    "media_type": "image",
    "image_url": "https://example.org/a.jpg",
    "ctwa_clid": "clid",
    "welcome_message": {"text": "Hi"},
}
PAYMENT = {
    "id": "wamid.pay",
    "status": "captured",
    "timestamp": AT,
    "recipient_id": USER,
    "type": "payment",
    "payment": {"reference_id": "r1", "amount": {"value": 2100, "offset": 100}, "currency": "INR"},
}

KINDS: tuple[Json, ...] = (
    message(type="text", text={"body": "From an ad"}, referral=REFERRAL),
    message(
        type="text",
        text={"body": "This one?"},
        context={
            "from": OURS,
            "id": "wamid.p",
            "referred_product": {"catalog_id": "1", "product_retailer_id": "p1"},
        },
    ),
    message(
        type="text", text={"body": "Passed on"}, context={"forwarded": True, "frequently_forwarded": True}
    ),
    message(type="reaction", reaction={"message_id": "wamid.before"}),
    message(type="revoke", revoke={"original_message_id": "wamid.before"}),
    message(type="request_welcome"),
    message(type="text", text={"body": "In a group"}, group_id="Y2FwaV9ncm91cDox"),
    message(
        type="unsupported",
        unsupported={"type": "poll"},
        errors=[{"code": 131051, "title": "Unsupported message type", "error_data": {"details": "a poll"}}],
    ),
    _of("messages", messages=[_item("nobody", type="text", text={"body": "No contacts"})]),
    _of(
        "messages",
        messages=[
            {
                "from_user_id": BSUID,
                "id": "wamid.hidden",
                "timestamp": AT,
                "type": "text",
                "text": {"body": "No number"},
            }
        ],
        contacts=[{"user_id": BSUID, "profile": {"name": "Eve", "username": "eve"}}],
    ),
    _of("messages", errors=[{"code": 130429, "title": "Rate limit hit", "message": "Rate limit hit"}]),
    _of("messages", statuses=[_group_status("16505550001"), _group_status("16505550002")]),
    _of("messages", statuses=[PAYMENT]),
    _of("messages", statuses=[{"id": "wamid.v", "status": "played", "timestamp": AT, "recipient_id": USER}]),
    _of("standby", standby={"messages": [_said("overheard", "Are you a robot?")]}),
    _of("standby", standby={"message_echoes": [{**_said("agent", "I am"), "from": OURS, "to": USER}]}),
    _of(
        "standby",
        standby={
            "statuses": [{"id": "wamid.agent", "status": "read", "timestamp": AT, "recipient_id": USER}]
        },
    ),
    _of(
        "messaging_handovers",
        messaging_handovers=[
            {
                "type": "control_passed",
                "sender": {"phone_number": USER, "user_id": BSUID},
                "timestamp": AT,
                "control_passed": ROLES,
            }
        ],
    ),
    _of(
        "smb_app_state_sync",
        state_sync=[
            {
                "type": "contact",
                "action": "add",
                "metadata": {"timestamp": AT},
                "contact": {"full_name": "Ada", "first_name": "Ada", "phone_number": USER},
            }
        ],
    ),
    _of(
        "history",
        history=[{"metadata": {"phase": 0, "chunk_order": 1, "progress": 55}, "threads": [_thread()]}],
    ),
    _of("history", history=[{"errors": [{"code": 2593109, "message": "History sharing was declined"}]}]),
    _of(
        "calls",
        calls=[
            _item(
                "call",
                event="connect",
                to=OURS,
                direction="USER_INITIATED",
                session={"sdp_type": "offer", "sdp": "v=0"},
            )
        ],
    ),
    change(
        "account_alerts",
        {
            "entity_type": "WABA",
            "alert_info": [
                {"alert_severity": "CRITICAL", "alert_status": "ACTIVE", "alert_type": "OBA_APPROVED"}
            ],
        },
    ),
    change("account_review_update", {"decision": "APPROVED"}),
    change("business_capability_update", {"max_daily_conversations_per_business": 2000}),
    change("phone_number_quality_update", {"display_phone_number": OURS, "event": "THROUGHPUT_UPGRADE"}),
    change(
        "phone_number_name_update",
        {"display_phone_number": OURS, "decision": "APPROVED", "requested_verified_name": "Shop"},
    ),
    change(
        "message_template_components_update",
        {
            "message_template_id": 7,
            "message_template_name": "a",
            "message_template_language": "en",
            "message_template_element": "Hello {{1}}",
        },
    ),
    change(
        "account_settings_update",
        {
            "type": "phone_number_settings",
            "phone_number_settings": {"phone_number_id": PHONE_ID, "calling": {"status": "ENABLED"}},
        },
    ),
    change(
        "business_username_update", {"display_phone_number": OURS, "username": "shop", "status": "approved"}
    ),
    change("security", {"event": "PIN_CHANGED", "display_phone_number": OURS, "requester": "1"}),
    change(
        "flows",
        {"event": "FLOW_STATUS_CHANGE", "flow_id": "7", "old_status": "DRAFT", "new_status": "PUBLISHED"},
    ),
    change("tracking_events", {"event_name": "Purchase", "id": "1", "timestamp": 1750000000}),
    change("automatic_events", {"event_name": "LeadSubmitted", "id": "1", "timestamp": 1750000000}),
    change("payment_configuration_update", {"configuration_name": "x", "status": "Active"}),
    change("a_field_of_tomorrow", {"anything": [1, {"id": "x"}]}),
)
