"""The expected answers in the form of the extractor's contract."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from opera_spiders.extraction.schema import PageExtraction


def page_extraction(answer: dict[str, Any], block: str = "") -> PageExtraction:
    """Return an expected answer as the extractor's contract has it: nulls and empty lists put back.

    :param block: id to give every object, as the answers name no blocks
    :raises pydantic.ValidationError: the answer breaks the contract
    """
    return PageExtraction.model_validate(_completed(PageExtraction, answer, block))


def _completed(model: type[BaseModel], values: dict[str, Any], block: str) -> dict[str, Any]:
    whole: dict[str, Any] = dict(values)
    for name, field in model.model_fields.items():
        annotation = field.annotation
        inner = [kind for kind in (annotation, *getattr(annotation, "__args__", ())) if isinstance(kind, type)]
        nested = next((kind for kind in inner if issubclass(kind, BaseModel)), None)
        if getattr(annotation, "__origin__", None) is list:
            items = values.get(name, [])
            whole[name] = [_completed(nested, item, block) for item in items] if nested else items
        elif name == "block":
            whole[name] = block
        elif nested and values.get(name):
            whole[name] = _completed(nested, values[name], block)
        else:
            whole.setdefault(name, None)
    return whole
