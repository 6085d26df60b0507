"""On the wire only 127.0.0.1 is asked; every other address is asked of the guard, with a stand-in resolver."""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_network
from types import SimpleNamespace

import pytest
from scrapy.settings import Settings

from opera_spiders.errors import BadInputError
from opera_spiders.politeness.guard import AddressGuard, GuardedResolver, GuardMiddleware

from .local_host import Answer

FORBIDDEN = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:53aa:64c:0:0:f5ff:fffe",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "[::1]",
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_an_address_that_is_not_public_is_refused(address):
    assert AddressGuard([]).refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not_refused(address):
    assert AddressGuard([]).refusal(address) is None


def test_a_named_range_is_open_and_nothing_beside_it():
    guard = AddressGuard([ip_network("127.0.0.1/32"), ip_network("fd00::/8")])
    assert guard.refusal("127.0.0.1") is None
    assert guard.refusal("::ffff:127.0.0.1") is None
    assert guard.refusal("fd12::1") is None
    assert guard.refusal("127.0.0.2")
    assert guard.refusal("::1")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://x.example/",
        "data:text/html,x",
        "gopher://x.example/",
        "http:///x",
        "//x",
        "http://[::1",
        "http://a:99999/",
    ],
)
def test_a_url_that_is_not_http_is_refused(url):
    assert AddressGuard([]).refusal_of_url(url)


@pytest.mark.parametrize(
    ("answers", "passed"),
    [
        (["8.8.8.8"], ["8.8.8.8"]),
        (["10.0.0.1", "8.8.8.8"], ["8.8.8.8"]),
        (["169.254.169.254"], []),
        (["::ffff:10.0.0.1", "fe80::1"], []),
        ([], []),
    ],
)
def test_the_resolver_passes_on_only_addresses_it_has_checked(answers, passed):
    resolver = GuardedResolver(AddressGuard([]), _Resolver(answers))
    receiver = _Receiver()
    resolver.resolveHostName(receiver, "house.example", 443)
    assert receiver.addresses == passed
    assert receiver.is_complete
    assert ("house.example" in resolver.refusals) is bool(answers and not passed)


class _Resolver:
    def __init__(self, answers):
        self.answers = answers

    def resolveHostName(self, receiver, host, *_):
        receiver.resolutionBegan(None)
        for answer in self.answers:
            receiver.addressResolved(SimpleNamespace(host=answer))
        receiver.resolutionComplete()


class _Receiver:
    def __init__(self):
        self.addresses = []
        self.is_complete = False

    def resolutionBegan(self, _):
        pass

    def addressResolved(self, address):
        self.addresses.append(address.host)

    def resolutionComplete(self):
        self.is_complete = True


@pytest.fixture
def forbidden_host(host):
    return host({"/robots.txt": Answer(""), "/": Answer()}, address="127.0.0.2")


def test_a_start_page_at_a_forbidden_address_ends_the_crawl_with_its_outcome(forbidden_host, crawl):
    result = crawl(forbidden_host.url())
    assert forbidden_host.hits == []
    assert (result.reason, result.outcomes()) == ("forbidden_address", {"forbidden_address"})
    assert result.stats["opera/requests/address_forbidden"] == 1


def test_a_redirect_to_a_forbidden_address_is_not_followed(host, forbidden_host, crawl):
    house = host({"/": Answer('<a href="/away">x</a>'), "/away": Answer("", 302, {"Location": forbidden_host.url()})})
    result = crawl(house.url(), follow=True)
    assert forbidden_host.hits == []
    assert [error["error"] for error in result.errors] == ["ForbiddenAddress"]
    assert result.reason == "finished"


def test_a_robots_txt_that_redirects_to_a_forbidden_address_is_not_had(host, forbidden_host, crawl):
    house = host({"/robots.txt": Answer("", 302, {"Location": forbidden_host.url("/robots.txt")}), "/": Answer()})
    crawl(house.url())
    assert forbidden_host.hits == []
    assert house.paths() == ["/robots.txt"]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)"])
def test_a_redirect_or_link_out_of_http_is_not_followed(host, crawl, location):
    house = host(
        {
            "/": Answer(f'<a href="{location}">x</a><a href="/away">y</a>'),
            "/away": Answer("", 302, {"Location": location}),
        }
    )
    result = crawl(house.url(), follow=True)
    assert [page["url"] for page in result.pages] == [house.url()]


def test_a_name_that_leads_to_a_forbidden_address_is_refused_by_its_address(forbidden_host, crawl):
    result = crawl(f"http://house.example:{forbidden_host.port}/", names={"house.example": [["127.0.0.2"]]})
    assert forbidden_host.hits == []
    assert result.reason == "forbidden_address"


def test_a_name_that_turns_forbidden_between_two_requests_is_refused_then(host, crawl):
    close = {"Connection": "close"}
    house = host(
        {"/robots.txt": Answer("", headers=close), "/": Answer('<a href="/a">a</a>', headers=close), "/a": Answer()}
    )
    inside = host({"/robots.txt": Answer(""), "/a": Answer()}, address="127.0.0.2", port=house.port)
    names = {"house.example": [["127.0.0.1"]] * 2 + [["127.0.0.2"]]}
    result = crawl(f"http://house.example:{house.port}/", names=names, follow=True)
    assert house.paths() == ["/robots.txt", "/"]
    assert inside.hits == []
    assert [error["error"] for error in result.errors] == ["ForbiddenAddress"]


#: 127.0.0.2, which is forbidden here, as the host of an address may spell it.
SPELLINGS = [
    "127.0.0.2",
    "2130706434",
    "0x7f.2",
    "0x7f000002",
    "0x7F.0x0.0x0.0x2",
    "0177.0.0.2",
    "017700000002",
    "127.2",
    "127.0.2",
    "127.0.0.2.",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]",
    "[0:0:0:0:0:ffff:7f00:2]",
    "[::127.0.0.2]",
    "[64:ff9b::7f00:2]",
    "[2002:7f00:2::]",
    "house.example@127.0.0.2",
    "127.0.0.1:80@2130706434",
    "127.0.0.1%40127.0.0.2",
    "127\u30020\u30020\u30022",  # ideographic full stops
    "\uff11\uff12\uff17.0.0.\uff12",  # full-width digits among others
    "\u2460\u2461\u2466.\u24ea.\u24ea.\u2461",  # encircled ones
    "%31%32%37.0.0.2",
    "127.0.0.2\\@127.0.0.1",
    "two.example",
    "TWO.example.",
]


def test_an_address_is_refused_however_it_is_spelled(host, forbidden_host, crawl):
    urls = [f"http://{spelling}:{forbidden_host.port}/" for spelling in SPELLINGS]
    house = host({"/": Answer("".join(f'<a href="{url}">x</a>' for url in urls))})
    names = {name: [["127.0.0.2"]] for name in ("two.example", "TWO.example.", "two.example.")}
    result = crawl(house.url(), names=names, follow=True)
    assert forbidden_host.hits == []
    assert [page["url"] for page in result.pages] == [house.url()]
    refused = Counter(error["error"] for error in result.errors)
    assert refused == {"ForbiddenAddress": 19, "RobotsUnreachable": 2}  # the latter are no host names
    # Some spellings are one to Scrapy.
    assert refused.total() + result.stats["dupefilter/filtered"] == len(SPELLINGS)


def test_without_the_guarded_resolver_no_crawl_begins():
    crawler = SimpleNamespace(settings=Settings({"TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingThreadedResolver"}))
    with pytest.raises(BadInputError, match="GuardedResolver"):
        GuardMiddleware.from_crawler(crawler)
