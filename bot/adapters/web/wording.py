"""Sentences of the pages around the cards; those of the cards themselves are in view/wording."""

from bot.view.card import Mark

MARKS = {
    Mark.NONE: "",
    Mark.KEY: "the answer",
    Mark.CHOSEN: "your answer",
    Mark.CHOSEN_KEY: "your answer, and right",
    Mark.CAUGHT: "caught the most",
}
"""What a mark means, where the card doesn't say it itself."""

CODE_WRONG = "That is not the join code. Ask whoever runs Trapwise for it."
CODE_WAIT = "Too many wrong join codes from here. Wait {seconds} seconds, then try again."

NOTHING_YET = "What you answer, and what commands reply, appears here."
DONE = "Done."
OFFLINE = (
    "I couldn't reach the server, so I don't know whether that arrived. "
    "Check your connection and try again: sending it twice changes nothing."
)

FORGED_TITLE = "That didn't come from this page"
FORGED = "The page was open for too long, or you joined again in another tab. Nothing was saved."
FORGED_NEXT = "Go back, reload the page and try again."

HOST_TITLE = "Wrong address"
HOST = "This page is only there for the machine it runs on, at {url}."

MISSING_TITLE = "There is no such page"
MISSING = "Nothing is kept at this address. It may have been mistyped."

METHOD_TITLE = "That can't be opened like this"
METHOD = "This address only takes what a form sends."

UNREADABLE_TITLE = "That can't be read"
UNREADABLE = "What was sent isn't what a form of these pages sends. Nothing was saved."

LARGE_TITLE = "That is too much"
LARGE = "What you sent is larger than any form here needs. Nothing was saved."
LARGE_NEXT = "Shorten it and try again."

HURRY_TITLE = "A little slower, please"
HURRY = "You sent very many requests in a few seconds. This one was not carried out."
HURRY_NEXT = "Wait {seconds} seconds, then try again."

CROWDED_TITLE = "Too many open pages"
CROWDED = "The page still works; reload it to see what is new."

SIGNED_OUT_TITLE = "You are signed out"
SIGNED_OUT = "This browser isn't signed in, or what was kept about you was deleted. Nothing was saved."
SIGNED_OUT_NEXT = "Go to the start page to join."

LINK_TITLE = "That sign-in link doesn't work any more"
LINK = "It is older than a day, was ended by signing out everywhere else, or was cut off when it was copied."
LINK_NEXT = "Make a new one under Settings in the browser where you are signed in."

UNSAVED_TITLE = "Not saved"
UNSAVED_ANSWER = "I couldn't reach my database, so this answer was NOT saved. Try again in a minute."
UNSAVED = "I couldn't reach my database, so this was NOT saved. Try again in a minute."
UNREAD_TITLE = "I can't look that up right now"
UNREAD = "I couldn't reach my database. Nothing is lost. Try again in a minute."

FAULT_TITLE = "Something went wrong on my side"
FAULT = "It isn't certain that this was saved. Try again: answering twice changes nothing."
FAULT_READ = "Nothing was changed. Try again in a minute."
FAULT_NEXT = "If it happens again, tell whoever runs Trapwise the reference below."
