"""A text as a row of tokens: letters and names of options, and what the words around them do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from samp_eval.answers.characters import FULL_WIDTH
from samp_eval.answers.choices.options import Options
from samp_eval.answers.choices.vocabulary import TokenKind, kinds_of_phrases, kinds_of_words

__all__ = ["FIRST_HAN", "Token", "tokens_of"]

FIRST_HAN = "\u2e80"
"""From here on characters belong to scripts that are written without spaces."""
_LATIN = r"[A-Za-z\u00c0-\u024f]"
_PHRASES = sorted(kinds_of_phrases(), key=len, reverse=True)
_SPACED = "|".join(re.escape(phrase).replace("'", "['’]") for phrase in _PHRASES if phrase[0] < FIRST_HAN)
_UNSPACED = "|".join(re.escape(phrase) for phrase in _PHRASES if phrase[0] >= FIRST_HAN)
_TOKEN = re.compile(
    rf"(?P<phrase>(?<!{_LATIN})(?:{_SPACED})(?!{_LATIN})|{_UNSPACED})"
    rf"|(?P<elision>(?<!{_LATIN})(?:[ld]|qu)['’](?={_LATIN}))|(?P<plural>\((?:s|es|n|en)\))"
    rf"|(?P<word>(?:{_LATIN}|\d)+(?:['’-](?:{_LATIN}|\d)+)*)"
    r"|\\(?P<command>[A-Za-z]+)"
    r"|(?P<sign>[()\[\]{}「」【】,;/&+、:.!?\n=→>–—-])"
    r"|(?P<other>[^\W_])",
    re.IGNORECASE,
)
_SHAPING = frozenset({"text", "textbf", "textit", "textrm", "textsf", "emph", "mathbf", "mathrm", "mathit", "bm", "bf"})
"""LaTeX commands that only say how a letter looks; a letter behind another one belongs to a formula."""
_SIGNS: dict[str, TokenKind] = {
    **dict.fromkeys("([{「【", "open"),
    **dict.fromkeys(")]}」】", "close"),
    **dict.fromkeys(",;/&+、", "separator"),
    **dict.fromkeys("-–—", "dash"),
    **dict.fromkeys("=→", "is"),
    **dict.fromkeys(".!?", "stop"),
    ":": "colon",
    ">": "because",
    "\n": "line",
}
_BEFORE_LETTER = frozenset({"line", "colon", "open", "is", "cue"})
_BEHIND_LETTER = frozenset({"stop", "colon", "close"})
_MOST_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes
    ----------
    kind : TokenKind
    start, end : int
        In the text.
    option : int
        Of a letter or the name of an option, from 0; else -1.
    text : str
        As written.
    """

    kind: TokenKind
    start: int
    end: int
    option: int = -1
    text: str = ""

    @property
    def unspaced(self) -> bool:
        """Whether it is of a script that is written without spaces."""
        return self.text[:1] > FIRST_HAN


def tokens_of(text: str, options: Options) -> list[Token]:
    """Every token; emphasis, quotation marks and spaces are none."""
    flat = text if text.isascii() else text.translate(FULL_WIDTH)
    found: list[Token] = []
    position = 0
    for mention in [*options.mentions(flat), None]:
        stop = mention.start if mention else len(flat)
        for match in _TOKEN.finditer(flat, position, stop):
            if match.group() != ">" or (found and found[-1].kind != "line"):
                found.append(_token(match, options.count))
        if mention:
            found.append(Token("option", mention.start, mention.end, mention.option, flat[mention.start : mention.end]))
            position = mention.end
    return _with_letters_of_none(found, options.count)


def _with_letters_of_none(tokens: list[Token], count: int) -> list[Token]:
    """The letter of no option before the words of one: ``E. Iron`` of four options contradicts itself."""
    for place in range(len(tokens) - 2):
        word, stop, named = tokens[place : place + 3]
        if len(word.text) == 1 and word.text.isupper() and named.kind == "option" and stop.kind in _BEHIND_LETTER:
            letter = ord(word.text) - ord("A")
            if count <= letter < _MOST_LETTERS and (not place or tokens[place - 1].kind in _BEFORE_LETTER):
                tokens[place] = Token("letter", word.start, word.end, letter, word.text)
    return tokens


def _token(found: re.Match[str], count: int) -> Token:
    start, end = found.span()
    written = found.group()
    if found["elision"] or found["plural"]:
        return Token("fill", start, end, text=written)
    if found["sign"]:
        return Token(_SIGNS[written], start, end, text=written)
    if found["command"]:
        command = found["command"]
        if command == "n":  # a line break that was escaped once too often
            return Token("line", start, end, text="\n")
        kind: TokenKind = "boxed" if command in ("boxed", "fbox") else "open" if command in _SHAPING else "word"
        return Token(kind, start, end)
    plain = written.casefold().replace("’", "'")
    if found["phrase"]:
        return Token(kinds_of_phrases()[plain], start, end, text=written)
    if len(written) == 1 and written.isascii() and written.isalpha() and ord(plain) - ord("a") < count:
        return Token("letter", start, end, ord(plain) - ord("a"), written)
    return Token(kinds_of_words().get(plain, "word"), start, end, text=written)
