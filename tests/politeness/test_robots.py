from __future__ import annotations

import asyncio
import datetime
import gzip
import ipaddress
import pickle
import ssl

import pytest
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from opera_spiders.politeness.robots import RobotsMiddleware, RobotsUnreachable

from .local_host import Answer
from .rfc9309_cases import ACCESS_CASES

LINKS = Answer('<a href="/a">a</a> <a href="/private/b">b</a>')
SHORT_WAIT = {"DOWNLOAD_TIMEOUT": 0.3}


@pytest.mark.parametrize("case", ACCESS_CASES, ids=lambda case: f"{case.section} {case.sentence}")
def test_rfc_9309(host, crawl, case):
    house = host({"/robots.txt": case.answers, "/page": Answer(), **case.routes})
    result = crawl(house.url("/page"), settings=SHORT_WAIT)
    assert ("/page" in house.paths()) is case.is_fetched
    assert result.outcomes() == ({case.outcome} if case.outcome else set())
    assert result.reason == ("finished" if case.outcome in (None, "robots_denied") else case.outcome)


def test_links_that_robots_txt_forbids_are_not_fetched_and_the_crawl_goes_on(host, crawl):
    house = host({"/robots.txt": Answer("User-agent: *\nDisallow: /private/"), "/": LINKS, "/a": Answer()})
    result = crawl(house.url(), follow=True)
    assert house.paths(but="/.well-known/tdmrep.json") == ["/robots.txt", "/", "/a"]
    assert result.stats["opera/requests/robots_denied"] == 1
    assert (result.reason, result.outcomes()) == ("finished", set())


def test_a_redirected_robots_txt_of_another_host_rules_the_first_host(host, crawl):
    elsewhere = host(
        {"/robots.txt": Answer("User-agent: *\nDisallow: /"), "/rules": Answer("User-agent: *\nDisallow: /a")}
    )
    house = host({"/robots.txt": Answer("", 301, {"Location": elsewhere.url("/rules")}), "/": LINKS, "/a": Answer()})
    crawl(house.url(), follow=True)
    assert "/" in house.paths()
    assert "/a" not in house.paths()


def test_a_page_that_redirects_is_asked_of_the_rules_of_its_target(host, crawl):
    elsewhere = host({"/robots.txt": Answer("User-agent: *\nDisallow: /page"), "/page": Answer()})
    house = host({"/": Answer("", 302, {"Location": elsewhere.url("/page")})})
    [error] = crawl(house.url()).errors
    assert error["error"] == "RobotsDenied"
    assert elsewhere.paths() == ["/robots.txt"]


def test_robots_txt_is_asked_for_once_by_many_pages(host, crawl):
    house = host({f"/{n}": Answer() for n in range(5)})
    crawl(*[house.url(f"/{n}") for n in range(5)], settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 5})
    assert house.paths().count("/robots.txt") == 1


def test_an_unreachable_robots_txt_of_another_house_does_not_end_the_crawl(host, crawl):
    other = host({"/robots.txt": Answer("", 503), "/x": Answer()})
    house = host({"/": Answer(f'<a href="{other.url("/x")}">x</a><a href="/a">a</a>'), "/a": Answer()})
    result = crawl(house.url(), follow=True, domain=house.address)
    assert other.paths() == ["/robots.txt"] * 3
    assert "/a" in house.paths()
    assert (result.reason, result.outcomes()) == ("finished", set())


def test_of_a_robots_txt_beyond_the_size_limit_the_beginning_is_read(host, crawl):
    rules = "User-agent: *\n" + "# as long as RFC 9309 asks for\n" * 17_000 + "Disallow: /private/\n"
    house = host({"/robots.txt": Answer(rules + "#" * 20_000_000), "/": LINKS, "/a": Answer()})
    result = crawl(house.url(), follow=True, settings={"DOWNLOAD_MAXSIZE": 100_000})
    assert house.paths(but="/.well-known/tdmrep.json") == ["/robots.txt", "/", "/a"]
    assert result.stats["opera/robots/cut_off"] == 1


def test_a_robots_txt_that_is_a_bomb_is_not_had(host, crawl):
    bomb = Answer(gzip.compress(b"#" * 10_000_000), headers={"Content-Encoding": "gzip"})
    house = host({"/robots.txt": bomb, "/a": Answer()})
    assert crawl(house.url("/a"), settings={"DOWNLOAD_MAXSIZE": 1_000_000}).reason == "robots_unreachable"
    assert "/a" not in house.paths()


def test_a_kept_robots_txt_stands_in_for_one_that_cannot_be_had(host, crawl, tmp_path):
    cached = {"HTTPCACHE_ENABLED": True, "HTTPCACHE_DIR": str(tmp_path), "OPERA_PAGE_TTL_SECONDS": 0}
    house = host({"/robots.txt": Answer("User-agent: *\nDisallow: /b"), **{f"/{name}": Answer() for name in "abc"}})
    crawl(house.url("/a"), settings=cached)
    house.routes["/robots.txt"] = Answer(is_reset=True)
    for entry in tmp_path.rglob("pickled_meta"):
        meta = pickle.loads(entry.read_bytes())
        entry.write_bytes(pickle.dumps({**meta, "timestamp": meta["timestamp"] - 100_000}))
    house.hits.clear()
    crawl(*[house.url(f"/{name}") for name in "abc"], settings=cached)
    assert sorted(house.paths(but="/.well-known/tdmrep.json")) == ["/a", "/c", "/robots.txt"]


def test_plain_http_behind_https_is_told_apart_and_ends_nothing(host, crawl):
    house = host({"/": Answer()})
    result = crawl(house.url().replace("http:", "https:"))
    assert [(error["error"], error["kind"]) for error in result.errors] == [("RobotsUnreachable", "not_tls")]
    assert result.stats["opera/robots/requested"] == 1
    assert (result.reason, result.outcomes()) == ("finished", set())


def test_a_bad_certificate_is_an_outcome(host, crawl, self_signed):
    house = host({"/": Answer()}, tls=self_signed)
    result = crawl(house.url())
    assert result.reason == "certificate"
    assert house.paths() == []


def test_a_name_that_does_not_resolve_is_an_outcome(crawl):
    assert crawl("https://nowhere.example/").reason == "name_not_found"


def test_a_refused_connection_is_the_spiders_to_answer_over_https_and_an_outcome_over_http(host, crawl, closed_port):
    result = crawl(f"https://127.0.0.1:{closed_port}/")
    assert [error["kind"] for error in result.errors] == ["refused"]
    assert result.reason == "finished"
    assert crawl(f"http://127.0.0.1:{closed_port}/").reason == "site_down"


async def test_robots_txt_is_read_again_after_a_day_and_an_unreachable_one_after_an_hour():
    now = 1_000_000.0
    answers = [
        Response("https://x.example/robots.txt", body=b"User-agent: *\nDisallow: /a"),
        *[_failed()] * 2,
        _found(),
    ]
    middleware = RobotsMiddleware(
        _StandInCrawler(answers), MemoryStatsCollector(_StandInCrawler([])), attempts=2, now=lambda: now
    )

    async def is_allowed() -> bool:
        from scrapy import Request

        from opera_spiders.politeness.robots import RobotsDenied

        try:
            await middleware.process_request(Request("https://x.example/a"))
        except RobotsDenied:
            return False
        return True

    assert await is_allowed() is False
    now += 86_000
    assert await is_allowed() is False
    assert len(answers) == 3
    now += 500
    with pytest.raises(RobotsUnreachable):
        await is_allowed()
    now += 3_000
    with pytest.raises(RobotsUnreachable):
        await is_allowed()
    now += 700
    assert await is_allowed() is True


def _failed() -> Response:
    return Response("https://x.example/robots.txt", status=503)


def _found() -> Response:
    return Response("https://x.example/robots.txt", status=404)


class _StandInCrawler:
    """Hands out answers to robots.txt requests."""

    def __init__(self, answers: list[Response]) -> None:
        self.answers = answers
        self.settings = Settings()
        self.stats = MemoryStatsCollector(self) if answers else None
        self.spider = None
        self.engine = self
        self._slot = None

    async def download_async(self, request):
        await asyncio.sleep(0)
        return self.answers.pop(0).replace(request=request)


@pytest.fixture(scope="session")
def self_signed(tmp_path_factory) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nobody")])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin.replace(year=2120))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
