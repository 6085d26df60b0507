"""Reads ticket prices as opera houses print them: ranges, lists, "from" prices, categories and currencies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from opera_spiders.extraction.schema import PriceKind, PriceQualifier
from opera_spiders.extraction.vocabulary import EVERY_LANGUAGE, primary, rows, status_phrases
from opera_spiders.text import key


@dataclass(frozen=True, slots=True)
class PriceHit:
    """One price or range found in a text; amounts in units of ``currency`` (ISO 4217).

    ``currency`` is None for a sign that several countries use ($, kr) when nothing decides. ``max`` is None for
    "from" prices, ``min`` for "up to" prices. ``category`` is the label printed before the amount, if it is short.
    """

    min: Decimal | None
    max: Decimal | None
    currency: str | None
    qualifier: PriceQualifier
    kind: PriceKind
    category: str | None
    start: int
    end: int
    printed: str


@cache
def _words(kind: str, language: str | None) -> dict[str, str]:
    """Return word → value of one kind: the language's and those of every language (all languages' for None)."""
    known = {row["language"] for row in rows("price_words")}
    words: dict[str, str] = {}
    for row in rows("price_words"):
        if row["kind"] == kind and (row["language"] in (language, EVERY_LANGUAGE) or language not in known):
            if row["language"] == EVERY_LANGUAGE:
                words.setdefault(row["word"].casefold(), row["value"])
            elif kind != "currency" or language in known:
                words[row["word"].casefold()] = row["value"]
    return words


@cache
def _conjunctions(language: str | None) -> dict[str, str]:
    return {
        row["word"].casefold(): ""
        for row in rows("date_words")
        if row["kind"] == "and" and row["language"] in (language or "en", "en")
    }


_HIGHEST_AMOUNT = 100_000
_AMOUNT = (
    r"(?<![\d.,])(?:\d{1,3}(?:[  ’']\d{3})+|\d{1,3}(?:\.\d{3})+(?!\d)|\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
    r"(?:[.,](?:\d{2}(?!\d)|[–—-]{1,2}))?(?![\d]|[.,]\d)"
)
_RANGE_MARK = r"[-–—−~〜]"


def _alternation(words: dict[str, str]) -> str:
    """Longest first; words that begin or end with a letter stand alone, but a number may touch a currency."""
    entries = []
    for word in sorted(words, key=len, reverse=True):
        before = r"(?<![^\W\d_])" if word[0].isalpha() else ""
        after = r"(?![^\W\d_])" if word[-1].isalpha() else ""
        entries.append(before + re.escape(word) + after)
    return "|".join(entries) or r"(?!)"


@cache
def _token_pattern(language: str | None) -> re.Pattern[str]:
    return re.compile(
        rf"""(?P<amount>{_AMOUNT})
        | (?P<currency>{_alternation(_words("currency", language))})
        | (?P<large>{_alternation(_words("large", language))})
        | (?P<from_after>{_alternation(_words("from_after", language))})
        | (?P<from>{_alternation(_words("from", language))})
        | (?P<up_to>{_alternation({w: "" for w in _words("up_to", language) if w not in _words("to", language)})})
        | (?P<between>{_alternation(_words("between", language))})
        | (?P<and>{_alternation(_conjunctions(language))})
        | (?P<to>{_alternation(_words("to", language))})
        | (?P<dash>{_RANGE_MARK})
        | (?P<slash>[/·])
        | (?P<bar>[|])
        | (?P<comma>[,;+&\n])
        | (?P<word>[^\W\d_]+)
        | (?P<mark>\S)""",
        re.IGNORECASE | re.VERBOSE,
    )


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def parse_amount(printed: str) -> Decimal:
    """Return the number in a printed amount: ``1 290``, ``1.290,00``, ``1,290.00``, ``35.–``, ``12,50``.

    >>> parse_amount("1.290,50")
    Decimal('1290.50')
    """
    text = re.sub(r"[.,][–—-]+$", "", printed)
    decimals = re.search(r"[.,](\d{2})$", text)
    whole = text[: decimals.start()] if decimals else text
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{digits}.{decimals[1]}" if decimals else digits)


def _currency(sign: str, language: str | None, default: str | None, tag: str | None) -> str | None:
    value = _words("currency", language)[sign.casefold()]
    if value == "$":
        dollars = {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD"}
        region = re.split(r"[-_]", tag or "")[1:2]
        by_region = dollars.get(region[0].upper()) if region else None
        return default if default in {*dollars.values(), "MXN", "ARS", "CLP", "COP", "HKD", "SGD", "TWD"} else by_region
    if value == "kr":
        return default if default in ("SEK", "NOK", "DKK", "ISK") else None
    return value


def currency_of(sign: str, language: str | None, default: str | None) -> str | None:
    """Return the ISO 4217 code of a printed currency, None for a sign of several countries that nothing decides.

    :param default: the company's currency

    >>> currency_of("Kč", "cs", None), currency_of("$", "en", "CAD"), currency_of("$", "en", "EUR")
    ('CZK', 'CAD', None)
    """
    words = _words("currency", primary(language)) or _words("currency", None)
    return _currency(sign, primary(language), default, language) if sign.casefold() in words else None


@lru_cache(maxsize=32_768)
def find_prices(text: str, language: str | None, currency: str | None = None) -> tuple[PriceHit, ...]:
    """Return the prices a text prints, in order. An amount without a currency beside it is no price.

    A list (``€ 20/35/50``) gives one hit per amount, a range one hit. *Admission free* gives a hit of kind ``free``.

    :param currency: the company's currency, which decides what ``$`` and ``kr`` mean

    >>> [(str(hit.min), str(hit.max), hit.currency) for hit in find_prices("12 – 245 €", "de")]
    [('12', '245', 'EUR')]
    """
    code = primary(language)
    tokens = [token for match in _token_pattern(code).finditer(text) for token in _tokens_of(match)]
    hits: list[PriceHit] = []
    index = 0
    while index < len(tokens):
        sequence, after = _sequence(tokens, index)
        if sequence is None:
            index += 1
            continue
        hits.extend(_hits(text, tokens, sequence, (language, currency), hits[-1].end if hits else 0))
        index = max(after, index + 1)
    return tuple(hits) or _free(text, code)


def _tokens_of(match: re.Match[str]) -> Iterator[_Token]:
    """Yield the token of a match; a row of prices that looks like one long number ("€ 300 250 210") as several."""
    kind, text, start = str(match.lastgroup), match.group(), match.start()
    if kind == "amount" and parse_amount(text) >= _HIGHEST_AMOUNT and re.fullmatch(r"\d{2,3}(?:[  ]\d{3})+", text):
        for part in re.finditer(r"\d+", text):
            if part.start():
                yield _Token("slash", " ", start + part.start() - 1, start + part.start())
            yield _Token("amount", part.group(), start + part.start(), start + part.end())
        return
    yield _Token(kind, text, start, match.end())


@dataclass(slots=True)
class _Sequence:
    """Amounts joined by range or list marks, with the currencies beside them."""

    first: int
    last: int
    amounts: list[tuple[_Token, str | None]]
    joints: list[str]  # "range", "slash" or "comma", one fewer than amounts


def _sequence(tokens: list[_Token], index: int) -> tuple[_Sequence | None, int]:
    """Read [currency] amount [currency] {joint [currency] amount [currency]} from ``index`` on."""
    at = index
    amounts: list[tuple[_Token, str | None]] = []
    joints: list[str] = []
    first = at
    end = at
    while True:
        sign = None
        if at < len(tokens) and tokens[at].kind == "currency":
            sign = tokens[at].text
            at += 1
        if at >= len(tokens) or tokens[at].kind != "amount":
            break
        amount = tokens[at]
        at += 1
        if at < len(tokens) and tokens[at].kind == "large":
            return None, at
        if at < len(tokens) and tokens[at].kind == "currency" and _belongs(tokens, at, sign):
            sign = sign or tokens[at].text
            at += 1
        if at < len(tokens) and tokens[at].kind == "large":
            return None, at
        amounts.append((amount, sign))
        end = at
        while _is_empty_place(tokens, at):
            at += 2  # "€ 163 / – / 91": nothing left in this category
        between = first > 0 and tokens[first - 1].kind == "between"
        joint = _joint(tokens, at, between=between, row=tokens[first].kind == "currency")
        if joint is None:
            break
        joints.append(joint[0])
        at = joint[1]
    if not amounts:
        return None, index
    joints = joints[: len(amounts) - 1]
    return _Sequence(first, end, amounts, joints), end


def _is_empty_place(tokens: list[_Token], at: int) -> bool:
    """Tell whether an empty place of a list with slashes begins at ``at``."""
    return [token.kind for token in tokens[at : at + 3]] == ["slash", "dash", "slash"]


def _belongs(tokens: list[_Token], at: int, sign: str | None) -> bool:
    """Tell whether a currency after an amount is that amount's, not the next one's ("€ 12 € 20")."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if sign is None:
        return True
    return not (following is not None and following.kind == "amount" and following.start - tokens[at].end <= 1)


def _joint(tokens: list[_Token], at: int, *, between: bool, row: bool) -> tuple[str, int] | None:
    kind = tokens[at].kind if at < len(tokens) else ""
    if kind in ("dash", "to") or (kind == "and" and between):
        return "range", at + 1
    if row and kind == "bar" and at + 1 < len(tokens) and tokens[at + 1].kind == "amount":
        following = tokens[at + 2].kind if at + 2 < len(tokens) else "bar"
        return ("slash", at + 1) if following == "bar" else None
    if row and kind == "amount" and tokens[at].start == tokens[at - 1].end + 1:
        return "slash", at  # a row of prices: "€ 95 80 65"
    if kind in ("slash", "comma", "and"):
        return ("slash" if kind == "slash" else "comma"), at + 1
    return None


def _hits(
    text: str,
    tokens: list[_Token],
    sequence: _Sequence,
    context: tuple[str | None, str | None],
    previous_end: int,
) -> list[PriceHit]:
    signs = [sign for _, sign in sequence.amounts if sign]
    if not signs:
        return []
    tag, default = context
    code = primary(tag)
    shared = signs[0] if _shares(sequence) else None
    before = tokens[sequence.first - 1] if sequence.first else None
    if before is not None and before.kind in ("mark", "comma") and sequence.first > 1 and before.text in ":.":
        before = tokens[sequence.first - 2]
    if before is not None and before.text == "|" and sequence.first > 1:
        before = tokens[sequence.first - 2]  # "from | 14 €": label and value in two cells
    after = tokens[sequence.last] if sequence.last < len(tokens) else None
    start = tokens[sequence.first].start
    end = tokens[sequence.last - 1].end
    category = _category(text[previous_end:start], code)
    kind = _kind(text[previous_end : end + 40], code)
    hits = []
    position = 0
    while position < len(sequence.amounts):
        amount, sign = sequence.amounts[position]
        is_range = position < len(sequence.joints) and sequence.joints[position] == "range"
        low = parse_amount(amount.text)
        if category is not None and _is_fee(category, code):
            position += 1 + is_range
            continue
        if is_range:
            second, second_sign = sequence.amounts[position + 1]
            high = parse_amount(second.text)
            sign = sign or second_sign or shared
            position += 2
            if sign is None or high < low:
                continue
            low_high: tuple[Decimal | None, Decimal | None] = (low, high)
            qualifier: PriceQualifier = "exact"
        else:
            position += 1
            sign = sign or shared
            if sign is None:
                continue
            low_high, qualifier = (low, low), "exact"
            if position == 1 and len(sequence.amounts) == 1:
                if _says_from(before, after):
                    low_high, qualifier = (low, None), "from"
                elif before is not None and before.kind in ("up_to", "to") and key(before.text) in _up_to(code):
                    low_high, qualifier = (None, low), "up_to"
        price_kind: PriceKind = "free" if low_high == (Decimal(0), Decimal(0)) else kind
        hits.append(
            PriceHit(
                *low_high,
                _currency(sign, code, default, tag),
                qualifier,
                price_kind,
                category,
                start,
                end,
                text[start:end],
            )
        )
    return hits


def _shares(sequence: _Sequence) -> bool:
    """One currency speaks for a range, a list with slashes and a list of three; "Row 3, 12 €" has one price."""
    return len(sequence.amounts) > 2 or "comma" not in sequence.joints


def _says_from(before: _Token | None, after: _Token | None) -> bool:
    return (before is not None and before.kind in ("from", "from_after")) or (
        after is not None and after.kind == "from_after"
    )


def _is_fee(category: str, code: str | None) -> bool:
    """*Booking fee of £2.50* is no price of a seat."""
    fees = {key(word) for word in _words("fee", code)}
    return any(
        word in fees or any(len(fee) > 4 and word.endswith(fee) for fee in fees) for word in key(category).split()
    )


@cache
def _up_to(code: str | None) -> frozenset[str]:
    return frozenset(key(word) for word in _words("up_to", code))


def _kind(text: str, code: str | None) -> PriceKind:
    words = key(text).split()
    members = {key(word) for word in _words("members", code)}
    return "members" if members & set(words) else "paid"


def _category(text: str, code: str | None) -> str | None:
    """Return the label that stands before an amount, when it is short and no word about prices in general."""
    label = re.split(r"[\n|;,•)]|\.\s(?=[^\W\d_]{4})", text)[-1].strip(_AROUND_CATEGORY)
    if not label or len(label) > 60 or "€" in label:
        return None
    general = _general_words(code)
    head, colon, tail = label.partition(":")
    if colon and _is_general(head, general):  # "Prices: stalls – £20"
        label = tail.strip(_AROUND_CATEGORY)
    while " " in label and not _is_general(label, general) and key(label.split()[-1]) in general:
        label = label[: -len(label.split()[-1])].strip(_AROUND_CATEGORY)  # "Stalls from"
    return label if label and len(label) <= 40 and len(label.split()) <= 5 and not _is_general(label, general) else None


_AROUND_CATEGORY = " \t:–—-=(/·."


@cache
def _general_words(code: str | None) -> frozenset[str]:
    kinds = ("price", "from", "to", "up_to", "from_after", "between")
    return frozenset(key(word) for kind in kinds for word in _words(kind, code))


def _is_general(label: str, general: frozenset[str]) -> bool:
    return key(label) in general or all(word in general for word in key(label).split())


def _free(text: str, code: str | None) -> tuple[PriceHit, ...]:
    words = key(text).split()
    for found in status_phrases(code).find(words):
        if found.value == "free" and (len(found.phrase.split()) > 1 or len(words) == 1):
            return (PriceHit(Decimal(0), Decimal(0), None, "exact", "free", None, 0, len(text), text),)
    return ()
