"""What is left of a page in the form in which a model or a rule gets it: ``python -m benchmarks.representation DIR``.

DIR holds pages with answers made by people beside them (``<page>.gold.json`` or ``<page>.expected.json``). For each form
of a page: the share of the titles, names and roles of the answers that it still contains, the share of the raw
characters it takes, and how fast it is made. A name counts as present however it is spaced, hyphenated or accented.

The peers are not the project's: ``uv pip install -r benchmarks/representation/requirements.txt``; without them their rows
are left out. crawl4ai is no row here: it brings a browser and some eighty packages for its Markdown.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from opera_spiders.errors import BadInputError
from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.evaluate import Example, find_examples
from opera_spiders.text import key

PREFIX_CHARACTERS = 50_000
NAMED = frozenset(
    [
        "opera_title",
        "production_title",
        "title",
        "composer",
        "librettist",
        "performer",
        "name",
        "role",
        "replaces",
        "conductor",
        "music_director",
        "director",
        "set_designer",
        "costume_designer",
        "lighting_designer",
        "chorus_master",
    ]
)
"""Fields of an answer whose values a page prints as they are; of lists of names, the list's field."""
NOT_PRINTED = frozenset({"accept", "derived"})  # what else would be right, and what follows from other values

Form = Callable[[str, bytes], str]


@dataclass
class Measured:
    """Sums over all pages."""

    strings: int = 0
    present: int = 0
    characters: int = 0
    raw_characters: int = 0
    bytes: int = 0
    seconds: float = 0


def raw(html: str, _: bytes) -> str:
    return html


def prefix(html: str, _: bytes) -> str:
    return html[:PREFIX_CHARACTERS]


def plain_text(html: str, _: bytes) -> str:
    import html_text

    return str(html_text.extract_text(html))


def main_text(html: str, _: bytes) -> str:
    import trafilatura

    return trafilatura.extract(html, include_tables=True) or ""


def blocks(_: str, body: bytes) -> str:
    return read_blocks(body, "text/html", "https://example.org/page").as_text()


def text_blocks(_: str, body: bytes) -> str:
    """Our blocks without the structured data, which prints again what the text says."""
    page = read_blocks(body, "text/html", "https://example.org/page")
    return "\n".join(f"{block.id} | {block.kind} | {block.text}" for block in page.blocks if block.kind != "json")


FORMS: Mapping[str, tuple[Form, str | None]] = {
    "the raw page": (raw, None),
    f"html[:{PREFIX_CHARACTERS}]": (prefix, None),
    "main text (trafilatura)": (main_text, "trafilatura"),
    "plain text (html-text)": (plain_text, "html_text"),
    "our blocks": (blocks, None),
    "our blocks, text alone": (text_blocks, None),
}


def gold_strings(value: Any, field: str = "") -> Iterator[str]:
    """Yield the titles, names and roles of an answer, each as printed."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from gold_strings(inner, name) if name not in NOT_PRINTED else ()
    elif isinstance(value, list):
        for inner in value:
            yield from gold_strings(inner, field)
    elif isinstance(value, str) and field in NAMED and key(value):
        yield value


def measure(examples: list[Example]) -> dict[str, Measured]:
    """Return for each form that can be made here what is left of the pages in it."""
    measured = {name: Measured() for name, (_, package) in FORMS.items() if package is None or find_spec(package)}
    for example in examples:
        body = example.page.read_bytes()
        html = body.decode("utf-8", errors="replace")
        wanted = {" ".join(key(text).split()) for text in gold_strings(example.answer)}
        for name, sums in measured.items():
            started = time.process_time()
            text = FORMS[name][0](html, body)
            sums.seconds += time.process_time() - started
            have = f" {' '.join(key(text).split())} "
            sums.strings += len(wanted)
            sums.present += sum(f" {each} " in have for each in wanted)
            sums.characters += len(text)
            sums.raw_characters += len(html)
            sums.bytes += len(body)
    return measured


def table(measured: Mapping[str, Measured]) -> Table:
    """Return what was measured as a table for people."""
    out = Table("form of the page", "gold strings present", "share of raw characters", "MB of HTML per CPU second")
    for name, sums in measured.items():
        speed = f"{sums.bytes / 1e6 / sums.seconds:.1f}" if sums.seconds > 0.01 else ""
        shares = (sums.present / max(sums.strings, 1), sums.characters / max(sums.raw_characters, 1))
        out.add_row(name, f"{shares[0]:.3f}", f"{shares[1]:.3f}", speed)
    return out


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.representation", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("directory", type=Path, metavar="DIR")
    arguments = parser.parse_args()
    try:
        examples, _ = find_examples(arguments.directory)
    except BadInputError as error:
        print(error, file=sys.stderr)
        return 2
    pages = [example for example in examples if example.page.suffix in ("", ".html", ".htm")]
    measured = measure(pages)
    Console().print(table(measured))
    strings = max(sums.strings for sums in measured.values())
    print(f"{len(pages)} pages, {strings} titles, names and roles")
    missing = [package for _, package in FORMS.values() if package and not find_spec(package)]
    if missing:
        print(f"Not installed, so left out: {', '.join(missing)}. See benchmarks/representation/requirements.txt.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
