"""``scripts/explain``: one page from the fetch decision to its blocks and the facts read from them, with evidence."""

from __future__ import annotations

import argparse
import asyncio
import base64
import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opera_spiders.commands import run_command
from opera_spiders.errors import BadInputError

if TYPE_CHECKING:
    from opera_spiders.config import Config
    from opera_spiders.extraction.blocks import PageBlocks
    from opera_spiders.extraction.extractor import Extraction, Extractor, PageToExtract

ROOT = Path(__file__).parents[2]
CONTENT_TYPES = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), "text/html"),
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
}
FIRST_BYTES = {b"%PDF-": "application/pdf", b"<": "text/html", b"{": "application/json", b"[": "application/json"}
BLOCK_LINE_CHARACTERS = 400
# 2026-11-24 08:21:20 [opera] WARNING: words
LOG_LINE = re.compile(r"\S+ \S+ \[[^]]*\] (?P<level>[A-Z]+): (?P<text>.*)")
GONE = re.compile(r"(?P<url>\S+) answers HTTP (?P<status>\d+); trying ")
FETCHED = ("url", "status_code", "content_type", "language", "page_type", "rendered", "rights", "last_modified", "etag")
STYLES = {"verified": "green", "section": "green", "inferred": "cyan", "elsewhere": "yellow", "absent": "red"}


@dataclass(slots=True)
class Explanation:
    """What became of one page. ``fetch`` is None for a local file; ``blocks`` is None when there is no page."""

    source: str
    exit_status: int = 0
    fetch: dict[str, Any] | None = None
    blocks: PageBlocks | None = None
    extraction: dict[str, Any] = field(default_factory=dict)

    def facts(self) -> list[dict[str, Any]]:
        """Return every value read, with its pointer and evidence."""
        answer = self.extraction.get("raw_response") or {}
        return [
            {"pointer": found["pointer"], "value": _value_at(answer, found["pointer"]), **found}
            for found in self.extraction.get("evidence") or []
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the whole explanation as JSON."""
        blocks = self.blocks.blocks if self.blocks else ()
        return {
            "source": self.source,
            "fetch": self.fetch,
            "blocks": [
                {"id": b.id, "kind": b.kind, "text": b.text, "path": b.path, "dates": b.dates, "chrome": b.chrome}
                for b in blocks
            ],
            "hidden": [{"text": b.text, "path": b.path} for b in (self.blocks.hidden if self.blocks else ())],
            "facts": self.facts(),
            "validation_errors": self.extraction.get("validation_errors", []),
            "confidence_score": self.extraction.get("confidence_score"),
            "llm_model": self.extraction.get("llm_model"),
            "error": self.extraction.get("error"),
        }


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status: the crawl's for an address, else 0."""
    arguments = _parser().parse_args(argv)
    return run_command(lambda: _explain(arguments))


def _explain(arguments: argparse.Namespace) -> int:
    if "://" in arguments.source:
        explanation = explain_url(arguments.source)
    else:
        fetched_at = arguments.fetched_at or dt.datetime.now(dt.UTC)
        explanation = explain_file(Path(arguments.source), arguments.domain, fetched_at)
    if arguments.json:
        print(json.dumps(explanation.as_json(), ensure_ascii=False, indent=1))
    else:
        _show(explanation, every_block=arguments.all)
    return explanation.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/explain",
        description="Explain one page: how it is fetched (robots, guard, spacing, by the real spider, one page), its "
        "numbered blocks, and each value read with the words that speak for it. A path explains a local file.",
    )
    parser.add_argument("source", metavar="URL|FILE", help="an http(s) address, or an HTML, PDF or JSON file")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--all", action="store_true", help="print the blocks of navigation and footer too")
    parser.add_argument("--domain", default="example.org", help="company whose page a FILE is (default example.org)")
    parser.add_argument(
        "--fetched-at", type=_day, metavar="DATE", help="day a FILE was fetched, for dates without year (default today)"
    )
    return parser


def _day(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(f"{text}T12:00:00+00:00")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD)") from None


def explain_url(url: str) -> Explanation:
    """Fetch one page by the spider, in a process of its own, and explain what came.

    A crawl that finds its start page gone goes on at the site's front page; here that page is not explained.

    :raises BadInputError: the address cannot be crawled; the crawl's own line says why
    """
    from opera_spiders.config import Config
    from opera_spiders.outcomes import Outcome
    from opera_spiders.urls import canonical_url, host_port

    if not url.startswith(("http://", "https://")):
        raise BadInputError(f"{url} is no http or https address. Give one, or the path of a file.")
    with tempfile.TemporaryDirectory() as directory:
        feed = Path(directory) / "page.jsonl"
        crawl = subprocess.run(
            [
                *(sys.executable, "-m", "scrapy", "crawl", "opera"),
                *("-a", f"domain={host_port(url)}", "-a", f"seeds={url}", "-a", "max_pages=1"),
                *("-s", "OPERA_DATABASE=off", "-O", str(feed)),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for line in crawl.stderr.splitlines() if line.strip()]
        pages = feed.read_text(encoding="utf-8").splitlines() if feed.exists() else []
    outcome = lines[-1] if lines else "The crawl printed nothing."
    if crawl.returncode == 2:
        raise BadInputError(outcome)
    if gone := next(filter(None, map(GONE.search, lines)), None):
        outcome = f"{Outcome.NO_PAGES}: {gone['url']} answers HTTP {gone['status']}."
        exit_status = Outcome.NO_PAGES.exit_status
        return Explanation(url, exit_status, {"outcome": outcome, "exit_status": exit_status})
    fetch: dict[str, Any] = {"outcome": outcome, "exit_status": crawl.returncode, "warnings": _warnings(lines, outcome)}
    if not pages:
        return Explanation(url, crawl.returncode, fetch)
    page = json.loads(pages[0])
    if page["url"] != canonical_url(url):
        fetch["note"] = "another address: a redirect, its own canonical link, or its version in the language to read"
    fetch |= {name: page.get(name) for name in FETCHED}
    text = page.get("html_content")
    body = base64.b64decode(page["body"]) if text is None and page.get("body") else (text or "").encode()
    encoding = None if text is None else "utf-8"
    blocks = _read(Config.from_environment(), body, page.get("content_type"), page["url"], encoding)
    return Explanation(url, crawl.returncode, fetch, blocks, page.get("extraction") or {})


def _warnings(lines: list[str], outcome: str) -> list[str]:
    """Return the texts of a log's warnings and errors, without those that the outcome says as well."""
    found = filter(None, map(LOG_LINE.match, lines))
    texts = dict.fromkeys(line["text"] for line in found if line["level"] in ("WARNING", "ERROR", "CRITICAL"))
    return [text for text in texts if text not in outcome]


def explain_file(path: Path, domain: str, fetched_at: dt.datetime) -> Explanation:
    """Read a local file with the configured extractor.

    :raises BadInputError: the file cannot be read, or is no page
    """
    # The extractors import their clients, which --help need not wait for.
    from opera_spiders.config import Config
    from opera_spiders.extraction.extractor import PageToExtract
    from opera_spiders.extraction.extractors import make_extractor
    from opera_spiders.items import extraction_to_feed

    try:
        body = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"Cannot read {path}: {error.strerror}. Give an address or the path of a file.") from None
    content_type = _content_type(path, body)
    config = Config.from_environment()
    blocks = _read(config, body, content_type, path.absolute().as_uri(), _encoding(body))
    if not blocks.blocks:
        raise BadInputError(f"{path} holds no readable page. Give an HTML, PDF or JSON file.")
    extractor = make_extractor(config)
    extraction = asyncio.run(_extracted(extractor, PageToExtract(blocks, fetched_at, domain)))
    return Explanation(str(path), 0, None, blocks, extraction_to_feed(extraction))


def _read(config: Config, body: bytes, content_type: str | None, url: str, encoding: str | None) -> PageBlocks:
    """Return the blocks of a page, read as a crawl reads them.

    :raises BadInputError: that takes more than a page may
    """
    from opera_spiders.bounded import BoundedProcesses, BoundExceededError
    from opera_spiders.extraction.blocks import read_blocks

    processes = BoundedProcesses(cpu_seconds=config.opera_reading_cpu_seconds)
    try:
        return asyncio.run(processes.run(read_blocks, body, content_type, url, encoding))
    except BoundExceededError as error:
        raise BadInputError(f"{url} cannot be read: {error}. OPERA_READING_CPU_SECONDS gives it more time.") from None
    finally:
        processes.close()


def _content_type(path: Path, body: bytes) -> str:
    """Return the content type a file's name or its first characters tell.

    :raises BadInputError: it is no kind of file that is read
    """
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    told = (content_type for first, content_type in FIRST_BYTES.items() if start.startswith(first))
    content_type = CONTENT_TYPES.get(path.suffix.lower()) or next(told, None)
    if content_type is None:
        raise BadInputError(f"{path} is neither HTML nor PDF nor JSON. Give a file of one of these kinds.")
    return content_type


async def _extracted(extractor: Extractor, page: PageToExtract) -> Extraction:
    try:
        return await extractor.extract(page)
    finally:
        await extractor.aclose()


def _encoding(body: bytes) -> str | None:
    """UTF-8 where the bytes are; else what the page says of itself."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _value_at(answer: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/"):
        answer = answer[int(part)] if isinstance(answer, list) else answer[part.replace("~1", "/").replace("~0", "~")]
    return answer


def _fetch_lines(fetch: dict[str, Any]) -> Iterator[str]:
    """Return what is known of a fetch, a line for each value, warning and signal of rights."""
    for name, value in fetch.items():
        if name == "warnings":
            yield from (f"warning: {text}" for text in value)
        elif name == "rights" and value:
            yield f"rights: {value['decision']}, {value['reason']}"
            yield from (f"  signal: {signal}" for signal in value["signals"])
        elif value not in (None, ""):
            yield f"{name}: {value}"


def _cut(line: str) -> str:
    return line if len(line) <= BLOCK_LINE_CHARACTERS else line[: BLOCK_LINE_CHARACTERS - 1] + "…"


def _show(explanation: Explanation, *, every_block: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from opera_spiders.extraction.blocks import block_line

    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(explanation.source, "bold"))
    if explanation.fetch is not None:
        console.print(Text("\nFetch", "bold"))
        for fetch_line in _fetch_lines(explanation.fetch):
            console.print(Text(f"  {fetch_line}"))
    if explanation.blocks is None:
        return
    blocks = [block for block in explanation.blocks.blocks if every_block or not block.chrome]
    left_out = len(explanation.blocks.blocks) - len(blocks)
    console.print(Text(f"\nBlocks ({len(blocks)}; {left_out} of navigation and footer, --all prints them)", "bold"))
    for block in blocks:
        console.print(Text(f"  {_cut(block_line(block))}"))
    if explanation.blocks.hidden:
        console.print(Text(f"  {len(explanation.blocks.hidden)} hidden texts: no evidence", "dim"))
    found = explanation.extraction
    console.print(Text(f"\nFacts ({found.get('llm_model')}, confidence {found.get('confidence_score')})", "bold"))
    for fact in explanation.facts():
        line = Text(f"  {fact['pointer']} = {fact['value']}  ")
        line.append(fact["status"], STYLES.get(fact["status"], ""))
        if fact["block"]:
            line.append(f"  {fact['block']} “{fact['quote']}”", "dim")
        console.print(line)
    for error in found.get("validation_errors") or []:
        console.print(Text(f"  {error['pointer']}: {error['error']}", "red"))
    if found.get("error"):
        console.print(Text(f"  no answer: {found['error']}", "red"))


if __name__ == "__main__":
    sys.exit(main())
