"""Addresses we never connect to: loopback, private, link-local, multicast, metadata and what hides them.

A name is checked where it is resolved for the connection itself, and the connection goes to an address that was
checked, so an answer that changes between check and use (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.statscollectors import StatsCollector
from scrapy.utils.misc import load_object
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from opera_spiders.config import Config
from opera_spiders.errors import BadInputError
from opera_spiders.outcomes import Outcome
from opera_spiders.politeness.endings import conclude

logger = logging.getLogger(__name__)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
# Not public, though some versions of Python's is_global say so: protocol assignments (one cloud's metadata among
# them), NAT64 for local use, site-local.
_NOT_PUBLIC = (IPv4Network("192.0.0.0/24"), IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))
_COMPATIBLE = IPv6Network("::/96")


class ForbiddenAddress(IgnoreRequest):
    """The request leads to an address or scheme we do not connect to."""


class AddressGuard:
    """Decides about addresses.

    :param allowed_networks: opened for local use; they win over every rule below
    """

    def __init__(self, allowed_networks: Sequence[Network]) -> None:
        self.allowed_networks = tuple(allowed_networks)

    def refusal(self, address: str) -> str | None:
        """Return why ``address`` is refused, or None; None also for a text that is no address.

        >>> AddressGuard([]).refusal("::ffff:10.0.0.1")
        '10.0.0.1 is not a public address'
        >>> AddressGuard([IPv4Network("127.0.0.1/32")]).refusal("127.0.0.1") is None
        True
        """
        try:
            inner = _unwrapped(ip_address(address.strip("[]")))
        except ValueError:
            return None
        if any(inner in network for network in self.allowed_networks):
            return None
        if (
            inner.is_multicast
            or inner.is_reserved
            or not inner.is_global
            or any(inner in network for network in _NOT_PUBLIC)
        ):
            return f"{inner} is not a public address"
        return None

    def refusal_of_url(self, url: str) -> str | None:
        """Return why ``url`` is refused by its scheme or its literal address, or None."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            return "it is not a valid URL"
        if parts.scheme not in ("http", "https") or not host:
            return f"only http and https are fetched, not {parts.scheme or 'no scheme'!r}"
        return self.refusal(host)


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for (mapped, compatible, NAT64, 6to4, Teredo), else itself."""
    if isinstance(address, IPv4Address):
        return address
    embedded = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if embedded is None and (address in _NAT64 or (address in _COMPATIBLE and int(address) > 1)):
        embedded = IPv4Address(int(address) & 0xFFFFFFFF)
    return embedded or address


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names for Twisted and passes on only addresses that may be connected to (``TWISTED_DNS_RESOLVER``).

    Literal addresses come through here as well.
    """

    def __init__(self, guard: AddressGuard, resolver: Any, reactor: Any = None) -> None:
        self.guard = guard
        self.resolver = resolver
        self.reactor = reactor
        self.refusals: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Wrap the reactor's own resolver."""
        return cls(
            AddressGuard(Config.from_settings(crawler.settings).opera_allowed_networks), reactor.nameResolver, reactor
        )

    def install_on_reactor(self) -> None:
        """Resolve every name of this process."""
        self.reactor.installNameResolver(self)

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Resolve as the wrapped resolver does, without the refused addresses."""
        sieve = _Sieve(self, hostName, resolutionReceiver)
        resolution: IHostResolution = self.resolver.resolveHostName(
            sieve, hostName, portNumber, addressTypes, transportSemantics
        )
        return resolution


@implementer(IResolutionReceiver)
class _Sieve:
    def __init__(self, resolver: GuardedResolver, host: str, receiver: Any) -> None:
        self.resolver = resolver
        self.host = host
        self.receiver = receiver
        self.refusal: str | None = None
        self.has_passed = False

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        refusal = self.resolver.guard.refusal(address.host)
        if refusal is None:
            self.has_passed = True
            self.receiver.addressResolved(address)
        else:
            self.refusal = refusal

    def resolutionComplete(self) -> None:
        if self.refusal is not None and not self.has_passed:
            self.resolver.refusals[self.host] = self.refusal
        else:
            self.resolver.refusals.pop(self.host, None)
        self.receiver.resolutionComplete()


class GuardMiddleware:
    """Refuses forbidden schemes and literal addresses before anything else is asked, and counts every refusal.

    Names are refused by ``GuardedResolver``, as the same ``ForbiddenAddress``.
    """

    def __init__(self, guard: AddressGuard, stats: StatsCollector, crawler: Crawler) -> None:
        self.guard = guard
        self.stats = stats
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Refuse to work without the resolver that checks names.

        :raises BadInputError: ``TWISTED_DNS_RESOLVER`` does not name a ``GuardedResolver``
        """
        name = crawler.settings["TWISTED_DNS_RESOLVER"]
        if not issubclass(load_object(name), GuardedResolver):
            raise BadInputError(
                f"TWISTED_DNS_RESOLVER is {name}, so host names could lead to private addresses unchecked. "
                "Set it to opera_spiders.politeness.guard.GuardedResolver."
            )
        assert crawler.stats is not None
        return cls(AddressGuard(Config.from_settings(crawler.settings).opera_allowed_networks), crawler.stats, crawler)

    def process_request(self, request: Request) -> None:
        """Refuse by the URL alone.

        :raises ForbiddenAddress: with the reason
        """
        if (refusal := self.guard.refusal_of_url(request.url)) is not None:
            raise ForbiddenAddress(refusal)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count what was refused, here or by the resolver."""
        if isinstance(exception, ForbiddenAddress):
            self.stats.inc_value("opera/requests/address_forbidden")
            conclude(
                self.crawler,
                request,
                Outcome.FORBIDDEN_ADDRESS,
                f"{request.url} is not fetched: {exception}. For servers of your own, name their network in "
                "OPERA_ALLOWED_NETWORKS.",
            )
