from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.mark.parametrize("name", ["run_pipeline", "test", "docs"])
def test_a_script_works_through_a_link_from_anywhere(name: str, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(SCRIPTS / name)

    done = subprocess.run([link, "--help"], check=False, capture_output=True, text=True, cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"scripts/{name}" in done.stdout


def test_every_script_finds_its_checkout_behind_links() -> None:
    for script in SCRIPTS.iterdir():
        if script.is_file() and not script.name.startswith("."):
            assert os.access(script, os.X_OK), script
            assert 'readlink -f "$0"' in script.read_text(encoding="utf-8"), script
