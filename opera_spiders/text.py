"""How printed words are compared: one folding for vocabularies, extractors and grounding alike."""

from __future__ import annotations

import re
import unicodedata

_IGNORED = dict.fromkeys([0xAD, 0x34F, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x300, 0x370)])
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n", "ə": "e"}
)
_FOLDED = _LETTERS | _IGNORED
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return the words of ``text`` without case, accents, soft hyphens and punctuation, joined by single spaces.

    Two printings of one name fold to the same text; scripts are kept apart (Cyrillic is not romanised).

    >>> fold("Regie: Zoë «Straße» O’Neill‑Šik")
    'regie zoe strasse o neill sik'
    """
    bare = unicodedata.normalize("NFKD", text).casefold().translate(_FOLDED)
    return _BETWEEN_WORDS.sub(" ", unicodedata.normalize("NFC", bare)).strip()
