"""RFC 9309, sections 2.2 to 2.5: one case for each sentence that says MUST or SHOULD, in our words."""

from __future__ import annotations

from dataclasses import dataclass, field

from .local_host import Answer

ALL_FORBIDDEN = "User-agent: *\nDisallow: /"


@dataclass(frozen=True)
class RuleCase:
    """A robots.txt, and what it allows and forbids a crawler named ``OperaResearchBot``."""

    section: str
    sentence: str
    robots: str | bytes
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


@dataclass(frozen=True)
class AccessCase:
    """What ``/robots.txt`` answers, time after time, and whether the page is fetched then."""

    section: str
    sentence: str
    answers: list[Answer]
    is_fetched: bool
    outcome: str | None = None
    routes: dict[str, Answer] = field(default_factory=dict)


RULE_CASES = (
    RuleCase(
        "2.2.1",
        "A product token is made of letters, _ and -; what follows it on the line is not part of it",
        "User-agent: OperaResearchBot/1.0 (test)\nDisallow: /a\n\nUser-agent: *\nDisallow: /",
        allowed=("/b",),
        denied=("/a",),
    ),
    RuleCase(
        "2.2.1",
        "Only the group that names our token is ours, not one that names a longer or shorter token",
        "User-agent: OperaResearchBot-Images\nDisallow: /\n\nUser-agent: Opera\nUser-agent: Bot\nDisallow: /",
        allowed=("/a",),
    ),
    RuleCase(
        "2.2.1",
        "Our token is found whatever its case",
        "user-AGENT: oPERArESEARCHbOT\nDISallow: /a",
        allowed=("/b",),
        denied=("/a",),
    ),
    RuleCase(
        "2.2.1",
        "Several groups for our token are read as one",
        "User-agent: OperaResearchBot\nDisallow: /a\n\nUser-agent: other\nDisallow: /c\n\n"
        "User-agent: operaresearchbot\nDisallow: /b\nAllow: /a/x",
        allowed=("/c", "/a/x"),
        denied=("/a", "/b"),
    ),
    RuleCase(
        "2.2.1",
        "Several user-agent lines before the rules share them",
        "User-agent: other\nUser-agent: OperaResearchBot\n\nUser-agent: or\nDisallow: /a\nUser-agent: *\nDisallow: /b",
        allowed=("/b",),
        denied=("/a",),
    ),
    RuleCase(
        "2.2.1",
        "Without a group for us the group for * is ours, wherever it stands",
        "User-agent: *\nDisallow: /a\n\nUser-agent: other\nDisallow: /",
        allowed=("/b",),
        denied=("/a",),
    ),
    RuleCase(
        "2.2.1",
        "A group for us leaves the group for * out, even when it has no rules",
        "User-agent: *\nDisallow: /\n\nUser-agent: OperaResearchBot\nDisallow:",
        allowed=("/a",),
    ),
    RuleCase(
        "2.2.1", "Without any group that is ours no rules apply", "User-agent: other\nDisallow: /", allowed=("/a",)
    ),
    RuleCase(
        "2.2.1",
        "Rules before the first user-agent line belong to nobody",
        "Disallow: /a\nUser-agent: *\nAllow: /",
        ("/a",),
    ),
    RuleCase(
        "2.2.2",
        "The path of the URL, with its query, is matched",
        "User-agent: *\nDisallow: /a?x=1",
        ("/a", "/a?x=2"),
        ("/a?x=1",),
    ),
    RuleCase("2.2.2", "Matching heeds case", "User-agent: *\nDisallow: /Private", ("/private",), ("/Private/x",)),
    RuleCase(
        "2.2.2",
        "Matching starts at the first octet of the path",
        "User-agent: *\nDisallow: /a",
        ("/b/a",),
        ("/a", "/abc"),
    ),
    RuleCase(
        "2.2.2",
        "The rule with the most octets decides, wherever it stands",
        "User-agent: *\nAllow: /a/b/c\nDisallow: /a/b\nAllow: /a\nDisallow: /a/b/c/d",
        allowed=("/a/x", "/a/b/c/x"),
        denied=("/a/b/x", "/a/b/c/d/e"),
    ),
    RuleCase(
        "2.2.2",
        "Of an allow and a disallow of one length the allow is used",
        "User-agent: *\nDisallow: /a\nAllow: /a",
        ("/a",),
    ),
    RuleCase("2.2.2", "What no rule matches is allowed", "User-agent: *\nDisallow: /a", allowed=("/", "/b")),
    RuleCase("2.2.2", "A group without rules allows everything", "User-agent: *\n", allowed=("/a",)),
    RuleCase("2.2.2", "/robots.txt itself is allowed", ALL_FORBIDDEN, ("/robots.txt",), ("/a",)),
    RuleCase(
        "2.2.2",
        "Octets beyond ASCII are escaped before they are compared, in the rule and in the URL",
        "User-agent: *\nDisallow: /ópera\nDisallow: /saison/%C3%A9t%c3%a9",
        allowed=("/opera",),
        denied=("/%C3%B3pera", "/%c3%b3pera/x", "/ópera", "/saison/été"),
    ),
    RuleCase(
        "2.2.2",
        "Reserved characters in a query are one, escaped or not",
        "User-agent: *\nDisallow: /a?u=https://x.example",
        allowed=("/a?u=https%3A%2F%2Fy.example",),
        denied=("/a?u=https%3A%2F%2Fx.example", "/a?u=https://x.example/b"),
    ),
    RuleCase(
        "2.2.2",
        "Escaped unreserved ASCII is unescaped before it is compared, reserved is not",
        "User-agent: *\nDisallow: /%62%61%7A\nDisallow: /a%2Fb",
        allowed=("/a/b",),
        denied=("/baz", "/b%61z", "/a%2fb"),
    ),
    RuleCase(
        "2.2.2",
        "A match reaches the end of the rule before a difference",
        "User-agent: *\nDisallow: /abc",
        ("/ab",),
        ("/abcd",),
    ),
    RuleCase(
        "2.2.3", "# begins a comment", "User-agent: * # all\nDisallow: /a # not this\n# Disallow: /b", ("/b",), ("/a",)
    ),
    RuleCase(
        "2.2.3",
        "$ is the end of the path",
        "User-agent: *\nDisallow: /*.pdf$\nDisallow: /exact$",
        allowed=("/a.pdf?x", "/exact/x", "/a.pdfx"),
        denied=("/a/b.pdf", "/exact"),
    ),
    RuleCase(
        "2.2.3",
        "* is any number of any characters",
        "User-agent: *\nDisallow: /a/*/z\nDisallow: *session=\nDisallow: /xy*yx$",
        allowed=("/a/z", "/b/a/b/z", "/xyx"),
        denied=("/xyyx", "/a/b/z", "/a/b/c/zz", "/x?session=1"),
    ),
    RuleCase(
        "2.2.3",
        "Special characters that are meant literally are escaped",
        "User-agent: *\nDisallow: /file-%2A.html\nDisallow: /price-%24",
        allowed=("/file-x.html", "/price-"),
        denied=("/file-*.html", "/file-%2a.html", "/price-$"),
    ),
    RuleCase(
        "2.2.4",
        "Other records do not disturb the rules around them",
        "User-agent: OperaResearchBot\nSitemap: https://x.example/s.xml\nCrawl-delay: 1\nUser-agent: other\nHost: x\n"
        "Disallow: /a\nSitemap: https://x.example/t.xml\nDisallow: /b",
        denied=("/a", "/b"),
    ),
    RuleCase(
        "2.3",
        "The file is UTF-8; a byte order mark is not part of the first line",
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /a",
        (),
        ("/a",),
    ),
    RuleCase(
        "2.3.1.5",
        "Lines that cannot be parsed are passed over, the others are used",
        b"<html>\nUser-agent *\nUser-agent: *\nDisalow: /x\n\x00\xff\xfe: z\nDisallow /y\nDisallow: /a\n: :\n",
        ("/x", "/y"),
        ("/a",),
    ),
    RuleCase(
        "2.3.1.5",
        "Lines end with CR, LF or both",
        "User-agent: *\rDisallow: /a\r\nDisallow: /b\nDisallow: /c",
        (),
        ("/a", "/b", "/c"),
    ),
    RuleCase(
        "2.2",
        "White space around names, colons and values, and empty lines, say nothing",
        "\n\n  User-agent \t:   *  \n\n\t Disallow:\t/a \t\n \nDisallow :/b\n",
        ("/c",),
        ("/a", "/b"),
    ),
    RuleCase(
        "2.2.2",
        "The longest match counts the octets of the rule, escaped ones as they are compared",
        "User-agent: *\nDisallow: /%E1%BD%A0*\nAllow: /%e1%bd%a0/x",
        allowed=("/\u1f60/x",),
        denied=("/\u1f60/y",),
    ),
    RuleCase("2.5", "At least 500 KiB are parsed", "#" * 511_000 + "\nUser-agent: *\nDisallow: /a", (), ("/a",)),
)

_FORBIDS = Answer(ALL_FORBIDDEN, headers={"Content-Type": "text/plain"})


def _moved(to: str) -> Answer:
    return Answer("", 302, {"Location": to})


_FIVE_STEPS = {f"/{step}": _moved(f"/{step + 1}") for step in range(1, 5)}
_LOOP = {"/loop": _moved("/loop")}

ACCESS_CASES = (
    AccessCase("2.3.1.1", "Once fetched, its rules are followed", [_FORBIDS], False, "robots_denied"),
    AccessCase(
        "2.3.1.2",
        "Five redirects are followed, and the rules found apply to where we started",
        [_moved("/1")],
        False,
        "robots_denied",
        _FIVE_STEPS | {"/5": _FORBIDS},
    ),
    AccessCase("2.3.1.2", "Redirected without end it is taken as absent", [_moved("/loop")], True, None, _LOOP),
    AccessCase("2.3.1.3", "404: everything is allowed", [Answer("no", 404)], True),
    AccessCase("2.3.1.3", "403: everything is allowed", [Answer("no", 403)], True),
    AccessCase(
        "2.3.1.3", "410: everything is allowed, whatever stands in the answer", [Answer(ALL_FORBIDDEN, 410)], True
    ),
    AccessCase(
        "2.3",
        "It is asked for at /robots.txt, in lower case, before anything else",
        [Answer("")],
        True,
        None,
        {"/Robots.txt": _FORBIDS, "/ROBOTS.TXT": _FORBIDS},
    ),
    AccessCase("2.3.1.4", "500: nothing is fetched", [Answer(ALL_FORBIDDEN, 500)], False, "robots_unreachable"),
    AccessCase("2.3.1.4", "503: nothing is fetched", [Answer("", 503)], False, "robots_unreachable"),
    AccessCase("2.3.1.4", "Reset: nothing is fetched", [Answer(is_reset=True)], False, "robots_unreachable"),
    AccessCase(
        "2.3.1.4", "No answer in time: nothing is fetched", [Answer(is_silent=True)], False, "robots_unreachable"
    ),
    AccessCase("2.3.1.4", "429 without end: nothing is fetched (ours)", [Answer("", 429)], False, "robots_unreachable"),
    AccessCase("2.3.1.4", "Unreachable once, then there: its rules are followed", [Answer("", 503), Answer("")], True),
)
