"""Makes texts from elsewhere fit a pack: no invisible characters, no HTML, no Markdown that chats show differently."""

import html
import re
from html.parser import HTMLParser

from bot.packs.markdown_limits import markdown_faults
from bot.packs.yamlread import INVISIBLE

_SPECIAL = re.compile(r"[*_<>\[\]{}#&\\|~!`]|://")
_LIST_MARK = re.compile(r"^\s*(?:[-+*>#]+|\d+[.)])\s+")
_NO_TAG = re.compile(r"<(?![^<>]*>)|<(?=!\[)")
"""Python's parser looks for the end of each open tag anew, to the end of the text, and raises AssertionError on marked
sections that it doesn't know, such as <![x[."""

_BREAKING = frozenset({"br", "p", "div", "li", "tr", "pre", "h1", "h2", "h3", "h4"})
_SILENT = frozenset({"script", "style"})


def decode(raw: bytes) -> str:
    """The bytes as text: UTF-8 or UTF-16 by their mark, otherwise the code page of older spreadsheets."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = raw.decode("utf-16", errors="replace")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str) -> str:
    """Without invisible characters, and with single spaces between words."""
    return " ".join(INVISIBLE.sub(" ", text).split())


def from_html(text: str) -> str:
    """The words of a piece of HTML, `code` as code spans and pre as fences; line breaks where the HTML has them."""
    if "<" not in text and "&" not in text:
        return text
    reader = _Words()
    reader.feed(_NO_TAG.sub("&lt;", text))
    reader.close()
    return "".join(reader.found)


def safe(text: str) -> str:
    """The text with everything that would be read as Markdown put into code spans; "" if there is nothing to say.

    Paragraphs and fences are kept where there is nothing else.
    """
    lines = [" ".join(INVISIBLE.sub(" ", line).split(" ")).rstrip() for line in text.replace("\t", "  ").split("\n")]
    text = "\n".join(lines).strip()
    if not markdown_faults(text) and "{" not in text:
        return text
    text = "\n".join(_LIST_MARK.sub("", line.strip()) for line in lines if line.strip())
    text = " ".join(map(_coded, text.split()))
    if markdown_faults(text):
        # What is left are marks at the beginning, such as a lone dash; they say nothing without the rest.
        text = " ".join(re.findall(r"`[^`]+`|\w[\w.,;:?'%-]*", text.partition(" ")[2] if " " in text else ""))
    return "" if markdown_faults(text) else text


def _coded(word: str) -> str:
    if not _SPECIAL.search(word) or re.fullmatch(r"`[^`]+`[.,;:?!)]*", word):
        return word
    bare = word.replace("`", "'")
    body = bare.rstrip(".,;:?")
    return f"`{body}`{bare[len(body) :]}" if body else bare


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag in _BREAKING:
            self.found.append("\n")
        elif tag == "code":
            self.found.append("`")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BREAKING:
            self.found.append("\n")
        elif tag == "code":
            self.found.append("`")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(html.unescape(data).replace("\xa0", " "))
