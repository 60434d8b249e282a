"""The Bolt app: which of Slack's requests goes where. The same for both transports."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

from bot.adapters.slack import inbound, wording
from bot.adapters.slack.desk import Desk
from bot.adapters.slack.front import Front
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.tasks import Tasks
from bot.adapters.slack.workspaces import Api, Workspaces

Body = dict[str, Any]

_ANY = re.compile(".*", re.DOTALL)

_log = logging.getLogger(__name__)


class Authorized(AsyncAuthorize):
    """Answers Bolt's question for a token from what we hold; Bolt's own would ask Slack at each request."""

    def __init__(self, workspaces: Workspaces) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt's own is untyped
        self._workspaces = workspaces

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult | None:
        """The grant for the workspace; None if there is none."""
        grant = await self._workspaces.grant(team_id or "", enterprise_id or "")
        if grant is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=grant.token,
            bot_id=grant.bot_id,
            bot_user_id=grant.bot_user,
        )


def build(
    settings: SlackSettings,
    desk: Desk,
    *,
    api: Api,
    workspaces: Workspaces,
    tasks: Tasks,
    oauth: AsyncOAuthFlow | None = None,
) -> AsyncApp:
    """The app with everything that it listens to."""
    app = AsyncApp(
        name="trapwise",
        logger=api.log,
        client=api.bare,
        signing_secret=settings.signing_secret,
        # Without it, each acknowledgement is polled for every 10 ms, and comes before the answer is on disk.
        process_before_response=True,
        before_authorize=Front(desk),
        authorize=Authorized(workspaces),  # type: ignore[arg-type]  # Bolt takes an AsyncAuthorize too, but doesn't say so
        oauth_flow=oauth,
        user_facing_authorize_error_message=wording.NOT_INSTALLED,
    )

    @app.command(_ANY)
    async def _command(ack: AsyncAck, body: Body) -> None:
        await desk.command(inbound.typed(body))
        await ack()

    @app.view(_ANY)
    async def _form(ack: AsyncAck, body: Body) -> None:
        sent = inbound.sent(body)
        said = await desk.submit(sent) if sent is not None else None
        await (ack(**said) if said else ack())

    @app.event("app_home_opened")
    async def _home(body: Body) -> None:
        if (body.get("event") or {}).get("tab") == "home":
            tasks.start(desk.visit(inbound.visitor(body)), name="slack home")

    async def removed(body: Body) -> None:
        origin = inbound.visitor(body)
        event = body.get("event") or {}
        if event.get("type") == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return
        _log.warning("workspace %s has removed the app; its token is deleted", origin.workspace)
        await workspaces.forget(origin.workspace, origin.enterprise)

    @app.event("channel_id_changed")
    async def _moved(body: Body) -> None:
        # Comes when a private channel is shared with another workspace, to apps that may see private channels.
        event = body.get("event") or {}
        old, new = str(event.get("old_channel_id") or ""), str(event.get("new_channel_id") or "")
        if old and new:
            await desk.moved(inbound.visitor(body).workspace, old, new)

    app.event("app_uninstalled")(removed)
    app.event("tokens_revoked")(removed)
    _catch_all(app)
    return app


def _catch_all(app: AsyncApp) -> None:
    """Acknowledge whatever else comes: in Socket Mode, Slack shows an error for what nobody acknowledges."""

    async def acknowledge(ack: AsyncAck, body: Body) -> None:
        _log.info("nothing to do for a request of type %s", body.get("type"))
        await ack()

    takers: tuple[Callable[..., Any], ...] = (app.event, app.shortcut, app.view_closed, app.options)
    for taker in takers:
        handler: Callable[..., Awaitable[None]] = acknowledge
        taker(_ANY)(handler)
