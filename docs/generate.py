"""Makes the lists of this folder from the code: ``scripts/docs`` writes them, ``scripts/docs --check`` compares.

``outcomes.md`` comes from ``opera_spiders/outcomes.py``, ``log_messages.md`` from ``opera_spiders/log_messages.toml``,
which a test holds to the code; in ``politeness.md`` what stands between the marks of a list is made here.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from opera_spiders import settings
from opera_spiders.discovery import site_data, sitemaps, traps
from opera_spiders.discovery.links import MAX_LINKS
from opera_spiders.outcomes import Outcome
from opera_spiders.politeness import bounds as answers
from opera_spiders.politeness import browser, handler, redirects, robots, robots_rules
from tests.politeness.rfc9309_cases import ACCESS_CASES, RULE_CASES

DOCS = Path(__file__).parent
CATALOGUE = DOCS.parent / "opera_spiders" / "log_messages.toml"

OUTCOMES = """\
# How a crawl ends

Every crawl ends in exactly one of these outcomes. It is in the last line of `scrapy crawl`, in the summary of
`scripts/run_pipeline` and in `staging.crawl_runs.outcome`, with the reason beside it. The exit status says whose
turn it is.
"""
EXIT_STATUSES = {
    0: "did what it was asked",
    1: "ours: something here failed or was stopped",
    2: "yours: an argument or setting cannot be used",
    3: "the host's side",
}
LOG_MESSAGES = """\
# Log messages

Every message the crawl and the commands log at INFO or above. DEBUG is for tracing and not listed. `%s` and the like
stand for what the message names; a message that is only `%s` is a whole sentence of its own.

INFO is progress and what is normal; WARNING means someone should look this week; ERROR means something was lost or
refused.
"""


def outcomes() -> str:
    """Return ``outcomes.md``."""
    parts = [OUTCOMES]
    for status, whose in EXIT_STATUSES.items():
        ends = [outcome for outcome in Outcome if outcome.exit_status == status]
        rows = [(f"`{outcome}`", outcome.meaning, outcome.advice or "nothing") for outcome in ends]
        parts.append(f"## Exit status {status}: {whose}\n\n{table(('outcome', 'what happened', 'what to do'), rows)}")
    return "\n".join(parts)


def log_messages() -> str:
    """Return ``log_messages.md``."""
    parts = [LOG_MESSAGES]
    for section in tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["section"]:
        rows = [
            (f"`{message['text']}`", message["level"], message["meaning"], message["advice"] or "nothing")
            for message in section["message"]
        ]
        parts.append(f"## {section['title']}\n\n{table(('message', 'level', 'meaning', 'what to do'), rows)}")
    return "\n".join(parts)


def rfc_cases() -> str:
    """Return the cases of RFC 9309 that the tests hold us to."""
    cases = sorted((case.section, case.sentence) for case in (*RULE_CASES, *ACCESS_CASES))
    return "".join(f"* {section}: {sentence}.\n" for section, sentence in cases)


def bounds() -> str:
    """Return what no host can make us exceed."""
    mebibytes = 1024 * 1024
    rows: list[tuple[str, str]] = [
        ("seconds between two requests to a host, at least", f"{settings.DOWNLOAD_DELAY:g}"),
        ("requests to a host at a time", f"{settings.CONCURRENT_REQUESTS_PER_DOMAIN}"),
        ("seconds until we give up waiting for an answer", f"{settings.DOWNLOAD_TIMEOUT}"),
        ("MiB of one answer, after decompression", f"{settings.DOWNLOAD_MAXSIZE // mebibytes}"),
        ("MiB of HTML or JSON", f"{answers.MAX_TEXT_BYTES // mebibytes}"),
        ("KiB of status line and headers", f"{handler.MAX_HEAD_BYTES // 1024}"),
        ("redirects in a row", f"{settings.REDIRECT_MAX_TIMES}"),
        ("seconds of `Crawl-delay` that are kept", f"{robots._MAX_CRAWL_DELAY_SECONDS}"),
        ("hours for which robots.txt is used", f"{robots.MAX_AGE_SECONDS // 3600}"),
        ("KiB of robots.txt that are read", f"{robots_rules.MAX_BYTES // 1024}"),
        ("requests of one drawn page", f"{browser.MAX_REQUESTS_PER_PAGE}"),
        ("sitemaps of one crawl · nested", f"{sitemaps.MAX_SITEMAPS} · {sitemaps.MAX_NESTING}"),
        (
            "addresses · MiB of one sitemap",
            f"{sitemaps.MAX_URLS} · {sitemaps.MAX_BYTES // mebibytes}",
        ),
        (
            "addresses of JSON of one company · pages of one list",
            f"{site_data.MAX_ADDRESSES} · {site_data.MAX_LIST_PAGES}",
        ),
        ("links of one page", f"{MAX_LINKS}"),
        ("links from the start page to a page", f"{settings.DEPTH_LIMIT}"),
        (
            "parts of a path · of them equal · parameters",
            f"{traps.MAX_SEGMENTS} · {traps.MAX_SAME_SEGMENT} · {traps.MAX_PARAMETERS}",
        ),
        *((f"pages of one pattern that look like: {kind}", f"{most}") for kind, most in traps.QUOTAS.items()),
        ("pages of one pattern, others", f"{traps.QUOTA_OF_OTHERS}"),
    ]
    return table(("bound", "value"), rows)


def refused_redirects() -> str:
    """Return why redirects are not followed, and what counts them."""
    return table(("counted in", "why"), ((f"`{stat}`", why) for stat, why in redirects.REASONS.items()))


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table of Markdown."""
    cells = [tuple(cell.replace("|", "\\|") for cell in row) for row in rows]
    return f"{_line(head)}|{'---|' * len(head)}\n{''.join(map(_line, cells))}"


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |\n"


def with_lists(page: str, lists: dict[str, str]) -> str:
    """Return a page with its marked lists made anew."""
    for name, made in lists.items():
        mark = f"<!-- made by scripts/docs: {name} -->"
        page, count = re.subn(
            f"{re.escape(mark)}\n.*?<!-- end -->",
            lambda _, m=mark, t=made: f"{m}\n{t}<!-- end -->",
            page,
            flags=re.DOTALL,
        )
        if count != 1:
            raise SystemExit(f"docs/politeness.md has {count} lists marked {mark}; it needs one.")
    return page


def pages() -> dict[Path, str]:
    """Return every page that is made, or made in part, with its text."""
    politeness = DOCS / "politeness.md"
    lists = {"RFC 9309": rfc_cases(), "bounds": bounds(), "redirects": refused_redirects()}
    return {
        DOCS / "outcomes.md": outcomes(),
        DOCS / "log_messages.md": log_messages(),
        politeness: with_lists(politeness.read_text(encoding="utf-8"), lists),
    }


def main() -> int:
    """Write the pages, or name those that are not as the code has it."""
    parser = argparse.ArgumentParser(prog="scripts/docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 when a page is not fresh")
    is_check = parser.parse_args().check
    stale = {page: text for page, text in pages().items() if not page.exists() or page.read_text("utf-8") != text}
    for page, text in stale.items():
        if not is_check:
            page.write_text(text, encoding="utf-8")
        print(page.relative_to(DOCS.parent), "is not as the code has it: run scripts/docs" if is_check else "written")
    return 1 if stale and is_check else 0


if __name__ == "__main__":
    sys.exit(main())
