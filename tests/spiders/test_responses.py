"""What a response becomes, header by header."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from uuid import uuid4

from scrapy.http import HtmlResponse, Request, Response

from opera_spiders.bounded import BoundedProcesses
from opera_spiders.items import FetchedPage
from opera_spiders.spiders.responses import changed_date, fetched_page, media_type, read_response

URL = "https://x.example/shows/tosca?utm_source=a&lang=en"


class _Here(BoundedProcesses):
    async def run(self, function, *arguments, **named):
        return function(*arguments, **named)


HERE = _Here()


def page_of(response: Response, **meta: object) -> FetchedPage:
    response.request = Request(response.url, meta=meta)
    reading = asyncio.run(read_response(response, HERE, date(2026, 11, 24)))
    return fetched_page(response, reading, company_domain="x.example", link_type="other", run_id=uuid4())


def html_response(body: str, url: str = URL, **headers: str) -> HtmlResponse:
    return HtmlResponse(url, body=body.encode(), headers={"Content-Type": "text/html; charset=utf-8", **headers})


def test_the_address_is_canonical_and_drops_what_the_canonical_link_drops():
    assert page_of(html_response("<h1>Tosca</h1>")).url == "https://x.example/shows/tosca?lang=en"
    own = '<link rel="canonical" href="https://x.example/shows/tosca">'
    assert page_of(html_response(own)).url == "https://x.example/shows/tosca"


def test_a_canonical_link_to_another_page_is_not_believed():
    home = '<link rel="canonical" href="https://x.example/">'
    assert page_of(html_response(home)).url == "https://x.example/shows/tosca?lang=en"


def test_headers_are_lower_case_and_joined_without_cookies():
    response = html_response("<p>x</p>", ETag='"1"')
    response.headers.appendlist("Link", "a")
    response.headers.appendlist("Link", "b")
    response.headers["Set-Cookie"] = "session=1"
    page = page_of(response)
    assert page.response_headers["link"] == "a, b"
    assert page.etag == '"1"'
    assert "set-cookie" not in page.response_headers


def test_a_pdf_is_a_pdf_whatever_the_host_calls_it():
    response = Response("https://x.example/a", body=b"%PDF-1.4", headers={"Content-Type": "application/octet-stream"})
    assert media_type(response) == "application/pdf"
    page = page_of(response)
    assert (page.content_type, page.text, page.body) == ("application/pdf", None, b"%PDF-1.4")


def test_text_holds_no_nul():
    assert page_of(html_response("<p>To\x00sca</p>")).text == "<p>Tosca</p>"


def test_an_answer_from_the_cache_is_as_old_as_it_is():
    response = html_response("<p>x</p>")
    response.flags.append("cached")
    kept_since = datetime(2026, 11, 1, tzinfo=UTC)
    assert page_of(response, cache_timestamp=kept_since.timestamp()).fetched_at == kept_since
    confirmed = page_of(response, cache_timestamp=kept_since.timestamp(), download_latency=0.1)
    assert confirmed.fetched_at > kept_since


def test_a_date_that_cannot_be_read_is_none():
    assert changed_date(html_response("", **{"Last-Modified": "Mon, 02 Nov 2026 00:00:00 GMT"})) == date(2026, 11, 2)
    assert changed_date(html_response("", **{"Last-Modified": "yesterday"})) is None
    assert changed_date(html_response("")) is None


def test_content_whose_rights_are_reserved_is_left_out_but_known_by_its_checksums():
    page = page_of(html_response("<h1>Tosca</h1>"), opera_rights={"decision": "reserved", "reason": "noai"})
    assert (page.text, page.body) == (None, b"")
    assert page.to_feed()["body"] is None
    assert page.body_checksum == page_of(html_response("<h1>Tosca</h1>")).body_checksum
    assert page.blocks.checksum == page_of(html_response("<h1>Tosca</h1>")).blocks.checksum
