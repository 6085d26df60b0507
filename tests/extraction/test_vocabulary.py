"""The vocabularies are sound, speak the schema's enums, and are read with the page's language."""

from __future__ import annotations

from collections import defaultdict
from typing import get_args

import pytest

from opera_spiders.extraction import vocabulary
from opera_spiders.extraction.schema import (
    Availability,
    Function,
    Genre,
    PerformanceStatus,
    PerformanceType,
    Presentation,
    ProductionType,
)
from opera_spiders.extraction.vocabulary import (
    composer_named,
    credit_functions,
    month_number,
    production_words,
    roles_of,
    status_phrases,
    voice_type,
    weekday_number,
    works_titled,
)
from opera_spiders.text import key

KEYS = {
    "credit_labels": (("language",), "label", "function"),
    "months": (("language",), "form", "month"),
    "status_words": (("language",), "phrase", "status"),
    "production_status_words": (("language",), "phrase", "meaning"),
    "genre_words": (("language",), "word", "genre_class"),
    "date_words": (("kind", "language"), "word", "value"),
    "duration_words": (("kind", "language"), "word", "value"),
    "composer_aliases": ((), "alias", "composer_id"),
}


@pytest.mark.parametrize("name", KEYS)
def test_no_word_stands_twice_or_means_two_things_in_a_language(name: str) -> None:
    columns, word, value = KEYS[name]
    meanings: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in vocabulary.rows(name):
        meanings[(*(row[column] for column in columns), key(row[word]))].append(row[value])

    assert [entry for entry, values in meanings.items() if len(set(values)) > 1] == []
    assert [
        entry
        for entry, count in _counts((row[word], *(row[c] for c in columns)) for row in vocabulary.rows(name)).items()
        if count > 1
    ] == []


def _counts(entries: object) -> dict[tuple[str, ...], int]:
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    for entry in entries:  # type: ignore[attr-defined]
        counts[entry] += 1
    return counts


def test_the_functions_of_the_labels_are_the_schemas() -> None:
    functions = {f for row in vocabulary.rows("credit_labels") for f in row["function"].split("+")}

    assert functions == set(get_args(Function)) - {"other"}


def test_the_statuses_of_the_words_are_the_schemas() -> None:
    statuses = {row["status"] for row in vocabulary.rows("status_words")}

    assert statuses == set(get_args(Availability)) | set(get_args(PerformanceStatus))


def test_the_genres_of_the_words_are_the_schemas() -> None:
    assert {row["genre_class"] for row in vocabulary.rows("genre_words")} == set(get_args(Genre)) - {"other"}


def test_the_meanings_of_the_production_words_say_the_schemas_values() -> None:
    assert {row["meaning"] for row in vocabulary.rows("production_status_words")} == set(vocabulary.MEANINGS)
    said: dict[str, set[str]] = defaultdict(set)
    for meaning in vocabulary.MEANINGS.values():
        for name, value in meaning.items():
            said[name].add(value)
    assert said["performance_type"] == set(get_args(PerformanceType)) - {"regular"}
    assert said["production_type"] == set(get_args(ProductionType))
    assert said["presentation"] == set(get_args(Presentation))


def test_every_alias_role_and_work_points_at_a_row() -> None:
    works = {row["work_id"] for row in vocabulary.rows("opera_works")}
    composers = {row["composer_id"] for row in vocabulary.rows("composers")}
    voices = {row["voice_type"] for row in vocabulary.rows("voice_types")}

    assert {row["work_id"] for row in vocabulary.rows("opera_work_aliases")} <= works
    assert {row["work_id"] for row in vocabulary.rows("opera_roles")} <= works
    assert {row["composer_id"] for row in vocabulary.rows("opera_works")} <= composers
    assert {row["voice_type"] for row in vocabulary.rows("opera_roles") if row["voice_type"]} <= voices


def test_every_month_and_weekday_of_a_language_is_there() -> None:
    months: dict[str, set[int]] = defaultdict(set)
    for row in vocabulary.rows("months"):
        months[row["language"]].add(int(row["month"]))
    weekdays: dict[str, set[str]] = defaultdict(set)
    for row in vocabulary.rows("date_words"):
        if row["kind"] == "weekday":
            weekdays[row["language"]].add(row["value"])

    assert all(numbers == set(range(1, 13)) for numbers in months.values())
    assert all(numbers == set("1234567") for numbers in weekdays.values())
    assert set(months) <= set(weekdays)


@pytest.mark.parametrize(
    ("label", "language", "functions"),
    [
        ("Musikalische Leitung:", "de", ("conductor",)),
        ("Inszenierung, Bühne & Kostüme", "de", ("director", "set_designer", "costume_designer")),
        ("Regie und Licht", "de", ("director", "lighting_designer")),
        ("direction", "fr", ("conductor",)),
        ("direction", "en", ("director",)),
        ("lavastus", "et", ("director",)),
        ("lavastus", "fi", ("set_designer",)),
        ("lavastus", None, ()),
        ("Regie", None, ("director",)),
        ("Musikalische Leitung", "en", ("conductor",)),  # German credits on an English page
        ("Dirigent:in", "de-AT", ("conductor",)),
        ("Mimì", "de", ()),
        ("Regie und Garderobe", "de", ()),
    ],
)
def test_a_label_is_read_with_the_pages_language(label: str, language: str | None, functions: tuple[str, ...]) -> None:
    assert credit_functions(label, language) == functions


def test_months_and_weekdays_are_read_with_the_pages_language() -> None:
    assert (month_number("listopada", "hr"), month_number("listopada", "pl"), month_number("listopada", None)) == (
        10,
        11,
        None,
    )
    assert (weekday_number("Sa", "de"), weekday_number("čtvrtek", "cs"), weekday_number("Opera", "en")) == (6, 4, None)


def test_the_longest_status_phrase_wins() -> None:
    found = list(status_phrases("en").find(key("Only few tickets left").split()))

    assert [(hit.phrase, hit.value) for hit in found] == [("few tickets left", "few_left")]
    assert [hit.value for hit in status_phrases("de").find(key("Leider nicht verfügbar").split())] == ["sold_out"]
    assert [hit.value for hit in status_phrases("ja").find([key("本日公演中止です")])] == ["cancelled"]


def test_abbreviations_count_only_in_capitals() -> None:
    assert [word.meaning for word in production_words("UA am 14. März", "de")] == ["world_premiere"]
    assert production_words("ua. mit Anna Bauer", "de") == ()


def test_voice_types_are_known_by_alias_and_letter() -> None:
    assert voice_type("Mezzosopranistin") == "mezzo-soprano"
    assert (voice_type("MS"), voice_type("(S)"), voice_type("s")) == ("mezzo-soprano", "soprano", None)


def test_a_shared_title_gives_every_work() -> None:
    assert {work.composer_id for work in works_titled("Otello")} == {"giuseppe-verdi", "gioachino-rossini"}
    assert [work.work_id for work in works_titled("LE NOZZE DI FIGARO")] == ["le-nozze-di-figaro-mozart"]


def test_composers_and_roles_are_known() -> None:
    assert composer_named("Puccini, Giacomo") == composer_named("Puccini")
    assert composer_named("Strauss") is None
    assert "Mimì" in {role for role, _ in roles_of("la-boheme-puccini")}


def test_no_label_hides_a_singers_role() -> None:
    shared = {row["label"] for row in vocabulary.rows("credit_labels") if vocabulary.is_role_name(row["label"])}

    assert shared == {"sprecher", "flute", "flûte"}  # the Speaker and Flute the bellows-mender
