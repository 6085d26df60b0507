"""The contract with models says the same in every form, and each provider can take its form."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from opera_spiders.extraction.model_schema import Form, page_schema
from opera_spiders.extraction.schema import PageExtraction
from tests.openai_server import strict_problem

FORMS: list[Form] = ["openai", "gemini", "plain"]
SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}


def declared(model: type[BaseModel], at: str = "") -> Iterator[tuple[str, Any, str | None]]:
    """Every field of the Pydantic contract: its path, what it holds and how it is described."""
    for name, field in model.model_fields.items():
        annotation = field.annotation
        is_nullable = get_origin(annotation) is UnionType or NoneType in get_args(annotation)
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType] if is_nullable else [annotation]
        (kind,) = kinds
        path = f"{at}/{name}"
        if get_origin(kind) is list:
            (item,) = get_args(kind)
            yield path, ("list", is_nullable), field.description
            if issubclass(item, BaseModel):
                yield from declared(item, f"{path}/-")
            else:
                yield f"{path}/-", (SCALARS[item], False), None
        elif get_origin(kind) is Literal:
            yield path, (tuple(get_args(kind)), is_nullable), field.description
        elif issubclass(kind, BaseModel):
            yield path, ("object", is_nullable), field.description
            yield from declared(kind, path)
        else:
            yield path, (SCALARS[kind], is_nullable), field.description


def stated(schema: dict[str, Any]) -> Iterator[tuple[str, Any, str | None]]:
    """Every field of a JSON schema, in the same terms."""
    definitions = schema.get("$defs", {})

    def resolve(node: dict[str, Any]) -> dict[str, Any]:
        return definitions[node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else node

    def walk(node: dict[str, Any], at: str) -> Iterator[tuple[str, Any, str | None]]:
        for name, field in resolve(node)["properties"].items():
            yield from say(field, f"{at}/{name}", field.get("description"))

    def say(field: dict[str, Any], path: str, description: str | None) -> Iterator[tuple[str, Any, str | None]]:
        options = field.get("anyOf", [field])
        is_nullable = {"type": "null"} in options or "null" in options[0].get("type", ())
        (node,) = [resolve(option) for option in options if option != {"type": "null"}]
        kind = node["type"]
        if isinstance(kind, list):
            (kind,) = [name for name in kind if name != "null"]
        if "enum" in node:
            yield path, (tuple(node["enum"]), is_nullable), description
        elif kind == "array":
            yield path, ("list", is_nullable), description
            item = resolve(node["items"])
            yield from walk(item, f"{path}/-") if item["type"] == "object" else say(item, f"{path}/-", None)
        elif kind == "object":
            yield path, ("object", is_nullable), description
            yield from walk(node, path)
        else:
            yield path, (kind, is_nullable), description

    return walk(schema, "")


def objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "properties" in node and isinstance(node["properties"], dict) and "type" in node:
            yield node
        for child in node.values():
            yield from objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from objects(child)


@pytest.mark.parametrize("form", FORMS)
def test_no_field_is_lost_emptied_or_changed_in_any_form(form: Form) -> None:
    contract = list(declared(PageExtraction))
    assert len(contract) > 90
    assert list(stated(page_schema(form))) == contract


@pytest.mark.parametrize("form", FORMS)
def test_every_object_is_closed_and_says_all_its_fields(form: Form) -> None:
    found = list(objects(page_schema(form)))
    assert len(found) >= 10
    for node in found:
        assert node["properties"]
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])


def test_the_openai_form_is_within_strict_mode() -> None:
    assert strict_problem(page_schema("openai")) is None


def test_the_strict_check_sees_a_free_form_field() -> None:
    schema = page_schema("openai")
    schema["properties"]["company"] = {"type": "object"}
    assert "additionalProperties" in str(strict_problem(schema))


def test_the_gemini_form_orders_properties_so_that_the_block_comes_first() -> None:
    for node in objects(page_schema("gemini")):
        assert node["propertyOrdering"] == list(node["properties"])
        if "block" in node["properties"]:
            assert node["propertyOrdering"][0] == "block"


def test_the_gemini_form_has_nothing_beside_a_reference() -> None:
    def references(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            if "$ref" in node:
                yield node
            for child in node.values():
                yield from references(child)
        elif isinstance(node, list):
            for child in node:
                yield from references(child)

    assert all(set(node) == {"$ref"} for node in references(page_schema("gemini")))


def test_the_plain_form_needs_no_references() -> None:
    assert "$ref" not in str(page_schema("plain"))
    assert "$defs" not in page_schema("plain")
