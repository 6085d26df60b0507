"""How large an answer may be, unpacked, and in which encodings it may come."""

from __future__ import annotations

import codecs
import logging
import re
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, JsonResponse, Response, TextResponse

logger = logging.getLogger(__name__)

MAX_TEXT_BYTES = 8 * 1024 * 1024  # of HTML or JSON: the largest of the opera pages we know has 2 MiB

# The encodings of the web (WHATWG) as Python names them. Of Python's others some decode in quadratic time (punycode),
# some fail (idna, undefined), some are programming (unicode_escape, rot_13).
_WEB_ENCODING = re.compile(
    r"ascii|utf-8(-sig)?|utf-16(-[lb]e)?|cp(866|874|932|949|125\d)|iso8859-\d+|koi8-[ru]|mac-(roman|cyrillic)|"
    r"gb2312|gbk|gb18030|big5(hkscs)?|euc_(jp|kr|jis_2004|jisx0213)|shift_jis\w*|iso2022_jp\w*|hz"
)


class AnswerTooLarge(IgnoreRequest):
    """The answer unpacks to more than we take."""


class AnswerUndecodable(IgnoreRequest):
    """The answer is not what its ``Content-Encoding`` says."""


class BoundsMiddleware(HttpCompressionMiddleware):
    """Unpacks as Scrapy does, and refuses by name and number what is too large or cannot be unpacked."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take ``DOWNLOAD_MAXSIZE`` for everything; HTML and JSON have their own bound."""
        return cls(crawler=crawler)

    def process_response(  # type: ignore[override]  # Scrapy is leaving its third argument
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the answer unpacked.

        :raises AnswerTooLarge: it unpacks to more than we take
        :raises AnswerUndecodable: it cannot be unpacked
        """
        try:
            # Never more, however much may come: a robots.txt is cut off on its way, and has no bound of its own.
            most = min(filter(None, (request.meta.get("download_maxsize"), self._max_size)), default=0)
            bounded = request.replace(meta={"download_maxsize": most})
            unpacked = super().process_response(bounded, response)
        except IgnoreRequest as error:
            raise self._refused(AnswerTooLarge(str(error)), "too_large") from error
        except Exception as error:  # each library has its own
            what = (response.headers.get("Content-Encoding") or b"").decode("latin-1")[:80]
            raise self._refused(AnswerUndecodable(f"{response.url} is not {what}: {error}"), "undecodable") from error
        if isinstance(unpacked, (HtmlResponse, JsonResponse)) and len(unpacked.body) > MAX_TEXT_BYTES:
            why = f"{response.url} is {len(unpacked.body)} bytes of text; {MAX_TEXT_BYTES} are the most we read"
            raise self._refused(AnswerTooLarge(why), "too_large")
        if isinstance(unpacked, TextResponse) and not is_web_encoding(_declared(unpacked)):
            return unpacked.replace(encoding="utf-8")
        return unpacked

    def _refused(self, error: IgnoreRequest, stat: str) -> IgnoreRequest:
        assert self.stats is not None
        self.stats.inc_value(f"opera/requests/{stat}")
        return error


def is_web_encoding(name: str | None) -> bool:
    """Tell whether pages may be decoded by the codec ``name``; None is no encoding, and may.

    >>> is_web_encoding("windows-1252"), is_web_encoding("punycode")
    (True, False)
    """
    if name is None:
        return True
    try:
        return _WEB_ENCODING.fullmatch(codecs.lookup(name).name) is not None
    except (LookupError, ValueError):
        return False


def _declared(response: TextResponse) -> str | None:
    return response._bom_encoding() or response._headers_encoding() or response._body_declared_encoding()
