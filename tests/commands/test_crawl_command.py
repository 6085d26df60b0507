"""``scrapy crawl`` as a user meets it: one last line and an exit status."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

import pytest
from scrapy.cmdline import execute
from scrapy.utils.test import get_crawler

from opera_spiders.commands.crawl import ending
from opera_spiders.outcomes import Outcome
from tests.crawls import html
from tests.politeness.local_host import Answer, LocalHost

ROOT = Path(__file__).parents[2]


@pytest.fixture
def host() -> Iterator[Callable[..., LocalHost]]:
    with ExitStack() as stack:
        yield lambda routes: stack.enter_context(LocalHost(routes))


def start_scrapy(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=ROOT,
        env=os.environ | {"OPERA_ALLOWED_NETWORKS": "127.0.0.1/32", "OPERA_CONTACT": "tests@example.org"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def scrapy(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    process = start_scrapy(*arguments, **environment)
    output, log = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, output, log)


FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "OPERA_DATABASE=off")


def test_a_crawl_without_a_database_fills_a_feed_and_exits_0(host: Callable[..., LocalHost], tmp_path: Path):
    pdf = b"%PDF-1.4 \xff\xfe"
    house = host(
        {
            "/": html("Sample Opera", "/shows/tosca", ("/report.pdf", "Annual report 2025")),
            "/shows/tosca": html("Tosca"),
            "/report.pdf": Answer(pdf, headers={"Content-Type": "application/pdf"}),
        }
    )
    feed = tmp_path / "pages.jsonl"

    run = scrapy("crawl", "opera", "-a", f"domain={house.address}", *FAST, "-O", str(feed))

    assert run.returncode == 0, run.stderr
    assert run.stderr.splitlines()[-1] == f"finished: {house.address}: 3 pages read."
    rows = [json.loads(line) for line in feed.read_text().splitlines()]
    assert {row["body"] is None for row in rows} == {True, False}
    assert all(isinstance(row["extraction"]["extraction_version"], str) for row in rows)
    assert "WARNING" not in run.stderr
    assert "ERROR" not in run.stderr


@pytest.mark.parametrize(("pages", "text"), [(1, "Tosca"), (2, "Tosca " * 4000)], ids=["at the end", "under way"])
def test_a_feed_that_cannot_be_written_is_a_failed_crawl(host: Callable[..., LocalHost], pages: int, text: str):
    house = host({"/": html("Sample Opera", "/shows/tosca", text=text), "/shows/tosca": html("Tosca", text=text)})

    run = scrapy(
        *("crawl", "opera", "-a", f"domain={house.address}", "-a", f"max_pages={pages}", *FAST, "-O", "/dev/full:jsonl")
    )

    assert run.returncode == 1
    last = run.stderr.splitlines()[-1]
    assert last.startswith(f"failed: {house.address}: The feed")
    assert "No space left on device" in last
    assert "Traceback" not in run.stderr


def test_a_feed_in_xml_can_be_read(host: Callable[..., LocalHost], tmp_path: Path):
    page = html("Sample Opera", text="Carmen & a form feed \f")
    page.headers["1st!"] = "odd"
    house = host({"/": page})
    feed = tmp_path / "pages.xml"

    run = scrapy("crawl", "opera", "-a", f"domain={house.address}", *FAST, "-O", str(feed))

    assert run.returncode == 0, run.stderr
    (item,) = ElementTree.parse(feed).getroot()
    assert item.findtext("url") == house.url("/")
    assert item.findtext("response_headers/_1st_") == "odd"
    assert item.findtext("extraction/raw_response/page_type") == "company"
    pointers = {found.findtext("pointer") for found in item.findall("extraction/evidence/value")}
    assert all(pointer and pointer.startswith("/") for pointer in pointers)
    assert pointers


def test_a_moved_house_exits_3_with_its_advice_last(host: Callable[..., LocalHost]):
    new = host({"/": html("Sample Opera")})
    old = host({"/": Answer("", 301, {"Location": new.url("/")})})

    run = scrapy("crawl", "opera", "-a", f"domain={old.address}", *FAST)

    assert run.returncode == 3
    last = run.stderr.splitlines()[-1]
    assert last.startswith(f"moved: {old.address}")
    assert last.endswith("add the new domain to the company's row and run again.")


def test_a_database_that_cannot_be_reached_exits_1(closed_port: int):
    run = scrapy(
        *("crawl", "opera", "-a", "domain=127.0.0.1:1"),
        DATABASE_URL=f"postgresql://me:hidden@127.0.0.1:{closed_port}/x",
    )

    assert run.returncode == 1
    assert str(closed_port) in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr
    assert "hidden" not in run.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["opera"], "No domain given"),
        (["opera", "-a", "domain=https://roh.org.uk/x"], "is not a host name"),
        (["opera", "-a", "domain=roh.org.uk", "-a", "max_pages=x"], "max_pages=x"),
        (["opera", "-a", "domain=roh.org.uk", "-s", "OPERA_PAGE_TTL_SECONDS=soon"], "OPERA_PAGE_TTL_SECONDS"),
        (["opera", "-a", "domain=roh.org.uk", "-s", "DATABASE_URL=mysql://x"], "DATABASE_URL"),
        (["opera", "-a", "domain=roh.org.uk", "-s", "DOWNLOAD_DELAY=soon"], "DOWNLOAD_DELAY=soon cannot be used"),
        (["opera", "-a", "domain=roh.org.uk", "-s", "OPERA_LEAST_SHARE=half"], "it takes a number."),
        (["opera", "-a", "domain=roh.org.uk", "-s", "ROBOTSTXT_OBEY=maybe"], "it takes True or False."),
        (["opera", "-a", "domain=roh.org.uk", "-O", "/proc/x/out.jsonl"], "The feed /proc/x/out.jsonl cannot be"),
        (["opera", "-a", "domain=roh.org.uk", "-o", "/proc:jsonl"], "Is a directory"),
        (["opera", "-a", "domain=[::1"], "is not a host name"),
    ],
)
def test_bad_input_exits_2_with_one_line(
    arguments: list[str], says: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT)

    with pytest.raises(SystemExit) as ended:
        execute(["scrapy", "crawl", *arguments])

    output = capfd.readouterr()
    assert ended.value.code == 2
    assert output.out == ""
    assert len(output.err.splitlines()) == 1
    assert says in output.err


def test_a_directory_that_cannot_be_used_is_named_in_the_last_line(tmp_path: Path):
    (tmp_path / "file").touch()

    async def crawl() -> None:
        (tmp_path / "file" / "job").mkdir()

    with asyncio.Runner() as runner:
        begun = runner.get_loop().create_task(crawl())
        runner.run(asyncio.wait([begun]))

    outcome, line = ending(get_crawler(), begun)
    assert outcome is Outcome.FAILED
    assert line == f"{tmp_path / 'file' / 'job'} cannot be used: Not a directory. Make it writable, or name another."


def test_an_unknown_spider_exits_2_with_its_name():
    run = scrapy("crawl", "operetta")

    assert run.returncode == 2
    assert run.stderr.splitlines()[-1] == "There is no spider operetta. The spider is: opera."


def test_the_spider_is_listed_and_checked():
    listed, checked = scrapy("list"), scrapy("check")

    assert (listed.returncode, listed.stdout.split()) == (0, ["opera"])
    assert checked.returncode == 0, checked.stderr


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_stopped_crawl_says_so_and_with_a_job_directory_goes_on_where_it_was(
    host: Callable[..., LocalHost], tmp_path: Path
):
    works = [f"/shows/work-{number}" for number in range(12)]
    house = host({"/": html("Sample Opera", *works)} | {work: html(work) for work in works})
    options = ("crawl", "opera", "-a", f"domain={house.address}", *FAST, "-s", f"JOBDIR={tmp_path / 'job'}")
    first = start_scrapy(*options)

    def stop(_: object) -> Answer:
        first.send_signal(signal.SIGINT)
        return html("Work 3")

    house.routes["/shows/work-3"] = stop
    _, log = first.communicate(timeout=120)

    assert first.returncode == 1
    last = log.splitlines()[-1]
    assert last.startswith(f"interrupted: {house.address}: ")
    assert last.endswith("Run it again: what was fetched is kept.")
    assert "/shows/work-11" not in house.paths()

    house.routes["/shows/work-3"] = html("Work 3")
    second = scrapy(*options)

    assert second.returncode == 0, second.stderr
    asked = [path for path in house.paths() if path.startswith("/shows/")]
    assert sorted(asked) == sorted(works)
