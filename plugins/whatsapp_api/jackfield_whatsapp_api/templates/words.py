"""The provider's words for templates, and ours for the same things.

Sources: Meta's pages on template components, supported languages, template management and quality; the
parameters of message_templates in its OpenAPI document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from jackfield.channel import ButtonForm, HeaderForm, TemplateStanding

Category = Literal["marketing", "utility", "authentication"]

PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
"""A blank in a text: {{1}} or {{name}}."""

HEADERS: Mapping[HeaderForm, str] = {
    "text": "TEXT",
    "image": "IMAGE",
    "video": "VIDEO",
    "document": "DOCUMENT",
    "location": "LOCATION",
    "product": "PRODUCT",
}
FILES: frozenset[HeaderForm] = frozenset({"image", "video", "document"})

BUTTONS: Mapping[ButtonForm, str] = {
    "reply": "QUICK_REPLY",
    "url": "URL",
    "phone": "PHONE_NUMBER",
    "copy_code": "COPY_CODE",
    "flow": "FLOW",
    "otp": "OTP",
    "catalog": "CATALOG",
    "product": "SPM",
    "products": "MPM",
    "call": "VOICE_CALL",
    "contact_request": "REQUEST_CONTACT_INFO",
}
VALUES: Mapping[ButtonForm, str] = {"url": "url", "phone": "phone_number", "flow": "flow_id"}
"""Where the provider has a button's value."""

FLAGS = frozenset({"zero_tap_terms_accepted", "cta_url_link_tracking_opted_out", "allow_category_change"})
"""True or false over there, "true" or "false" in our data."""

OTP_TYPE = "otp_type"
"""How a code is taken over: copy_code, one_tap, zero_tap; in capitals over there."""

STRUCTURED = frozenset({"supported_apps", "app_deep_link", "ttl_minutes"})
JSON_MARK = ":json"
"""Data that is JSON: what is known to be, and by the end of its name whatever else is no string."""

EXTRAS = ("sub_category", "cta_url_link_tracking_opted_out", "allow_category_change")
"""Of a template as a whole, beside its components."""

STANDINGS: Mapping[str, TemplateStanding] = {
    "APPROVED": "approved",
    "FLAGGED": "approved",  # of low quality: may be sent, and is paused if that goes on
    "REINSTATED": "approved",
    "UNFLAGGED": "approved",
    "PENDING": "pending",
    "IN_REVIEW": "pending",
    "REJECTED": "rejected",
    "PAUSED": "paused",
    "DISABLED": "disabled",
    "IN_APPEAL": "in_appeal",
    "APPEAL_REQUESTED": "in_appeal",
    "PENDING_DELETION": "pending_deletion",
    "DELETED": "deleted",
    "LIMIT_EXCEEDED": "limit_exceeded",
    "ARCHIVED": "archived",
}
NO_STANDING = frozenset({"LOCKED", "UNLOCKED", "UNARCHIVED"})
"""Events after which it stands as it stood before: it has to be listed again."""

QUALITY: Mapping[str, Literal["high", "medium", "low"]] = {"GREEN": "high", "YELLOW": "medium", "RED": "low"}

LANGUAGES = (
    "af", "ar", "ar_AE", "ar_EG", "ar_LB", "ar_MA", "ar_QA", "ar_SA", "az", "be_BY", "bg", "bn", "bn_IN",
    "ca", "cs", "da", "de", "de_AT", "de_CH", "el", "en", "en_AE", "en_AU", "en_CA", "en_GB", "en_GH",
    "en_IE", "en_IN", "en_JM", "en_MY", "en_NZ", "en_QA", "en_SG", "en_UG", "en_US", "en_ZA", "es",
    "es_AR", "es_CL", "es_CO", "es_CR", "es_DO", "es_EC", "es_ES", "es_HN", "es_MX", "es_PA", "es_PE",
    "es_UY", "es_VE", "et", "fa", "fi", "fil", "fr", "fr_BE", "fr_CA", "fr_CH", "fr_CI", "fr_MA", "ga",
    "gu", "ha", "he", "hi", "hr", "hu", "id", "it", "ja", "ka", "kk", "kn", "ko", "ky_KG", "lo", "lt",
    "lv", "mk", "ml", "mr", "ms", "nb", "nl", "nl_BE", "pa", "pl", "ps_AF", "pt_BR", "pt_PT", "ro", "ru",
    "rw_RW", "si_LK", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "uz", "vi",
    "zh_CN", "zh_HK", "zh_TW", "zu",
)  # fmt: skip


def standing(word: str) -> TemplateStanding:
    """What the provider's word comes to."""
    return STANDINGS.get(word.upper(), "unknown")


def category(word: str) -> Category:
    """Older categories (ACCOUNT_UPDATE, OTP …) are what became of them: utility, but for the codes."""
    match word.upper():
        case "MARKETING":
            return "marketing"
        case "AUTHENTICATION" | "OTP":
            return "authentication"
        case _:
            return "utility"
