"""The attacks of a hostile house, in groups: one group is one crawl."""

from __future__ import annotations

import gzip
import itertools
import random
import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli
from backports import zstd

from .hostile_house import Attack, HostileHouse, answer, head_of, html

GIB = 1024**3
MIB = 1024**2
TOO_LARGE = "opera/requests/too_large"
UNDECODABLE = "opera/requests/undecodable"
TOO_SLOW = "opera/requests/timeout"
BROKEN = "opera/requests/broken"
REDIRECTS = "opera/redirects/too_many"
SCHEME = "opera/redirects/scheme_forbidden"
ELSEWHERE = "opera/redirects/address_forbidden"
DISALLOWED = "opera/redirects/robots_denied"
SEEN = "dupefilter/filtered"
NO_PAGE = "opera/pages/no_page"
UNREADABLE = "opera/pages/unreadable"
LINE = b"<p>Tosca, 3 March 2027, 19:30</p>\n"


def encoded(body: bytes, encoding: str) -> Callable[[HostileHouse], Iterable[bytes]]:
    return answer(body, content_encoding=encoding)


def forever(chunk: bytes) -> Iterator[bytes]:
    return itertools.repeat(chunk)


def chunked(chunk: bytes) -> Iterator[bytes]:
    return itertools.repeat(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")


def to(location: str, status: str = "302 Found") -> Callable[[HostileHouse], Iterable[bytes]]:
    return answer(b"", status, location=location)


def raw(*chunks: Iterable[bytes]) -> Callable[[HostileHouse], Iterable[bytes]]:
    return lambda _: itertools.chain(*chunks)


def _gzip_members(total_bytes: int) -> bytes:
    """A gzip file of many members: as large as wished, at once."""
    member = gzip.compress(LINE * 300_000, 9)
    return member * (total_bytes // (len(LINE) * 300_000) + 1)


def _brotli_zeros(total_bytes: int) -> bytes:
    compressor = brotli.Compressor(quality=1)
    zeros = bytes(4 * MIB)
    parts = [compressor.process(zeros) for _ in range(total_bytes // len(zeros))]
    return b"".join([*parts, compressor.finish()])


def _zstd_window() -> bytes:
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.enable_long_distance_matching: 1}
    return zstd.compress(bytes(200 * MIB), options=options)


def compressed() -> list[Attack]:
    bomb = _gzip_members(GIB)
    return [
        Attack("gzip-bomb", encoded(bomb, "gzip"), TOO_LARGE),
        Attack("x-gzip-bomb", encoded(bomb, "x-gzip"), TOO_LARGE),
        Attack("deflate-bomb", encoded(zlib.compress(bytes(100 * MIB), 1), "deflate"), TOO_LARGE),
        Attack("raw-deflate-bomb", encoded(zlib.compress(bytes(100 * MIB), 1)[2:-4], "deflate"), TOO_LARGE),
        Attack("brotli-bomb", encoded(_brotli_zeros(256 * MIB), "br"), TOO_LARGE),
        Attack("zstd-bomb", encoded(zstd.compress(bytes(256 * MIB)), "zstd"), TOO_LARGE),
        Attack("zstd-window", encoded(_zstd_window(), "zstd"), TOO_LARGE),
        Attack("bomb-in-a-bomb", encoded(gzip.compress(bomb), "gzip, gzip"), TOO_LARGE),
        Attack("bomb-in-brotli", encoded(brotli.compress(bomb, quality=1), "gzip, br"), TOO_LARGE),
        Attack("nested-encodings", encoded(_nested(LINE, 40), ", ".join(["gzip"] * 40)), None),
        Attack("encodings-without-end", encoded(LINE, ", ".join(["gzip"] * 4000)), BROKEN),
        Attack("not-gzip", encoded(LINE, "gzip"), UNDECODABLE),
        Attack("not-deflate", encoded(LINE, "deflate"), UNDECODABLE),
        Attack("not-brotli", encoded(LINE, "br"), UNDECODABLE),
        Attack("not-zstd", encoded(LINE, "zstd"), UNDECODABLE),
        Attack("cut-gzip", encoded(gzip.compress(html(LINE.decode() * 100))[:-20], "gzip"), None),
        Attack("unknown-encoding", encoded(LINE, "rot13"), None),
        Attack("empty-gzip", encoded(b"", "gzip"), None),
    ]


def _nested(body: bytes, times: int) -> bytes:
    for _ in range(times):
        body = gzip.compress(body)
    return body


def streams() -> list[Attack]:
    ten_gib = 10 * GIB
    chunks = head_of("200 OK", {"Content-Type": "text/html", "Transfer-Encoding": "chunked"})
    plain = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    return [
        Attack("ten-gib", answer(forever(LINE * 2000), length=ten_gib), TOO_LARGE),
        Attack("ten-gib-chunked", raw([chunks], chunked(LINE * 2000)), TOO_LARGE),
        Attack("ten-gib-without-a-length", raw([plain, b"\r\n"], forever(LINE * 2000)), TOO_LARGE),
        Attack("chunk-size-without-end", raw([chunks], forever(b"0" * 65536)), BROKEN),
        Attack("chunk-of-exbibytes", raw([chunks, b"fffffffffffffff\r\n"], forever(LINE * 2000)), TOO_LARGE),
        Attack("headers-without-end", raw([plain], forever(b"X-More: " + b"y" * 8000 + b"\r\n")), TOO_LARGE),
        Attack("short-headers-without-end", raw([plain], forever(b"X: y\r\n" * 5000)), TOO_LARGE),
        Attack("header-line-without-end", raw([plain, b"X-More: "], forever(b"y" * 65536)), BROKEN),
        Attack("folded-header-without-end", raw([plain, b"X-More: a\r\n"], forever(b" y\r\n" * 5000)), TOO_LARGE),
        Attack("status-line-without-end", raw([b"HTTP/1.1 200 "], forever(b"y" * 65536)), BROKEN),
        Attack("continue-without-end", raw(forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 500)), TOO_LARGE),
        Attack("trailers-without-end", raw([chunks, b"0\r\n"], forever(b"X: y\r\n" * 5000)), BROKEN),
        Attack("no-http", raw([bytes(range(256)) * 100]), BROKEN),
        Attack("nothing-at-all", raw([]), BROKEN),
        Attack("slow-body", raw([plain, b"\r\n"], forever(b"<p>a")), TOO_SLOW, pause_seconds=0.3),
        Attack("slow-headers", raw([plain], forever(b"X: y\r\n")), TOO_SLOW, pause_seconds=0.3),
        Attack("never-an-answer", raw(forever(b"")), TOO_SLOW, pause_seconds=0.3),
        Attack("negative-length", raw([plain, b"Content-Length: -5\r\n\r\n", LINE]), BROKEN),
        Attack("two-lengths", raw([plain, b"Content-Length: 3\r\nContent-Length: 40\r\n\r\n", LINE]), BROKEN),
        Attack(
            "length-of-a-thousand-digits", raw([plain, b"Content-Length: " + b"9" * 9000 + b"\r\n\r\n", LINE]), BROKEN
        ),
        Attack("cut-body", raw([plain, b"Content-Length: 5000\r\n\r\n", LINE]), BROKEN),
    ]


def redirects() -> list[Attack]:
    counter = itertools.count()

    def ever_on(house: HostileHouse) -> Iterable[bytes]:
        return to(f"/productions/attack-ever-on/{next(counter)}")(house)

    return [
        Attack("loop", to("/productions/attack-loop"), SEEN),
        Attack("ever-on", ever_on, REDIRECTS),
        Attack("to-a-file", to("file:///etc/passwd"), SCHEME),
        Attack("to-data", to("data:text/html,<h1>Tosca</h1>"), SCHEME),
        Attack("to-a-script", to("javascript:alert(1)"), SCHEME),
        Attack("to-a-forbidden-address", to("http://127.0.0.2:9/"), ELSEWHERE),
        Attack("to-the-disallowed", to("/private/rehearsals"), DISALLOWED),
        Attack("to-nowhere", to("http://"), None),
        Attack("to-no-address", to("http://[oops/"), SCHEME),
        Attack("to-a-mebibyte", to("/productions/attack-to-a-mebibyte/" + "x" * 15_000), SEEN),
        Attack("to-spaces", to("   "), None),
        Attack("to-bytes", raw([b"HTTP/1.1 302 Found\r\nLocation: /\xff\xfe\x80\r\nContent-Length: 0\r\n\r\n"]), None),
        Attack(
            "refresh-loop",
            answer(html(head='<meta http-equiv=refresh content="0; url=/productions/attack-refresh-loop">')),
            SEEN,
        ),
        Attack(
            "refresh-to-a-file",
            answer(html(head='<meta http-equiv=refresh content="0;url=file:///etc/passwd">')),
            SCHEME,
        ),
    ]


def pages() -> list[Attack]:
    links = "".join(f"<a href=/productions/attack-links/{n}>Opera {n}</a>" for n in range(100_000))
    attributes = " ".join(f'data-a{n}="{n}"' for n in range(1_000_000))
    line = LINE.decode()
    deep = 100_000
    return [
        Attack("links", answer(html(links)), None),
        Attack("same-links", answer(html("<a href=/productions/attack-x>Opera</a>" * 300_000)), None),
        Attack("deep", answer(html("<div>" * deep, line, "</div>" * deep)), None),
        Attack("deep-inline", answer(html("<b><i>" * deep, line)), None),
        Attack("deep-lists", answer(html("<ul><li>" * deep, line)), None),
        Attack("deep-definitions", answer(html("<dl><dt>a<dd>" * deep, line)), None),
        Attack("deep-tables", answer(html("<table><tr><td>" * 20_000, line)), None),
        Attack("deep-headings", answer(html("<div><h2>Tosca</h2>" * 20_000, line)), None),
        Attack("deep-links", answer(html("<a href=/x><b>Tosca " * 20_000, line)), None),
        Attack("wide-row", answer(html("<table><tr>", "<td>1</td>" * 300_000, "</table>")), None),
        Attack(
            "wide-row-of-boxes",
            answer(html("<main>", "<div><div>3 March 2027</div><div>Tosca</div></div>" * 100_000)),
            None,
        ),
        Attack("attributes", answer(html(f"<p {attributes}>Tosca</p>")), None),
        Attack("long-attribute", answer(html(f'<p class="{"a " * 5_000_000}">Tosca</p>')), None),
        Attack("one-text", answer(html("<p>", "Tosca 3 March 2027 " * 1_500_000, "</p>")), None),
        Attack("one-word", answer(html("<p>", "a" * 30_000_000, "</p>")), None),
        Attack("only-brackets", answer(b"<" * 30_000_000), None),
        Attack("unclosed-comment", answer(b"<html><!--" + b" -" * 10_000_000), None),
        Attack("many-comments", answer(html("<!-- a comment of some length here -->" * 500_000)), None),
        Attack("many-blocks", answer(html(line * 400_000)), None),
        Attack("many-titles", answer(html("<title>Tosca</title>" * 300_000)), None),
        Attack("many-bases", answer(html("<base href=/x><a href=y>z</a>" * 200_000)), None),
        Attack("many-metas", answer(html(head="<meta name=description content=Tosca>" * 300_000)), None),
        Attack("many-entities", answer(html("&amp;&#x26;&notit;&#99999999;" * 500_000)), None),
        Attack("many-scripts", answer(html("<script>var state = {'a': 1}</script>" * 200_000)), None),
        Attack("many-items", answer(html("<div itemscope><span itemprop=name>Tosca</span>" * 50_000)), None),
        Attack(
            "json-ld",
            answer(
                html('<script type="application/ld+json">' + '{"@type":"Event","name":"Tosca","subEvent":[' * 50_000)
            ),
            None,
        ),
        Attack("state-equations", answer(html("<script>" + "data={" * 500_000 + "</script>")), None),
        Attack("state-spaces", answer(html("<script>" + "data" + " " * 3_000_000 + "={}</script>")), None),
        Attack("json-parse", answer(html("<script>" + 'JSON.parse("' * 500_000 + "</script>")), None),
        Attack("hidden", answer(html('<div style="' + "left:" * 400_000 + '">x</div>')), None),
        Attack("options", answer(html("<select>", "<option>3 4</option>" * 200_000, "</select>")), None),
    ]


def _random_bytes(count: int) -> bytes:
    return random.Random(7).randbytes(count)


def encodings() -> list[Attack]:
    page = html("<h1>Café Opéra</h1>", LINE.decode())
    types = [
        "text/html; charset=utf-7",
        "text/html; charset=utf-16",
        "text/html; charset=no-such",
        "text/html; charset=idna",
        "text/html; charset=hex",
        "text/html; charset=zlib",
        "text/html; charset=rot13",
        "text/html; charset=unicode_escape",
        "text/html; charset=punycode",
        "text/html; charset=" + "x" * 9000,
        "text/html; charset=\x00",
        "text/html;charset=raw_unicode_escape",
        "text/html; charset=undefined",
        "text/html; charset=mbcs",
        "text/html; charset=utf-32",
        "text/html; charset=cp037",
    ]
    return [
        *(Attack(f"charset-{n}", answer(page, content_type=kind), None) for n, kind in enumerate(types)),
        Attack("charset-meta", answer(html(head="<meta charset=utf-16>")), None),
        Attack(
            "punycode",
            answer(html("a" * 300_000 + "-" + "b" * 3_000_000), content_type="text/html; charset=punycode"),
            None,
        ),
        Attack("noise", answer(_random_bytes(2_000_000)), None),
        Attack("noise-as-utf-8", answer(html(_random_bytes(2_000_000).decode("latin-1"))), None),
        Attack("broken-utf-8", answer(html() + b"\xc3\x28\xf0\x28\x8c\xbc\xff" * 200_000), None),
        Attack("surrogates", answer(html("<p>Tosca</p>") + b"\xed\xa0\x80" * 10_000), None),
        Attack("nul", answer(html("<h1>To\x00sca</h1>" + "\x00" * 2_000_000)), None),
        Attack("zero-bytes", answer(b""), None),
        Attack("one-byte", answer(b"\xff"), None),
        Attack("only-a-mark", answer(b"\xef\xbb\xbf"), None),
        Attack("html-as-pdf", answer(page, content_type="application/pdf"), None),
        Attack("html-as-json", answer(page, content_type="application/json"), None),
        Attack("html-as-image", answer(page, content_type="image/png"), NO_PAGE),
        Attack("image-as-html", answer(b"\x89PNG\r\n\x1a\n" + _random_bytes(100_000)), None),
        Attack("zip-as-html", answer(b"PK\x03\x04" + _random_bytes(100_000)), None),
        Attack("no-type", answer(page, content_type=""), None),
        Attack("type-without-end", answer(page, content_type="text/html;" * 1500), None),
        Attack("type-of-bytes", answer(page, content_type="\u00ff\u00fe/\u0080"), None),
        Attack(
            "wrong-dates",
            answer(page, last_modified="Thu, 99 Foo 99999999 99:99:99 GMT", expires="-1", date="x", age="9" * 300),
            None,
        ),
        Attack("wrong-tags", answer(page, etag='"' + "e" * 15_000 + '"'), None),
        Attack("wrong-language", answer(page, content_language="\u00ff" * 500), None),
        Attack(
            "wrong-rights",
            answer(page, x_robots_tag="a:" * 7000, tdm_reservation="1" * 9000, content_signal="a=no," * 2500),
            None,
        ),
        Attack("cookies", answer(page, set_cookie="a=" + "b" * 15_000), None),
        Attack("status-999", answer(page, "999 Tosca"), None),
        Attack("status-000", answer(page, "000 Tosca"), None),
    ]


def documents() -> list[Attack]:
    json_type = {"content_type": "application/json"}
    pdf_type = {"content_type": "application/pdf"}
    return [
        Attack("deep-json", answer(b"[" * 100_000 + b"]" * 100_000, **json_type), None),
        Attack("deep-json-objects", answer(b'{"name":' * 100_000 + b"1" + b"}" * 100_000, **json_type), None),
        Attack(
            "deep-json-of-data", answer(b'{"title":"a","date":"2027","x":' * 900 + b"1" + b"}" * 900, **json_type), None
        ),
        Attack("huge-integer", answer(b'{"title": ' + b"9" * 5_000_000 + b"}", **json_type), None),
        Attack(
            "integer-of-4000-digits",
            answer(b'{"title": "Tosca", "price": ' + b"9" * 4000 + b', "date": "2027-03-03"}', **json_type),
            None,
        ),
        Attack(
            "huge-float", answer(b'{"title": 1e999999, "date": "-1e99999", "x": NaN, "y": Infinity}', **json_type), None
        ),
        Attack(
            "many-objects",
            answer(b"[" + b'{"title":"Tosca","date":"2027-03-03"},' * 500_000 + b"1]", **json_type),
            None,
        ),
        Attack("many-arrays", answer(b"[" + b"[]," * 9_000_000 + b"1]", **json_type), None),
        Attack(
            "many-keys", answer(b"{" + b",".join(b'"k%d":1' % n for n in range(1_500_000)) + b"}", **json_type), None
        ),
        Attack("lone-surrogates", answer(b'{"title": "\\ud800\\udfff\\ud800", "date": "\\u0000"}', **json_type), None),
        Attack("commas", answer(b"[1" + b"," * 200_000 + b" " * 200_000, **json_type), None),
        Attack("broken-pdf", answer(b"%PDF-1.7\n" + _random_bytes(300_000), **pdf_type), None),
        Attack("empty-pdf", answer(b"%PDF-", **pdf_type), None),
        Attack("pdf-bomb", answer(pdf(contents=_nested_flate(3)), **pdf_type), None),
        Attack("pdf-of-many-words", answer(pdf(contents=_words_flate()), **pdf_type), None),
        Attack("pdf-of-a-million-pages", answer(pdf(count=1_000_000), **pdf_type), None),
        Attack("pdf-of-one-page-many-times", answer(pdf(kids=200_000), **pdf_type), None),
        Attack("pdf-page-tree-loop", answer(pdf(is_loop=True), **pdf_type), None),
        Attack("pdf-of-scripts", answer(b"%PDF-1.4\n" + b"/JS (app.alert(1)) " * 500_000, **pdf_type), None),
    ]


def pdf(
    contents: tuple[bytes, bytes] = (b"", b"BT /F1 12 Tf (Tosca) Tj ET"),
    count: int = 1,
    kids: int = 1,
    *,
    is_loop: bool = False,
) -> bytes:
    """A PDF of one page; ``contents`` are a filter and the stream it makes."""
    kid = b"2 0 R" if is_loop else b"3 0 R"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (max(count, kids), b" ".join([kid] * kids)),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(contents[1]), contents[0], contents[1]),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(body),
    )


def _nested_flate(times: int) -> tuple[bytes, bytes]:
    compressor = zlib.compressobj(9)
    stream = b"".join([*(compressor.compress(bytes(MIB)) for _ in range(1024)), compressor.flush()])
    for _ in range(times - 1):
        stream = zlib.compress(stream, 9)
    return b"/Filter [" + b"/FlateDecode " * times + b"]", stream


def _words_flate() -> tuple[bytes, bytes]:
    words = b"BT /F1 12 Tf 14 TL " + b"(Tosca 3 March 2027 19:30) Tj T* " * 1_000_000 + b"ET"
    return b"/Filter /FlateDecode", zlib.compress(words, 6)


def texts() -> list[Attack]:
    """What makes a careless regular expression take for ever, long and short."""
    seeds = {
        "digits": "1",
        "spaces": " ",
        "dots": ".",
        "number-dots": "1.",
        "number-spaces": "1 ",
        "commas": ",",
        "dashes": "-",
        "slashes": "/",
        "number-dashes": "1-",
        "number-slashes": "1/",
        "colons": "1:",
        "letters": "a",
        "capitals": "A",
        "initials": "A. ",
        "names": "Anna ",
        "joined-names": "Anna-",
        "apostrophes": "d'",
        "and": "and ",
        "brackets": "(",
        "open-close": "()",
        "currencies": "€",
        "prices": "€1 ",
        "price-ranges": "1-€",
        "thousands": "1,000",
        "thousands-dots": "1.000",
        "thousands-spaces": "1 000 ",
        "months": "March ",
        "weekdays": "Mon ",
        "dates": "3 March ",
        "date-lists": "3, ",
        "date-ranges": "3-4 ",
        "times": "19:30 ",
        "hours": "19h",
        "minutes": "1 min ",
        "tosca": "Tosca ",
        "conductor": "Conductor: ",
        "roles": "Tosca: Anna ",
        "pipes": "a | ",
        "stars": "*",
        "soft-hyphens": "a\u00ad",
        "combining": "a\u0301",
        "zero-width": "\u200b",
        "no-break": "\u00a0",
        "tabs": "\t",
        "newlines": "\n",
        "quotes": "\u201c",
        "ellipsis": "…",
        "arabic-digits": "\u0661",
        "full-width": "１",
        "roman": "IX ",
        "superscript": "²",
        "rtl": "\u202e",
        "emoji": "👩‍👩‍👧‍👦",
        "cyrillic": "Анна ",
        "act": "Act I ",
        "season": "2026/27 ",
    }
    found = []
    for name, seed in seeds.items():
        long, short = seed * (1_000_000 // len(seed)), seed * (20_000 // len(seed))
        found.append(
            Attack(
                f"text-{name}",
                answer(
                    html(
                        "<main><h1>Tosca</h1>",
                        *(
                            f"<p>{end}</p>"
                            for end in (long, short, short + "!", "Conductor: " + short, "19:30 " + short + "x")
                        ),
                    )
                ),
                None,
            )
        )
    return found


def sitemaps() -> list[Attack]:
    """Its robots.txt lists them all (``listing``)."""
    xml = {"content_type": "application/xml"}
    urls = b"<url><loc>https://elsewhere.example/productions/tosca</loc><lastmod>2027-01-01</lastmod></url>"
    head = b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    doctype = b'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY l0 "ha">' + laughs + b"]>"
    numbers = itertools.count()

    def index_of(*names: str) -> Callable[[HostileHouse], Iterable[bytes]]:
        def send(house: HostileHouse) -> Iterable[bytes]:
            entries = "".join(f"<sitemap><loc>{house.url(name)}</loc></sitemap>" for name in names)
            return answer(f"<sitemapindex>{entries}</sitemapindex>".encode(), **xml)(house)

        return send

    def ever_new(house: HostileHouse) -> Iterable[bytes]:
        return index_of(*(f"/productions/attack-ever-new/{next(numbers)}" for _ in range(20)))(house)

    return [
        Attack("loop", index_of("/productions/attack-loop", "/productions/attack-loop-back"), None),
        Attack("loop-back", index_of("/productions/attack-loop"), None),
        Attack("laughs", answer(doctype + b"<urlset><url><loc>&l11;</loc></url></urlset>", **xml), None),
        Attack(
            "file",
            answer(
                b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>',
                **xml,
            ),
            None,
        ),
        Attack("entries", answer(head + urls * 300_000 + b"</urlset>", **xml), None),
        Attack(
            "indexes",
            answer(b"<sitemapindex>" + b"<sitemap><loc>https://x.example/a</loc></sitemap>" * 500_000, **xml),
            None,
        ),
        Attack("gzip", answer(_gzip_members(GIB), content_type="application/gzip"), None),
        Attack("broken-gzip", answer(b"\x1f\x8b\x08" + _random_bytes(100_000), content_type="application/gzip"), None),
        Attack("deep-sitemap", answer(head + b"<url>" * 1_000_000, **xml), None),
        Attack(
            "long-address",
            answer(head + b"<url><loc>https://x.example/" + b"x" * 20_000_000 + b"</loc></url>", **xml),
            None,
        ),
        Attack(
            "alternates",
            answer(
                head
                + b"<url><loc>https://x.example/a</loc>"
                + b'<x:link xmlns:x="http://www.w3.org/1999/xhtml" rel="alternate" hreflang="de" href="https://x.example/b"/>'
                * 150_000
                + b"</url></urlset>",
                **xml,
            ),
            None,
        ),
        Attack("lines", answer(b"https://elsewhere.example/a\n" * 1_000_000, content_type="text/plain"), None),
        Attack("ever-new", ever_new, None),
    ]


def endless_robots(house: HostileHouse) -> Iterable[bytes]:
    """A robots.txt of 100 MB; its only rule comes first."""
    rules = b"User-agent: *\nDisallow: /private\n"
    body = itertools.chain([rules], itertools.repeat(b"# " + b"x" * 65_534))
    return answer(body, length=100 * MIB, content_type="text/plain")(house)


def listing(house: HostileHouse) -> Iterable[bytes]:
    """A robots.txt that lists every attack as a sitemap, after rules made to be slow."""
    rules = "User-agent: *\nDisallow: /" + "*a" * 100_000 + "$\n" + "Disallow: /*x*y*z$\n" * 20_000
    lines = "".join(f"Sitemap: {house.url(path)}\n" for path in house.attacks)
    return answer((rules + lines).encode(), content_type="text/plain")(house)
