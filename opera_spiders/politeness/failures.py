"""What went wrong on the way to a host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from service_identity import VerificationError

from opera_spiders.outcomes import Outcome

FailureKind = Literal[
    "refused", "not_tls", "certificate", "name_not_found", "timeout", "too_large", "broken", "http_error"
]


class RedirectRefused(IgnoreRequest):
    """The host sends us where we do not go, or on and on."""


class HeadTooLarge(Exception):
    """The head of an answer does not end."""


#: Exceptions of the network and the host; anything else is ours and is not retried.
HOST_FAILURES = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)

_PLAIN: dict[type[Exception], FailureKind] = {
    DownloadConnectionRefusedError: "refused",
    CannotResolveHostError: "name_not_found",
    DownloadTimeoutError: "timeout",
}


def failure_kind(exception: BaseException) -> FailureKind:
    """Return what kept a request from being answered; ``broken``: a reset, a cut body, no HTTP."""
    for error, kind in _PLAIN.items():
        if isinstance(exception, error):
            return kind
    for cause in _causes(exception):
        if isinstance(cause, VerificationError):
            return "certificate"
        if isinstance(cause, SSL.Error):
            return "certificate" if "certificate" in str(cause) else "not_tls"
        if isinstance(cause, HeadTooLarge):
            return "too_large"
    return "broken"


def failure_reason(exception: BaseException) -> str:
    """Return what went wrong in words for the operator: the innermost reason where Twisted lists failures."""
    for cause in _causes(exception):
        if isinstance(cause, VerificationError):
            return "it is for another name"
        if isinstance(cause, SSL.Error) and cause.args and cause.args[0]:
            return str(cause.args[0][-1][-1])
    listed = [failure.value for cause in _causes(exception) for failure in getattr(cause, "reasons", ())]
    return str(listed[-1] if listed else exception).rstrip(".")


def outcome_of(kind: FailureKind) -> Outcome:
    """Return how a crawl ends whose own host cannot be asked for its rules."""
    return {
        "refused": Outcome.SITE_DOWN,
        "certificate": Outcome.CERTIFICATE,
        "name_not_found": Outcome.NAME_NOT_FOUND,
    }.get(kind, Outcome.ROBOTS_UNREACHABLE)


def outcome_of_status(status: int) -> Outcome:
    """Return how a crawl ends whose start page is answered with this HTTP error."""
    if status in (401, 403, 407, 429, 451):
        return Outcome.BLOCKED
    return Outcome.SITE_DOWN if status == 408 or status >= 500 else Outcome.NO_PAGES


def _causes(exception: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, its causes, and what Twisted packs into lists of failures."""
    while exception is not None:
        yield exception
        for failure in getattr(exception, "reasons", ()):
            yield from _causes(failure.value)
        exception = exception.__cause__
