"""Where webhooks may go: public addresses over TLS. A name is resolved once, checked, and what was checked is connected to."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

# Addresses that are written as public ones and lead to others: NAT64, 6to4.
_DETOURS = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))


class NotPublic(OSError):
    """The address is none of the public network."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif any(ip in each for each in _DETOURS):
            return False
    return ip.is_global and not ip.is_multicast


def target(url: str, anywhere: bool) -> URL | None:
    """The address of a webhook, or None for one that makes no sense. `anywhere`: plain HTTP and our own network too (development)."""
    try:
        parsed = URL(url)
    except ValueError:
        return None
    if parsed.scheme not in (("http", "https") if anywhere else ("https",)) or not parsed.host or parsed.user or parsed.password:
        return None
    if not anywhere and (_is_ip(parsed.host) and not is_public(parsed.host)):
        return None
    return parsed


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only. Raises NotPublic where a name leads anywhere else."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """As aiohttp asks."""
        found = await self._inner.resolve(host, port, family)
        if not found or not all(is_public(each["host"]) for each in found):
            raise NotPublic(f"{host} is not on the public network")
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._inner.close()


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def connector_options(anywhere: bool) -> dict[str, Any]:
    """For aiohttp's connector: which resolver, and no answer kept beyond its check."""
    return {} if anywhere else {"resolver": PublicResolver(), "use_dns_cache": False}
