"""Who is there: a signed cookie that holds an identity and nothing else, and links that carry it elsewhere."""

import hmac
import secrets
from dataclasses import dataclass

from aiohttp import web
from itsdangerous import BadData, Signer, URLSafeTimedSerializer

COOKIE = "trapwise"
COOKIE_SECONDS = 400 * 24 * 3600
"""Browsers keep no cookie for longer (https://www.rfc-editor.org/rfc/rfc6265bis#section-5.5)."""

LINK_SECONDS = 24 * 3600
"""How long a personal sign-in link works, unless its member signs out everywhere else before."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. `nonce` tells sessions apart, before and after joining; `member` is the member's id.

    `epoch` is the member's when the session began; it changes when they sign out everywhere else.
    """

    nonce: str
    member: str | None = None
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What a personal sign-in link says: whom it signs in, and the epoch that it was made in."""

    member: str
    epoch: str


def fresh(member: str | None = None, epoch: str = "") -> Session:
    """A session that no other browser has."""
    return Session(secrets.token_urlsafe(16), member, epoch)


class Sessions:
    """Writes and reads sessions, their form tokens and sign-in links. Each kind is signed apart from the others."""

    def __init__(self, secret: bytes, *, secure: bool) -> None:
        self._secure = secure
        self._cookies = URLSafeTimedSerializer(secret, salt="trapwise.web.session")
        self._tokens = Signer(secret, salt="trapwise.web.form")
        self._links = URLSafeTimedSerializer(secret, salt="trapwise.web.link")

    def read(self, cookie: str | None) -> Session | None:
        """The session in a cookie; None if there is none, or it isn't ours."""
        match self._loaded(self._cookies, cookie, COOKIE_SECONDS):
            case [str(nonce), str() | None as member]:
                return Session(nonce, member)
            case [str(nonce), str(member), str(epoch)]:
                return Session(nonce, member, epoch)
            case _:
                return None

    def keep(self, response: web.StreamResponse, session: Session) -> None:
        """Give the browser the session."""
        response.set_cookie(
            COOKIE,
            self._signed(self._cookies, [session.nonce, session.member, *([session.epoch] if session.epoch else [])]),
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=self._secure,
            path="/",
        )

    def forget(self, response: web.StreamResponse) -> None:
        """Make the browser drop its session."""
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=self._secure)

    def form_token(self, session: Session) -> str:
        """What every form of this session has to carry. The same each time, so that pages don't differ by it."""
        return self._tokens.get_signature(session.nonce).decode()

    def is_form_token(self, session: Session, token: str) -> bool:
        """Whether a form was drawn for this very session."""
        return hmac.compare_digest(self.form_token(session).encode(), token.encode())

    def link_key(self, member: str, epoch: str = "") -> str:
        """What a personal sign-in link carries."""
        return self._signed(self._links, [member, epoch])

    def from_link_key(self, key: str) -> Link | None:
        """What a sign-in link says; None if it is too old or not ours."""
        match self._loaded(self._links, key, LINK_SECONDS):
            case [str(member), str(epoch)]:
                return Link(member, epoch)
            case _:
                return None

    @staticmethod
    def _signed(serializer: URLSafeTimedSerializer, value: object) -> str:
        text = serializer.dumps(value)
        return text if isinstance(text, str) else text.decode()

    @staticmethod
    def _loaded(serializer: URLSafeTimedSerializer, text: str | None, max_age: int) -> object:
        # Bytes that are no text come as lone surrogates, which the library can't encode.
        if not text or not text.isascii():
            return None
        try:
            value: object = serializer.loads(text, max_age=max_age)
        except BadData:
            return None
        return value
