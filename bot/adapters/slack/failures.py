"""What Slack refuses, in our own terms: https://docs.slack.dev/reference/methods/chat.postMessage#errors."""

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.core.errors import CardRefused, ChannelRefused, MessengerError, PlatformDown, PostUncertain, RateLimited

REMOVED = frozenset({"account_inactive", "token_revoked"})
"""The workspace has removed us: nothing works with this token any more."""

GONE = REMOVED | {"invalid_auth", "not_authed"}
"""The token is not, or no longer, one that works."""

_REFUSED = GONE | {
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "is_inactive",
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "posting_to_general_channel_denied",
    "posting_to_channel_denied",
    "cannot_post_to_channel",
    "team_access_not_granted",
    "org_login_required",
    "enterprise_is_restricted",
    "ekm_access_denied",
    "missing_scope",
    "no_permission",
    "access_denied",
    "messages_tab_disabled",
    "user_not_found",
    "user_disabled",
    "user_is_bot",
    "cannot_dm_bot",
    "channel_type_not_supported",
    "not_allowed_token_type",
    "team_not_found",
    "team_added_to_org",
}

_UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Slack says of these that part of the work may have been done."""

BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments"})

BAD_VIEW = BAD_BLOCKS | {"invalid_arguments", "invalid_view"}
"""Slack objects to what is in a window, and not to when it came."""

VANISHED = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""There is no message to edit any more."""


def refused(said: str) -> bool:
    """Whether it is a refusal that another try won't change."""
    return said in _REFUSED


def code(error: BaseException) -> str:
    """Slack's word for the failure, empty if the failure isn't Slack's."""
    if not isinstance(error, SlackApiError):
        return ""
    try:
        said = error.response["error"]
    except (KeyError, TypeError, AttributeError, ValueError):
        return ""
    # Something before Slack, such as a proxy, answers without a word of Slack's.
    return said if isinstance(said, str) else ""


def understood(error: Exception, *, posting: bool) -> MessengerError:
    """The failure as one of ours. `posting` tells that a repetition would show."""
    said = code(error)
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if said == "ratelimited" or said == "rate_limited" or status == 429:
        return RateLimited(_retry_after(error))
    if said in _REFUSED:
        return ChannelRefused(said)
    if said in BAD_BLOCKS:
        # The plainer form was refused as well.
        return CardRefused(said)
    if isinstance(error, SlackApiError):
        # A status of 5xx comes from something before or behind the method, so the outcome is open.
        if posting and (said in _UNSURE or not said or (isinstance(status, int) and status >= 500)):
            return PostUncertain(said or f"status {status}")
        return PlatformDown(said or f"status {status}")
    if isinstance(error, aiohttp.ClientConnectorError):
        return PlatformDown("Slack can't be reached")
    if posting:
        return PostUncertain(f"the connection broke: {type(error).__name__}")
    return PlatformDown(type(error).__name__)


def _retry_after(error: Exception) -> float:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    for name, value in headers.items():
        if str(name).lower() == "retry-after":
            try:
                return max(1.0, float(value))
            except (TypeError, ValueError):
                break
    return 30.0
