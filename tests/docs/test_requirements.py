from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN = {"opera_spiders", "sample_houses"}


def required() -> set[str]:
    """Return the names of the runtime requirements."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {normalised(line) for line in lines if line and not line.startswith("#")}


def normalised(requirement: str) -> str:
    return re.sub(r"[_.]", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower())


def imported() -> set[str]:
    """Return the packages of others that the code imports, anywhere."""
    names = set()
    for folder in OWN:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    names.add(node.module.split(".")[0])
    return names - OWN - set(sys.stdlib_module_names)


def test_every_import_is_of_a_required_package_or_of_one_that_it_requires_itself() -> None:
    # Not of what only the development requirements bring: a bare clone would not have it.
    needs = [need for name in required() for need in distribution(name).requires or () if "extra ==" not in need]
    brought = required() | {normalised(need) for need in needs}
    for name in imported():
        assert {normalised(package) for package in packages_distributions()[name]} & brought, name


def test_the_architecture_gives_a_reason_for_every_requirement() -> None:
    reasons = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    missing = {name for name in required() if not re.search(rf"[| ,]{re.escape(name)}[ ,|]", reasons)}
    assert missing == set()
