"""Sentences that only Slack needs; all others are in bot/view/wording."""

APP = "Trapwise"
CANCEL = "Cancel"
CLOSE = "Close"
CHANNEL_HINT = "I have to be a member of it: invite me there with /invite."
MORE = "… there is more than Slack can show in one message."
SAVING = "One moment, this is being saved. You can close this window."
IN_MESSAGES = "It is waiting for you in my direct messages, where it stays until you are done."
OPEN_MESSAGES = "Open it"
TOO_SLOW = "Slack gives me three seconds to open a window, and I needed longer. Try again."
AGAIN = "Try again"
NO_AUTHORITY = "I couldn't ask Slack whether you manage this workspace, so nothing was changed. Try again in a minute."
NO_FILES = (
    "I may not send files in this workspace. Ask an admin to install me again and allow it, "
    "or ask whoever runs me for your data."
)
GUESTS_ONLY_HERE = "You are a guest from another workspace, so I show you only this channel's board."
SETTING_UP = "One moment, I'm setting up the daily question in this channel."
CHOOSE_CHANNEL = "Choose the channel in which the question is posted."
BARRED = {
    "not_in_channel": "I'm not in that channel. Type /invite @trapwise there, then send this form again.",
    "channel_not_found": "I'm not in that channel. Type /invite @trapwise there, then send this form again.",
    "user_not_in_channel": "You aren't in that channel. Join it, then send this form again.",
    "is_archived": "That channel is archived. Choose another one.",
}
BARRED_ELSE = "I may not post in that channel. Ask an admin to allow it, or choose another one."
SET_UP_THERE = "It is set up"
OPEN_CHANNEL = "Open the channel"
NOT_IN_CHANNEL = "Saved, but I can't post in that channel. Invite me there with /invite, then use /trapwise status."
HOME_TITLE = "Trapwise"
SET_UP = "Set up a channel"
HOW_TO_BEGIN = (
    "To begin in a channel: /invite me there, then type /trapwise setup, or press Set up a channel. "
    "Nothing is posted before that."
)
HELP_IN_SLACK = (
    "Slack takes no commands in threads: type them in the channel itself. If another app has one of these names, "
    "/trapwise and the name always works, as in /trapwise quiz. The Home tab shows how you are doing."
)
NOT_INSTALLED = "I'm not installed in this workspace any more, so nothing was saved. Ask an admin to install me again."
INSTALL_FAILED = "The installation did not work. Nothing was kept; go back and try it again."
