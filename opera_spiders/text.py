"""Text as every room compares it: whitespace, invisible characters, entities and case in one place."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

# Soft hyphen, zero-width space/joiners, word joiner, direction marks, byte-order mark, Mongolian vowel separator.
INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
INVISIBLE |= dict.fromkeys(range(0xE000, 0xF900))  # private use: glyphs of icon fonts
_ENTITY = re.compile(r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|[a-zA-Z]{2,8}\d?);")
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("’‘ʼ`´′‛", "'") | dict.fromkeys("“”„«»‟″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
# Accents go, and Latin letters that have no decomposition; й and ё lose their marks too, as on many pages.
_PLAIN_LETTERS = dict.fromkeys([0x34F, *range(0x300, 0x370)]) | str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n", "ə": "e"}
)
_NOT_WORD = re.compile(r"[\W_]+")


def visible(text: str) -> str:
    """Return ``text`` without characters nobody sees, NFC, with entities that were escaped twice decoded.

    Whitespace is kept as it is, so that callers decide what a line break means.

    >>> visible("Ensem\\u00adble &amp;amp; Chor")
    'Ensemble & Chor'
    """
    for _ in range(2):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.translate(INVISIBLE))


def squeeze(text: str) -> str:
    """Return ``text`` on one line, every run of whitespace (no-break spaces too) as one space.

    >>> squeeze(" Act\\u00a0I \\n Scene 2 ")
    'Act I Scene 2'
    """
    return " ".join(text.split())


def clean(text: str) -> str:
    """Return ``text`` as a reader sees it on one line."""
    return squeeze(visible(text))


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """Return the form in which printed texts are compared: no case, accents or typographic variants, one line.

    Letters of other scripts keep their script; punctuation stays, because dates and prices need it.

    >>> folded("L’ELISIR  d’Amore – Dvořák, Straße, Øystein")
    "l'elisir d'amore - dvorak, strasse, oystein"
    """
    text = clean(text).translate(_TYPOGRAPHY).casefold()
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text).translate(_PLAIN_LETTERS))


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """Return ``folded`` text reduced to words and single spaces: equal keys mean the same name or title.

    >>> key("Cavalleria rusticana / Pagliacci")
    'cavalleria rusticana pagliacci'
    """
    return _NOT_WORD.sub(" ", folded(text)).strip()
