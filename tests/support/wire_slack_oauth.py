"""Installing the app in the local Slack, as a browser does it."""

import re
import urllib.parse
from typing import Any

import aiohttp

from tests.support.wire_slack import CLIENT_ID, FakeSlack, Grant

STATE = re.compile(r"state=([\w-]+)")


def offer(slack: FakeSlack, code: str, team: str, **rest: Any) -> str:
    """Let a code be exchanged for a token of that workspace; the token."""
    token = f"xoxb-{team}-{code}"
    slack.grants[token] = Grant(team, f"UBOT{team}", slack.scopes)
    slack.codes[code] = {
        "access_token": token,
        "token_type": "bot",
        "scope": ",".join(sorted(slack.scopes)),
        "bot_user_id": f"UBOT{team}",
        "app_id": "A1",
        "team": {"id": team, "name": f"Team {team}"},
        "enterprise": None,
        "authed_user": {"id": "U0"},
        "is_enterprise_install": False,
        **rest,
    }
    return token


def offer_to_organisation(slack: FakeSlack) -> None:
    """Let the code `org` be exchanged for a token of all workspaces of an organisation."""
    token = offer(slack, "org", "")
    slack.grants[token].enterprise = "E1"
    slack.codes["org"] |= {"team": None, "enterprise": {"id": "E1", "name": "Org"}, "is_enterprise_install": True}


async def install(slack: FakeSlack, code: str, *, state: str | None = None, cookie: bool = True) -> tuple[int, str]:
    """Go through the installation as a browser does; the last page's status and text."""
    base = slack.http.removesuffix("/slack/events")
    async with aiohttp.ClientSession() as browser:
        async with browser.get(f"{base}/slack/install") as page:
            text, kept = await page.text(), page.headers.get("Set-Cookie", "")
        assert f"client_id={urllib.parse.quote(CLIENT_ID)}" in text
        found = STATE.search(text)
        assert found is not None
        headers = {"Cookie": kept.split(";")[0]} if cookie else {}
        query = {"code": code, "state": state or found[1]}
        async with browser.get(f"{base}/slack/oauth_redirect", params=query, headers=headers) as page:
            return page.status, await page.text()
