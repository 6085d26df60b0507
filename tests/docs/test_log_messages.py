from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "opera_spiders" / "log_messages.toml"
LEVELS = {"info": "INFO", "warning": "WARNING", "error": "ERROR", "exception": "ERROR", "critical": "CRITICAL"}


def logged() -> set[tuple[str, str]]:
    """Return (level, text) of every message the code logs at INFO or above."""
    messages = set()
    for file in sorted((ROOT / "opera_spiders").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
                and ast.unparse(node.func.value).endswith("logger")
            ):
                text = node.args[0]
                assert isinstance(text, ast.Constant), f"{file}:{node.lineno} logs a text that is not written there"
                messages.add((LEVELS[node.func.attr], str(text.value)))
    return messages


def listed() -> list[tuple[str, str]]:
    """Return (level, text) of every message of the catalogue."""
    sections = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["section"]
    return [(message["level"], message["text"]) for section in sections for message in section["message"]]


def test_every_message_of_the_log_is_explained_and_nothing_else() -> None:
    assert logged()
    assert set(listed()) == logged(), "correct opera_spiders/log_messages.toml, then run scripts/docs"
