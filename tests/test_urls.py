"""One spelling for each page, one house for each address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opera_spiders.urls import bare_domain, canonical_url, host_port, is_domain, is_same_company


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://user:word@example.org/a", "https://example.org/a"),
        ("https://example.org/a/./b/../c/", "https://example.org/a/c/"),
        ("https://example.org/..", "https://example.org/"),
        ("https://example.org/%7eanna/%E9t%c3%a9", "https://example.org/~anna/%E9t%C3%A9"),
        ("https://example.org/a%2fb", "https://example.org/a%2Fb"),
        ("https://example.org/jenůfa", "https://example.org/jen%C5%AFfa"),
        ("https://example.org/a?b=2&a=1&b=1", "https://example.org/a?a=1&b=2&b=1"),
        ("https://example.org/a?gclid=x&fbclid=y&utm_term=z&sort=asc", "https://example.org/a"),
        ("https://example.org/a?id=1#cast", "https://example.org/a?id=1"),
        ("https://example.org/a?q=%E9", "https://example.org/a?q=%E9"),
    ],
)
def test_an_address_has_one_spelling(url: str, canonical: str):
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40), st.text(max_size=20))
def test_the_canonical_spelling_is_stable(path: str, value: str):
    once = canonical_url(
        f"https://example.org/{path.replace('?', '').replace('#', '')}?a={value.encode('utf-8', 'ignore').hex()}"
    )
    assert canonical_url(once) == once
    assert once.startswith("https://example.org/")


@pytest.mark.parametrize(
    ("url", "house"),
    [
        ("https://Example.org./a", "example.org"),
        ("http://example.org:443/", "example.org:443"),
        ("https://[2001:DB8::1]:8443/", "[2001:db8::1]:8443"),
    ],
)
def test_a_house_is_host_and_port(url: str, house: str):
    assert host_port(url) == house


@pytest.mark.parametrize(
    "text", ["", "x y", "a/b", "http:", "a@b", "a:0", "a:b", "-a.example", "a..b", "127.0.0.1:70000", "[::1", "?"]
)
def test_what_is_no_host_name_is_refused(text: str):
    assert not is_domain(text)


@pytest.mark.parametrize(
    "text", ["example.org", "oper.köln", "127.0.0.1:8711", "[::1]:8711", "localhost", "a_b.example"]
)
def test_host_names_and_addresses_are_domains(text: str):
    assert is_domain(text)


def test_subdomains_belong_to_the_company_and_look_alikes_do_not():
    assert is_same_company("https://tickets.example.org/", ["www.example.org"])
    assert not is_same_company("https://example.org.evil.example/", ["example.org"])
    assert not is_same_company("https://example.org:8443/", ["example.org"])


def test_a_domain_is_compared_without_www():
    assert bare_domain("WWW.Example.org:8080") == "example.org:8080"
    assert bare_domain("[::1]:8080") == "[::1]:8080"
