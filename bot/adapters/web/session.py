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
"""How long a personal sign-in link works. It can't be taken back, so it must not work for ever."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. `nonce` tells sessions apart, before and after joining; `member` is the member's id."""

    nonce: str
    member: str | None = None


def fresh(member: str | None = None) -> Session:
    """A session that no other browser has."""
    return Session(secrets.token_urlsafe(16), member)


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
            case _:
                return None

    def keep(self, response: web.StreamResponse, session: Session) -> None:
        """Give the browser the session."""
        response.set_cookie(
            COOKIE,
            self._signed(self._cookies, [session.nonce, session.member]),
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

    def link_key(self, member: str) -> str:
        """What a personal sign-in link carries."""
        return self._signed(self._links, member)

    def from_link_key(self, key: str) -> str | None:
        """The member that a sign-in link is for; None if it is too old or not ours."""
        member = self._loaded(self._links, key, LINK_SECONDS)
        return member if isinstance(member, str) else None

    @staticmethod
    def _signed(serializer: URLSafeTimedSerializer, value: object) -> str:
        text = serializer.dumps(value)
        return text if isinstance(text, str) else text.decode()

    @staticmethod
    def _loaded(serializer: URLSafeTimedSerializer, text: str | None, max_age: int) -> object:
        if not text:
            return None
        try:
            value: object = serializer.loads(text, max_age=max_age)
        except BadData:
            return None
        return value
