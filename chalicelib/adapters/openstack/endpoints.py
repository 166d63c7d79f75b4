"""Endpoints: which addresses a pod may have. We send tenants' tokens there, so not every one is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from chalicelib.model.refusals import all_refusals

_REFUSED = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local: metadata services, and Lambda's own credentials
        "fe80::/10",
        "fd00:ec2::254/128",  # EC2 metadata over IPv6
        "0.0.0.0/8",
        "::/128",
        "224.0.0.0/4",
        "ff00::/8",
        "255.255.255.255/32",
    )
)


@dataclass(frozen=True, slots=True)
class EndpointRules:
    """Allows https alone. With ``allow_http``, for a laptop, it allows http and this machine's addresses too.

    At every connection, the addresses to which a name resolves are checked too (``connections.py``).
    """

    allow_http: bool = False

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
        return self._scheme(parts) or _shape(parts) or self._host(parts.hostname or "")

    def _scheme(self, parts: SplitResult) -> str:
        if parts.scheme == "https" or (parts.scheme == "http" and self.allow_http):
            return ""
        return "must start with https://"

    def _host(self, host: str) -> str:
        if not self.allow_http and host.rstrip(".").lower() == "localhost":
            return "must not be this machine"
        try:
            return self.refused_address(host)
        except ValueError:
            return ""  # a name: its addresses are checked when it is resolved

    def refused_address(self, text: str) -> str:
        """Why an IP address may not be called; empty when it may. Raises ValueError for a name."""
        address = _unmapped(ip_address(text.partition("%")[0]))
        if any(address.version == network.version and address in network for network in _REFUSED):
            return f"must not be a link-local, metadata or multicast address: {address}"
        if address.is_loopback and not self.allow_http:
            return "must not be this machine"
        return ""


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    # ::ffff:169.254.169.254 reaches 169.254.169.254.
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _shape(parts: SplitResult) -> str:
    if not parts.hostname:
        return "must name a host"
    if parts.username is not None or parts.password is not None:
        return "must not hold a user or password"
    if parts.query or parts.fragment:
        return "must not hold a query or fragment"
    return ""
