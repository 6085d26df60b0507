"""The rules of dbt-project-evaluator, held on the manifest: the package itself is on no Python index.

What is excused stands with its reason in the seed that the package reads, ``dbt_project_evaluator_exceptions.csv``; an
excuse that nothing needs any more fails too.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from opera_spiders.warehouse.server import Server

EXCEPTIONS = Path(__file__).parents[2] / "dbt_opera" / "seeds" / "dbt_project_evaluator_exceptions.csv"
PREFIXES = {"staging": "stg_", "intermediate": "int_", "core": "core_", "marts": "mart_"}
MOST_LEAVES, MOST_PARENTS, MOST_VIEWS = 3, 6, 4  # the package's defaults: fewer than 7 parents, than 5 views in a chain
Finding = dict[str, str]


class Project:
    """Models, sources, seeds and exposures of a manifest, and who reads whom."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        nodes = [*manifest["nodes"].values(), *manifest["sources"].values(), *manifest["exposures"].values()]
        self.nodes = {n["unique_id"]: n for n in nodes if n["resource_type"] not in ("test", "unit_test")}
        self.tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]

    def of(self, resource_type: str) -> list[dict[str, Any]]:
        return [node for node in self.nodes.values() if node["resource_type"] == resource_type]

    def type_of(self, node: dict[str, Any]) -> str:
        return str(node["fqn"][1]) if node["resource_type"] == "model" else str(node["resource_type"])

    def parents(self, node: dict[str, Any]) -> list[dict[str, Any]]:
        return [self.nodes[name] for name in node.get("depends_on", {}).get("nodes", ()) if name in self.nodes]

    @cached_property
    def children(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for node in self.nodes.values():
            for parent in self.parents(node):
                found[parent["unique_id"]].append(node)
        return found

    def relations(self, child_type: str, parent_type: str) -> Iterator[Finding]:
        for child in self.of("model"):
            for parent in self.parents(child):
                if self.type_of(child) in child_type and self.type_of(parent) in parent_type:
                    yield {"parent": parent["name"], "child": child["name"]}


def staging_on_staging(project: Project) -> Iterator[Finding]:
    yield from project.relations("staging", "staging")


def downstream_on_source(project: Project) -> Iterator[Finding]:
    yield from project.relations("intermediate core marts", "source")


def staging_on_downstream(project: Project) -> Iterator[Finding]:
    yield from project.relations("staging", "intermediate core marts")


def source_fanout(project: Project) -> Iterator[Finding]:
    for source in project.of("source"):
        if len(project.children[source["unique_id"]]) > 1:
            yield {"parent": f"{source['source_name']}.{source['name']}"}


def unused_sources(project: Project) -> Iterator[Finding]:
    for source in project.of("source"):
        if not project.children[source["unique_id"]]:
            yield {"parent": f"{source['source_name']}.{source['name']}"}


def join_to_source(project: Project) -> Iterator[Finding]:
    for model in project.of("model"):
        kinds = {parent["resource_type"] for parent in project.parents(model)}
        if {"source", "model"} <= kinds:
            yield {"child": model["name"]}


def multiple_sources(project: Project) -> Iterator[Finding]:
    for model in project.of("model"):
        if [parent["resource_type"] for parent in project.parents(model)].count("source") > 1:
            yield {"child": model["name"]}


def duplicate_sources(project: Project) -> Iterator[Finding]:
    places = Counter((source["schema"], source["identifier"]) for source in project.of("source"))
    yield from ({"source_db_location": ".".join(place)} for place, count in places.items() if count > 1)


def roots(project: Project) -> Iterator[Finding]:
    yield from ({"child": model["name"]} for model in project.of("model") if not project.parents(model))


def too_many_joins(project: Project) -> Iterator[Finding]:
    for model in project.of("model"):
        if len(project.parents(model)) > MOST_PARENTS:
            yield {"resource_name": model["name"]}


def model_fanout(project: Project) -> Iterator[Finding]:
    for model in project.of("model"):
        leaves = [n for n in project.children[model["unique_id"]] if not project.children[n["unique_id"]]]
        if len([leaf for leaf in leaves if leaf["resource_type"] == "model"]) > MOST_LEAVES:
            yield {"parent": model["name"]}


def rejoined(project: Project) -> Iterator[Finding]:
    for parent in project.nodes.values():
        children = [n for n in project.children[parent["unique_id"]] if n["resource_type"] == "model"]
        for between in children:
            after = project.children[between["unique_id"]]
            if len(after) == 1 and after[0] in children:
                yield {"parent": parent["name"], "child": after[0]["name"], "parent_and_child": between["name"]}


def hard_coded(project: Project) -> Iterator[Finding]:
    for model in project.of("model"):
        if re.search(r"\b(from|join)\s+\"?(staging|dbt_staging|core|marts)\"?\.", model["raw_code"], re.IGNORECASE):
            yield {"model": model["name"]}


def keyless(project: Project) -> Iterator[Finding]:
    tested: dict[str, set[str]] = defaultdict(set)
    for test in project.tests:
        if test.get("attached_node"):
            tested[test["attached_node"]].add(test["test_metadata"]["name"])
    for model in project.of("model"):
        if not (
            {"unique", "not_null"} <= tested[model["unique_id"]] or "unique_together" in tested[model["unique_id"]]
        ):
            yield {"resource_name": model["name"]}


def without_freshness(project: Project) -> Iterator[Finding]:
    for source in project.of("source"):
        freshness = source["config"].get("freshness") or source.get("freshness") or {}
        if not (freshness.get("warn_after") or {}).get("count"):
            yield {"resource_name": f"{source['source_name']}.{source['name']}"}


def undescribed(project: Project) -> Iterator[Finding]:
    for node in (*project.of("model"), *project.of("source")):
        described = all(column["description"] for column in node["columns"].values())
        if not node["description"] or not described or not node.get("source_description", "x"):
            yield {"resource_name": node["name"]}


def misnamed(project: Project) -> Iterator[Finding]:
    for model in project.of("model"):
        if not model["name"].startswith(PREFIXES.get(project.type_of(model), "?")):
            yield {"resource_name": model["name"]}


def misplaced_tests(project: Project) -> Iterator[Finding]:
    for model in project.of("model"):
        described_in = (model["patch_path"] or "").partition("://")[2]
        if Path(described_in).parent != Path(model["original_file_path"]).parent:
            yield {"resource_name": model["name"]}


def chained_views(project: Project) -> Iterator[Finding]:
    def depth(node: dict[str, Any]) -> int:
        if node["config"].get("materialized") != "view":
            return 0
        return 1 + max(map(depth, project.parents(node)), default=0)

    yield from ({"child": model["name"]} for model in project.of("model") if depth(model) > MOST_VIEWS)


def exposures(project: Project) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    yield from ((exposure, parent) for exposure in project.of("exposure") for parent in project.parents(exposure))


def exposed_views(project: Project) -> Iterator[Finding]:
    for exposure, parent in exposures(project):
        if parent["resource_type"] == "source" or parent["config"]["materialized"] in ("view", "ephemeral"):
            yield {"exposure_name": exposure["name"], "parent_resource_name": parent["name"]}


def exposed_private(project: Project) -> Iterator[Finding]:
    for exposure, parent in exposures(project):
        if parent.get("access") != "public":
            yield {"exposure_name": exposure["name"], "parent_resource_name": parent["name"]}


def uncontracted(project: Project) -> Iterator[Finding]:
    for model in project.of("model"):
        if model["access"] == "public" and not model["contract"]["enforced"]:
            yield {"resource_name": model["name"]}


RULES: dict[str, Callable[[Project], Iterator[Finding]]] = {
    "fct_staging_dependent_on_staging": staging_on_staging,
    "fct_staging_dependent_on_marts_or_intermediate": staging_on_downstream,
    "fct_marts_or_intermediate_dependent_on_source": downstream_on_source,
    "fct_source_fanout": source_fanout,
    "fct_unused_sources": unused_sources,
    "fct_direct_join_to_source": join_to_source,
    "fct_multiple_sources_joined": multiple_sources,
    "fct_duplicate_sources": duplicate_sources,
    "fct_root_models": roots,
    "fct_too_many_joins": too_many_joins,
    "fct_model_fanout": model_fanout,
    "fct_rejoining_of_upstream_concepts": rejoined,
    "fct_hard_coded_references": hard_coded,
    "fct_missing_primary_key_tests": keyless,
    "fct_sources_without_freshness": without_freshness,
    "fct_undocumented_models": undescribed,
    "fct_model_naming_conventions": misnamed,
    "fct_test_directories": misplaced_tests,
    "fct_chained_views_dependencies": chained_views,
    "fct_exposure_parents_materializations": exposed_views,
    "fct_exposures_dependent_on_private_models": exposed_private,
    "fct_public_models_without_contract": uncontracted,
}


@pytest.fixture(scope="module")
def project(built: tuple[Server, list[Any]], dbt_home: Path) -> Project:
    return Project(json.loads((dbt_home / "target" / "manifest.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def excused() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with EXCEPTIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["comment"], row
            found[row["fct_name"]].append(row)
    return found


@pytest.mark.parametrize("rule", RULES)
def test_what_breaks_a_rule_of_dbts_is_excused_and_nothing_else(
    project: Project, excused: dict[str, list[dict[str, str]]], rule: str
) -> None:
    findings = list(RULES[rule](project))

    def excuses(exception: dict[str, str], finding: Finding) -> bool:
        return fnmatchcase(finding[exception["column_name"]], exception["id_to_exclude"].replace("%", "*"))

    assert [f for f in findings if not any(excuses(exception, f) for exception in excused[rule])] == []
    assert [e for e in excused[rule] if not any(excuses(e, finding) for finding in findings)] == []


def test_every_excuse_is_of_a_rule_that_is_held(excused: dict[str, list[dict[str, str]]]) -> None:
    assert set(excused) <= set(RULES)
