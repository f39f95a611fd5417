"""Decoration inside one answer: emphasis, links, citations, entities, LaTeX commands, quotation marks around it all."""

from __future__ import annotations

import html
import re

__all__ = ["ENTITY", "INLINE_TAG", "STRUCK", "has_leftover_markup", "plain", "struck"]

_WORTH_A_LOOK = re.compile(r"[*_`~<>&\\$\[\]{}#【\"'“”„«»,;\n\t]|[^\S ]|  ")
STRUCK = re.compile(r"~~(?=\S)[^~\n]{1,400}~~|<(s|del|strike)>[^<>\n]{0,400}</\1>", re.IGNORECASE)
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,300})\](?:\((?:[^()\s]|\([^()\s]{0,99}\)){0,500}(?:\s\"[^\"\n]{0,99}\")?\)|\[\d{1,3}\])"
)
_CITATION = re.compile(
    r"\s?\[\^[\w-]{1,30}\](?!:)|(?<=\S)\s?\[(?:\d{1,3}(?:\s?[,–-]\s?\d{1,3}){0,9})\]|\s?【[^】\n]{0,9}[\d†][^】\n]{0,60}】"
    r"|:contentReference\[[^\]\n]{0,40}\](?:\{[^}\n]{0,40}\})?"
)
INLINE_TAG = re.compile(
    r"</?(?:b|strong|i|em|u|s|del|ins|strike|span|font|mark|sub|small|big|code|kbd|tt|a|q|cite|abbr|var|center|label|input"
    r"|text|risk_?factors?|value|name|factor|test|entry|line|element|string)(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_POWER = re.compile(r"<sup(?:\s[^<>]{0,99})?>([^<>\n]{0,40})</sup>", re.IGNORECASE)
_LINE_BREAK_TAG = re.compile(r"<br\s?/?>", re.IGNORECASE)
_WHOLE_TAG = re.compile(r"<(?!script|style)([A-Za-z][\w-]{0,30})(?:\s[^<>]{0,200})?>([^<>]*)</\1>")
_COMMAND = re.compile(
    r"\\(?:text(?:bf|it|tt|rm|sf|sc|normal)?|emph|math(?:rm|bf|it|sf|tt)|bm|underline|boxed|fbox|mbox|operatorname|ce)"
    r"\s?\{([^{}]*)\}"
)
_MATH = re.compile(r"\$([^$\n]{1,200})\$")
_MATH_LOOK = re.compile(r"[\\^_{}=]|^\s?\(?[A-Za-z]\)?\s?$")
_SIGN = re.compile(
    r"\\(geq?|leq?|times|pm|rightarrow|to|mu|alpha|beta|gamma|delta|circ|approx|sim|cdot|infty)(?![A-Za-z])"
)
_SIGNS = {
    "ge": "≥", "geq": "≥", "le": "≤", "leq": "≤", "times": "×", "pm": "±", "rightarrow": "→", "to": "→", "mu": "µ",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "circ": "°", "approx": "≈", "sim": "~", "cdot": "·",
    "infty": "∞",
}  # fmt: skip
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}\d{0,2});")
_STAR = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,400})(?<=\S)\*(?![\w*])|^\*(?=\w)|(?<=[^\s*])\*$")
_UNDERSCORE = re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]{1,400})(?<=\S)_(?![\w_])")
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "‘": "’", "'": "'", "「": "」", "『": "』", "‹": "›", "”": "”"}
_LEFTOVER = re.compile(
    r"</?[A-Za-z][\w-]{0,30}(?:\s[^<>]{0,99})?>|\\[A-Za-z]{2}|\*\*|```|~~|^[\[{|]|[\]}|]$|^[-–—*•]\s|&[a-z]{2,8};"
)


def plain(text: str) -> str:
    """The words of an answer without their decoration, on one line."""
    text = text.strip()
    if not _WORTH_A_LOOK.search(text):
        return text
    text = STRUCK.sub(" ", text) if "~~" in text or "</" in text else text
    if "<" in text:
        text = _POWER.sub(r"^\1", text)
        text = INLINE_TAG.sub("", _LINE_BREAK_TAG.sub(" ", text))
        whole = _WHOLE_TAG.fullmatch(text.strip())
        text = whole.group(2) if whole else text
    if "[" in text or "【" in text:
        text = _CITATION.sub("", _LINK.sub(lambda found: "" if found.group(1).isdecimal() else found.group(1), text))
    if "\\" in text or "$" in text:
        text = _without_latex(text)
    text = _without_emphasis(text)
    if "&" in text:
        text = ENTITY.sub(lambda found: html.unescape(found.group()), text)
    return _unquoted(" ".join(text.split()).lstrip("#").strip())


def struck(text: str) -> bool:
    """Whether something is struck through."""
    return ("~~" in text or "</" in text) and STRUCK.search(text) is not None


def has_leftover_markup(text: str) -> bool:
    """Whether an answer still holds what looks like markup."""
    return _LEFTOVER.search(text) is not None


def _without_latex(text: str) -> str:
    text = _MATH.sub(lambda found: found.group(1) if _MATH_LOOK.search(found.group(1)) else found.group(), text)
    for _ in range(4):
        text, count = _COMMAND.subn(r"\1", text)
        if not count:
            break
    if "\\" not in text:
        return text
    if r"\(" in text and r"\)" in text:
        text = text.replace(r"\(", "").replace(r"\)", "")
    text = text.replace("^\\circ", "°").replace("^{\\circ}", "°").replace(r"\,", " ").replace(r"\;", " ")
    text = _SIGN.sub(lambda found: _SIGNS[found.group(1)], text)
    text = _ESCAPED.sub(r"\1", text)
    return text[:-1] if text.endswith("\\") else text


def _without_emphasis(text: str) -> str:
    text = text.replace("`", "")
    if "*" in text:
        text = _STAR.sub(lambda found: found.group(1) or "", text.replace("**", ""))
    if "_" in text:
        text = re.sub(r"(?<![A-Za-z0-9])__|__(?![A-Za-z0-9])", "", text)
        text = _UNDERSCORE.sub(r"\1", text)
    return text


def _unquoted(text: str) -> str:
    """Without what separates entries of a list, and without quotation marks around all of it."""
    text = text.rstrip(",;，；、").rstrip() or text
    while (
        len(text) > 2 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1] and text[-1] not in text[1:-1]
    ):
        text = text[1:-1].strip()
    return text
