"""The provider's error codes, once: what each means, what it is to Jackfield, what is to be done.

The same codes come as the answer to a call, in a status "failed", in a message and beside messages.
Sources: Meta's "Error codes", "Throughput", "Pair rate limit", "Per-user marketing limits",
"Business-scoped user IDs" and "Onboarding WhatsApp Business app users" pages for the Cloud API.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct

from jackfield.channel import (
    BadCredentials,
    ChannelError,
    OptedOut,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Suspended,
    Unavailable,
    Unreachable,
    WindowClosed,
)


class NoPermission(BadCredentials):
    code = "no_permission"


class PaymentProblem(Suspended):
    code = "payment_problem"


class NotRegistered(Suspended):
    code = "not_registered"


class SpamLimited(Suspended):
    code = "spam_limited"


class NotNow(Unavailable):
    """Withheld from this person for now: `after` says how long at least, and often that is too long for a
    message to wait."""

    code = "not_now"


class Experiment(Unreachable):
    code = "experiment"


class BlockedByUs(Unreachable):
    code = "blocked_by_us"


class NeedsPhone(Unreachable):
    code = "needs_phone"


class TemplateMissing(Rejected):
    code = "template_missing"


class TemplateMismatch(Rejected):
    code = "template_mismatch"


class TemplateStopped(Rejected):
    code = "template_stopped"


class MediaRefused(Rejected):
    code = "media_refused"


class Known(Struct, frozen=True):
    """`words`: the end of the key that says it to a person, WORDS before it; ".advice" behind it says what
    to do. `after`: seconds before another try has a chance. `person`: a limit for one person only."""

    error: type[ChannelError]
    words: str
    means: str
    after: float = 0
    person: bool = False


WORDS = "whatsapp_api.error."
MINUTE, HOUR, DAY = 60.0, 3600.0, timedelta(days=1).total_seconds()
PAIR = 4.0  # seconds: the first wait of a pair; it grows fourfold with each try

CODES: Mapping[int, Known] = {
    # Refused for its pace: safe to say again.
    4: Known(RateLimited, "too_many_calls", "the app made too many calls", MINUTE),
    17: Known(RateLimited, "too_many_calls", "the user made too many calls", MINUTE),
    32: Known(RateLimited, "too_many_calls", "the page made too many calls", MINUTE),
    613: Known(RateLimited, "too_many_calls", "this call was made too often", MINUTE),
    80007: Known(RateLimited, "too_many_calls", "the WhatsApp Business Account made too many calls", MINUTE),
    80008: Known(RateLimited, "too_many_calls", "the account manages too much too fast", MINUTE),
    130429: Known(RateLimited, "throughput", "the number's throughput is used up", 1),
    131056: Known(RateLimited, "pair_limit", "too many messages to this one person", PAIR, person=True),
    # Refused for now: it has a chance later.
    131049: Known(NotNow, "withheld", "withheld to keep marketing bearable for this person", DAY),
    131064: Known(NotNow, "enforcement", "marketing of the account is limited by an enforcement", DAY),
    133008: Known(Unavailable, "pin_too_often", "the PIN was guessed too often", HOUR),
    133009: Known(Unavailable, "pin_too_fast", "the PIN was tried too fast", MINUTE),
    133016: Known(Unavailable, "registered_too_often", "registered and deregistered too often", 3 * DAY),
    133015: Known(Unavailable, "just_deleted", "the number was just deleted, wait", 5 * MINUTE),
    134101: Known(Unavailable, "template_syncing", "the template is still being prepared", 10 * MINUTE),
    # It may have gone out: never said again by itself.
    1: Known(OutcomeUnknown, "provider_down", "unknown error, or the API is down"),
    2: Known(OutcomeUnknown, "provider_down", "the service is down or overloaded"),
    131000: Known(OutcomeUnknown, "unknown", "something went wrong, unknown"),
    131016: Known(OutcomeUnknown, "provider_down", "the service is overloaded"),
    131057: Known(OutcomeUnknown, "maintenance", "the number is in maintenance, its throughput grows"),
    133004: Known(OutcomeUnknown, "provider_down", "the server is temporarily unavailable"),
    2494100: Known(OutcomeUnknown, "maintenance", "the number is in maintenance"),
    # Only a template may be sent.
    131047: Known(WindowClosed, "window_closed", "more than 24 hours since the person last wrote"),
    # This person, for now or for good.
    131021: Known(Unreachable, "to_itself", "sender and recipient are the same number"),
    131026: Known(Unreachable, "undeliverable", "no WhatsApp there, terms not accepted, or too old an app"),
    131030: Known(Unreachable, "not_allowed", "not among the test number's allowed recipients"),
    130472: Known(Experiment, "experiment", "this person is part of an experiment, without marketing"),
    130403: Known(BlockedByUs, "blocked_by_us", "the business has blocked this person"),
    131062: Known(NeedsPhone, "needs_phone", "this kind of template needs a phone number, not a BSUID"),
    131050: Known(OptedOut, "opted_out", "the person does not want marketing from this business"),
    # The number or the account.
    368: Known(Suspended, "policy", "temporarily blocked for violating a policy"),
    131031: Known(Suspended, "account_locked", "the account is locked: a policy, or a wrong PIN"),
    130497: Known(Suspended, "country", "the account may not write to people in this country"),
    131037: Known(Suspended, "display_name", "the number's display name is not approved"),
    131048: Known(SpamLimited, "spam", "too many earlier messages were blocked or reported"),
    131042: Known(PaymentProblem, "payment", "something is wrong with the payment method"),
    134011: Known(PaymentProblem, "payment_terms", "the terms of WhatsApp payments are not accepted"),
    131045: Known(NotRegistered, "not_registered", "the number's certificate is not registered"),
    133000: Known(NotRegistered, "deregistration", "an earlier deregistration did not finish"),
    133005: Known(NotRegistered, "pin_wrong", "the two-step PIN does not match"),
    133006: Known(NotRegistered, "not_verified", "the number has to be verified first"),
    133010: Known(NotRegistered, "not_registered", "the number is not registered for the Cloud API"),
    # The token.
    0: Known(BadCredentials, "token", "the user could not be authenticated"),
    102: Known(BadCredentials, "token", "the session is over"),
    104: Known(BadCredentials, "app_secret", "the call must be signed with the app's secret"),
    190: Known(BadCredentials, "token", "the access token is invalid or has expired"),
    3: Known(NoPermission, "permission", "the app lacks the capability"),
    10: Known(NoPermission, "permission", "permission is not granted or was withdrawn"),
    131005: Known(NoPermission, "permission", "access denied: permission is not granted or was withdrawn"),
    # The request.
    33: Known(Rejected, "number_deleted", "the business's number has been deleted"),
    100: Known(Rejected, "parameter", "a parameter is unknown, misspelled or refers to nothing"),
    803: Known(Rejected, "parameter", "there is no such object"),
    131008: Known(Rejected, "parameter_missing", "a required parameter is missing"),
    131009: Known(Rejected, "parameter", "a parameter's value is not valid"),
    131051: Known(Rejected, "message_type", "this type of message is not supported"),
    131055: Known(Rejected, "marketing_api_only", "only marketing may go through the marketing API"),
    131061: Known(Rejected, "other_api", "this template must go through another API"),
    131063: Known(Rejected, "other_api", "this template may only go through the marketing API"),
    134100: Known(
        Rejected, "marketing_api_only", "only marketing templates may go through the marketing API"
    ),
    134102: Known(Rejected, "marketing_api_not_ready", "the template cannot be used with the marketing API"),
    135000: Known(Rejected, "parameter", "a parameter was not understood"),
    131052: Known(MediaRefused, "media_download", "the file could not be downloaded from where it is"),
    131053: Known(MediaRefused, "media_upload", "the file could not be taken in"),
    132001: Known(TemplateMissing, "template_missing", "no such template in this language, or not approved"),
    132000: Known(TemplateMismatch, "template_count", "the number of parameters is not the template's"),
    132005: Known(TemplateMismatch, "template_too_long", "the text with its parameters is too long"),
    132012: Known(TemplateMismatch, "template_format", "a parameter is formatted differently"),
    132018: Known(TemplateMismatch, "template_format", "a parameter does not match the template"),
    132007: Known(TemplateStopped, "template_policy", "the template's content violates a policy"),
    132015: Known(TemplateStopped, "template_paused", "the template is paused for its low quality"),
    132016: Known(TemplateStopped, "template_disabled", "the template was paused too often and is disabled"),
    132068: Known(TemplateStopped, "flow_blocked", "the template's flow is blocked"),
    132069: Known(TemplateStopped, "flow_throttled", "the template's flow is throttled"),
    # Making a template; mostly as the subcode of 100.
    2388019: Known(Rejected, "template_limit", "the account has as many templates as it may have"),
    2388023: Known(Rejected, "template_name_blocked", "a template of this name was deleted not long ago"),
    2388024: Known(Rejected, "template_exists", "there is one of this name in this language"),
    2388039: Known(Rejected, "template_not_now", "the template cannot be changed as it stands, or so often"),
    2388040: Known(Rejected, "template_field_long", "a field of the template has too many characters"),
    2388043: Known(Rejected, "template_example", "an example of a blank or a file is missing"),
    2388047: Known(Rejected, "template_header", "the header is not formatted as it must be"),
    2388072: Known(Rejected, "template_body", "the body is not formatted as it must be"),
    2388073: Known(Rejected, "template_footer", "the footer is not formatted as it must be"),
    2388293: Known(Rejected, "template_blanks", "too many blanks for the length of the text"),
    2388299: Known(Rejected, "template_edges", "a blank stands at the start or the end of the text"),
    # Usernames.
    147001: Known(Rejected, "username_taken", "the username is not available"),
    147002: Known(Rejected, "username_not_eligible", "the account may not have a username"),
    147003: Known(Rejected, "username_facebook", "the Facebook account must be linked first"),
    147004: Known(Rejected, "username_instagram", "the Instagram account must be linked first"),
    147005: Known(Rejected, "username_elsewhere", "the username is another number's"),
    # Bringing the past of the WhatsApp Business app.
    2593107: Known(Rejected, "sync_done", "the synchronisation was asked for already"),
    2593108: Known(Rejected, "sync_too_late", "the synchronisation was asked for after its 24 hours"),
    2593109: Known(Rejected, "sync_declined", "the business did not agree to share its history"),
}

STATUSES: Mapping[int, Known] = {
    401: Known(BadCredentials, "token", "not authenticated"),
    403: Known(NoPermission, "permission", "not allowed"),
    429: Known(RateLimited, "too_many_calls", "too many calls", 1),
}
"""What an HTTP status means where the answer has no code we know."""

PERMISSION = Known(NoPermission, "permission", "permission is not granted or was withdrawn")
"""Codes 200 to 299."""

FAILED = Known(OutcomeUnknown, "unknown", "the service failed")
REFUSED = Known(Rejected, "refused", "refused")
