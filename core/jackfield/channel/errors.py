"""What can go wrong while a channel does something, and what core may do about it.

ChannelError
├── RateLimited          retryable           too fast; `after` seconds
├── Unavailable          retryable           refused for now, surely not done
├── OutcomeUnknown       not certain         the bytes left, no answer: never sent again by itself
├── BadCredentials                           the login must be renewed
├── WindowClosed                             free text is not allowed now: a template is
├── Unreachable                              this recipient cannot be reached
├── OptedOut                                 this recipient does not want it
├── Suspended                                the account itself is stopped by the provider
├── NotSupported                             this network has no such thing
└── Rejected                                 the request is wrong and stays wrong
"""

from __future__ import annotations

from typing import ClassVar


class ChannelError(Exception):
    """retryable: worth another try. certain: the message surely did not go out.

    `detail` is the provider's sentence, `remote_code` its number, `after` the seconds before which
    another try is in vain. `words` is the key of the catalogue that says it to a person, where
    "error.<code>" does not say enough; with ".advice" behind it, what to do.
    """

    code: ClassVar[str] = "channel"
    retryable: ClassVar[bool] = False
    certain: ClassVar[bool] = True

    def __init__(self, detail: str = "", *, remote_code: str = "", after: float = 0, words: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail, self.remote_code, self.after, self.words = detail, remote_code, after, words


class RateLimited(ChannelError):
    """`conversation`: too fast for this one person only; the channel's others may go on."""

    code, retryable = "rate_limited", True

    def __init__(
        self,
        detail: str = "",
        *,
        remote_code: str = "",
        after: float = 0,
        words: str = "",
        conversation: bool = False,
    ) -> None:
        super().__init__(detail, remote_code=remote_code, after=after, words=words)
        self.conversation = conversation


class Unavailable(ChannelError):
    code, retryable = "unavailable", True


class OutcomeUnknown(ChannelError):
    code, certain = "outcome_unknown", False


class BadCredentials(ChannelError):
    code = "bad_credentials"


class WindowClosed(ChannelError):
    code = "window_closed"


class Unreachable(ChannelError):
    code = "unreachable"


class OptedOut(ChannelError):
    code = "opted_out"


class Suspended(ChannelError):
    code = "suspended"


class NotSupported(ChannelError):
    code = "not_supported"


class Rejected(ChannelError):
    """`field`: which value is wrong, by its path ("buttons.1.title"). `limit` fills a blank of `words`."""

    code = "rejected"

    def __init__(
        self,
        detail: str = "",
        *,
        remote_code: str = "",
        after: float = 0,
        field: str = "",
        words: str = "",
        limit: int | None = None,
    ) -> None:
        super().__init__(detail, remote_code=remote_code, after=after, words=words)
        self.field, self.limit = field, limit
