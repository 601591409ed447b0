"""From what people call a thing to its IRI, and back to a label.

A name is looked up as an IRI, as ``<type>/<slug>``, as a bare slug, as a label exactly as it stands, then as a label whatever
its case and accents, and last as an id in any case. Looking through the labels goes over all of them; every other step costs a
few index look-ups on any engine, however large the graph.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from seismic_graph import rdf
from seismic_graph.errors import AmbiguousName, UnknownName, UsageError
from seismic_graph.store import Store, text_of
from seismic_graph.vocabulary import BASE, CLASSES, DCTERMS, ENTITY_TYPES, ID, PREFIXES, RDFS, SG, SKOS, VOCABULARY, entity_iri, short

NAMING = (SKOS + "prefLabel", SKOS + "altLabel", SG.acronym, DCTERMS + "title")
"""The properties that name an entity, the foremost first."""

SUBCLASSES: dict[str, tuple[str, ...]] = {"Network": ("NationalNetwork",), "AgendaItem": ("Agenda",)}
"""Class -> the classes below it, as ``ontology/seismic.ttl`` has them."""

LANGUAGES = (
    *("en", "bg", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "ga", "hr", "hu", "is", "it", "lb", "lt"),
    *("lv", "mk", "mt", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk"),
)
"""The languages in which a label is looked for exactly; a label in any other is found by the slower look-up."""

_BATCH = 500
_MANY_LABELS = 20_000
_LONG = 80  # so many characters are compared by the engine, which limits the size of a pattern; the rest is compared here
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*")
_WEAK = frozenset({SG.Source, SG.KnowledgeFlow, SG.Participation})
_ENTITY_CLASSES = frozenset(PREFIXES["sg"] + name for name in {*ENTITY_TYPES.values(), *sum(SUBCLASSES.values(), ())})


def resolve(store: Store, text: str, of: str | None = None) -> str:
    """The IRI of the one entity that has this name.

    Args:
        store: where to look.
        text: an IRI, ``<type>/<slug>``, a slug, a label in any language, a title or an acronym. Case and accents do not matter. Where
            things of imported datasets have the name as well, the one of the dossier is meant.
        of: the local name of a class, for example ``Network``; classes below it count.

    Raises:
        UnknownName: nothing has that name; carries the nearest ids.
        AmbiguousName: several entities have it; carries their ids.
        UsageError: an id is given of something that is not of the class.
    """
    wanted = _classes(of)
    name = " ".join(text.split())
    if not name:
        raise UsageError(f"The name of {_article(of or 'entity')} is empty.")
    wrong: dict[str, set[str]] = {}
    others: list[str] = []
    weak: list[str] = []
    for look_up in (_by_id, _by_label, _by_folded_label, _by_id_in_any_case):
        candidates = look_up(store, name)
        found = [iri for iri, classes in candidates.items() if classes & wanted]
        labelled = look_up in (_by_label, _by_folded_label)
        strong = [iri for iri in found if of or not labelled or not candidates[iri] & _WEAK]
        curated = _curated(store, strong) if labelled and strong else strong
        if len(curated) == 1:
            return curated[0]
        if curated:
            raise AmbiguousName(text, sorted(short(iri) for iri in curated))
        others = others or strong
        weak = weak or found
        wrong = wrong or candidates
    for rest in (others, weak):  # what the dossier lacks: first things of imports, then pages that were read
        if len(rest) == 1:
            return rest[0]
        if rest:
            raise AmbiguousName(text, sorted(short(iri) for iri in rest))
    near = _suggestions(store, _slug(name) if rdf.is_iri(name) else name, wanted)
    if wrong:
        iri, classes = min(wrong.items())
        kinds = ", ".join(sorted(short(one).removeprefix("sg:") for one in classes))
        hint = f" Did you mean: {', '.join(near)}?" if near else ""
        raise UsageError(f"{text!r} is {short(iri)}, of class {kinds}; {_article(of or 'entity')} is asked for.{hint}")
    raise UnknownName(of or "entity", text, near)


def resolve_concept(store: Store, scheme: str, text: str) -> str:
    """The IRI of the concept of a vocabulary that has this slug, code or label.

    Args:
        store: where to look.
        scheme: the name of the vocabulary, for example ``direction``.
        text: an IRI, ``<scheme>/<slug>``, a slug or a label in any language. Case and accents do not matter.

    Raises:
        UnknownName: there is no such vocabulary, or no such concept in it.
        AmbiguousName: several concepts of the vocabulary have that label.
    """
    query = f"""SELECT DISTINCT ?concept ?label WHERE {{
  ?concept <{SKOS}inScheme> {rdf.iri(VOCABULARY + scheme) if _SLUG.fullmatch(scheme) else "<urn:none>"} .
  OPTIONAL {{ ?concept ?property ?label . FILTER(?property IN (<{SKOS}prefLabel>, <{SKOS}altLabel>, <{SKOS}notation>)) }}
}}"""
    names: dict[str, set[str]] = {}
    for iri, label in _rows(store, query):
        names.setdefault(iri, {_spaced(iri), _spaced(short(iri)), _spaced(_slug(iri))}).add(_spaced(label))
    if not names:
        raise UnknownName("vocabulary", scheme, difflib.get_close_matches(scheme, _schemes(store)))
    wanted = _spaced(text)
    found = sorted(iri for iri, known in names.items() if wanted and wanted in known)
    by_slug = [iri for iri in found if wanted in (_spaced(iri), _spaced(short(iri)), _spaced(_slug(iri)))]
    if len(by_slug or found) == 1:
        return (by_slug or found)[0]
    if found:
        raise AmbiguousName(text, [short(iri) for iri in found])
    ranked = sorted(names, key=lambda iri: (-max(_likeness(wanted, known) for known in names[iri]), iri))
    near = [iri for iri in ranked if max(_likeness(wanted, known) for known in names[iri]) >= _NEAR]
    raise UnknownName(scheme, text, [_slug(iri) for iri in (near or sorted(names))][:10])


def label(store: Store, iris: Iterable[str], language: str = "en") -> dict[str, str]:
    """IRI -> its label: that of a language, else the English one, else one in another language, else the short form of the IRI."""
    wanted = list(dict.fromkeys(iris))
    best: dict[str, tuple[tuple[int, str, str], str]] = {}
    for start in range(0, len(wanted), _BATCH):
        batch = [rdf.iri(iri) for iri in wanted[start : start + _BATCH] if rdf.is_iri(iri)]
        properties = ", ".join(f"<{one}>" for one in (SKOS + "prefLabel", DCTERMS + "title", RDFS + "label"))
        query = f"""SELECT DISTINCT ?thing ?label (LANG(?label) AS ?language) WHERE {{
  VALUES ?thing {{ {" ".join(batch)} }}
  ?thing ?property ?label .
  FILTER(?property IN ({properties}))
}}"""
        for iri, text, tag in _rows(store, query):
            rank = (_language_rank(tag, language), tag.lower(), text)
            if iri not in best or rank < best[iri][0]:
                best[iri] = (rank, text)
    return {iri: best[iri][1] if iri in best else short(iri) for iri in wanted}


def search(store: Store, text: str, limit: int = 20, of: str | None = None) -> list[tuple[str, str]]:
    """The entities that have every word of a text in one of their labels or in their id, the best first, each with its label.

    Words count from their beginning or inside; case and accents do not matter. Among equals, what the dossier has comes before what
    was imported; pages that were read come last. Where another label than the first matched, it is added in brackets.

    Args:
        store: where to look.
        text: what to look for.
        limit: the most entities to give back; ask for one more than you show to know whether there are more.
        of: the local name of a class; classes below it count.

    Raises:
        UnknownName: there is no such class.
    """
    wanted = _classes(of)
    words = [word[:_LONG] for word in fold(text).split()[:16]]
    if not words:
        return []
    tests = " && ".join(f'(REGEX(STR(?label), "{_pattern(word)}", "i") || {_contains("?entity", word)})' for word in words)
    labels: dict[str, set[str]] = {}
    classes: dict[str, set[str]] = {}
    for iri, name, class_ in _rows(store, _labelled(f"FILTER({tests})", wanted)):
        labels.setdefault(iri, set()).add(name)
        classes.setdefault(iri, set()).add(class_)
    for iri, found in _by_id(store, " ".join(text.split())).items():
        if found & wanted:
            labels.setdefault(iri, set())
            classes.setdefault(iri, set()).update(found)

    def rank(iri: str) -> tuple[bool, tuple[int, int, str], str]:
        by_label = [_closeness(words, fold(name)) for name in labels[iri]]
        return bool(classes[iri] & _WEAK), min([*by_label, _closeness(words, fold(_slug(iri)))]), iri

    ranks = {iri: rank(iri) for iri in labels}
    near = [iri for iri in sorted(labels, key=ranks.__getitem__) if ranks[iri][1][0] < _NO_MATCH][: limit * _SPARE]
    curated = frozenset(_curated(store, near)) if near else frozenset()
    kept = sorted(near, key=lambda iri: (ranks[iri][0], ranks[iri][1][0], iri not in curated, ranks[iri]))[:limit]
    shown = label(store, kept)
    result = []
    for iri in kept:
        first, matched = shown[iri], min(labels[iri], key=lambda name: _closeness(words, fold(name)), default=shown[iri])
        other = _closeness(words, fold(first))[0] == _NO_MATCH and _closeness(words, fold(matched))[0] < _NO_MATCH
        result.append((iri, f"{first} ({matched})" if other else first))
    return result


def similar(store: Store, text: str, of: str | None = None, count: int = 5) -> list[tuple[str, str]]:
    """The entities whose id or labels are nearest to a name that nothing has, best first, each with its label.

    Raises:
        UnknownName: there is no such class.
    """
    found = [ID + name for name in _suggestions(store, " ".join(text.split()), _classes(of), count)]
    return list(label(store, found).items())


_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("‘’ʼ′", "'")
    | dict.fromkeys("“”„«»", '"')
    | dict.fromkeys("‐‑‒–—", "-")
)


def fold(text: str) -> str:
    """A text without case and accents, with single spaces: two names are the same when they fold to the same.

    >>> fold(" GÖTEBORG")
    'goteborg'
    >>> fold("Łódź"), fold("Straße"), fold("İzmir")
    ('lodz', 'strasse', 'izmir')
    """
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS).split())


def _spaced(text: str) -> str:
    return fold(text).replace("-", " ")


def _classes(of: str | None) -> frozenset[str]:
    if of is None:
        return _ENTITY_CLASSES
    if of not in CLASSES:
        raise UnknownName("class", of, difflib.get_close_matches(of, sorted(CLASSES)))
    return frozenset(PREFIXES["sg"] + name for name in (of, *SUBCLASSES.get(of, ())))


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in "aeio" else f"a {noun}"


def _rows(store: Store, query: str) -> Iterator[tuple[str, ...]]:
    for row in store.query(query):  # type: ignore[union-attr]
        yield tuple(text_of(term) for term in row)


def _collected(rows: Iterable[tuple[str, ...]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for iri, class_ in rows:
        found.setdefault(iri, set()).add(class_)
    return found


def _slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def _by_id(store: Store, name: str) -> dict[str, set[str]]:
    """The entities with that IRI or id, and their classes."""
    if re.match(r"(https?://|urn:)", name) and rdf.is_iri(name):
        candidates = [name]
    else:
        type_, slash, slug = name.partition("/")
        if not _SLUG.fullmatch(slug if slash else type_):
            return {}
        candidates = [entity_iri(type_, slug)] if slash else [entity_iri(one, type_) for one in ENTITY_TYPES]
        candidates = [iri for iri in candidates if rdf.is_iri(iri)]
    terms = " ".join(rdf.iri(iri) for iri in candidates)
    return _collected(_rows(store, f"SELECT DISTINCT ?entity ?class WHERE {{ VALUES ?entity {{ {terms} }} ?entity a ?class }}"))


def _curated(store: Store, iris: Iterable[str]) -> list[str]:
    """Those that were read from the dossier."""
    terms = " ".join(rdf.iri(iri) for iri in iris)
    place = rdf.literal(BASE + "dossier/")
    rows = _rows(
        store,
        f"SELECT DISTINCT ?entity WHERE {{ VALUES ?entity {{ {terms} }} ?entity <{SG.row}> ?row FILTER(STRSTARTS(STR(?row), {place})) }}",
    )
    return [iri for (iri,) in rows]


def _by_id_in_any_case(store: Store, name: str) -> dict[str, set[str]]:
    return _by_id(store, name.lower()) if name != name.lower() else {}


def _by_label(store: Store, name: str) -> dict[str, set[str]]:
    """The entities with exactly that label. One branch a language: Virtuoso misses tagged literals among others in one VALUES block."""
    terms = [rdf.literal(name), *(rdf.literal(name, language=language) for language in LANGUAGES)]
    branches = " UNION ".join(f"{{ ?entity ?property {term} }}" for term in terms)
    properties = ", ".join(f"<{one}>" for one in NAMING)
    return _collected(
        _rows(store, f"SELECT DISTINCT ?entity ?class WHERE {{ {branches} ?entity a ?class . FILTER(?property IN ({properties})) }}")
    )


def _by_folded_label(store: Store, name: str) -> dict[str, set[str]]:
    """The entities with a label that differs in case and accents at most."""
    wanted = fold(name)
    end = f"{_SPACE}*$" if len(wanted) <= _LONG else ""
    test = f'FILTER(REGEX(STR(?label), "^{_SPACE}*{_pattern(wanted[:_LONG])}{end}", "i"))'
    rows = _rows(store, _labelled(test, _ENTITY_CLASSES | {SG.Country}))
    return _collected((iri, class_) for iri, found, class_ in rows if fold(found) == wanted)


def _labelled(condition: str, classes: Iterable[str], limit: int | None = None) -> str:
    """The query for entities, labels and classes under a condition on ``?label``."""
    properties = " ".join(f"<{one}>" for one in NAMING)
    wanted = " ".join(f"<{one}>" for one in sorted(classes))
    return (
        f"SELECT DISTINCT ?entity ?label ?class WHERE {{ VALUES ?property {{ {properties} }} ?entity ?property ?label . {condition} "
        f"?entity a ?class . VALUES ?class {{ {wanted} }} }}{f' LIMIT {limit}' if limit else ''}"
    )


_FOREIGN = "[^ -~]"  # outside printable ASCII: one character, or one to four bytes where an engine matches bytes (Virtuoso)
_SPACE = f"(?: |{_FOREIGN})"
_JOINED = frozenset({"ff", "fi", "fl", "st", "ss", "ae", "oe", "th"})  # may stand in a label as one character


def _pattern(folded: str) -> str:
    """A regular expression, as it stands inside a SPARQL string, that every text matches which folds to this one.

    It lets through more than that, never less; who uses it folds what comes back. Only ASCII is in it, so that engines
    that match bytes agree with those that match characters.
    """
    made = []
    for match in re.finditer(r" |[!-~]|[^ -~]+", folded):
        part = match[0]
        if part == " ":
            made.append(f"{_SPACE}+")
        elif not part.isascii():
            made.append(f"{_FOREIGN}+")
        elif folded[match.start() - 1 : match.end()] in _JOINED:
            made.append(f"(?:{_letter(part)})?")
        else:
            made.append(_letter(part))
    return "".join(made).replace("\\", "\\\\").replace('"', '\\"')


def _letter(character: str) -> str:
    own = character if character.isalnum() else f"[{character}]" if character not in "\\^[]-" else f"\\{character}"
    return f"(?:{own}|{_FOREIGN}){_FOREIGN}{{0,4}}"


def _contains(variable: str, word: str) -> str:
    """A test on the local part of an id, for words that an id can have."""
    return f"CONTAINS(STRAFTER(STR({variable}), {rdf.literal(ID)}), {rdf.literal(word)})" if _SLUG.fullmatch(word) else "false"


def _language_rank(tag: str, wanted: str = "en") -> int:
    order = (wanted, "en", "")
    whole, _, _ = tag.lower().partition("-")
    return 2 * (order.index(whole) if whole in order else len(order)) + ("-" in tag)


_NO_MATCH = 9
_SPARE = 5


def _closeness(words: Sequence[str], folded: str) -> tuple[int, int, str]:
    """How well words match a folded label; the smaller the better. `_NO_MATCH` comes first where they do not."""
    if folded == " ".join(words):
        grade = 0
    elif folded.startswith(" ".join(words)):
        grade = 1
    elif all(re.search(rf"(?<!\w){re.escape(word)}", folded) for word in words):
        grade = 2
    elif all(word in folded for word in words):
        grade = 3
    else:
        grade = _NO_MATCH
    return grade, len(folded), folded


_NEAR = 0.6


def _likeness(wanted: str, known: str) -> float:
    """From 0 to 1: how near a folded name is to what was asked for."""
    if not wanted or not known:
        return 0.0
    if wanted in known or (len(known) > 3 and known in wanted):
        return 0.9 + 0.1 * min(len(wanted), len(known)) / max(len(wanted), len(known))
    matcher = difflib.SequenceMatcher(None, known, wanted)
    return matcher.ratio() if matcher.real_quick_ratio() > _NEAR and matcher.quick_ratio() > _NEAR else 0.0


def _suggestions(store: Store, name: str, wanted: frozenset[str], count: int = 5) -> list[str]:
    """The ids whose slug or labels are nearest to a name that nothing has, best first."""
    folded = fold(name)
    words = [word for word in re.findall(r"\w{4,}", folded) if word.isascii()]
    scores: dict[str, float] = {}
    queries = [_labelled("", wanted, _MANY_LABELS)]
    if words:
        tests = " || ".join(f'REGEX(STR(?label), "{_pattern(word[:_LONG])}", "i")' for word in words[:8])
        queries.append(_labelled(f"FILTER({tests})", wanted, _MANY_LABELS // 10))
    for query in queries:
        for iri, found, class_ in _rows(store, query):
            likeness = max(_likeness(folded, fold(found)), _likeness(folded, _slug(iri)))
            scores[iri] = max(scores.get(iri, 0.0), likeness - (0.2 if class_ in _WEAK else 0.0))
    best = sorted((iri for iri, score in scores.items() if score >= _NEAR), key=lambda iri: (-scores[iri], iri))
    return [short(iri) for iri in best[:count]]


def _schemes(store: Store) -> list[str]:
    """The names of the vocabularies that a store holds."""
    query = f"SELECT DISTINCT ?scheme WHERE {{ ?concept <{SKOS}inScheme> ?scheme }}"
    return sorted(short(iri) for (iri,) in _rows(store, query) if iri.startswith(VOCABULARY))
