"""The provider's errors: the codes the simulator speaks, and the envelope they come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ids

if TYPE_CHECKING:
    from .model import Json

# code: (HTTP status, title)
TITLES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (500, "An unknown error occurred"),
    2: (503, "Service temporarily unavailable"),
    3: (403, "API Method"),
    4: (400, "Application request limit reached"),
    10: (403, "Application does not have permission for this action"),
    33: (400, "The business phone number has been deleted"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token"),
    200: (403, "API Permission"),
    368: (403, "Temporarily blocked for policies violations"),
    2200: (400, "Callback verification failed"),
    2500: (400, "Unknown path components"),
    80007: (400, "Rate limit issues"),
    130403: (400, "User is blocked by the business"),
    130429: (429, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (503, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Business Account locked"),
    131037: (400, "WhatsApp provided number needs display name approval before message can be sent"),
    131042: (402, "Business eligibility payment issue"),
    131045: (400, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement"),
    131050: (400, "User has stopped marketing messages from the business"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131055: (400, "Method not allowed"),
    131056: (400, "Pair rate limit hit"),
    131057: (400, "Business Account is in maintenance mode"),
    131061: (400, "Method not allowed for this template"),
    131062: (400, "Business-scoped user ids are not supported for this message"),
    131063: (400, "Marketing messages must use another API"),
    131064: (400, "Message blocked while an enforcement is in place"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Translated text too long"),
    132007: (400, "Template character policy violated"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "Issue with the template parameters"),
    132068: (400, "Flow is blocked"),
    132069: (400, "Flow is throttled"),
    136024: (400, "The code could not be requested"),
    136025: (400, "The code could not be verified"),
    133000: (500, "Incomplete deregistration"),
    133004: (503, "Server temporarily unavailable"),
    133005: (400, "Two step verification PIN Mismatch"),
    133006: (400, "Phone number re-verification needed"),
    133008: (400, "Too many two step verification PIN guesses"),
    133009: (400, "Two step verification PIN guessed too fast"),
    133010: (400, "Phone number not registered"),
    133015: (400, "Please wait a few minutes before attempting to register this phone number"),
    133016: (400, "Account register or deregister rate limit exceeded"),
    134011: (403, "WhatsApp Payments terms of service have not been accepted"),
    134100: (400, "Only marketing messages are supported by this API"),
    134101: (400, "Template is not yet synced"),
    134102: (400, "Template is not eligible for this API"),
    135000: (400, "Generic user error"),
    139100: (400, "Failed to block/unblock some users"),
    139101: (400, "Blocklist limit reached"),
    147001: (400, "Username is not available"),
    147002: (400, "Account is not eligible for a username"),
    147003: (400, "Facebook account must be linked first"),
    147004: (400, "Instagram account must be linked first"),
    147005: (400, "Username belongs to another phone number"),
    2494100: (503, "The business phone number is in maintenance mode"),
    2593107: (400, "Synchronization request limit exceeded"),
    2593108: (400, "Synchronization request made outside of the time window"),
    2593109: (400, "History sharing was declined"),
}

TRANSIENT = frozenset({2, 4, 130429, 131016, 131056, 131057, 133004})


def title(code: int) -> str:
    return TITLES.get(code, (400, "Something went wrong"))[1]


class GraphError(Exception):
    """An answer in the provider's error envelope.

    `details` says what is wrong with this request; `subcode`, `status` and `retry_after` (seconds)
    where the provider gives them.
    """

    def __init__(
        self,
        code: int,
        details: str = "",
        *,
        subcode: int | None = None,
        status: int | None = None,
        message: str = "",
        retry_after: int = 0,
    ) -> None:
        super().__init__(details or title(code))
        self.code, self.details, self.subcode = code, details, subcode
        self.status = status or TITLES.get(code, (400, ""))[0]
        self.message = message or f"(#{code}) {title(code)}"
        self.retry_after = retry_after

    def envelope(self) -> Json:
        error: Json = {
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": ids.trace(),
        }
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.code in TRANSIENT:
            error["is_transient"] = True
        return {"error": error}

    def in_webhook(self) -> Json:
        """The same error as an item of `statuses[].errors`."""
        return {
            "code": self.code,
            "title": title(self.code),
            "message": title(self.code),
            "error_data": {"details": self.details or title(self.code)},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }


def unknown_object(object_id: str) -> GraphError:
    """What the provider says of an id that does not exist, or is not open to this token."""
    return GraphError(
        100,
        subcode=33,
        message=f"Unsupported request. Object with ID '{object_id}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation.",
    )


def missing(name: str) -> GraphError:
    return GraphError(131008, f"The parameter {name} is required.")


def invalid(details: str) -> GraphError:
    return GraphError(131009, details)
