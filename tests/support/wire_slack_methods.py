"""What the local Slack answers to each Web API method."""

from typing import Any

from tests.support import wire_slack_checks as checks
from tests.support.wire_slack import APP_TOKEN, CLIENT_ID, CLIENT_SECRET, Channel, FakeSlack, Grant

Json = dict[str, Any]


def answer(slack: FakeSlack, method: str, arguments: Json, token: str) -> Json:
    """The body of the answer."""
    if method == "apps.connections.open":
        if token != APP_TOKEN:
            return _refused("invalid_auth")
        return {"ok": True, "url": f"{slack.base.replace('http', 'ws')}/link/1"}
    if method == "oauth.v2.access":
        return _oauth(slack, arguments)
    grant = slack.grants.get(token)
    if grant is None:
        return _refused("invalid_auth" if token else "not_authed")
    if grant.revoked:
        return _refused(grant.revoked)
    scope = slack.METHODS[method]
    if scope and scope not in grant.scopes:
        return {**_refused("missing_scope"), "needed": scope}
    if scope and scope not in slack.scopes:
        slack.problems.append(f"{method} needs {scope}, which the manifest doesn't ask for")
    handlers = {
        "auth.test": _auth_test,
        "chat.postMessage": _post,
        "chat.postEphemeral": _ephemeral,
        "chat.update": _update,
        "users.info": _user,
        "views.open": _open,
        "views.update": _view_update,
        "views.publish": _publish,
        "files.getUploadURLExternal": _upload_url,
        "files.completeUploadExternal": _uploaded,
    }
    return handlers[method](slack, arguments, grant)


def _refused(error: str) -> Json:
    return {"ok": False, "error": error}


def _auth_test(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    return {
        "ok": True,
        "url": "https://test.slack.com/",
        "team": f"Team {grant.team}",
        "team_id": grant.team,
        "user": "trapwise",
        "user_id": grant.bot_user,
        "bot_id": "B1",
        "is_enterprise_install": bool(grant.enterprise and not grant.team),
    }


def _find(slack: FakeSlack, channel: str) -> Channel | str:
    if channel in slack.users:
        return slack.direct(slack.users[channel])
    found = slack.channels.get(channel)
    if found is None:
        return "channel_not_found"
    return found.refuses or found


def _post(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    channel = _find(slack, arguments["channel"])
    if isinstance(channel, str):
        return _refused(channel)
    slack.problems += [f"chat.postMessage: {fault}" for fault in checks.faults_of_message(arguments)]
    for unfurl in ("unfurl_links", "unfurl_media"):
        if arguments.get(unfurl) not in (False, "false", "0", 0):
            slack.problems.append(f"chat.postMessage without {unfurl}=false")
    stamp = slack.stamp()
    channel.messages[stamp] = {
        "ts": stamp,
        "text": arguments["text"],
        "blocks": arguments.get("blocks") or [],
        "metadata": arguments.get("metadata"),
        "team": grant.team,
        "user": grant.bot_user,
    }
    return {"ok": True, "channel": channel.id, "ts": stamp, "message": {"text": arguments["text"], "ts": stamp}}


def _ephemeral(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    channel = _find(slack, arguments["channel"])
    if isinstance(channel, str):
        return _refused(channel)
    if arguments["user"] not in slack.users:
        return _refused("user_not_in_channel")
    slack.problems += [f"chat.postEphemeral: {fault}" for fault in checks.faults_of_message(arguments)]
    stamp = slack.stamp()
    slack.users[arguments["user"]].sees.append({**arguments, "ts": stamp})
    return {"ok": True, "message_ts": stamp}


def _update(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    channel = _find(slack, arguments["channel"])
    if isinstance(channel, str):
        return _refused(channel)
    if arguments["ts"] not in channel.messages:
        return _refused("message_not_found")
    slack.problems += [f"chat.update: {fault}" for fault in checks.faults_of_message(arguments)]
    message = channel.messages[arguments["ts"]]
    message |= {"text": arguments["text"], "blocks": arguments.get("blocks") or []}
    channel.edits.append({"ts": arguments["ts"], "text": arguments["text"]})
    return {"ok": True, "channel": channel.id, "ts": arguments["ts"], "text": arguments["text"]}


def _user(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    user = slack.users.get(arguments["user"])
    if user is None:
        return _refused("user_not_found")
    shown = {
        "id": user.id,
        "team_id": user.team,
        "name": user.name.lower().replace(" ", "."),
        "real_name": user.name,
        "tz": user.tz,
        "is_stranger": user.stranger,
        "profile": {"display_name": user.name, "real_name": user.name},
    }
    if not user.stranger:
        shown |= {"is_admin": user.admin, "is_owner": False, "is_primary_owner": False, "is_restricted": False}
    return {"ok": True, "user": shown}


def _triggered(slack: FakeSlack, trigger: str) -> str:
    since = slack.triggers.pop(trigger, None)
    if since is None:
        return "exchanged_trigger_id"
    return "expired_trigger_id" if slack.now() - since > 3 else ""


def _open(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    error = _triggered(slack, arguments["trigger_id"])
    if error:
        return _refused(error)
    slack.problems += [f"views.open: {fault}" for fault in checks.faults_of_view(arguments["view"])]
    for element in (block.get("element", {}) for block in arguments["view"]["blocks"]):
        first = slack.channels.get(element.get("initial_conversation", ""))
        if "initial_conversation" in element and (first is None or first.name.startswith(("mpdm-", "directmessage"))):
            # It is not certain that Slack refuses it, but such a choice is not among the entries.
            slack.triggers[arguments["trigger_id"]] = slack.now()
            return _refused("invalid_arguments")
    owner = arguments["trigger_id"]
    view = {**arguments["view"], "id": f"V{slack.stamp()}", "hash": "h1"}
    slack.users[slack.trigger_owners[owner]].views.append(view)
    return {"ok": True, "view": view}


def _view_update(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    slack.problems += [f"views.update: {fault}" for fault in checks.faults_of_view(arguments["view"])]
    for user in slack.users.values():
        for number, view in enumerate(user.views):
            if view["id"] == arguments["view_id"]:
                user.views[number] = {**arguments["view"], "id": view["id"], "hash": "h2"}
                return {"ok": True, "view": user.views[number]}
    return _refused("not_found")


def _publish(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    slack.problems += [f"views.publish: {fault}" for fault in checks.faults_of_view(arguments["view"])]
    slack.users[arguments["user_id"]].home = {**arguments["view"], "id": f"V{slack.stamp()}"}
    return {"ok": True, "view": arguments["view"]}


def _upload_url(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    number = slack.stamp().replace(".", "")
    return {"ok": True, "upload_url": f"{slack.base}/upload/{number}", "file_id": f"F{number}"}


def _uploaded(slack: FakeSlack, arguments: Json, grant: Grant) -> Json:
    place = arguments.get("channel_id") or arguments.get("channels") or ""
    # Without a channel the file is the app's own until a message shows it.
    channel = _find(slack, place) if place else None
    if isinstance(channel, str):
        return _refused(channel)
    for given in arguments["files"]:
        content = slack.uploads[given["id"].removeprefix("F")]
        slack.ready.add(given["id"])
        if channel is not None:
            slack.users[channel.id.removeprefix("D")].files.append(content)
    return {"ok": True, "files": [{"id": given["id"], "title": given.get("title")} for given in arguments["files"]]}


def _oauth(slack: FakeSlack, arguments: Json) -> Json:
    if (arguments.get("client_id"), arguments.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        return _refused("bad_client_secret")
    found = slack.codes.pop(str(arguments.get("code") or arguments.get("refresh_token")), None)
    return {"ok": True, **found} if found else _refused("invalid_code")
