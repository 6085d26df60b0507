from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import opera_spiders.politeness


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(opera_spiders.politeness.__path__)])
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(importlib.import_module(f"opera_spiders.politeness.{module}")).failed == 0
