"""The sample houses on free ports, once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sample_houses.server import SampleHouses


@pytest.fixture(scope="session")
def houses() -> Iterator[SampleHouses]:
    with SampleHouses(base_port=0) as running:
        yield running
