"""Endpoints: which addresses a pod may have. We send tenants' tokens there, so not every one is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from chalicelib.model.refusals import all_refusals

Address = IPv4Address | IPv6Address

_NEVER = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local: metadata services, and Lambda's own credentials
        "fe80::/10",
        "fd00:ec2::/32",  # what Amazon answers on inside a machine, over IPv6
        "fd20:ce::254/128",  # Google's metadata
        "100.100.100.200/32",  # Alibaba's
        "168.63.129.16/32",  # Azure's
        "192.0.0.192/32",  # Oracle's
        "0.0.0.0/8",
        "::/128",
        "224.0.0.0/4",
        "ff00::/8",
        "240.0.0.0/4",
        "64:ff9b:1::/48",  # a site's own NAT64, which doesn't tell where in it the IPv4 address is
    )
)
_PUBLIC = ip_network("2000::/3")
# Prefixes that lead to the IPv4 address in their last 32 bits. Of the first two, only that address counts.
_MAPPED, _NAT64 = ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96")
_WITH_IPV4_LAST = (_MAPPED, _NAT64, ip_network("::/96"), ip_network("::ffff:0:0:0/96"))
_ISATAP = (0x00005EFE, 0x02005EFE)  # the 32 bits before the IPv4 address

_PLACE = re.compile(r"(\[[0-9a-fA-F:.]+(%[\w.-]+)?\]|[\w.-]+)(:[0-9]*)?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")


@dataclass(frozen=True, slots=True)
class EndpointRules:
    """Allows https to public addresses alone.

    ``allow_private`` allows addresses of private networks too. ``allow_http``, for a laptop, allows http and
    this machine's addresses. Nothing allows link-local and metadata addresses. At every connection, the
    addresses to which a name resolves are checked too (``connections.py``).
    """

    allow_http: bool = False
    allow_private: bool = False

    def check(self, endpoints: Mapping[str, str]) -> None:
        """Raise InvalidField, naming ``endpoints.<service>``, unless all URLs are allowed."""
        with all_refusals() as refusals:
            for service, url in endpoints.items():
                if reason := self.refusal(url):
                    refusals.add(f"endpoints.{service}", reason)

    def refusal(self, url: str) -> str:
        """Why a URL may not be an endpoint; empty when it may."""
        if not url.isascii() or any(letter <= " " or letter == "\x7f" for letter in url):
            return "must be a URL of printable ASCII letters"
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError as error:
            return f"must be a URL: {error}"
        return self._scheme(parts) or _shape(url, parts) or self._host(parts.hostname or "")

    def _scheme(self, parts: SplitResult) -> str:
        if parts.scheme == "https" or (parts.scheme == "http" and self.allow_http):
            return ""
        return "must start with https://"

    def _host(self, host: str) -> str:
        last = host.rstrip(".").rpartition(".")[2]
        if ":" not in host and not _NUMBER.fullmatch(last):
            if last == "localhost" and not self.allow_http:
                return "must not be this machine"
            return ""  # a name: its addresses are checked when it is resolved
        try:
            return self.refused_address(host)
        except ValueError:
            # The system's resolver takes 2852039166, 0xa9fea9fe and 0251.0376.0251.0376 for addresses too.
            return "must be a name, or an address as four decimal numbers or in brackets"

    def refused_address(self, text: str) -> str:
        """Why an IP address may not be called; empty when it may. Raises ValueError for a name."""
        address = ip_address(text.partition("%")[0])
        return next(filter(None, map(self._refused, _reached_by(address))), "")

    def _refused(self, address: Address) -> str:
        if any(address.version == network.version and address in network for network in _NEVER):
            return f"must not be a link-local, metadata, multicast or reserved address: {address}"
        if address.is_loopback:
            return "" if self.allow_http else "must not be this machine"
        if _is_public(address) or self.allow_private:
            return ""
        return f"must not be an address of a private network, unless TRIO2O_ALLOW_PRIVATE is set: {address}"


def _reached_by(address: Address) -> Iterator[Address]:
    """What a packet to this address may reach: the address itself, and the IPv4 addresses inside it."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address not in _MAPPED and address not in _NAT64:
        yield address
    if address.is_loopback or address.is_unspecified:
        return
    bits = int(address)
    if any(address in network for network in _WITH_IPV4_LAST) or bits >> 32 & 0xFFFFFFFF in _ISATAP:
        yield IPv4Address(bits & 0xFFFFFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


def _is_public(address: Address) -> bool:
    # Python doesn't know all of IPv6's special ranges, but nothing public is outside of this one.
    return address.is_global and (isinstance(address, IPv4Address) or address in _PUBLIC)


def _shape(url: str, parts: SplitResult) -> str:
    if parts.username is not None or parts.password is not None:
        return "must not hold a user or password"
    if not parts.hostname or not _PLACE.fullmatch(parts.netloc):
        return "must name a host"
    if "?" in url or "#" in url:
        return "must not hold a query or fragment"
    return ""
