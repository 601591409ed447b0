"""Names as they are compared: folded letters, translated words, no legal forms.

`words.csv` holds the words: ``legal`` and ``stop`` are left out, ``word`` and ``phrase`` are translated, and ``nature`` is
translated and told apart as well: a faculty is not its university, a hospital not its city.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import urlsplit

_WORDS = Path(__file__).with_name("words.csv")
_LONGEST_PHRASE = 7
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "œ": "oe", "þ": "th", "ı": "i", "&": " ", "+": " "})
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}
_WORD = re.compile(r"\w+")
_APOSTROPHE = re.compile(r"(?<=\w\w)['’´`](?=s\b)")
_ACRONYM = re.compile(r"\(([^()]{2,60})\)")
_FIRST = re.compile(r"^(.+?)(?: *,| - | [A-Z]{2}$| *\([A-Z]{2}\)$)")
_TWO_LABELS = re.compile(r"\.(ac|co|com|edu|gob|gov|gouv|govt|net|nhs|org|sch|bel|k12|mil)\.[a-z]{2}$")
_SHARED_HOSTS = frozenset(
    {
        *("europa.eu", "google.com", "facebook.com", "linkedin.com", "twitter.com", "wordpress.com", "wixsite.com", "blogspot.com"),
        *("weebly.com", "github.io", "free.fr", "altervista.org", "yahoo.com", "gmail.com", "hotmail.com", "t-online.de"),
    }
)


@lru_cache(maxsize=1 << 18)
def fold(text: str) -> str:
    """A text in small letters without marks; what is written ``ae`` for ``ä`` becomes the same.

    >>> fold("GÖTEBORG"), fold("Goeteborg"), fold("Ålborg")
    ('goteborg', 'goteborg', 'alborg')
    >>> fold("FORSKNINGSRÃ…DET")
    'forskningsradet'
    """
    decomposed = unicodedata.normalize("NFKD", _mended(text).casefold().translate(_LETTERS))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    for pair, letter in _DIGRAPHS:
        plain = plain.replace(pair, letter)
    return plain


def _mended(text: str) -> str:
    """UTF-8 that was once read as Windows-1252 is read again."""
    if "Ã" not in text and "Â" not in text:
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


@dataclass(frozen=True, slots=True)
class Wording:
    """One name as it is compared.

    Attributes:
        words: its words, translated, each once, sorted.
        nature: those of them that say what kind of body it is, and its numbers.
    """

    words: tuple[str, ...]
    nature: tuple[str, ...]

    @property
    def key(self) -> str:
        """The words as one text."""
        return " ".join(self.words)


@cache
def _table() -> tuple[dict[tuple[str, ...], tuple[str, ...]], frozenset[str]]:
    translations: dict[tuple[str, ...], tuple[str, ...]] = {}
    nature: set[str] = set()
    with _WORDS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            meaning = tuple(row["word"].split())
            if row["role"] == "nature":
                nature.update(meaning)
            for variant in row["variants"].split():
                translations[tuple(_WORD.findall(fold(variant.replace("_", " "))))] = meaning
    return translations, frozenset(nature)


@cache
def _stop_words() -> frozenset[str]:
    with _WORDS.open(encoding="utf-8", newline="") as file:
        return frozenset(fold(word) for row in csv.DictReader(file) if row["role"] == "stop" for word in row["variants"].split())


@lru_cache(maxsize=1 << 18)
def wording(name: str) -> Wording:
    """How a name is compared.

    >>> wording("Technische Universität Wien").key, wording("VIENNA UNIVERSITY OF TECHNOLOGY").key
    ('technical university vienna', 'technical university vienna')
    >>> wording("STICHTING PLATFORM31").key, wording("Université Bordeaux I").nature
    ('platform31', ('1', 'university'))
    """
    translations, natures = _table()
    tokens = _WORD.findall(_APOSTROPHE.sub("", fold(name)))
    if len(tokens) > 1 and tokens[-1] in _ROMAN and len(tokens[-2]) > 1:
        tokens[-1] = _ROMAN[tokens[-1]]
    words: list[str] = []
    place = 0
    while place < len(tokens):
        for length in range(min(_LONGEST_PHRASE, len(tokens) - place), 0, -1):
            phrase = tuple(tokens[place : place + length])
            if phrase in translations:
                words += translations[phrase]
                place += length
                break
        else:
            words.append(tokens[place])
            place += 1
    words = words or tokens  # a name that is made of legal forms and articles alone
    kept = tuple(sorted(set(words)))
    return Wording(kept, tuple(word for word in kept if word in natures or word.isdigit()))


def aliases(name: str) -> tuple[list[str], list[str]]:
    """The names that one label holds, and the acronyms in it.

    >>> aliases("École Polytechnique Fédérale de Lausanne (EPFL)")
    (['École Polytechnique Fédérale de Lausanne'], ['EPFL'])
    >>> aliases("Universität Wien / University of Vienna")
    (['Universität Wien', 'University of Vienna'], [])
    >>> aliases("Hochschule für Technik und Wirtschaft HTW Berlin")
    (['Hochschule für Technik und Wirtschaft HTW Berlin', 'Hochschule für Technik und Wirtschaft Berlin'], ['HTW'])
    """
    inside = [text.strip() for text in _ACRONYM.findall(name)]
    outside = _ACRONYM.sub(" ", name).strip(" -*") or name
    names = [part.strip(" *-") for part in outside.split(" / ") if part.strip(" *-")]
    acronyms = [word for text in inside if text.isupper() or is_acronym(text) for word in text.split() if is_acronym(word)]
    for part in tuple(names):
        rest, own = _own_acronym(part)
        if own:
            names.append(rest)
            acronyms.append(own)
    return names, acronyms


def _own_acronym(name: str) -> tuple[str, str]:
    """The name without a word that is made of letters of the others, and that word; both empty where there is none.

    It is made of their initials, or it stands last and its letters occur in their order, from the first initial on.
    """
    words = name.split()
    for place, word in enumerate(words):
        if not (2 < len(word) < 8 and word.isupper()):
            continue
        others = [other for number, other in enumerate(words) if number != place and other[0].isalpha()]
        rest = " ".join(other for number, other in enumerate(words) if number != place)
        letters = acronym(word)
        initials = "".join(fold(other)[0] for other in others if fold(other) not in _stop_words())
        if letters in initials:
            return rest, word
        last = place == len(words) - 1 and len(set(wording(rest).words) - set(wording(rest).nature)) > 1
        if last and letters[0] == initials[:1] and _in_order(letters, "".join(map(fold, others))):
            return rest, word
    return "", ""


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def is_acronym(text: str) -> bool:
    """Whether a text looks like an acronym: one word of at most twelve characters."""
    return len(text) <= 12 and " " not in text.strip() and any(character.isalpha() for character in text)


def acronym(text: str) -> str:
    """An acronym as it is compared: folded letters and digits."""
    return "".join(_WORD.findall(fold(text)))


def domain(address: str) -> str | None:
    """The registered domain of a web address; None where many share the host.

    >>> domain("http://WWW.mrc.ac.uk/index.html"), domain("https://drift.eur.nl"), domain("http://x.facebook.com")
    ('mrc.ac.uk', 'eur.nl', None)
    """
    host = (urlsplit(address).hostname or "").rstrip(".")
    labels = host.split(".")
    if len(labels) < 2 or host.replace(".", "").isdigit():
        return None
    registered = ".".join(labels[-3:] if _TWO_LABELS.search(host) else labels[-2:])
    return None if registered in _SHARED_HOSTS else registered


def places(label: str) -> list[str]:
    """The names of a city that one label holds, as they are compared: numbers of districts and post words left out.

    >>> places("Bruxelles / Brussel"), places("LYON CEDEX 03"), places("FRANKFURT (ODER)"), places("GENOVA GE")
    (['brussels'], ['lyon'], ['frankfurt oder'], ['genoa', 'genova ge'])
    """
    found = []
    for part in [*label.split(" / "), *_FIRST.findall(label)]:
        text = " ".join(_WORD.findall(fold(part)))
        key = place_key(text)
        if key and key not in found:
            found.append(key)
    return sorted(found)


_NOT_PLACE = frozenset({"cedex", "cdx", "metropolitan", "municipality", "city", "stadt", "landeshauptstadt"})


@lru_cache(maxsize=1 << 16)
def place_key(text: str) -> str:
    """A folded place name with its exonyms translated, in its own order of words."""
    translations, natures = _table()
    tokens = [token for token in text.split() if token not in _NOT_PLACE and not token.isdigit()]
    tokens = ["sankt" if token in {"st", "saint", "sint"} and len(tokens) > 1 else token for token in tokens]
    for length in range(len(tokens), 0, -1):
        meaning = translations.get(tuple(tokens[:length]))
        if meaning and not set(meaning) & natures and (length == len(tokens) or length > 1):
            tokens = [*meaning, *tokens[length:]]
            break
    return " ".join(tokens)


def phrase(label: str) -> tuple[str, ...]:
    """The words of an English label in their order, in the singular.

    >>> phrase("Circular Economies & Big data")
    ('circular', 'economy', 'big', 'data')
    """
    return tuple(_singular(word) for word in _WORD.findall(label.casefold()))


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def keys(wordings: Iterable[Wording]) -> list[str]:
    """The keys of names, each once, sorted."""
    return sorted({one.key for one in wordings if one.words})
