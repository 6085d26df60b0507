"""Redirects: followed as Scrapy does; one that is not followed is refused by name and counted by its reason."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware, MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.utils.response import get_meta_refresh

from opera_spiders.outcomes import Outcome
from opera_spiders.politeness.endings import conclude
from opera_spiders.politeness.failures import RedirectRefused
from opera_spiders.politeness.guard import ForbiddenAddress
from opera_spiders.politeness.robots import RobotsDenied

_STATUSES = (301, 302, 303, 307, 308)
_COUNTED = "opera/redirects/"

#: Why a redirect is not followed: the stats that count it.
REASONS = {
    f"{_COUNTED}scheme_forbidden": "it leads to something that is neither http nor https, or to no address at all",
    f"{_COUNTED}address_forbidden": "it leads to an address that is not public",
    f"{_COUNTED}robots_denied": "it leads to what the host's robots.txt does not allow",
    f"{_COUNTED}too_many": "it is one too many in a row",
    "offsite/filtered": "it leads to another house",
    "dupefilter/filtered": "it leads to what was asked for already (links that do are counted here too)",
}


class _Counted(BaseRedirectMiddleware):
    def _redirect(self, redirected: Request, request: Request, reason: object) -> Request:
        try:
            return super()._redirect(redirected, request, reason)
        except IgnoreRequest as error:
            raise self._refused(request, "too_many", "redirects without end") from error

    def _refused(self, request: Request, reason: str, what: str) -> RedirectRefused:
        self._count(reason)
        why = f"{request.url} {what}"
        if request.meta.get("is_start_request"):
            # Not closed here: other start pages may do.
            conclude(self.crawler, request, Outcome.NO_PAGES, f"{why}. {Outcome.NO_PAGES.advice}", close=False)
        return RedirectRefused(why)

    def _count(self, reason: str) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"{_COUNTED}{reason}")


class Redirects(_Counted, RedirectMiddleware):
    """Redirects by status and ``Location``."""

    def process_response(  # type: ignore[override]  # Scrapy is leaving its third argument
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the request to make in place of this one, or the response where it is no redirect.

        :raises RedirectRefused: it leads to nothing that is fetched by HTTP, or is one too many
        """
        location = (response.headers.get(b"Location") or b"").decode("latin-1")[:200]
        try:
            followed = super().process_response(request, response)
        except ValueError as error:
            raise self._refused(request, "scheme_forbidden", f"redirects to {location!r}") from error
        if followed is response and response.status in _STATUSES and b"Location" in response.headers:
            raise self._refused(request, "scheme_forbidden", f"redirects to {location!r}")
        return followed

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a redirect, of either kind, that was refused where it led."""
        if request.meta.get("redirect_urls"):
            if isinstance(exception, ForbiddenAddress):
                self._count("address_forbidden")
            elif isinstance(exception, RobotsDenied):
                self._count("robots_denied")


class Refreshes(_Counted, MetaRefreshMiddleware):
    """Redirects that stand in a page's head; one that leads nowhere leaves the page a page."""

    def process_response(  # type: ignore[override]  # Scrapy is leaving its third argument
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the request to make in place of this one, or the response where it is no redirect.

        :raises RedirectRefused: it is one too many
        """
        if isinstance(response, HtmlResponse) and not request.meta.get("dont_redirect"):
            try:
                url = get_meta_refresh(response, ignore_tags=self._ignore_tags)[1]
                is_followed = not url or urlsplit(url).scheme in ("http", "https")
            except ValueError:
                is_followed = False
            if not is_followed:
                self._count("scheme_forbidden")
                return response
        return super().process_response(request, response)
