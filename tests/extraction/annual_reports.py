"""Five annual reports of invented houses (sample data): four languages, thousands and millions, PDF and HTML.

Every house, every figure and every sentence is made up. Each report is printed in another layout of the columns.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.extraction.pdfs import Run, pdf_of

Layout = Literal["rows", "columns", "leaders", "words"]


@dataclass(frozen=True)
class Report:
    """A report: lines of text and rows of cells by page, and what it states, fiscal year by fiscal year."""

    name: str
    language: str
    layout: Layout
    pages: tuple[tuple[str | tuple[str, ...], ...], ...]
    states: tuple[dict[str, Any], ...] = field(default=())

    def as_pdf(self) -> bytes:
        """Return the report as a PDF in its layout."""
        return pdf_of([list(self._runs(page)) for page in self.pages])

    def as_html(self) -> str:
        """Return the report as one page of HTML with tables."""
        out = []
        for page in self.pages:
            width = max((len(line) for line in page if isinstance(line, tuple)), default=0)
            rows: list[str] = []
            for line in page:
                if isinstance(line, tuple):
                    is_head = line[0][:1].isdigit() or line[0] == "Note" or line[0].startswith("£")
                    cells = (
                        ("",) * (width - len(line)) + line
                        if is_head
                        else (line[0], *("",) * (width - len(line)), *line[1:])
                    )
                    rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
                elif rows:
                    rows.append(f"<tr><td colspan={width}>{html.escape(line)}</td></tr>")
                else:
                    out.append(f"<h2>{html.escape(line)}</h2>" if len(line) < 60 else f"<p>{html.escape(line)}</p>")
            out.append(f"<table>{''.join(rows)}</table>")
        return f"<html lang={self.language}><body><main>{''.join(out)}</main></body></html>"

    def _runs(self, page: tuple[str | tuple[str, ...], ...]) -> Iterator[Run]:
        runs: list[tuple[int, Run]] = []
        for number, line in enumerate(page):
            y = 780 - 15 * number
            if isinstance(line, str):
                runs.append((0, Run(60, y, line)))
                continue
            if self.layout == "words":
                runs.append((0, Run(60, y, " ".join(line))))
                continue
            if self.layout == "leaders" and len(line) > 1 and not line[0][:1].isdigit():
                runs.append((0, Run(60, y, f"{line[0]} {'.' * 30} {'     '.join(line[1:])}")))
                continue
            label, values = (line[:1], line[1:]) if not line[0][:1].isdigit() else ((), line)
            runs += [(0, Run(60, y, cell)) for cell in label]
            first = 4 - len(values)
            for column, cell in enumerate(values, start=first):
                right = 300 + 85 * column
                runs.append((column + 1, Run(right - 5.2 * len(cell), y, cell)))
        if self.layout == "columns":
            runs.sort(key=lambda run: run[0])
        yield from (run for _, run in runs)


def _year(year: str, currency: str | None, unit: int, *, estimated: bool = False, **amounts: float) -> dict[str, Any]:
    return {
        "fiscal_year": year,
        "currency": currency,
        "unit_multiplier": unit,
        "is_estimated": estimated,
        **amounts,
    }


REPORTS = (
    Report(
        "kronwerth",
        "de",
        "rows",
        (
            (
                "Staatsoper Kronwerth",
                "Geschäftsbericht 2024",
                "Das Jahr begann mit einer Überschwemmung im Malersaal und endete mit einem ausverkauften Dezember.",
                "Wir danken allen, die uns 2024 getragen haben, und blicken nach 2025.",
            ),
            (
                "Gewinn- und Verlustrechnung (Beträge in TEUR)",
                ("2024", "2023"),
                "Erträge",
                ("Zuschüsse der öffentlichen Hand", "41.250", "39.800"),
                ("Erlöse aus Kartenverkauf", "9.874", "8.120"),
                ("Abonnements", "1.305", "1.410"),
                ("Sponsoring", "640", "555"),
                ("Spenden", "212", "198"),
                ("Sonstige Erträge", "719", "802"),
                ("Summe Erträge", "54.000", "50.885"),
                "Aufwendungen",
                ("Personalaufwand", "38.100", "36.940"),
                ("Künstlerhonorare", "4.410", "3.990"),
                ("Produktionskosten", "5.230", "4.875"),
                ("Gebäudekosten", "2.990", "3.105"),
                ("Marketing", "1.120", "1.015"),
                ("Verwaltung", "1.480", "1.395"),
                ("Sonstige Aufwendungen", "520", "610"),
                ("Summe Aufwendungen", "53.850", "51.930"),
                ("Jahresergebnis", "150", "(1.045)"),
                ("Vorstellungen", "212", "205"),
                ("Besucher", "148.300", "131.940"),
            ),
        ),
        (
            _year(
                "2024",
                "EUR",
                1000,
                total_revenue=54000,
                ticket_revenue=9874,
                subscription_revenue=1305,
                donation_revenue=212,
                government_grants=41250,
                corporate_sponsorship=640,
                other_revenue=719,
                total_expenses=53850,
                artist_fees=4410,
                production_costs=5230,
                venue_costs=2990,
                marketing_costs=1120,
                administrative_costs=1480,
                other_expenses=520,
            ),
            _year(
                "2023",
                "EUR",
                1000,
                total_revenue=50885,
                ticket_revenue=8120,
                subscription_revenue=1410,
                donation_revenue=198,
                government_grants=39800,
                corporate_sponsorship=555,
                other_revenue=802,
                total_expenses=51930,
                artist_fees=3990,
                production_costs=4875,
                venue_costs=3105,
                marketing_costs=1015,
                administrative_costs=1395,
                other_expenses=610,
            ),
        ),
    ),
    Report(
        "carrowick",
        "en",
        "columns",
        (
            (
                "Carrowick Festival Opera",
                "Annual report 2023/24",
                "In a summer of rain the tent held, the audience stayed, and the deficit shrank to a third of the last.",
            ),
            (
                "Statement of financial activities",
                ("Note", "2023/24", "2022/23"),
                ("£m", "£m"),
                "Income",
                ("Box office", "3", "6.4", "5.9"),
                ("Donations and legacies", "4", "3.1", "2.85"),
                ("Public funding", "0.75", "0.75"),
                ("Corporate sponsorship", "5", "1.05", "0.9"),
                ("Endowment income", "0.4", "0.35"),
                ("Total income", "11.7", "10.75"),
                "Expenditure",
                ("Artists' fees", "6", "(3.2)", "(3.05)"),
                ("Production costs", "(2.6)", "(2.9)"),
                ("Marketing and publicity", "(0.8)", "(0.75)"),
                ("Administration", "(1.3)", "(1.25)"),
                ("Total expenditure", "(12.05)", "(11.8)"),
                ("Net deficit", "(0.35)", "(1.05)"),
            ),
        ),
        (
            _year(
                "2023/24",
                "GBP",
                1_000_000,
                total_revenue=11.7,
                ticket_revenue=6.4,
                donation_revenue=3.1,
                government_grants=0.75,
                corporate_sponsorship=1.05,
                endowment_income=0.4,
                total_expenses=12.05,
                artist_fees=3.2,
                production_costs=2.6,
                marketing_costs=0.8,
                administrative_costs=1.3,
            ),
            _year(
                "2022/23",
                "GBP",
                1_000_000,
                total_revenue=10.75,
                ticket_revenue=5.9,
                donation_revenue=2.85,
                government_grants=0.75,
                corporate_sponsorship=0.9,
                endowment_income=0.35,
                total_expenses=11.8,
                artist_fees=3.05,
                production_costs=2.9,
                marketing_costs=0.75,
                administrative_costs=1.25,
            ),
        ),
    ),
    Report(
        "valbrume",
        "fr",
        "words",
        (
            (
                "Opéra de Valbrume",
                "Rapport annuel, exercice 2024",
                "Compte de résultat (en milliers d'euros)",
                ("2024", "2023"),
                "Produits",
                ("Subventions publiques", "12 450", "12 450"),
                ("Billetterie", "3 218", "2 905"),
                ("Abonnements", "874", "901"),
                ("Mécénat d'entreprise", "415", "388"),
                ("Autres produits", "203", "176"),
                ("Total des produits", "17 160", "16 820"),
                "Charges",
                ("Charges de personnel", "10 322", "10 018"),
                ("Cachets des artistes", "2 150", "2 040"),
                ("Décors et costumes", "1 874", "1 990"),
                ("Communication", "512", "498"),
                ("Autres charges", "1 344", "1 286"),
                ("Total des charges", "16 202", "15 832"),
                ("Résultat net", "958", "988"),
            ),
        ),
        (
            _year(
                "2024",
                "EUR",
                1000,
                total_revenue=17160,
                ticket_revenue=3218,
                subscription_revenue=874,
                government_grants=12450,
                corporate_sponsorship=415,
                other_revenue=203,
                total_expenses=16202,
                artist_fees=2150,
                production_costs=1874,
                marketing_costs=512,
                other_expenses=1344,
            ),
            _year(
                "2023",
                "EUR",
                1000,
                total_revenue=16820,
                ticket_revenue=2905,
                subscription_revenue=901,
                government_grants=12450,
                corporate_sponsorship=388,
                other_revenue=176,
                total_expenses=15832,
                artist_fees=2040,
                production_costs=1990,
                marketing_costs=498,
                other_expenses=1286,
            ),
        ),
    ),
    Report(
        "montelauro",
        "it",
        "leaders",
        (
            (
                "Teatro di Montelauro - Bilancio d'esercizio 2025",
                "Importi in milioni di euro",
                ("2025",),
                "Ricavi",
                ("Contributi pubblici", "21,40"),
                ("Biglietteria", "7,85"),
                ("Abbonamenti", "1,9"),
                ("Sponsorizzazioni", "2,15"),
                ("Erogazioni liberali", "0,68"),
                ("Altri ricavi", "1,02"),
                ("Totale ricavi", "35,00"),
                "Costi",
                ("Costo del personale", "19,75"),
                ("Compensi artistici", "5,3"),
                ("Allestimenti", "4,12"),
                ("Affitti e locazioni", "1,7"),
                ("Pubblicità", "0,95"),
                ("Spese generali", "2,40"),
                ("Totale costi", "34,22"),
                ("Utile d'esercizio", "0,78"),
            ),
        ),
        (
            _year(
                "2025",
                "EUR",
                1_000_000,
                total_revenue=35,
                ticket_revenue=7.85,
                subscription_revenue=1.9,
                donation_revenue=0.68,
                government_grants=21.4,
                corporate_sponsorship=2.15,
                other_revenue=1.02,
                total_expenses=34.22,
                artist_fees=5.3,
                production_costs=4.12,
                venue_costs=1.7,
                marketing_costs=0.95,
                administrative_costs=2.4,
            ),
        ),
    ),
    Report(
        "sankt-alban",
        "de",
        "rows",
        (
            (
                "Opernhaus Sankt Alban: Jahresbericht der Spielzeit 2024/25",
                "Erfolgsrechnung in CHF",
                ("2024/25", "Budget 2024/25", "2023/24", "Veränderung"),
                ("Öffentliche Beiträge", "18'400'000", "18'400'000", "17'950'000", "2,5 %"),
                ("Billetteinnahmen", "6'213'450", "6'500'000", "5'988'120", "3,8 %"),
                ("Sponsoring", "1'150'000", "1'000'000", "980'000", "17,3 %"),
                ("Gönnerbeiträge", "845'300", "800'000", "812'775", "4,0 %"),
                ("Total Ertrag", "26'608'750", "26'700'000", "25'730'895", "3,4 %"),
                ("Gagen und Honorare", "-7'905'210", "-7'800'000", "-7'611'400", "3,9 %"),
                ("Ausstattung", "-3'480'065", "-3'600'000", "-3'295'515", "5,6 %"),
                ("Raumkosten", "-2'077'300", "-2'050'000", "-2'012'090", "3,2 %"),
                ("Total Aufwand", "-26'511'480", "-26'690'000", "-25'702'310", "3,1 %"),
            ),
        ),
        (
            _year(
                "2024/25",
                "CHF",
                1,
                total_revenue=26608750,
                ticket_revenue=6213450,
                donation_revenue=845300,
                government_grants=18400000,
                corporate_sponsorship=1150000,
                total_expenses=26511480,
                artist_fees=7905210,
                production_costs=3480065,
                venue_costs=2077300,
            ),
            _year(
                "2024/25",
                "CHF",
                1,
                estimated=True,
                total_revenue=26700000,
                ticket_revenue=6500000,
                donation_revenue=800000,
                government_grants=18400000,
                corporate_sponsorship=1000000,
                total_expenses=26690000,
                artist_fees=7800000,
                production_costs=3600000,
                venue_costs=2050000,
            ),
            _year(
                "2023/24",
                "CHF",
                1,
                total_revenue=25730895,
                ticket_revenue=5988120,
                donation_revenue=812775,
                government_grants=17950000,
                corporate_sponsorship=980000,
                total_expenses=25702310,
                artist_fees=7611400,
                production_costs=3295515,
                venue_costs=2012090,
            ),
        ),
    ),
)
