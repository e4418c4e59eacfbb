"""The provider's error codes, once: what each means, what it is to Jackfield, whether to try again.

The same codes come as the answer to a call, in a status "failed", in a message and beside messages.
Sources: Meta's "Error codes", "Throughput" and "Pair rate limit" pages for the Cloud API.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct

from jackfield.channel import (
    BadCredentials,
    ChannelError,
    Failure,
    OptedOut,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Suspended,
    Unavailable,
    Unreachable,
    WindowClosed,
)

from .payload import Node, is_node, name, node, text, whole


class NoPermission(BadCredentials):
    code = "no_permission"


class PaymentProblem(Suspended):
    code = "payment_problem"


class NotRegistered(Suspended):
    code = "not_registered"


class SpamLimited(Suspended):
    code = "spam_limited"


class NotNow(Unreachable):
    code = "not_now"


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
    """`after`: seconds before another try has a chance."""

    error: type[ChannelError]
    means: str
    after: float = 0


MINUTE, HOUR, DAY = 60.0, 3600.0, timedelta(days=1).total_seconds()
TROUBLE = "provider_trouble"  # a status says for sure that it failed, only not why

CODES: Mapping[int, Known] = {
    # Refused for its pace: safe to say again.
    4: Known(RateLimited, "the app made too many calls", MINUTE),
    17: Known(RateLimited, "the user made too many calls", MINUTE),
    32: Known(RateLimited, "the page made too many calls", MINUTE),
    613: Known(RateLimited, "this call was made too often", MINUTE),
    80007: Known(RateLimited, "the WhatsApp Business Account made too many calls", MINUTE),
    80008: Known(RateLimited, "the WhatsApp Business Account manages too much too fast", MINUTE),
    130429: Known(RateLimited, "the number's throughput is used up", 1),
    131056: Known(RateLimited, "too many messages to this one person", 6),
    134101: Known(RateLimited, "the template is still being prepared for this API", 10 * MINUTE),
    133015: Known(Unavailable, "the number was just deleted, wait", 5 * MINUTE),
    133016: Known(RateLimited, "registered and deregistered too often", 3 * DAY),
    133008: Known(RateLimited, "the PIN was guessed too often", HOUR),
    133009: Known(RateLimited, "the PIN was tried too fast", MINUTE),
    # It may have gone out: never said again by itself.
    1: Known(OutcomeUnknown, "unknown error, or the API is down"),
    2: Known(OutcomeUnknown, "the service is down or overloaded"),
    131000: Known(OutcomeUnknown, "something went wrong, unknown"),
    131016: Known(OutcomeUnknown, "the service is overloaded"),
    131057: Known(OutcomeUnknown, "the number is in maintenance, its throughput grows"),
    133004: Known(OutcomeUnknown, "the server is temporarily unavailable"),
    2494100: Known(OutcomeUnknown, "the number is in maintenance"),
    # Only a template may be sent.
    131047: Known(WindowClosed, "more than 24 hours since the person last wrote"),
    # This person, for now or for good.
    131021: Known(Unreachable, "sender and recipient are the same number"),
    131026: Known(Unreachable, "undeliverable: no WhatsApp there, or terms not accepted, or too old an app"),
    131030: Known(Unreachable, "not among the test number's allowed recipients"),
    131049: Known(NotNow, "withheld to keep marketing bearable for this person; not again within 24 hours"),
    130472: Known(NotNow, "this person is part of an experiment and gets no marketing"),
    130403: Known(BlockedByUs, "the business has blocked this person"),
    131062: Known(NeedsPhone, "this kind of template needs a phone number, not a BSUID"),
    131050: Known(OptedOut, "the person does not want marketing from this business"),
    # The number or the account.
    368: Known(Suspended, "temporarily blocked for violating a policy"),
    131031: Known(Suspended, "the account is locked: a policy, or a wrong PIN"),
    130497: Known(Suspended, "the account may not write to people in this country"),
    131037: Known(Suspended, "the number's display name is not approved"),
    131048: Known(SpamLimited, "too many earlier messages were blocked or reported"),
    131064: Known(SpamLimited, "marketing of this account is limited until the enforcement ends"),
    131042: Known(PaymentProblem, "something is wrong with the payment method"),
    134011: Known(PaymentProblem, "the terms of WhatsApp payments are not accepted"),
    131045: Known(NotRegistered, "the number's certificate is not registered"),
    133000: Known(NotRegistered, "an earlier deregistration did not finish"),
    133005: Known(NotRegistered, "the two-step PIN does not match"),
    133006: Known(NotRegistered, "the number has to be verified first"),
    133010: Known(NotRegistered, "the number is not registered for the Cloud API"),
    # The token.
    0: Known(BadCredentials, "the user could not be authenticated"),
    102: Known(BadCredentials, "the session is over"),
    104: Known(BadCredentials, "the call must be signed with the app's secret"),
    190: Known(BadCredentials, "the access token is invalid or has expired"),
    3: Known(NoPermission, "the app lacks the capability"),
    10: Known(NoPermission, "permission is not granted or was withdrawn"),
    131005: Known(NoPermission, "access denied: permission is not granted or was withdrawn"),
    # The request.
    33: Known(Rejected, "the business's number has been deleted"),
    100: Known(Rejected, "a parameter is unknown, misspelled or refers to nothing"),
    803: Known(Rejected, "there is no such object"),
    131008: Known(Rejected, "a required parameter is missing"),
    131009: Known(Rejected, "a parameter's value is not valid"),
    131051: Known(Rejected, "this type of message is not supported"),
    131055: Known(Rejected, "this kind of message must go through another API"),
    131061: Known(Rejected, "this template must go through another API"),
    131063: Known(Rejected, "this template may only go through the marketing API"),
    134100: Known(Rejected, "only marketing templates may go through the marketing API"),
    134102: Known(Rejected, "the template cannot be used with the marketing API"),
    135000: Known(Rejected, "a parameter was not understood"),
    131052: Known(MediaRefused, "the file could not be downloaded from where it is"),
    131053: Known(MediaRefused, "the file could not be taken in"),
    132001: Known(TemplateMissing, "no such template in this language, or not approved"),
    132000: Known(TemplateMismatch, "the number of parameters does not match the template"),
    132005: Known(TemplateMismatch, "the text with its parameters filled in is too long"),
    132012: Known(TemplateMismatch, "a parameter is formatted differently than in the template"),
    132018: Known(TemplateMismatch, "a parameter does not match the template"),
    132007: Known(TemplateStopped, "the template's content violates a policy"),
    132015: Known(TemplateStopped, "the template is paused for its low quality"),
    132016: Known(TemplateStopped, "the template was paused too often and is disabled"),
    132068: Known(TemplateStopped, "the template's flow is blocked"),
    132069: Known(TemplateStopped, "the template's flow is throttled"),
}

STATUSES: Mapping[int, Known] = {
    401: Known(BadCredentials, "not authenticated"),
    403: Known(NoPermission, "not allowed"),
    429: Known(RateLimited, "too many calls", 1),
}
"""What an HTTP status means where the answer has no code we know."""


def known(code: int | None, status: int = 0) -> Known:
    """What a code means; for one not listed, what its range or the HTTP status says."""
    if code is not None:
        if code in CODES:
            return CODES[code]
        if 200 <= code <= 299:
            return Known(NoPermission, "permission is not granted or was withdrawn")
    if status == 0 or status >= 500:
        return Known(OutcomeUnknown, "the service failed")
    return STATUSES.get(status, Known(Rejected, "refused"))


def error_of(status: int, answer: object, *, after: float = 0) -> ChannelError:
    """The error an HTTP answer comes to. `after`: seconds the answer's headers ask to wait."""
    said = node(answer).get("error")
    error = node(said)
    found = known(whole(error.get("code")), status)
    if error.get("is_transient") is True and not issubclass(found.error, RateLimited):
        found = Known(OutcomeUnknown, found.means)  # whatever the code, it may have gone out
    words = sentence(error) if is_node(said) else f"HTTP {status}"
    return found.error(words, remote_code=name(error.get("code")), after=after or found.after)


def failure(error: Node) -> Failure:
    """Why a message did not arrive, from a status: this time for sure."""
    code = whole(error.get("code"))
    found = known(code).error
    return Failure(
        code=found.code if found.certain else TROUBLE,
        remote_code=name(error.get("code")),
        text=sentence(error),
    )


def sentence(error: Node) -> str:
    """The provider's own words, the most telling first."""
    details = text(node(error.get("error_data")).get("details")) or text(error.get("details"))
    said = details or text(error.get("error_user_msg"))
    return said or text(error.get("message")) or text(error.get("title"))
