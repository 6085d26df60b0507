"""The PageExtraction contract in the dialects of JSON Schema that model providers understand.

One canonical Pydantic model, three forms. Titles go (they repeat the field's name and are paid for on every
call) and a nullable scalar becomes ``"type": [T, "null"]``; descriptions stay, they are the instructions.
"""

from __future__ import annotations

from typing import Any, Literal

from opera_spiders.extraction.schema import PageExtraction

Form = Literal["openai", "gemini", "plain"]
JsonSchema = dict[str, Any]


def page_schema(form: Form) -> JsonSchema:
    """Return the contract as ``form`` takes it.

    - ``openai``: strict structured output: every object closed, every property required, no keyword beyond the
      subset that strict mode compiles.
    - ``gemini``: ``response_json_schema``: the same, with ``propertyOrdering``, without which older Gemini models
      answer in alphabetical order and write values before the block they read them from.
    - ``plain``: no ``$ref``, to be shown in a prompt to models without structured output.
    """
    schema: JsonSchema = _compact(PageExtraction.model_json_schema())
    if form == "gemini":
        schema = _ordered(schema)
    if form == "plain":
        definitions = schema.pop("$defs")
        schema = _inlined(schema, definitions)
    return schema


def _compact(node: Any) -> Any:
    if isinstance(node, list):
        return [_compact(item) for item in node]
    if not isinstance(node, dict):
        return node
    compact = {
        # A key of "properties" is a field's name, also where the field is called "title".
        key: {name: _compact(field) for name, field in value.items()} if key == "properties" else _compact(value)
        for key, value in node.items()
        if key != "title"
    }
    match compact.get("anyOf"):
        case [{"type": str(scalar), **rest}, {"type": "null"}] if not rest:
            del compact["anyOf"]
            compact["type"] = [scalar, "null"]
    return compact


def _ordered(node: Any) -> Any:
    if isinstance(node, list):
        return [_ordered(item) for item in node]
    if not isinstance(node, dict):
        return node
    ordered = {key: _ordered(value) for key, value in node.items()}
    if node.get("type") == "object":
        ordered["propertyOrdering"] = list(node["properties"])
    return ordered


def _inlined(node: Any, definitions: JsonSchema) -> Any:
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if reference := node.get("$ref"):
        return _inlined(definitions[reference.removeprefix("#/$defs/")], definitions)
    return {key: _inlined(value, definitions) for key, value in node.items()}
