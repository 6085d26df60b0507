from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "log_messages.md"
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


def documented() -> set[tuple[str, str]]:
    """Return (level, text) of every row of the page's tables."""
    rows = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {(row[1], row[0].removeprefix("| `").removesuffix("`").replace("\\|", "|")) for row in rows}


def test_every_message_of_the_log_is_explained_and_nothing_else() -> None:
    assert logged()
    assert documented() == logged()
