"""``scripts/install_browser``: a Chromium for pages drawn by JavaScript, from the first source that has one."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from opera_spiders.commands import run_command
from opera_spiders.errors import OperaError

ADVICE = (
    "No Chromium found and none could be installed, so pages drawn by JavaScript stay empty. "
    "Install one (Debian: 'apt install chromium') or name yours in PLAYWRIGHT_CHROMIUM_PATH."
)


def ensure_browser() -> Path | None:
    """Return the path of a Chromium: the system's, else apt's when root, else Playwright's own download.

    Prints one line for each source it tries; None when no source has one.
    """
    from opera_spiders.config import Config
    from opera_spiders.politeness.rendering import find_chromium

    configured = Config.from_settings({}).playwright_chromium_path
    if found := find_chromium(configured):
        return found
    sources = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = (
            "apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium"
        )
        sources.append(("apt", ["sh", "-c", apt]))
    sources.append(("Playwright", [sys.executable, "-m", "playwright", "install", "chromium"]))
    for name, command in sources:
        print(f"No Chromium on this machine: installing one with {name} …", flush=True)
        try:
            subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=600)
        except subprocess.TimeoutExpired:
            print(f"{name} gave no answer in 600 s.")
        if found := find_chromium(configured):
            return found
    return None


def install_browser() -> int:
    """Print the path of the browser, or fail with the advice."""
    if (found := ensure_browser()) is None:
        raise OperaError(ADVICE)
    print(f"Chromium: {found}")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Get a browser."""
    argparse.ArgumentParser(prog="scripts/install_browser", description=install_browser.__doc__).parse_args(argv)
    return run_command(install_browser)


if __name__ == "__main__":
    sys.exit(main())
