from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import opera_spiders.politeness

from .rfc9309_cases import ACCESS_CASES, RULE_CASES

DOCUMENT = Path(__file__).parents[2] / "docs" / "politeness.md"


def test_the_document_lists_the_cases_that_are_tested():
    cases = sorted((case.section, case.sentence) for case in (*RULE_CASES, *ACCESS_CASES))
    expected = "\n".join(f"* {section}: {sentence}." for section, sentence in cases)
    listed = "\n".join(line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("* 2."))
    assert listed == expected, f"docs/politeness.md should list:\n{expected}"


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(opera_spiders.politeness.__path__)])
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(importlib.import_module(f"opera_spiders.politeness.{module}")).failed == 0
