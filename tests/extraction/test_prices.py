"""Prices are read as houses print them; other numbers are not prices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from opera_spiders.extraction.prices import find_prices, parse_amount


def amounts(text: str, language: str, currency: str | None = None) -> list[tuple[str, str, str | None]]:
    return [(str(hit.min), str(hit.max), hit.currency) for hit in find_prices(text, language, currency)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "12 – 245 €", [("12", "245", "EUR")]),
        ("de", "von 12 bis 245 €", [("12", "245", "EUR")]),
        ("de", "Preise: 12,50 €", [("12.50", "12.50", "EUR")]),
        ("de", "1.290,50 €", [("1290.50", "1290.50", "EUR")]),
        ("de", "CHF 35.–", [("35", "35", "CHF")]),
        ("de", "35,- Euro", [("35", "35", "EUR")]),
        ("de", "€ 300 250 210 — —", [("300", "300", "EUR"), ("250", "250", "EUR"), ("210", "210", "EUR")]),
        ("de", "€ 163 /142 /117", [("163", "163", "EUR"), ("142", "142", "EUR"), ("117", "117", "EUR")]),
        ("de", "135 – 145 € | 7 Karten", [("135", "145", "EUR")]),
        ("it", "€ 20/35/50", [("20", "20", "EUR"), ("35", "35", "EUR"), ("50", "50", "EUR")]),
        ("it", "da € 15 a € 120", [("15", "120", "EUR")]),
        ("fr", "de 10 à 165 €", [("10", "165", "EUR")]),
        ("en", "£12–£185", [("12", "185", "GBP")]),
        ("en", "between £12 and £185", [("12", "185", "GBP")]),
        ("en", "£10, £20 and £30", [("10", "10", "GBP"), ("20", "20", "GBP"), ("30", "30", "GBP")]),
        ("en-US", "$1,290.00", [("1290.00", "1290.00", "USD")]),
        ("cs", "od 290 Kč do 1 490 Kč", [("290", "1490", "CZK")]),
        ("hu", "1 290 Ft", [("1290", "1290", "HUF")]),
        ("pl", "150,- zł", [("150", "150", "PLN")]),
        ("ru", "от 500 до 5000 руб.", [("500", "5000", "RUB")]),
        ("sv", "250 kr", [("250", "250", "SEK")]),
        ("da", "250 kr.", [("250", "250", "DKK")]),
        ("no", "kr 250", [("250", "250", "NOK")]),
        ("ja", "S席 25,000円", [("25000", "25000", "JPY")]),
    ],
)
def test_a_printed_price_is_read(language: str, text: str, expected: list[tuple[str, str, str]]) -> None:
    assert amounts(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "12.50"),
        ("en", "14 March 2026"),
        ("de", "5 Mio. €"),
        ("de", "19.30 Uhr"),
        ("en", "Free thinking"),
        ("de", ""),
    ],
)
def test_an_amount_without_its_currency_is_no_price(language: str, text: str) -> None:
    assert find_prices(text, language) == ()


def test_a_comma_does_not_lend_a_currency_to_another_number() -> None:
    assert amounts("Saal 3, 12 €", "de") == [("12", "12", "EUR")]
    assert amounts("Saal 3 12 €", "de") == [("12", "12", "EUR")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "ab 15 €"),
        ("en", "from £15"),
        ("fr", "à partir de 15 €"),
        ("fr", "À partir de | 15 €"),
        ("hu", "15 Ft-tól"),
        ("fi", "alkaen 15 €"),
        ("cs", "od 15 Kč"),
        ("es", "desde 15 €"),
    ],
)
def test_a_from_price_has_no_highest(language: str, text: str) -> None:
    (hit,) = find_prices(text, language)

    assert (hit.min, hit.max, hit.qualifier) == (Decimal(15), None, "from")


def test_an_up_to_price_has_no_lowest() -> None:
    (hit,) = find_prices("bis zu 120 €", "de")

    assert (hit.min, hit.max, hit.qualifier) == (None, Decimal(120), "up_to")


def test_the_company_decides_which_dollar_and_crown_is_meant() -> None:
    assert amounts("$35", "en") == [("35", "35", None)]
    assert amounts("$35", "en", "AUD") == [("35", "35", "AUD")]
    assert amounts("kr 250", "en", "SEK") == [("250", "250", "SEK")]


def test_the_label_before_an_amount_is_its_category() -> None:
    found = find_prices("Kat. A 120 € | Parkett: 85 € | Preise: 15 €", "de")

    assert [hit.category for hit in found] == ["Kat. A", "Parkett", None]


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [("de", "Eintritt frei", "free"), ("en", "free", "free"), ("de", "0 €", "free"), ("en", "Members £15", "members")],
)
def test_free_and_members_prices_say_so(language: str, text: str, kind: str) -> None:
    assert [hit.kind for hit in find_prices(text, language)] == [kind]


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        ("1 290", "1290"),
        ("1.290,00", "1290.00"),
        ("1,290.00", "1290.00"),
        ("35.–", "35"),
        ("12,50", "12.50"),
        ("1’290", "1290"),
    ],
)
def test_amounts_are_parsed(printed: str, amount: str) -> None:
    assert parse_amount(printed) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [("€ 163 /142 /- /64", "163 142 64"), ("€ 54 | 46 | 35", "54 46 35"), ("€ 12 | 18.00 Uhr", "12")],
)
def test_a_list_of_prices_is_read_to_its_end(text: str, amounts: str) -> None:
    assert " ".join(str(hit.min) for hit in find_prices(text, "de")) == amounts


def test_a_fee_is_no_price_and_a_word_for_prices_no_category() -> None:
    hits = find_prices("Prices: stalls £88, a booking fee of £2.50 applies", "en-GB")
    assert [(hit.category, str(hit.min)) for hit in hits] == [("stalls", "88")]
