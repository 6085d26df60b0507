"""The SQL reads exactly what the extractor's contract offers, and knows its words."""

from __future__ import annotations

import csv
import re
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment
from pydantic import BaseModel

from opera_spiders.extraction import schema
from opera_spiders.extraction.schema import PageExtraction

PROJECT = Path(__file__).parents[2] / "dbt_opera"
# stg_objects opens every list, whatever its fields.
OPENED = PROJECT / "models" / "staging" / "stg_objects.sql"
STAGING = sorted(file for file in (PROJECT / "models" / "staging").glob("stg_*.sql") if file != OPENED)
HISTORY = [file for file in STAGING if "'stg_readings')" in file.read_text() and "objects(" in file.read_text()]
READERS = [file for file in STAGING if file not in HISTORY]

Path_ = tuple[str, ...]


def offered(model: type[BaseModel] = PageExtraction, path: Path_ = ()) -> Iterator[tuple[Path_, str]]:
    """Yield (path of lists and objects, field) of every leaf but block ids; a list of strings is a leaf of its own path."""
    for name, field in model.model_fields.items():
        kinds = [field.annotation, *typing.get_args(field.annotation)]
        nested = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if nested:
            yield from offered(nested[0], (*path, name))
        elif typing.get_origin(field.annotation) is list:
            yield (*path, name), ""
        elif name != "block":
            yield path, name


def read_by_models(files: list[Path]) -> set[tuple[Path_, str]]:
    """Return what staging models read, by rendering them with macros that take notes."""
    read: set[tuple[Path_, str]] = set()
    for file in files:
        paths: list[Path_] = []
        fields: set[str] = set()

        def objects(path: list[str], relation: str = "", paths: list[Path_] = paths) -> str:
            paths.append(tuple(path))
            return ""

        def grounded(field: str, fields: set[str] = fields) -> str:
            fields.add(field)
            return ""

        def grounded_element(fields: set[str] = fields) -> str:
            fields.add("")
            return ""

        def nothing(*_: Any, **__: Any) -> str:
            return ""

        macros = {"objects": objects, "grounded": grounded, "ungated": grounded, "grounded_element": grounded_element}
        others = (
            "ref source config var json_list read_once accepted_statuses is_accepted as_date as_time as_amount as_count as_boolean"
            " as_code normalised is_last_word same_evening titles_alike day_of unread_answers"
        )
        template = Environment().from_string(file.read_text())
        template.render(**dict.fromkeys(others.split(), nothing), **macros)
        read |= {(path, field) for path in paths for field in fields}
    return read


def test_the_models_read_every_field_of_the_contract_and_no_other() -> None:
    # Read from the page's row, or by the extractions' own model.
    of_the_page = {((), "page_type"), ((), "language")}
    assert read_by_models(READERS) | of_the_page == set(offered())


def test_every_list_of_the_contract_is_opened() -> None:
    listed = re.findall(r"^ {4}\[(.*)\],?$", OPENED.read_text(), re.MULTILINE)
    opened = {tuple(re.findall("'(.*?)'", path)) for path in listed}
    assert opened | {("company",), ()} == {path for path, _ in offered()}


@pytest.mark.parametrize("file", HISTORY, ids=lambda file: file.stem)
def test_the_models_of_all_versions_read_fields_of_the_contract(file: Path) -> None:
    # They open several lists at once, so a field may be of any of them.
    read = read_by_models([file])
    paths = {path for path, _ in read}
    assert {field for _, field in read} <= {field for path, field in offered() if path in paths}


def test_no_field_of_the_contract_can_be_renamed_unnoticed() -> None:
    source = Path(schema.__file__).read_text(encoding="utf-8")
    renamed_source = re.sub(r"^( {4}(?!block)[a-z_]+): ", r"\1_renamed: ", source, flags=re.MULTILINE)
    renamed = types.ModuleType("renamed_schema")
    sys.modules[renamed.__name__] = renamed  # where Pydantic looks annotations up
    try:
        exec(compile(renamed_source, schema.__file__, "exec"), renamed.__dict__)
        offered_then = set(offered(renamed.PageExtraction))
    finally:
        del sys.modules[renamed.__name__]
    assert len(offered_then) == len(set(offered()))
    assert not read_by_models(READERS) & offered_then


def test_the_columns_that_have_evidence_are_filled_by_fields_of_the_contract() -> None:
    with (PROJECT / "seeds" / "evidence_columns.csv").open(encoding="utf-8", newline="") as file:
        fields = {row["field"] for row in csv.DictReader(file)}
    assert fields <= {field or path[-1] for path, field in offered()}


def accepted_values(model: str, column: str) -> set[str]:
    tests = yaml.safe_load((PROJECT / "models" / "core" / "_core.yml").read_text())
    columns = next(entry["columns"] for entry in tests["models"] if entry["name"] == model)
    tests = next(entry["data_tests"] for entry in columns if entry["name"] == column)
    return next(set(test["accepted_values"]["arguments"]["values"]) for test in tests if "accepted_values" in test)


@pytest.mark.parametrize(
    ("model", "column", "words", "beyond"),
    [
        ("core_productions", "production_type", schema.ProductionType, set()),
        ("core_productions", "presentation", schema.Presentation, set()),
        ("core_productions", "genre", schema.Genre, {"education"}),
        ("core_production_works", "extent", schema.Extent, set()),
        ("core_cast_assignments", "kind", schema.CastKind, set()),
        ("core_performances", "availability", schema.Availability, set()),
        ("core_performances", "performance_type", schema.PerformanceType, set()),
        ("core_ticket_prices", "qualifier", schema.PriceQualifier, set()),
        ("core_ticket_prices", "kind", schema.PriceKind, set()),
    ],
)
def test_the_warehouse_knows_the_words_of_the_contract(model: str, column: str, words: Any, beyond: set[str]) -> None:
    assert accepted_values(model, column) == set(typing.get_args(words)) - beyond


def test_every_word_for_a_performance_status_is_known() -> None:
    assert set(typing.get_args(schema.PerformanceStatus)) < accepted_values("core_performances", "status")
