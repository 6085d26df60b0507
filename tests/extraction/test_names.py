"""Names are told from titles, roles and other words, and taken out of lists without their trimmings."""

from __future__ import annotations

import pytest

from opera_spiders.extraction.names import is_placeholder, name_kind, name_words, read_names, split_names


@pytest.mark.parametrize(
    "text",
    [
        "Anna Beispiel",
        "ANNA BEISPIEL",
        "Franz Muster-Möst",
        "Rafael R. Muster",
        "Ludwig van Muster",
        "Charles d’Exemple",
        "Kováts Péter",
        "María José Ejemplo",
        "Ana de la Vega",
        "O’Neill Dennis",
        "Анна Примерова",
        "山田 太郎",
    ],
)
def test_a_persons_name_is_known(text: str) -> None:
    assert name_kind(text, "de") == "person"


@pytest.mark.parametrize(
    "text",
    [
        "Die Zauberflöte",
        "La Traviata",
        "Don Giovanni",
        "Floria Tosca",
        "Musikalische Leitung",
        "Erster Knappe",
        "Großer Saal",
        "Tickets kaufen",
        "Samstag Abend",
        "Anna",
        "14. März 2026",
        "https://example.org",
        "mit großer Freude",
    ],
)
def test_what_may_be_something_else_is_no_person(text: str) -> None:
    assert name_kind(text, "de") == "other"


@pytest.mark.parametrize(
    "text", ["Staatskapelle Musterstadt", "Chor der Oper", "Orchestra Sinfonica", "Philharmonisches Orchester"]
)
def test_an_ensemble_is_known(text: str) -> None:
    assert name_kind(text, "de") == "ensemble"


@pytest.mark.parametrize("text", ["N. N.", "NN", "TBA", "tba", "wird noch bekannt gegeben", "à déterminer"])
def test_a_placeholder_is_no_person(text: str) -> None:
    assert is_placeholder(text)
    assert name_kind(text) == "placeholder"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Anna Bauer / Béla Kovács", ["Anna Bauer", "Béla Kovács"]),
        ("Anna Bauer, Béla Kovács und Carl Dorn", ["Anna Bauer", "Béla Kovács", "Carl Dorn"]),
        ("Anna Bauer; Carl Dorn", ["Anna Bauer", "Carl Dorn"]),
        ("Anna Bauer & Carl Dorn", ["Anna Bauer", "Carl Dorn"]),
        ("Bauer, Anna", ["Bauer, Anna"]),
        ("Chor und Orchester der Oper", ["Chor und Orchester der Oper"]),
        ("Anna Bauer (14., 18. März) / N. N.", ["Anna Bauer (14., 18. März)", "N. N."]),
    ],
)
def test_a_list_is_split_where_every_part_is_a_name(text: str, names: list[str]) -> None:
    assert list(split_names(text, "de")) == names


def test_a_name_is_freed_of_what_stands_around_it() -> None:
    (guest,) = read_names("KS Anna Bauer* a. G. (14.3., 18.3.)", "de")
    (voice,) = read_names("Anna Bauer, Sopran", "de")
    (studio,) = read_names("Anna Bauer (Opernstudio)", "de")

    assert (guest.name, guest.nights, guest.marks) == ("Anna Bauer", "14.3., 18.3.", ("*", "KS", "a. G."))
    assert (voice.name, voice.note) == ("Anna Bauer", "Sopran")
    assert (studio.name, studio.note, studio.nights) == ("Anna Bauer", "Opernstudio", None)


def test_a_substitute_names_whom_she_replaces() -> None:
    (name,) = read_names("Carl Dorn instead of Emil Frisch", "en")

    assert (name.name, name.replaces) == ("Carl Dorn", "Emil Frisch")


def test_family_name_first_compares_equal() -> None:
    assert name_words("Kováts Péter") == name_words("Péter Kováts") == name_words("KOVATS, Peter")
