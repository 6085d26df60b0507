"""How a crawl ends, whatever the host does."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from opera_spiders.outcomes import Outcome
from tests.crawls import Crawl, html
from tests.politeness.local_host import Answer, LocalHost


def test_a_house_without_tls_is_crawled_over_plain_http(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    house = host({"/": html("Sample Opera", "/shows/tosca"), "/shows/tosca": html("Tosca")})

    result = crawl(house.address)

    assert result.outcome is Outcome.FINISHED
    assert result.line == f"finished: {house.address}: 2 pages read."
    assert sorted(result.urls) == [house.url("/"), house.url("/shows/tosca")]


def test_a_cache_that_cannot_be_written_is_no_fault_of_the_hosts(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost], tmp_path: Path
):
    house = host({"/": html("Sample Opera")})
    (tmp_path / "full").touch()

    result = crawl(house.address, {"HTTPCACHE_ENABLED": True, "HTTPCACHE_DIR": str(tmp_path / "full" / "httpcache")})

    assert (result.outcome, result.urls) == (Outcome.FINISHED, [house.url("/")])
    assert sum("httpcache cannot be written: Not a directory" in line for line in result.log) == 1


def test_a_cached_page_that_a_crash_cut_short_is_fetched_again(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost], tmp_path: Path
):
    house = host({"/": html("Sample Opera")})
    settings = {"HTTPCACHE_ENABLED": True, "HTTPCACHE_DIR": str(tmp_path / "httpcache")}
    assert crawl(house.address, settings).outcome is Outcome.FINISHED
    for number, file in enumerate(sorted((tmp_path / "httpcache").rglob("*"))):
        if file.is_file():
            file.write_bytes(file.read_bytes()[: number % 3])

    result = crawl(house.address, settings)

    assert (result.outcome, result.urls) == (Outcome.FINISHED, [house.url("/")])


def test_a_start_page_that_redirects_to_another_host_is_a_moved_house(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost]
):
    new = host({"/": html("The new home")})
    old = host({"/": Answer("", 301, {"Location": new.url("/")})})

    result = crawl(old.address)

    assert (result.outcome, result.outcome.exit_status) == (Outcome.MOVED, 3)
    assert result.line == (
        f"moved: {old.address}: its start page redirects to {new.address}, which is not this company's domain. "
        "If the house has moved, add the new domain to the company's row and run again."
    )
    assert new.hits == []
    assert result.feed == []


def test_a_start_page_that_redirects_to_a_file_has_no_pages_and_says_why(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost]
):
    house = host({"/": Answer("", 302, {"Location": "file:///etc/passwd"})})

    result = crawl(house.address)

    assert (result.outcome, result.feed) == (Outcome.NO_PAGES, [])
    assert f"{house.url('/')} redirects to 'file:///etc/passwd'" in result.line


def test_without_robots_txt_nothing_is_fetched(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    house = host({"/": html("Sample Opera"), "/robots.txt": Answer("busy", 503)})

    result = crawl(house.address, settings={"OPERA_ROBOTS_ATTEMPTS": 1})

    assert (result.outcome, result.outcome.exit_status) == (Outcome.ROBOTS_UNREACHABLE, 3)
    assert "HTTP 503" in result.line
    assert set(house.paths()) == {"/robots.txt"}


def test_a_start_page_that_robots_txt_closes_is_an_outcome(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    robots = Answer("User-agent: *\nDisallow: /\n", headers={"Content-Type": "text/plain"})
    house = host({"/": html("Sample Opera"), "/robots.txt": robots})

    result = crawl(house.address)

    assert (result.outcome, result.outcome.exit_status) == (Outcome.ROBOTS_DENIED, 3)
    assert set(house.paths()) == {"/robots.txt"}


def test_a_name_that_does_not_resolve_is_an_outcome(crawl: Callable[..., Crawl]):
    result = crawl("no-such-house.invalid")

    assert (result.outcome, result.outcome.exit_status) == (Outcome.NAME_NOT_FOUND, 3)
    assert "no-such-house.invalid" in result.line


def test_a_closed_port_is_a_site_that_is_down(crawl: Callable[..., Crawl], closed_port: int):
    result = crawl(f"127.0.0.1:{closed_port}")

    assert (result.outcome, result.outcome.exit_status) == (Outcome.SITE_DOWN, 3)
    assert "refused" in result.line


def test_an_address_that_is_not_public_is_refused(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    house = host({"/": html("Somebody's router")})

    result = crawl(house.address, settings={"OPERA_ALLOWED_NETWORKS": "127.0.0.2/32"})

    assert (result.outcome, result.outcome.exit_status) == (Outcome.FORBIDDEN_ADDRESS, 3)
    assert house.hits == []


def test_an_untrusted_certificate_is_an_outcome_and_never_a_downgrade(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost], self_signed: ssl.SSLContext
):
    house = host({"/": html("Sample Opera")}, tls=self_signed)

    result = crawl(house.address)

    assert (result.outcome, result.outcome.exit_status) == (Outcome.CERTIFICATE, 3)
    assert "cannot be had (certificate: certificate verify failed). Tell the company; or" in result.line
    assert not any("trying http:" in line for line in result.log)
    assert house.hits == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(403, Outcome.BLOCKED), (401, Outcome.BLOCKED), (500, Outcome.SITE_DOWN), (410, Outcome.NO_PAGES)],
)
def test_a_start_page_that_is_refused_says_so(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost], status: int, outcome: Outcome
):
    house = host({"/": Answer("no", status)})

    result = crawl(house.address)

    assert result.outcome is outcome
    assert f"HTTP {status}" in result.line
    assert result.line.endswith(".") or "http://…" in result.line


def test_a_host_that_gives_no_page_is_no_success(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    house = host({"/": Answer(b"\x89PNG\r\n", headers={"Content-Type": "image/png"})})

    result = crawl(house.address)

    assert (result.outcome, result.outcome.exit_status) == (Outcome.NO_PAGES, 3)
    assert result.outcome.advice in result.line


def test_one_seed_that_fails_does_not_decide_about_the_others(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost]
):
    house = host({"/shows/tosca": html("Tosca"), "/shows/aida": Answer("no", 403)})

    result = crawl(house.address, seeds=f"{house.url('/shows/aida')},{house.url('/shows/tosca')}")

    assert result.outcome is Outcome.FINISHED
    assert result.urls == [house.url("/shows/tosca")]


def test_a_start_url_that_is_gone_is_replaced_by_the_root(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    house = host({"/": html("Sample Opera")})

    result = crawl(house.address, seeds=house.url("/season-2019"))

    assert result.urls == [house.url("/")]


def test_a_limit_of_the_operators_is_an_orderly_end(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    house = host({"/": html("Sample Opera", "/shows/tosca"), "/shows/tosca": html("Tosca")})

    result = crawl(house.address, max_pages="1")

    assert (result.outcome, result.outcome.exit_status) == (Outcome.BUDGET, 0)
    assert "1 page read, as many as max_pages allows" in result.line


CHALLENGES = {
    "header": Answer("<title>Just a moment...</title>", 403, {"cf-mitigated": "challenge"}),
    "busy": Answer("<script>window._cf_chl_opt = {};</script>", 503),
    "page": Answer('<noscript>Enable JavaScript</noscript><script id="anubis_challenge">{}</script>'),
    "packed": Answer(
        gzip.compress(b"<iframe src='/_Incapsula_Resource?SWUDNSAI=31'></iframe>"), 200, {"Content-Encoding": "gzip"}
    ),
}


@pytest.mark.parametrize("challenge", CHALLENGES.values(), ids=CHALLENGES)
def test_a_test_for_bots_is_a_refusal_and_is_not_tried(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost], challenge: Answer
):
    house = host({"/": challenge})

    result = crawl(house.address, {"HTTPCACHE_ENABLED": True}, render="always")

    assert (result.outcome, result.outcome.exit_status) == (Outcome.BLOCKED, 3)
    assert result.feed == []
    assert house.paths().count("/") == 1
    house.routes["/"] = html("Sample Opera")
    assert crawl(house.address, {"HTTPCACHE_ENABLED": True}).outcome is Outcome.FINISHED


def test_a_page_that_writes_about_such_tests_is_a_page(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    house = host({"/": html("Sample Opera", text="Our site uses anubis_challenge. " * 40)})

    assert crawl(house.address).outcome is Outcome.FINISHED


def test_a_host_that_goes_on_refusing_is_left(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    works = [f"/shows/work-{number}" for number in range(12)]
    house = host({"/": html("Sample Opera", *works)} | {work: Answer("no", 403) for work in works})

    result = crawl(house.address)

    assert result.outcome is Outcome.BLOCKED
    assert "has refused us 8 times in a row" in result.line
    assert sum(path.startswith("/shows/") for path in house.paths()) == 8


def test_a_house_most_of_whose_pages_fail_is_not_finished(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    works = [f"/shows/work-{number}" for number in range(6)]
    house = host({"/": html("Sample Opera", *works), works[0]: html("Tosca")} | {w: Answer("", 500) for w in works[1:]})

    result = crawl(house.address)

    assert result.outcome is Outcome.SITE_DOWN
    assert "2 pages read, 5 failed" in result.line


def test_dead_links_do_not_decide(crawl: Callable[..., Crawl], host: Callable[..., LocalHost]):
    house = host({"/": html("Sample Opera", *(f"/shows/work-{number}" for number in range(6)))})

    assert crawl(house.address).outcome is Outcome.FINISHED


def test_a_house_that_lost_most_of_its_pages_has_shrunk_until_that_is_accepted(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost], database_url: str
):
    stored = {
        "OPERA_DATABASE": "on",
        "DATABASE_URL": database_url,
        "TEST_EXTRACTION_VERSION": "1",
        "OPERA_PAGE_TTL_SECONDS": 0,
    }
    works = [f"/shows/work-{number}" for number in range(6)]
    house = host({"/": html("Sample Opera", *works)} | {work: html(work) for work in works})
    assert crawl(house.address, stored).outcome is Outcome.FINISHED
    house.routes = {"/": html("Sample Opera", works[0]), works[0]: html("Tosca")}

    first, others, again = (
        crawl(house.address, stored),
        crawl(house.address, stored, render="never"),
        crawl(house.address, stored),
    )
    accepted, later = crawl(house.address, {**stored, "OPERA_LEAST_SHARE": 0}), crawl(house.address, stored)

    assert (first.outcome, first.outcome.exit_status) == (Outcome.SHRUNK, 3)
    assert first.line.startswith(f"shrunk: {house.address}: 2 pages read, 1 unchanged, 7 in the last good run. Look at")
    assert (others.outcome, again.outcome) == (Outcome.FINISHED, Outcome.SHRUNK)
    assert (accepted.outcome, later.outcome) == (Outcome.FINISHED, Outcome.FINISHED)


def test_a_resumed_crawl_is_neither_shrunk_nor_a_measure(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost], database_url: str, tmp_path: Path
):
    stored = {
        "OPERA_DATABASE": "on",
        "DATABASE_URL": database_url,
        "TEST_EXTRACTION_VERSION": "1",
        "OPERA_PAGE_TTL_SECONDS": 0,
    }
    job = {"JOBDIR": str(tmp_path / "job")}
    works = [f"/shows/work-{number}" for number in range(9)]
    house = host({"/": html("Sample Opera", *works)} | {work: html(work) for work in works})
    limited = crawl(house.address, {**stored, **job, "CLOSESPIDER_PAGECOUNT": 10, "DOWNLOAD_DELAY": 0.1})
    assert limited.outcome is Outcome.BUDGET
    resumed = crawl(house.address, {**stored, **job})
    house.routes = {"/": html("Sample Opera", works[0]), works[0]: html("Tosca")}
    later = crawl(house.address, stored)

    assert resumed.outcome is Outcome.FINISHED
    assert 0 < len(resumed.feed) <= 4
    assert later.outcome is Outcome.SHRUNK


def test_a_page_that_our_code_cannot_handle_is_a_failed_crawl(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost], tmp_path: Path
):
    house = host({"/": html("Sample Opera")})

    result = crawl(house.address, {"ITEM_PIPELINES": {"tests.spiders.test_outcomes.BreakingPipeline": 1}})

    assert (result.outcome, result.outcome.exit_status) == (Outcome.FAILED, 1)
    assert "1 lost to errors of ours" in result.line


class BreakingPipeline:
    def process_item(self, item: object) -> object:
        raise LookupError("a fault of ours")


def test_a_house_that_moved_is_followed_to_a_domain_that_its_row_lists(
    crawl: Callable[..., Crawl], host: Callable[..., LocalHost]
):
    new = host({"/": html("The new home")})
    old = host({"/": Answer("", 301, {"Location": new.url("/")})})

    result = crawl(old.address, {"TEST_OTHER_DOMAINS": [new.address]})

    assert (result.outcome, result.urls) == (Outcome.FINISHED, [new.url("/")])
    assert {page["company_domain"] for page in result.feed} == {old.address}


def test_every_outcome_says_what_happened_and_all_but_success_what_to_do():
    assert all(outcome.meaning for outcome in Outcome)
    assert [outcome for outcome in Outcome if not outcome.advice] == [Outcome.FINISHED]


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
