"""Reads the figures of annual reports: each amount with its line, the year of its column, its unit and currency.

A number alone states nothing. Rows are read under the head of their table (*in T€ | 2024 | 2023*), wherever that is a
table of HTML, the columns of a PDF, or a line of text; what no head, heading or caption says of a figure is unknown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from opera_spiders.extraction.blocks import Block, PageBlocks
from opera_spiders.extraction.financial_words import (
    FIELDS,
    ColumnWord,
    Side,
    Unit,
    YearLabel,
    field_of,
    has_column_word,
    meaning_of_line,
    side_of,
    units_in,
    without_currency,
    without_unit,
    year_labels,
)
from opera_spiders.extraction.lines import HEADINGS

_MOST_WORDS = 14  # of a line that can be the label, head or caption of figures
_REACH_HEAD = 12  # how many lines of text may stand between a table's head and its next row


@dataclass(frozen=True, slots=True)
class Stated:
    """Something said of figures, and the number of the block that says it."""

    number: int
    printed: str


@dataclass(frozen=True, slots=True)
class FiscalYear(Stated):
    """The year of a column or a table. ``printed`` is empty for *previous year*."""

    year: tuple[int, bool]
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One amount, signed, in the unit printed. ``field`` is what its line is, None for a line of unknown meaning.

    ``is_exact`` tells that the line's own label says so, not only its side of the statement. ``table`` numbers the
    tables of the page; ``row`` is the whole row as printed.
    """

    number: int
    row: str
    label: str
    field: str | None
    is_exact: bool
    is_known: bool
    amount: Decimal
    year: FiscalYear | None
    unit: Unit
    unit_at: int | None
    currency: str | None
    currency_at: Stated | None
    table: int


@dataclass(frozen=True, slots=True)
class _Column:
    kind: Literal["amount", "change", "note", "blank", "unit", "other"]
    year: YearLabel | None = None
    years_back: int | None = None  # 0 for the current, 1 for the previous year
    is_estimated: bool = False
    unit: Unit | None = None


# ------------------------------------------------------------------------------------------------------------ numbers

_NUMBER = re.compile(r"\d+(?:[.,'’\s]\d+)*")
_AMOUNT = re.compile(
    r"(?P<open>[(\[])?\s*(?P<minus>[-–−+])?\s*"
    r"(?P<number>\d{1,3}(?:[.,'’\s]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
    r"\s*(?P<after>[-–−])?\s*(?P<close>[)\]])?"
)
_LABEL_END = re.compile(r"\s*(?:\||:|\.{3,}|[(\[−–-]?\d)")
_LABELLED = re.compile(r"(?P<label>.*?[^\W\d_].*?)[\s:.…]+(?P<tail>(?:[^\W\d_]{1,3}\.?|[€£$])?\s?[(\[−–+-]?\s?\d.*)$")
_MARKS = re.compile(r"[*†‡¹²³⁴⁵]+$|(?<=\d)\s\d\)$")
_DASHES = re.compile(r"[-–—−.]{1,3}|n/?a|k\.\s?A\.", re.IGNORECASE)


def decimal_sign(texts: Sequence[str], language: str | None) -> str:
    """Return ``.`` or ``,``: what stands before the decimals of a page's amounts.

    Amounts that can be read only one way decide; if there are none, the custom of the language.

    >>> decimal_sign(["1.234.567", "12,5"], "en"), decimal_sign(["1,234"], "en"), decimal_sign(["1.234"], "de")
    (',', '.', ',')
    """
    votes: Counter[str] = Counter()
    for text in texts:
        for match in _NUMBER.finditer(text):
            signs = re.findall(r"[.,]", match.group())
            if not signs:
                continue
            if len(set(signs)) == 2:
                votes[signs[-1]] += 1
            elif len(signs) > 1:
                votes["," if signs[0] == "." else "."] += 1
            elif not re.search(r"[.,]\d{3}$", match.group()):
                votes[signs[0]] += 1
            elif re.search(r"['’\s]", match.group()):
                votes[signs[0]] += 1  # "1 234,500": the blanks group the digits
    if votes:
        return max(sorted(votes), key=lambda sign: votes[sign])
    return "." if language in ("en", "he", "ja", "zh", "ko", None) else ","


def _printed_amounts(block: Block) -> Iterator[str]:
    """Yield the cells or words of a block that are numbers."""
    if block.kind != "json" and re.search(r"\d", block.text):
        pieces = block.cells or re.findall(r"\S+", block.text)
        yield from (
            piece.strip() for piece in pieces if _AMOUNT.fullmatch(re.sub(r"[^\W\d]+|[€£$]", "", piece).strip())
        )


def read_amount(text: str, decimal: str) -> Decimal | None:
    """Return the number a cell prints, with its sign; None for anything else.

    >>> read_amount("(1.234,5)", ","), read_amount("1'200", "."), read_amount("12 %", ",")
    (Decimal('-1234.5'), Decimal('1200'), None)
    """
    match = _AMOUNT.fullmatch(_MARKS.sub("", text.strip()).strip())
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    whole, sign, part = match["number"], "", ""
    if decimal in whole:
        whole, sign, part = whole.rpartition(decimal)
    digits = re.sub(r"\D", "", whole)
    if decimal in whole or (sign and not part):
        return None
    amount = Decimal(f"{digits}.{part}" if part else digits)
    is_negative = bool(match["open"]) or match["minus"] in ("-", "–", "−") or bool(match["after"])
    return -amount if is_negative else amount


# ------------------------------------------------------------------------------------------------------------- reading


def read_figures(page: PageBlocks, language: str | None, default_currency: str | None = None) -> tuple[Figure, ...]:
    """Return the figures of a page, in order.

    :param default_currency: the company's currency, which decides what ``$`` and ``kr`` mean
    """
    return tuple(_Reader(page, language, default_currency).read())


def prints_statement(page: PageBlocks, language: str | None) -> bool:
    """Tell whether two lines at least are lines of a statement of income and costs, with a number."""
    found = set()
    for block in page.blocks:
        if block.kind == "json" or block.chrome or not re.search(r"\d", block.text):
            continue
        for line in block.cells[:2] or block.text.split("\n"):
            label = _LABEL_END.split(line, maxsplit=1)[0]
            if len(label.split()) <= _MOST_WORDS and (meaning := meaning_of_line(label, language)) in FIELDS:
                found.add(meaning)
        if len(found) > 1:
            return True
    return False


class _Reader:
    """One pass over the blocks of a page."""

    def __init__(self, page: PageBlocks, language: str | None, default_currency: str | None) -> None:
        self.blocks = page.blocks
        self.language = language
        self.default_currency = default_currency
        self.columns: tuple[_Column, ...] = ()
        self.columns_at: int | None = None
        self.header_unit: tuple[Unit, int] | None = None
        self.side: Side | None = None
        self.table = 0
        self.unit: tuple[Unit, int] | None = None
        self.year: FiscalYear | None = None
        self.is_estimated = False
        self.last_row: int | None = None
        self.headed: set[int] = set()  # blocks whose year only the head of their columns can tell
        self.decimal = decimal_sign([text for block in self.blocks for text in _printed_amounts(block)], language)

    def read(self) -> Iterator[Figure]:
        figures = [figure for number, block in enumerate(self.blocks) for figure in self._block(number, block)]
        yield from map(self._completed, figures)

    def _block(self, number: int, block: Block) -> Iterator[Figure]:
        if block.kind == "json" or block.chrome:
            return
        if len(block.cells) > 1:
            yield from self._row(number, block.cells, block.text)
            return
        for line in block.text.split("\n"):
            is_head = block.kind in (*HEADINGS, "title", "caption", "meta")
            cells = None if is_head else self._cells_of(line)
            if cells is not None:
                yield from self._row(number, cells, line)
            else:
                self._text(number, line, is_head=is_head)

    def _cells_of(self, line: str) -> tuple[str, ...] | None:
        """Return the label and amounts of a line of text, or the years of a line that is the head of columns."""
        if len(line.split()) > _MOST_WORDS + 8:
            return None
        years = year_labels(line)
        if len(years) > 1 and not re.search(r"[^\W\d_]{3}", _without(line, years)):
            return ("", *(label.printed for label in years))
        match = _LABELLED.match(line)
        if match is None or meaning_of_line(match["label"], self.language) is None:
            return None
        columns = [column for column in self.columns if column.kind == "amount"]
        if len(columns) < 2:
            return (match["label"], match["tail"])
        ways = list(_partitions(match["tail"].split(), len(columns), self.decimal))
        return (match["label"], *ways[0]) if len(ways) == 1 else None

    # -- what stands around rows

    def _text(self, number: int, line: str, *, is_head: bool) -> None:
        """A heading, caption or line beside figures: it may tell year, unit and side of what follows."""
        words = line.split()
        if is_head or (self.last_row is not None and number - self.last_row > _REACH_HEAD):
            self._leave_table()
        if len(words) > _MOST_WORDS and not is_head:
            return
        meaning = meaning_of_line(line, self.language)
        if len(words) <= 6 and meaning is not None and side_of(meaning) is not None:
            self.side = side_of(meaning)
        years = year_labels(line)
        is_named = is_head or self._says("year", line) or self._says("estimate", line) or len(words) <= 2
        if len({label.year for label in years}) == 1 and is_named:
            is_estimated = self._says("estimate", line)
            self.year = FiscalYear(number, years[0].printed, years[0].year, is_estimated)
        units = units_in(_without(line, years), self.language, self.default_currency)
        if len({unit.multiplier for unit in units}) == 1:
            self.unit = units[0], number

    def _says(self, kind: ColumnWord, text: str) -> bool:
        return has_column_word(kind, text, self.language)

    def _leave_table(self) -> None:
        self.columns, self.columns_at, self.header_unit, self.side, self.last_row = (), None, None, None, None

    # -- rows

    def _row(self, number: int, cells: tuple[str, ...], text: str) -> Iterator[Figure]:
        header = self._header(cells)
        if header is not None:
            self.table += 1
            self.columns, self.columns_at, self.header_unit = header, number, None
            self.side = side_of(meaning_of_line(cells[0], self.language)) if cells[0] else None
            self._take_head_unit(number, cells)
            self.last_row = number
            return
        if self._is_unit_row(cells):
            self._take_units(number, cells)
            return
        at = next((n for n, cell in enumerate(cells) if len(re.findall(r"[^\W\d_]", cell)) > 1), None)
        if at is None:
            return
        label = cells[at]
        values = cells[at + 1 :]
        meaning = meaning_of_line(label, self.language)
        amounts = [(n, read) for n, cell in enumerate(values) if (read := self._amount(cell)) is not None]
        if not amounts:
            if side_of(meaning) is not None and not any(map(str.strip, values)):
                self.side = side_of(meaning)
            elif not any(map(str.strip, values)):
                self._text(number, label, is_head=False)
            return
        if self.last_row is None:
            self.table += 1
        self.last_row = number
        if meaning not in ("total", "other", "none", None):
            self.side = side_of(meaning)
        field = field_of(meaning, self.side)
        if self.columns or len(amounts) > 1:
            self.headed.add(number)
        placed = self._placed(len(values), [n for n, _ in amounts])
        row_unit = next(iter(units_in(_without(label, year_labels(label)), self.language, self.default_currency)), None)
        for n, (amount, inline, sign) in amounts:
            column = placed.get(n)
            if column is not None and column.kind != "amount":
                continue
            unit, unit_at = self._unit_of(number, inline, row_unit, column)
            currency = unit.currency
            stated = Stated(unit_at, unit.printed) if currency and unit_at is not None else None
            if sign is not None:
                currency, stated = sign[0], Stated(number, sign[1])
            yield Figure(
                number=number,
                row=text,
                label=label,
                field=field,
                is_exact=meaning == field,
                is_known=meaning == "none" or field is not None,
                amount=amount,
                year=self._year_of(column, alone=number not in self.headed),
                unit=unit,
                unit_at=unit_at,
                currency=currency,
                currency_at=stated,
                table=self.table,
            )

    def _amount(self, cell: str) -> tuple[Decimal, Unit | None, tuple[str, str] | None] | None:
        """Return the amount of a cell with its own unit and currency (code, sign)."""
        if not re.search(r"\d", cell) or "%" in cell:
            return None
        rest, unit = without_unit(cell, self.language, self.default_currency)
        rest, currency, sign = without_currency(rest, self.language, self.default_currency)
        amount = read_amount(rest, self.decimal)
        if amount is None:
            return None
        if currency is None and unit is not None and unit.currency:
            currency, sign = unit.currency, unit.printed
        return amount, unit, (currency, sign) if currency else None

    def _unit_of(
        self, number: int, inline: Unit | None, of_row: Unit | None, column: _Column | None
    ) -> tuple[Unit, int | None]:
        """Return the nearest statement of the unit: in the cell, the row, the column's head, then above the table."""
        if inline is not None:
            return inline, number
        if of_row is not None:
            return of_row, number
        if column is not None and column.unit is not None and self.columns_at is not None:
            return column.unit, self.columns_at
        if self.header_unit is not None:
            return self.header_unit
        if self.unit is not None:
            return self.unit
        return Unit(0, None, ""), None  # nobody has said it so far: the page may say it once, elsewhere

    def _year_of(self, column: _Column | None, *, alone: bool) -> FiscalYear | None:
        if column is None or self.columns_at is None:
            return self.year if alone else None
        if column.year is not None:
            return FiscalYear(self.columns_at, column.year.printed, column.year.year, column.is_estimated)
        if self.year is None:
            return None
        if column.years_back:
            (first, is_double), back = self.year.year, column.years_back
            return FiscalYear(self.columns_at, "", (first - back, is_double), column.is_estimated)
        return replace(self.year, is_estimated=self.year.is_estimated or column.is_estimated)

    def _placed(self, count: int, amounts: Sequence[int]) -> dict[int, _Column]:
        """Return the column of each value of a row: by place, or where some are left out, if only one way fits."""
        columns = self.columns
        if not columns:
            return {}
        for left_out in ((), ("note",), ("change",), ("note", "change"), ("note", "change", "blank")):
            kept = [column for column in columns if column.kind not in left_out]
            if len(kept) == count:
                return dict(enumerate(kept))
        kept = [column for column in columns if column.kind == "amount"]
        if len(kept) == len(amounts):
            return dict(zip(amounts, kept, strict=True))
        if count > len(columns):
            return dict(zip(range(count - len(columns), count), columns, strict=True))
        return dict.fromkeys(range(count), _Column("other"))

    # -- heads of columns

    def _header(self, cells: tuple[str, ...]) -> tuple[_Column, ...] | None:
        """Return the columns of a row that is the head of a table: years, without amounts."""
        meaning = meaning_of_line(cells[0], self.language) if cells[0] else None
        if meaning in FIELDS or meaning == "none":
            return None
        columns = [self._column(cell) for cell in cells]
        dated = [column for column in columns if column.kind == "amount"]
        if not any(column.year or column.years_back is not None for column in dated):
            return None
        if any(column.kind == "other" and self._amount(cell) for column, cell in zip(columns, cells, strict=True)):
            return None
        is_labelled = columns[0].kind == "other" and side_of(meaning) is None and not self._says("year", cells[0])
        if is_labelled and len(dated) == 1:
            return None  # "Founded | 1901"
        return tuple(columns[columns[0].kind in ("blank", "unit", "other") :])

    def _column(self, cell: str) -> _Column:
        if not cell.strip():
            return _Column("blank")
        years = year_labels(cell)
        unit = next(iter(units_in(_without(cell, years), self.language, self.default_currency)), None)
        column = _Column("unit", unit=unit) if unit is not None else _Column("other")
        is_estimated = self._says("estimate", cell)
        if self._says("change", cell):
            column = _Column("change")
        elif len({label.year for label in years}) == 1 and len(cell.split()) <= 8:
            column = _Column("amount", years[0], is_estimated=is_estimated, unit=unit)
        elif self._says("previous", cell):
            column = _Column("amount", years_back=1, unit=unit)
        elif self._says("current", cell) or (is_estimated and len(cell.split()) <= 3):
            column = _Column("amount", years_back=0, is_estimated=is_estimated, unit=unit)
        elif self._says("note", cell):
            column = _Column("note")
        return column

    def _take_head_unit(self, number: int, cells: tuple[str, ...]) -> None:
        for cell in cells:
            column = self._column(cell)
            if column.kind == "unit" and column.unit is not None:
                self.header_unit = column.unit, number

    def _is_unit_row(self, cells: tuple[str, ...]) -> bool:
        filled = [cell for cell in cells if cell.strip()]
        return bool(filled) and all(
            len(cell.split()) <= 3
            and not re.search(r"\d[.,'’\s]?\d", re.sub(r"['’]?000", "", cell))
            and self._column(cell).kind in ("unit", "note", "change")
            for cell in filled
        )

    def _take_units(self, number: int, cells: tuple[str, ...]) -> None:
        """A row below the head gives each column its unit, all of them the same or one for each."""
        units = [unit for cell in cells if (unit := self._column(cell).unit) is not None]
        if len({(unit.multiplier, unit.currency) for unit in units}) == 1:
            self.header_unit = units[0], number

    # -- what the whole page says

    def _completed(self, figure: Figure) -> Figure:
        """Give a figure what the page says once for all: its only unit, its only fiscal year."""
        if figure.unit.multiplier == 0:
            stated = self._only_unit
            unit, at = stated if stated is not None else (Unit(1, None, ""), None)
            currency = figure.currency or unit.currency
            currency_at = figure.currency_at or (Stated(at, unit.printed) if unit.currency and at is not None else None)
            figure = replace(figure, unit=unit, unit_at=at, currency=currency, currency_at=currency_at)
        if figure.year is None and figure.number not in self.headed:
            figure = replace(figure, year=self._only_year)
        return figure

    @property
    def _only_unit(self) -> tuple[Unit, int] | None:
        found: dict[int, tuple[Unit, int]] = {}
        for number, block in enumerate(self.blocks):
            if block.kind == "json" or len(block.text.split()) > 60:
                continue
            for unit in units_in(_without(block.text, year_labels(block.text)), self.language, self.default_currency):
                found.setdefault(unit.multiplier, (unit, number))
        return next(iter(found.values())) if len(found) == 1 else None

    @property
    def _only_year(self) -> FiscalYear | None:
        found: dict[tuple[int, bool], FiscalYear] = {}
        named: dict[tuple[int, bool], FiscalYear] = {}
        for number, block in enumerate(self.blocks):
            if block.kind == "json" or block.chrome or len(block.text.split()) > 60:
                continue
            for label in year_labels(block.text):
                year = FiscalYear(number, label.printed, label.year, self._says("estimate", block.text))
                found.setdefault(label.year, year)
                if self._says("year", block.text):
                    named.setdefault(label.year, year)
        years = named if named else found
        return next(iter(years.values())) if len(years) == 1 else None


def _without(text: str, years: Sequence[YearLabel]) -> str:
    """Return a text with its years blanked, so that "2024 TEUR" is no amount of thousands."""
    for label in years:
        text = f"{text[: label.start]}{'_' * (label.end - label.start)}{text[label.end :]}"
    return text


def _partitions(tokens: Sequence[str], count: int, decimal: str) -> Iterator[tuple[str, ...]]:
    """Yield the ways to read so many amounts from words: "1 234 1 100" is two in one way only."""
    if count == 1:
        text = " ".join(tokens)
        if read_amount(text, decimal) is not None or _DASHES.fullmatch(text):
            yield (text,)
        return
    for end in range(1, len(tokens) - count + 2):
        head = " ".join(tokens[:end])
        if read_amount(head, decimal) is None and not _DASHES.fullmatch(head):
            continue
        for rest in _partitions(tokens[end:], count - 1, decimal):
            yield (head, *rest)
