"""Sitemaps of strangers."""

from __future__ import annotations

import gzip
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from opera_spiders.discovery.sitemaps import MAX_BYTES, read_sitemap

MAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
  <url>
    <loc> https://x.example/de/tosca?utm_source=map </loc><lastmod>2026-10-02T10:00:00+02:00</lastmod>
    <xhtml:link rel="alternate" hreflang="de" href="https://x.example/de/tosca"/>
    <xhtml:link rel="alternate" hreflang="en" href="https://x.example/en/tosca"/>
  </url>
  <url><loc>/relative</loc></url>
  <url><loc>https://x.example/aida</loc><lastmod>yesterday</lastmod></url>
</urlset>"""


def test_entries_have_canonical_addresses_dates_and_languages():
    tosca, aida = read_sitemap(MAP).pages
    assert tosca.url == "https://x.example/de/tosca"
    assert tosca.changed_date == date(2026, 10, 2)
    assert dict(tosca.alternates) == {"de": "https://x.example/de/tosca", "en": "https://x.example/en/tosca"}
    assert (aida.url, aida.changed_date) == ("https://x.example/aida", None)


def test_compressed_and_broken_sitemaps_are_read_as_far_as_they_go():
    assert read_sitemap(gzip.compress(MAP)) == read_sitemap(MAP)
    assert [page.url for page in read_sitemap(MAP[: MAP.index(b"<url><loc>/relative")]).pages] == [
        "https://x.example/de/tosca"
    ]
    assert read_sitemap(gzip.compress(MAP)[:40]).pages == ()


def test_an_index_lists_sitemaps_and_no_pages():
    index = MAP.replace(b"<urlset", b"<sitemapindex").replace(b"</urlset", b"</sitemapindex")
    read = read_sitemap(index.replace(b"<url>", b"<sitemap>").replace(b"</url>", b"</sitemap>"))
    assert read.pages == ()
    assert [entry.url for entry in read.sitemaps] == ["https://x.example/de/tosca", "https://x.example/aida"]


def test_entities_are_not_expanded_and_files_not_read():
    hostile = (
        b'<!DOCTYPE urlset [<!ENTITY secret SYSTEM "file:///etc/hostname"><!ENTITY a "https://x.example/">]>'
        b"<urlset><url><loc>https://x.example/&secret;</loc></url><url><loc>&a;b</loc></url></urlset>"
    )
    assert all(page.url == "https://x.example/" for page in read_sitemap(hostile).pages)


def test_a_bomb_is_cut_at_the_size_a_sitemap_may_have():
    bomb = gzip.compress(b"https://x.example/a\n" + b"\n" * (2 * MAX_BYTES), compresslevel=1)
    assert [page.url for page in read_sitemap(bomb).pages] == ["https://x.example/a"]


@given(st.binary(max_size=400))
def test_no_bytes_are_an_error(body: bytes):
    read_sitemap(body)
    read_sitemap(b"<urlset>" + body)
