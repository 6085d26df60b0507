"""The labels are whole: their counts, their ids, their words."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from opera_spiders.extraction.vocabulary import rows

LABELS = Path(__file__).parent / "labels"
SIZES = {"resolution_rows": 600, "resolution_pairs": 1_000, "names": 200}


def labelled(name: str) -> list[dict[str, str]]:
    with (LABELS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def works() -> dict[str, bool]:
    """Return whether each work of the reference is an opera."""
    return {row["work_id"]: row["is_opera"] == "true" for row in rows("opera_works")}


@pytest.mark.parametrize("name", SIZES)
def test_half_of_the_labels_are_held_out(name: str) -> None:
    half = SIZES[name] // 2
    assert Counter(row["split"] for row in labelled(name)) == {"tune": half, "held_out": half}


def test_rows_carry_a_known_label_and_known_works() -> None:
    known = works()
    houses = set()
    for row in labelled("resolution_rows"):
        houses.add(row["company"])
        label, _, ids = row["label"].partition(":")
        parts = ids.split("+") if ids else []
        assert label in {"work", "children_version", "other_opera", "not_opera", "unclear"}, row
        assert bool(parts) == (label in {"work", "children_version"}), row
        assert all(part in known or (part == "other_opera" and len(parts) > 1) for part in parts), row
        if label == "work":
            assert (row["kind"] == "opera") == all(known.get(part, True) for part in parts), row
        if label == "not_opera":
            assert row["kind"] not in {"", "opera"}, row
        assert bool(row["true_title"]) == (label == "other_opera"), row
    assert len(houses) == 149


def test_pairs_are_named_once_and_decided() -> None:
    pairs = labelled("resolution_pairs")
    sides = Counter(
        (row["kind"], *sorted([(row["left"], row["left_context"]), (row["right"], row["right_context"])]))
        for row in pairs
    )
    assert max(sides.values()) == 1
    assert Counter((row["kind"], row["drawn"]) for row in pairs) == {
        (kind, drawn): 250 for kind in ("person", "work") for drawn in ("look-alikes", "mixed")
    }
    assert {row["label"] for row in pairs} == {"same", "different", "unclear"}


def test_names_are_cleaned_as_their_label_says() -> None:
    for row in labelled("names"):
        clean = [name for name in row["clean_names"].split("; ") if name]
        least, most = {"person": (1, 1), "ensemble": (1, 1), "several": (2, 99), "not_a_name": (0, 0)}[row["label"]]
        assert least <= len(clean) <= most, row
