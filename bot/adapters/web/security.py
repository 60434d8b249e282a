"""What keeps other sites and machines out: the headers of every answer, and checks on every request."""

import hmac
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # With `no-referrer` browsers would send `Origin: null` with our own forms, and we would refuse them.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer, pages and static files alike."""

HTTPS_HEADERS: Mapping[str, str] = {"Strict-Transport-Security": "max-age=31536000"}
"""Besides, where the public address is https. Not for other names below it: they may be somebody else's."""

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def known_host(host: str, *, port: int, public_url: str) -> bool:
    """Whether a request to a loopback port names it by a loopback name, or by the public address.

    Without this a page elsewhere could have its own name resolve to 127.0.0.1 and read ours (DNS rebinding).
    """
    names = {f"{name}:{port}" for name in LOOPBACK_NAMES}
    if port == 80:
        names.update(LOOPBACK_NAMES)
    if public_url:
        names.add(urlsplit(public_url).netloc)
    return host.lower() in names


def from_our_pages(headers: Mapping[str, str], *, host: str, public_url: str) -> bool:
    """Whether the browser says that a page of ours sent this request.

    Browsers leave out Sec-Fetch-Site on plain http beyond loopback, but send Origin with every POST.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = headers.get("Origin")
    if origin is None:
        return site is not None
    ours = {host.lower()}
    if public_url:
        ours.add(urlsplit(public_url).netloc.lower())
    try:
        return urlsplit(origin).netloc.lower() in ours
    except ValueError:
        return False


def whereabouts(remote: str | None) -> str:
    """What counts as one place for a limit: an address, or the network that one household has in IPv6."""
    try:
        address = ip_address(remote or "")
    except ValueError:
        return remote or ""
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def same_code(given: str, wanted: str) -> bool:
    """Whether a join code is right; takes equally long for every wrong one."""
    return hmac.compare_digest(given.strip().encode(), wanted.strip().encode())
