"""Annual reports of invented houses: every figure is read with its line, year, unit and currency, and grounded so."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.figures import decimal_sign, read_amount
from opera_spiders.extraction.financial_words import FIELDS, meaning_of_line, units_in, year_labels
from opera_spiders.extraction.grounding import ground
from opera_spiders.extraction.rules import read_page
from opera_spiders.extraction.schema import PageExtraction
from opera_spiders.extraction.vocabulary import rows
from opera_spiders.text import key
from sample_houses.answers import page_extraction
from tests.extraction.annual_reports import REPORTS, Report
from tests.extraction.pdfs import Run, lines_of, pdf_of

FETCHED_AT = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
KEPT = ("verified", "section", "inferred")


def page_of(report: Report, form: str) -> PageToExtract:
    body, kind = (report.as_pdf(), "application/pdf") if form == "pdf" else (report.as_html().encode(), "text/html")
    return PageToExtract(
        read_blocks(body, kind, "https://example.org/report", "utf-8"), FETCHED_AT, "example.org", report.language
    )


def stated(report: Report) -> PageExtraction:
    return page_extraction({"page_type": "financial", "financials": list(report.states)}, "b1")


def amounts(answer: PageExtraction) -> list[dict[str, Any]]:
    """The fiscal years of an answer without what is null and without the blocks."""
    return [
        {name: value for name, value in year.model_dump().items() if value is not None and name != "block"}
        for year in answer.financials
    ]


BOTH = pytest.mark.parametrize("form", ["pdf", "html"])
EACH = pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)


@BOTH
@EACH
def test_every_figure_of_a_report_is_read_exactly(report: Report, form: str) -> None:
    answer = read_page(page_of(report, form))

    assert amounts(answer) == [dict(year) for year in report.states]
    assert (answer.page_type, answer.productions) == ("financial", [])


@BOTH
@EACH
def test_every_figure_read_has_its_row_and_page_as_evidence(report: Report, form: str) -> None:
    of = page_of(report, form)

    grounding = ground(read_page(of), of)

    assert grounding.is_validated
    assert {found["status"] for found in grounding.evidence.values()} <= set(KEPT)
    blocks = {block.id: block for block in of.blocks.blocks}
    for pointer, found in grounding.evidence.items():
        if pointer.rsplit("/", 1)[1] not in FIELDS:
            continue
        block = blocks[found["block"]]
        assert found["quote"] == block.text
        assert found["xpath"] == block.path
        assert form == "html" or found["xpath"] == f"page[{len(report.pages)}]"


@BOTH
@EACH
def test_a_model_that_answers_truly_is_believed(report: Report, form: str) -> None:
    grounding = ground(stated(report), page_of(report, form))

    absent = [pointer for pointer, found in grounding.evidence.items() if found["status"] not in KEPT]
    assert absent == []


def lies(report: Report) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Kind of lie, the lying fiscal year, and the field that is a lie."""
    for year in report.states:
        amounts = {name: value for name, value in year.items() if name in FIELDS}
        names = sorted(amounts)
        for name, other in zip(names, names[1:] + names[:1], strict=True):
            if amounts[name] != amounts[other]:
                yield "another line", {**year, name: amounts[other]}, name
            yield "digits", {**year, name: amounts[name] + 1}, name
            yield "off by a thousand", {**year, name: amounts[name] * 1000}, name
        for unit in {1, 1000, 1_000_000} - {year["unit_multiplier"]}:
            yield "unit", {**year, "unit_multiplier": unit}, "unit_multiplier"
        for wrong in report.states:
            if wrong is not year:
                for name in names:
                    if name in wrong and amounts[name] not in (wrong[name],):
                        yield "another year", {**year, name: wrong[name]}, name
        yield "currency", {**year, "currency": "SEK"}, "currency"
        yield "budget", {**year, "is_estimated": not year["is_estimated"]}, "total_revenue"


@BOTH
@EACH
def test_a_figure_of_another_line_year_or_unit_is_absent(report: Report, form: str) -> None:
    of = page_of(report, form)
    told = list(lies(report))

    believed = []
    for kind, year, name in told:
        if kind == "budget" and len({y["fiscal_year"] for y in report.states}) < len(report.states):
            continue  # the house prints both, and they may agree
        answer = page_extraction({"page_type": "financial", "financials": [year]}, "b1")
        evidence = ground(answer, of).evidence
        if evidence[f"/financials/0/{name}"]["status"] in KEPT:
            believed.append((kind, year["fiscal_year"], name))
        if kind == "unit":  # nor do the amounts count, which would be off by a thousand
            kept = [n for n in year if n in FIELDS and evidence[f"/financials/0/{n}"]["status"] in KEPT]
            assert kept == []

    assert len(told) > 30
    assert believed == []


# --------------------------------------------------------------------------------------------------------- the readers


@pytest.mark.parametrize(
    ("printed", "decimal", "amount"),
    [
        ("1.234", ",", "1234"),
        ("1,234", ".", "1234"),
        ("1.234", ".", "1.234"),
        ("1 234 567", ",", "1234567"),
        ("1\u202f234,5", ",", "1234.5"),
        ("12'345.60", ".", "12345.60"),
        ("(1.045)", ",", "-1045"),
        ("−3,2", ",", "-3.2"),
        ("1.234-", ",", "-1234"),
        ("12 %", ",", None),
        ("2024/25", ",", None),
        ("12,34,56", ".", None),
    ],
)
def test_an_amount_is_read_with_its_sign(printed: str, decimal: str, amount: str | None) -> None:
    assert read_amount(printed, decimal) == (Decimal(amount) if amount else None)


def test_the_amounts_of_a_page_tell_its_decimal_sign() -> None:
    assert decimal_sign(["1.234", "12,5"], "en") == ","
    assert decimal_sign(["1,234", "1,234,567"], "de") == "."
    assert [decimal_sign(["1.234"], language) for language in ("de", "en", "fr")] == [",", ".", ","]


@pytest.mark.parametrize(
    ("text", "language", "unit"),
    [
        ("in TEUR", "de", (1000, "EUR")),
        ("T€", "de", (1000, "EUR")),
        ("Angaben in Tsd. €", "de", (1000, "EUR")),
        ("Beträge in Mio. EUR", "de", (1_000_000, "EUR")),
        ("£'000", "en", (1000, "GBP")),
        ("£’000", "en", (1000, "GBP")),
        ("in thousands", "en", (1000, None)),
        ("£m", "en", (1_000_000, "GBP")),
        ("en milliers d'euros", "fr", (1000, "EUR")),
        ("k€", "fr", (1000, "EUR")),
        ("in migliaia di euro", "it", (1000, "EUR")),
        ("en miles de euros", "es", (1000, "EUR")),
        ("tkr", "sv", (1000, None)),
        ("MSEK", "sv", (1_000_000, "SEK")),
        ("v tis. Kč", "cs", (1000, "CZK")),
        ("w tys. zł", "pl", (1000, "PLN")),
        ("ezer Ft", "hu", (1000, "HUF")),
        ("in EUR", "de", (1, "EUR")),
        ("€", "de", (1, "EUR")),
        ("12.3 million visitors", "en", None),
        ("Eintritt 12 €", "de", None),
        ("1'000 visitors", "en", None),
    ],
)
def test_a_unit_is_what_words_say_all_amounts_are_counted_in(
    text: str, language: str, unit: tuple[int, str | None] | None
) -> None:
    found = [(unit.multiplier, unit.currency) for unit in units_in(text, language)]

    assert found == ([unit] if unit else [])


@pytest.mark.parametrize(
    ("label", "language", "meaning"),
    [
        ("1. Erlöse aus Kartenverkauf*", "de", "ticket_revenue"),
        ("Zuschuss der Stadt Kronwerth", "de", "government_grants"),
        ("Box office (note 3)", "en", "ticket_revenue"),
        ("Total marketing costs", "en", "marketing_costs"),
        ("Ticket revenue per seat", "en", None),
        ("Marketing and education", "en", None),
        ("Besucher", "de", "none"),
        ("Übrige", "de", "other"),
        ("Billetterie", None, "ticket_revenue"),
    ],
)
def test_a_line_is_known_by_its_own_words(label: str, language: str | None, meaning: str | None) -> None:
    assert meaning_of_line(label, language) == meaning


def test_a_fiscal_year_may_touch_two_calendar_years() -> None:
    years = [label.year for label in year_labels("2024/25 · 2023-2024 · 31.12.2022 · 2019–2021 · FY18")]

    assert years == [(2024, True), (2023, True), (2022, False), (2019, False), (2021, False), (2018, False)]


def html_report(body: str, language: str = "de") -> PageToExtract:
    blocks = read_blocks(f"<html lang={language}><body>{body}".encode(), "text/html", "https://example.org/r", "utf-8")
    return PageToExtract(blocks, FETCHED_AT, "example.org")


def table(*rows: tuple[str, ...]) -> str:
    return "<table>" + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows) + "</table>"


def test_columns_that_do_not_fit_the_head_give_nothing() -> None:
    of = html_report(
        table(("", "2024", "2023"), ("Kartenerlöse", "12"), ("Sponsoring", "3", "2"), ("Spenden", "1", "1"))
    )

    assert [year.get("ticket_revenue") for year in amounts(read_page(of))] == [None, None]


def test_the_previous_year_is_the_one_before_the_report() -> None:
    of = html_report(
        "<h1>Jahresbericht 2024</h1>"
        + table(("in €", "Berichtsjahr", "Vorjahr"), ("Kartenerlöse", "120", "110"), ("Sponsoring", "30", "20"))
    )

    assert [(y["fiscal_year"], y["ticket_revenue"]) for y in amounts(read_page(of))] == [("2024", 120), ("2023", 110)]


def test_a_sum_speaks_for_the_lines_above_it_and_two_rivals_for_nobody() -> None:
    lines = [("", "2024"), ("Zuschuss des Landes", "70"), ("Zuschuss der Stadt", "30"), ("Spenden", "5")]
    with_sum = html_report(table(*lines, ("Zuschüsse gesamt", "100")))
    without = html_report(table(*lines, ("Sponsoring", "7")))

    assert amounts(read_page(with_sum))[0]["government_grants"] == 100
    assert "government_grants" not in amounts(read_page(without))[0]


def test_a_table_of_other_things_is_no_statement() -> None:
    of = html_report(table(("", "2024", "2023"), ("Vorstellungen", "212", "205"), ("Marketing", "3", "4")))

    assert read_page(of).financials == []


def test_a_line_nobody_knows_is_kept_out_of_the_warehouse() -> None:
    of = html_report(table(("in T€", "2024"), ("Kupfergeld", "12"), ("Sponsoring", "3"), ("Spenden", "1")))
    year = {"fiscal_year": "2024", "unit_multiplier": 1000, "ticket_revenue": 12, "donation_revenue": 1}

    evidence = ground(page_extraction({"page_type": "financial", "financials": [year]}, "b1"), of).evidence

    assert evidence["/financials/0/ticket_revenue"]["status"] == "elsewhere"
    assert evidence["/financials/0/donation_revenue"]["status"] == "section"


def test_text_that_a_pdf_does_not_show_is_not_read() -> None:
    shown = lines_of("Annual report 2024", "Box office 12")
    hidden = [
        Run(72, 600, "Sponsorship 99", mode=3),
        Run(72, 580, "Donations 98", gray=1),
        Run(72, 560, "Grants 97", size=1),
    ]

    def texts(*, ground: float | None = None) -> list[str]:
        body = pdf_of([[*shown, *hidden]], ground=ground)
        return [block.text for block in read_blocks(body, "application/pdf", "https://example.org/r.pdf").blocks]

    assert texts() == ["Annual report 2024", "Box office 12"]
    assert "Donations 98" in texts(ground=0.2)  # white on a dark ground is how many reports print their heads


def test_a_scan_is_read_by_its_recognised_text() -> None:
    body = pdf_of([[Run(72, 700, "Box office 12", mode=3)]])

    assert [b.text for b in read_blocks(body, "application/pdf", "https://example.org/r.pdf").blocks] == [
        "Box office 12"
    ]


def test_no_line_means_two_things_in_a_language() -> None:
    meanings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows("financial_words"):
        if row["kind"] == "line":
            meanings[row["language"], key(row["word"])].add(row["value"])

    assert [entry for entry, values in meanings.items() if len(values) > 1] == []
    assert {row["value"] for row in rows("financial_words") if row["kind"] == "line"} > FIELDS
