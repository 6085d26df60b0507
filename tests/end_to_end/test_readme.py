"""The README's commands are run, and what it shows is what they print."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from opera_spiders.discovery.crawl_arguments import CrawlArguments
from tests.end_to_end.conftest import CHROMIUM, ROOT, Opera

README = (ROOT / "README.md").read_text(encoding="utf-8")
# ```console blocks are run, one shell each; ```sh blocks need the internet, a key or hours: they are only looked at.
CONSOLE = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SHELL = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SHOWN = re.findall(r"^```text\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[str]:
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.browser
def test_the_commands_run_and_print_what_the_readme_shows(new_opera: Callable[..., Opera]) -> None:
    assert CHROMIUM, "the README shows the marts of all five houses"
    opera = new_opera()
    printed = ""
    for command in (line for block in CONSOLE for line in commands(block)):
        if command == "scripts/test":  # this very run
            continue
        done = subprocess.run(
            command, shell=True, cwd=ROOT, env=opera.environment(), check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        printed += "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"
    assert SHOWN
    for line in (line.rstrip() for block in SHOWN for line in block.splitlines()):
        # Folders are this machine's, and … stands for what was left out.
        if ".opera" not in line and "…" not in line:
            assert line in printed


def test_the_commands_that_are_not_run_name_what_is_there() -> None:
    assert SHELL
    for block in SHELL:
        for line in block.splitlines():
            words = [word for word in line.split() if "=" not in word or word.startswith("domain=")]
            if words[0].startswith("scripts/"):
                assert (ROOT / words[0]).is_file(), line
            if words[0] == "scrapy":
                arguments = re.findall(r"-a (\w+)=(\S+)", line)
                CrawlArguments.parse(dict(arguments))


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target
