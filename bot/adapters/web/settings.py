"""What the web space is told at the start, and the refusal to be open to strangers."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.core.errors import SettingsError
from bot.core.refs import ChannelRef

SHORTEST_SECRET = 16
"""Bytes. Whoever guesses the secret can sign in as anybody."""

SHORTEST_JOIN_CODE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`port` 0 takes any free one. `public_url` is the address that people use if a proxy stands in front.

    `shared` tells that something else takes requests from elsewhere on the same port.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    join_code: str | None = field(default=None, repr=False)
    secret: bytes = field(repr=False)
    channel: ChannelRef
    channel_name: str
    workspace_name: str = "Trapwise"
    support_url: str = ""
    public_url: str = ""
    shared: bool = False

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    @property
    def secure(self) -> bool:
        """Whether people reach the pages through https."""
        return urlsplit(self.public_url).scheme == "https"


def check(settings: WebSettings) -> None:
    """Raise SettingsError, listing every fault, if the web space can't be run safely like this."""
    faults = []
    if not settings.loopback and not settings.join_code:
        faults.append(
            f"The web space would be open to everybody who can reach {settings.host}. "
            "Set a join code, or bind it to 127.0.0.1."
        )
    elif settings.shared and not settings.join_code:
        faults.append(
            "The web space shares its port with Slack's requests, so whatever brings those here could bring strangers "
            "to the pages too. Set a join code with TRAPWISE_WEB_JOIN_CODE, or use Socket Mode."
        )
    if settings.join_code is not None and len(settings.join_code.strip()) < SHORTEST_JOIN_CODE:
        faults.append(f"The join code is too easy to guess: use at least {SHORTEST_JOIN_CODE} characters.")
    if len(settings.secret) < SHORTEST_SECRET:
        faults.append(f"The secret that signs sessions is too short: use at least {SHORTEST_SECRET} bytes.")
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            faults.append("The public address has to look like https://quiz.example.org, without a path.")
    if faults:
        raise SettingsError("\n".join(faults))
