"""From Scrapy's response to the page of our pipelines."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from uuid import UUID

from scrapy.http import Response, TextResponse

from opera_spiders.bounded import BoundedProcesses
from opera_spiders.discovery.links import PageLinks
from opera_spiders.discovery.page_types import LinkType
from opera_spiders.discovery.reading import PageReading, read_bytes
from opera_spiders.items import FetchedPage
from opera_spiders.urls import canonical_url, host_port

_HTML_TYPES = ("text/html", "application/xhtml+xml")
PAGE_TYPES = (*_HTML_TYPES, "application/json", "application/ld+json", "application/pdf")


async def read_response(response: Response, processes: BoundedProcesses, today: date) -> PageReading:
    """Return what a page says.

    :param today: resolves dates without a year
    :raises BoundExceededError: they take more time or memory than those of any honest page
    """
    encoding = response.encoding if isinstance(response, TextResponse) else None
    is_html = media_type(response) in _HTML_TYPES and isinstance(response, TextResponse)
    return await processes.run(
        read_bytes,
        response.body,
        _content_type(response),
        response.url,
        encoding,
        today=today,
        is_html=is_html,
        headers=header_values(response),
    )


def as_json(response: Response) -> Response | None:
    """Return the answer to a request for data as JSON, whatever type the host states; None where it is none."""
    try:
        document = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, (dict, list)):
        return None
    if media_type(response) not in PAGE_TYPES or not media_type(response).endswith("json"):
        response.headers["Content-Type"] = "application/json"
    return response


def fetched_page(
    response: Response,
    reading: PageReading,
    *,
    company_domain: str,
    link_type: LinkType,
    run_id: UUID,
    language: str | None = None,
) -> FetchedPage:
    """Return the page of a response. Content whose rights are reserved is left out.

    :param link_type: what the link that led here said; it counts where the page itself says nothing
    :param language: of the page that led here; likewise
    """
    headers = header_values(response)
    rights = response.meta.get("opera_rights") or {}
    is_kept = rights.get("decision") != "reserved"
    page_type = reading.page_type
    if page_type == "other" and link_type not in ("archive", "noise"):
        page_type = link_type
    return FetchedPage(
        url=_own_url(response, reading.links),
        company_domain=company_domain,
        fetched_at=_fetched_at(response),
        status_code=response.status,
        response_headers=headers,
        body=response.body if is_kept else b"",
        text=_text(response) if is_kept else None,
        content_type=_content_type(response),
        page_type=page_type,
        language=reading.blocks.language or language,
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        rendered=bool(response.meta.get("opera_rendered", False)),
        rights=rights,
        body_checksum=hashlib.sha256(response.body).hexdigest(),
        blocks=reading.blocks,
        crawl_run_id=run_id,
    )


def media_type(response: Response) -> str:
    """Return the media type without parameters, from the body where the host does not say or is mistaken."""
    if response.body.startswith(b"%PDF-"):
        return "application/pdf"
    stated = (_header(response, b"Content-Type") or "").partition(";")[0].strip().lower()
    return stated or ("text/html" if isinstance(response, TextResponse) else "application/octet-stream")


def _content_type(response: Response) -> str:
    """Return the content type as the host has it, corrected where the body belies it."""
    stated = _header(response, b"Content-Type")
    kind = media_type(response)
    return stated if stated is not None and stated.lower().startswith(kind) else kind


def changed_date(response: Response) -> date | None:
    """Return the date of ``Last-Modified``, None where the host gives none that can be read."""
    try:
        return parsedate_to_datetime(_header(response, b"Last-Modified") or "").date()
    except ValueError:
        return None


def _own_url(response: Response, links: PageLinks) -> str:
    """Return the page's address, without the parameters that its own canonical link does without.

    A canonical link to another path is not believed: sites that name their home page on every page are many.
    """
    url = canonical_url(response.url)
    named = links.canonical
    is_own = named is not None and host_port(named) == host_port(url) and urlsplit(named).path == urlsplit(url).path
    return named if named is not None and is_own and "?" not in named else url


def _text(response: Response) -> str | None:
    """Return the text of a page, None for a binary one. PostgreSQL's text cannot hold NUL."""
    # Scrapy takes a PDF that begins with plain characters for text.
    is_text = isinstance(response, TextResponse) and media_type(response) != "application/pdf"
    return response.text.replace("\x00", "") if is_text else None


def _header(response: Response, name: bytes) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value is not None else None


def header_values(response: Response) -> dict[str, str]:
    """Return the headers, names in lower case, repeated ones joined; cookies are nobody's business."""
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1").replace("\x00", "")
        for name, values in response.headers.items()
        if name.lower() not in (b"set-cookie", b"set-cookie2")
    }


def is_told(response: Response) -> bool:
    """Tell whether the host itself gave or confirmed this answer in this crawl; else it was known and fresh."""
    return "cached" not in response.flags or "download_latency" in response.meta


def _fetched_at(response: Response) -> datetime:
    """Return when the host last gave or confirmed this content."""
    kept_since = response.meta.get("cache_timestamp")
    if kept_since is not None and not is_told(response):
        return datetime.fromtimestamp(float(kept_since), UTC)
    return datetime.now(UTC)
