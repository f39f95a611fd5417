"""Faults of a text in any bank: markup that would be sent as it stands, pictures that are missing, texts cut short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5

from samp_eval.items.bank_pictures import pictures_of
from samp_eval.items.samp import Question, SampCase, entry_letter

__all__ = ["case_text_problems", "question_text_problems"]

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(
    r"</?(?:a|b|br|center|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|small|span|strong|sub|sup|table|tbody|td|th|thead"
    r"|tr|u|ul)(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)
_MOJIBAKE = re.compile(
    "Ã[\u0080-\u00bf]|â€[\u2122\u0153\u009d\u201c\u201d\u00a6\u02dc\u0080-\u00bf]|Â[\u00a0-\u00bf]|\ufffd"
)
_PICTURE_WORD = (
    r"figures?|images?|pictures?|photos?|photographs?|graphs?|diagrams?|illustrations?|exhibit|ecg|ekg|electrocardiograms?"
    r"|x-?rays?|radiographs?|films?|(?:ct|mri|bone)? ?scans?|mri|smears?|slides?|tracings?|rhythm strips?|angiograms?"
    r"|photomicrographs?|micrographs?|pedigrees?|audiograms?|karyotypes?|(?:ecg |ekg )?strips?|spirometry|fundus"
)
_PICTURE = re.compile(
    "|".join(
        (
            r"!\[[^\]\n]{0,200}\]\([^)\n]{1,300}\)|<img\b|@@PLUGINFILE@@|<image ?\d*>",
            r"\[(?:image|img|figure|picture|photo)\b[^\]\n]{0,100}\]",
            rf"\b(?:{_PICTURE_WORD})\b(?:(?!\bhas\b|\bhave\b)[^.?!;]){{0,40}}?\b(?:is|are|as)?\s?(?:shown|depicted|pictured|displayed"
            r"|reproduced)\b(?=\s*(?:below|above|here|in the (?:figure|image|picture|photo)|[.,:;?)]|$))",
            r"\b(?:shown|pictured|depicted|illustrated) (?:below|above)\b(?!\s*[.:]?\s*\n)(?!\s*:\s*\S)",
            r"\b(?:given|seen) (?:below|above)(?=[.,;?)])(?!\s*[.:]?\s*\n)|\bshown here\b|\bvideo clip\b",
            r"\b(?:photo(?:graph)?|image|figure|picture)\b[^.?!;]{0,30}? (?:is|are) (?:provided|attached|included)\b",
            r"\b(?:shown|pictured|depicted|seen) in (?:the |this )?(?:figure|image|picture|photo|diagram|exhibit)",
            rf"\b(?:see|refer to)\s+(?:the\s+)?(?:(?:attached|following|accompanying)\s+)?(?:{_PICTURE_WORD})\b",
            rf"\b(?:attached|accompanying)\s+(?:{_PICTURE_WORD})\b|\b(?:{_PICTURE_WORD})\s+(?:below|above)\b",
            r"\b(?:the|this) following (?:figure|image|picture|photo(?:graph)?|graph|diagram|tracing|e[ck]g|x-?ray"
            r"|radiograph|pedigree|karyotype|slide|scan)\b",
            r"\b(?:in|on|from|does|regarding|concerning|based on) (?:the|this) (?:figure|image|picture(?! of)"
            r"|photograph|diagram|exhibit)\b|\bfig(?:ure)?\.? ?(?:\d|(?-i:[A-F])\b)",
            r"\b(?:marked|indicated|labell?ed|pointed)\b[^.?!]{0,20}\barrow|\barrows? (?:points?|marks?|indicates?)",
            r"\b(?:figure|image|photo(?:graphie)?|schéma|cliché|tracé|radiographie|ecg)\s+(?:est |sont )?"
            r"ci-(?:dessous|contre|dessus|joint)|\b(?:voir|sur|dans) (?:la |l['’])(?:figure|image|photo)\b",
            r"\b(?:imagen|figura|fotografía) (?:adjunta|siguiente|asociada|número|n\.?º|\d)"
            r"|\b(?:ver|en) la (?:imagen|figura)\b(?! (?:radiológica|típica|clínica|histológica|característica|de)\b)"
            r"|asociada a la imagen"
            r"|\b(?:imagen|figura|fotografía|radiografía|ecg)\b[^.?]{0,30} que se (?:muestra|adjunta)",
            r"\b(?:figura|imagem|fotografia|radiografia|ecg) (?:abaixo|acima|a seguir|ao lado)\b",
            r"\babbildung (?:\d|zeigt)|\babb\. ?\d|\bsiehe (?:bild|foto|abb)|\babgebildet"
            r"|\b(?:bild|foto|abbildung|röntgenbild) (?:unten|oben)\b"
            r"|\bzeigt (?:das|dieses|die|diese) (?:bild|foto|abbildung|röntgenbild|röntgenaufnahme)\b",
            r"別冊|図に示す|(?<![電脳])図 ?[\d０-９]|画像を?に?示す|그림과 같|사진과 같"
            r"|(?:다음|위|아래)의? (?:그림|사진)|根据图|(?<![心脑肌])(?:如|见|見|下|上|附)[图圖]|[图圖]片",
        )
    ),
    re.IGNORECASE,
)
_LEFT_OPEN = re.compile(r"(?:[,(\[]|\s-|\b(?:and|or|the|an|et|ou|le|la|les|des|y|el|los|las|und|oder))$", re.IGNORECASE)
_END_MARK = re.compile(r"[.?!:…\"'”’»)\]_。？！）」]$")
_COLUMN_WIDTHS = (255, 256, 500, 512, 1000, 1024, 2000, 2048, 4000, 4096, 32767)
"""Widths at which databases and spreadsheets cut a text off."""
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DATE = re.compile(
    rf"(?:19|20)\d\d-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?|\d{{1,2}}:\d\d:\d\d"
    rf"|\d{{1,2}}-{_MONTH}(?:-\d{{2,4}})?|{_MONTH}-\d{{1,4}}"
    r"|\d{1,2}[.-](?:janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc)\.?",
    re.IGNORECASE,
)


def case_text_problems(case: SampCase) -> Iterator[tuple[str, str]]:
    """Place and problem of every faulty text of a case itself."""
    for name, text in (("topic", case.topic), ("setting", case.setting or ""), ("stem", case.stem)):
        for problem in _problems(text, pictured=bool(pictures_of(case))):
            yield name, problem
    if case.stem and _cut_short(case.stem):
        yield "stem", f"seems cut short: it ends with {case.stem[-30:]!r}"


def question_text_problems(question: Question, *, pictured: bool, alone: bool = True) -> Iterator[tuple[str, str]]:
    """Place and problem of every faulty text of a question; one that comes with a picture may refer to it.

    ``alone`` says that no case stands before it, after which a single word could ask enough.
    """
    for name, text in (("update", question.update or ""), ("question", question.question)):
        for problem in _problems(text, pictured=pictured):
            yield name, problem
        if text and _cut_short(text):
            yield name, f"seems cut short: it ends with {text[-30:]!r}"
    if alone and re.fullmatch(r"[\x00-\u024f]+(?<!:)", question.question) and len(question.question.split()) == 1:
        yield "question", f"is one word: {question.question!r}"
    for place, text in _short_texts(question):
        for problem in (*_problems(text, pictured=pictured), *_entry_problems(text, is_option=bool(question.options))):
            yield place, problem


def _short_texts(question: Question) -> Iterator[tuple[str, str]]:
    for position, option in enumerate(question.options):
        yield f"option {entry_letter(position)}", option
    if question.options:
        return
    for letter, entry in question.lettered_key().items():
        yield from ((f"key entry {letter}", wording) for wording in entry.wordings)
    for refused in question.not_accepted:
        yield from ((f"not accepted: {refused.answer}", wording) for wording in refused.wordings)


def _problems(text: str, *, pictured: bool) -> Iterator[str]:
    markup = sorted({found.group() for found in _ENTITY.finditer(text) if _is_entity(found.group())})
    markup += sorted({found.group() for found in _TAG.finditer(text)})
    if markup:
        yield f"holds HTML, which would be sent and marked as it stands: {' '.join(markup)[:80]}; write plain text"
    broken = _MOJIBAKE.search(text)
    if broken is not None:
        around = text[max(0, broken.start() - 10) : broken.end() + 5]
        yield f"holds a character that was read in the wrong encoding: {around!r}"
    picture = _PICTURE.search(text)
    if picture is not None and not pictured:
        yield f"refers to a picture that is not sent to respondents: {picture.group()[:60]!r}"


def _is_entity(written: str) -> bool:
    return written[1] == "#" or written[1:] in html5


def _cut_short(text: str) -> bool:
    bracket_left_open = text.rfind("(") > text.rfind(")") and not _END_MARK.search(text)
    at_width = len(text) in _COLUMN_WIDTHS and not _END_MARK.search(text)
    return bool(_LEFT_OPEN.search(text)) or bracket_left_open or at_width


def _entry_problems(text: str, *, is_option: bool) -> Iterator[str]:
    if "\n" in text and not is_option:
        yield f"holds a line break: {text[:40]!r}; if these are two entries, give each its own"
    if _DATE.fullmatch(text):
        yield f"is {text!r}: a spreadsheet program may have made this date or time out of a text such as 5-7 or 30:2"
    if re.search(r"\w\s*(?:\.\.\.|…)$", text) or text.rfind("(") > text.rfind(")"):
        yield f"seems cut short: it ends with {text[-30:]!r}"
