"""Addresses: one spelling for each page, and which house an address belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from w3lib.url import safe_url_string

DEFAULT_PORTS = {"http": 80, "https": 443}

# Say who sent the visitor or how a list is drawn, never which page is meant.
_NOISE_PARAMETER = re.compile(
    r"(?:utm|mtm|pk|piwik|matomo|hsa|vero|oly|_hs|mc|at|ga|xtor|trk)_\w*|"
    r"(?:fb|g|y|dc|ms|tt|tw|li_fat_|wb|gb)?cl(?:id|src)|[gw]braid|_g[al]|_hsenc|_hsmi|mkt_tok|igshid|srsltid|fb_(?:action|source|ref)\w*|"
    r"phpsessid|jsessionid|aspsessionid\w*|session_?id|cfid|cftoken|sessid|"
    r"sort|sort_?(?:by|dir|order)|order_?by|print|replytocom|share",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/]*", re.IGNORECASE)
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$")
_NUMERIC = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$")


@lru_cache(maxsize=16_384)  # every page has the menu's
def canonical_url(url: str) -> str:
    """Return the one spelling of ``url`` under which its page is requested, stored and compared.

    Fragment, default port, user information, and tracking, session and sort parameters go; scheme and host become
    lower case, the path's dot segments are resolved, parameters are ordered by name.

    >>> canonical_url("HTTPS://WWW.Example.org:443/a/../whats-on;jsessionid=1F?utm_source=x&b=2&a=1#cast")
    'https://www.example.org/whats-on?a=1&b=2'
    >>> canonical_url("http://127.0.0.1:8101")
    'http://127.0.0.1:8101/'
    """
    parts = urlsplit(safe_url_string(url.strip()))
    scheme = parts.scheme.lower()
    path = _without_dot_segments(_PATH_SESSION.sub("", parts.path)) or "/"
    query = sorted(
        (
            (name, value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
            if not is_noise(name, value)
        ),
        key=lambda pair: pair[0],
    )
    return urlunsplit((scheme, host_port(url), _same_escapes(path), urlencode(query, errors="surrogateescape"), ""))


def is_noise(parameter: str, value: str = "") -> bool:
    """Tell whether a query parameter never says which page is meant.

    >>> is_noise("utm_campaign"), is_noise("PHPSESSID"), is_noise("id")
    (True, True, False)
    >>> is_noise("sid", "8f14e45fceea167a5a36dedd4bea2543"), is_noise("sid", "42")
    (True, False)
    """
    return _NOISE_PARAMETER.fullmatch(parameter) is not None or (parameter.lower() == "sid" and len(value) >= 16)


def host_port(url: str) -> str:
    """Return the house of ``url``: its host in lower-case ASCII, with the port unless it is the scheme's own.

    >>> host_port("https://Www.Example.org:443/x"), host_port("http://127.0.0.1:8101/")
    ('www.example.org', '127.0.0.1:8101')
    >>> host_port("https://oper.köln/"), host_port("http://[::1]:8101/")
    ('oper.xn--kln-sna', '[::1]:8101')
    """
    parts = urlsplit(url.strip())
    host = ascii_host(parts.hostname or "")
    if ":" in host:
        host = f"[{host}]"
    if parts.port is None or parts.port == DEFAULT_PORTS.get(parts.scheme.lower()):
        return host
    return f"{host}:{parts.port}"


def ascii_host(host: str) -> str:
    """Return a host name as DNS has it: lower case, IDNA-encoded, without a final dot.

    >>> ascii_host("Oper.Köln.")
    'oper.xn--kln-sna'
    """
    host = host.lower().rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def is_domain(text: str) -> bool:
    """Tell whether ``text`` is a host name or address with an optional port, and nothing more.

    >>> [is_domain(text) for text in ("roh.org.uk", "127.0.0.1:8101", "https://roh.org.uk", "roh.org.uk/x", "a b")]
    [True, True, False, False, False]

    A name that ends in a number is an address in full or nothing: resolvers take 10.1 for 10.0.0.1.

    >>> [is_domain(text) for text in ("10.1", "2130706433", "opera.0x7f", "127.0.0.256", "4.opera.example")]
    [False, False, False, False, True]
    """
    if not text or text.endswith(":") or any(character in text for character in "/?#@\\ \t\n"):
        return False
    try:
        parts = urlsplit(f"//{text}")
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if port == 0 or not host:
        return False
    return ":" in host or (_HOST.match(ascii_host(host)) is not None and (not _NUMERIC.search(host) or _is_ipv4(host)))


def _is_ipv4(host: str) -> bool:
    try:
        return bool(IPv4Address(host))
    except ValueError:
        return False


def is_same_company(url: str, domains: Iterable[str]) -> bool:
    """Tell whether ``url`` is served by one of ``domains`` (host or host:port), its ``www.`` or another subdomain.

    The port is part of the house: two servers on one address are two companies.

    >>> is_same_company("https://www.rbo.org.uk/tickets", ["rbo.org.uk", "roh.org.uk"])
    True
    >>> is_same_company("http://127.0.0.1:8102/", ["127.0.0.1:8101"])
    False
    >>> is_same_company("https://evilrbo.org.uk/", ["rbo.org.uk"])
    False
    """
    house = host_port(url)
    return any(house == domain or house.endswith(f".{domain}") for domain in map(bare_domain, domains))


def bare_domain(domain: str) -> str:
    """Return a domain in lower-case ASCII without ``www.``, port kept.

    >>> bare_domain("WWW.Oper.Köln"), bare_domain("127.0.0.1:8101")
    ('oper.xn--kln-sna', '127.0.0.1:8101')
    """
    host, colon, port = (
        domain.strip().partition(":") if not domain.strip().startswith("[") else (domain.strip(), "", "")
    )
    return ascii_host(host).removeprefix("www.") + colon + port


def path_segments(url: str) -> list[str]:
    """Return the decoded, non-empty segments of the path.

    >>> path_segments("https://example.org/de/spielplan/fidelio%20neu/")
    ['de', 'spielplan', 'fidelio neu']
    """
    return [unquote(segment) for segment in urlsplit(url).path.split("/") if segment]


def _without_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _same_escapes(path: str) -> str:
    """Escape exactly what a path must escape, in upper case, so that %7e, %7E and ~ are one spelling.

    An escaped slash stays escaped: it is not a separator.
    """
    return "/".join(
        quote(unquote(segment, errors="surrogateescape"), safe="!$&'()*+,;=:@~-._", errors="surrogateescape")
        for segment in path.split("/")
    )
