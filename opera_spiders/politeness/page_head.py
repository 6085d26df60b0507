"""What the metas and links of an HTML page say about its use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

MAX_HEAD_CHARACTERS = 200_000
_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageHead:
    """``robots`` are the contents of the metas for every robot and for us, as printed."""

    robots: tuple[str, ...] = ()
    tdm_reservation: str | None = None
    rsl_licences: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str, url: str, product_token: str) -> Self:
        """Read the head of the HTML ``text`` of ``url``."""
        text = text[:MAX_HEAD_CHARACTERS]
        end = _BODY.search(text)
        tree = LexborHTMLParser(text[: end.start()] if end else text)
        metas = [
            ((meta.attributes.get("name") or "").strip().lower(), meta.attributes.get("content") or "")
            for meta in tree.css("meta")
        ]
        return cls(
            robots=tuple(content for name, content in metas if name in ("robots", product_token.lower())),
            tdm_reservation=next((content.strip() for name, content in metas if name == "tdm-reservation"), None),
            rsl_licences=tuple(
                urljoin(url, link.attributes.get("href") or "")
                for link in tree.css('link[rel~="license"][type="application/rsl+xml"]')
            ),
        )
