"""Matching: identifiers first, then the model; what contradicts itself is no match; what is doubtful is for a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import asin, cos, radians, sin, sqrt

from seismic_graph.link import model
from seismic_graph.link.decisions import Decision
from seismic_graph.link.records import DOSSIER, Record, records
from seismic_graph.link.wording import fold, phrase, wording
from seismic_graph.store import Store
from seismic_graph.vocabulary import DCTERMS, SCHEMA, SG, SKOS

ACCEPT = 0.85
"""The probability from which on a pair is a match."""
REVIEW = 0.5
"""The probability from which on a pair is doubtful."""
_DATASETS = ("dossier", "cordis", "openaire")
"""From the curated record to the authorities; what is not named here is an authority, and authorities are in the order of their names."""
_DOUBTFUL = 0.8
"""The confidence of what looks alike, yet cannot be told."""
_FAR = 40.0
"""Kilometres between two descriptions of one city: sources place it at its hall, its station or an organisation in it."""
_TITLE = 4
"""Words that a title must have to speak for itself."""

_FIELDS = {
    "pic": SG.pic,
    "corda": SG.pic,
    "vat": SCHEMA + "vatID",
    "ror": SCHEMA + "sameAs",
    "wikidata": SCHEMA + "sameAs",
    "geonames": SCHEMA + "sameAs",
    "ec-grant": SG.grantNumber,
    "nuts": SG.nuts,
}
"""Scheme of an identifier -> the property that holds it."""

IDENTIFIER = "semapv:LexicalMatching"
LABEL = "semapv:LexicalMatching"
MODEL = "semapv:CompositeMatching"
CHAIN = "semapv:MappingChaining"
PERSON = "semapv:ManualMappingCuration"


@dataclass(frozen=True, slots=True)
class Match:
    """Two nodes that mean the same thing, or that somebody has to look at.

    Attributes:
        subject, object: the records, from the curated one to the authority.
        predicate: ``skos:exactMatch``, ``skos:closeMatch`` or ``skos:broadMatch``, in full.
        justification: how it was found, a term of semapv; confidence: from 0 to 1.
        field: the property whose values were compared, where it is one; text: the value that both have.
        evidence: what agrees and what differs, for people.
    """

    subject: Record
    object: Record
    predicate: str
    justification: str
    confidence: float
    field: str | None
    text: str | None
    evidence: str


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What was found.

    Attributes:
        matches: sorted by subject and object; rejected: what a person said is no match.
        doubtful: for a person to decide, the likeliest first.
    """

    matches: list[Match]
    rejected: list[Match]
    doubtful: list[Match]

    @property
    def counts(self) -> dict[tuple[str, str, str], int]:
        """Kind, predicate and justification -> how many matches."""
        found = Counter((one.subject.kind, one.predicate.rpartition("#")[2], one.justification) for one in self.matches)
        return dict(sorted(found.items()))


def link(store: Store, *, engine: model.Engine = "duckdb", decisions: Mapping[tuple[str, str], Decision] | None = None) -> LinkReport:
    """Find the nodes of different datasets that mean the same thing.

    Args:
        store: the graph; what was linked before has no influence.
        engine: where the model runs; both give the same result.
        decisions: what a person said of two IRIs, in either order; it always wins.

    Raises:
        UsageError: what the engine needs is not installed.
        StoreError: the store did not give a whole answer.
    """
    model.require()
    found = records(store)
    pairs: list[Match] = []
    cities = _scored(found["city"], "city", engine)
    pairs += cities
    pairs += _scored(_in_linked_cities(found["organisation"], cities), "organisation", engine)
    pairs += _numbered(found["region"])
    pairs += _titled(found["project"])
    accepted = [pair for pair in pairs if pair.confidence >= ACCEPT]
    doubtful = [pair for pair in pairs if pair.confidence < ACCEPT]
    first, _ = _one_to_one(accepted)
    exact, tied = _one_to_one([*accepted, *_chained([match for match in first if match.predicate == SKOS + "exactMatch"], accepted)])
    everything = {record.iri: record for some in found.values() for record in some}
    return _decided([*exact, *_subjects(found["subject"], found["field"])], [*doubtful, *tied], decisions or {}, everything)


# --- identifiers ----------------------------------------------------------------------------------------------------


def _ordered(one: Record, other: Record) -> tuple[Record, Record]:
    """The pair from the curated record to the authority."""
    return (one, other) if _rank(one) < _rank(other) else (other, one)


def _rank(record: Record) -> tuple[int, str, str]:
    known = record.dataset in _DATASETS
    return _DATASETS.index(record.dataset) if known else len(_DATASETS), record.dataset, record.iri


def _shared(some: Sequence[Record]) -> Iterator[tuple[Record, Record, str]]:
    """The pairs of different datasets that have an identifier in common, and the first that they have."""
    holders: dict[str, list[Record]] = defaultdict(list)
    for record in some:
        for identifier in record.identifiers:
            holders[identifier].append(record)
    seen = set()
    for identifier in sorted(holders):
        for pair in combinations(holders[identifier], 2):
            one, other = _ordered(*pair)
            if one.dataset != other.dataset and (one.iri, other.iri) not in seen:
                seen.add((one.iri, other.iri))
                yield one, other, identifier


def _schemes(record: Record) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for identifier in record.identifiers:
        scheme, _, value = identifier.partition(":")
        found[scheme].add(value)
    return found


def _contradict(one: Record, other: Record) -> bool:
    """Whether both have an identifier of one scheme and none of it in common."""
    theirs = _schemes(other)
    return any(scheme in theirs and not values & theirs[scheme] for scheme, values in _schemes(one).items())


def _by_identifier(one: Record, other: Record, identifier: str, *, sure: bool) -> Match:
    scheme, _, value = identifier.partition(":")
    doubt = "" if sure else ", but the names or places differ"
    return Match(
        one, other, SKOS + "exactMatch", IDENTIFIER, 1.0 if sure else _DOUBTFUL, _FIELDS[scheme], value, f"same {scheme} {value}{doubt}"
    )


# --- organisations and cities ---------------------------------------------------------------------------------------


def _scored(some: Sequence[Record], kind: str, engine: model.Engine) -> list[Match]:
    by_iri = {record.iri: record for record in some}
    found: dict[tuple[str, str], Match] = {}
    for one, other, identifier in _shared(some):
        found[one.iri, other.iri] = _by_identifier(
            one, other, identifier, sure=one.country == other.country or not (one.country and other.country)
        )
    for score in model.scores(kind, some, engine, REVIEW):
        one, other = _ordered(by_iri[score.left], by_iri[score.right])
        if (one.iri, other.iri) in found or _contradict(one, other):
            continue
        confidence = _judged(kind, one, other, score)
        if confidence >= REVIEW:
            evidence = ", ".join(score.levels.values())
            found[one.iri, other.iri] = Match(one, other, SKOS + "exactMatch", MODEL, confidence, None, None, evidence)
    return list(found.values())


def _in_linked_cities(organisations: Sequence[Record], cities: Sequence[Match]) -> list[Record]:
    """The organisations, each with the cities that its own city was linked to as well."""
    linked: dict[str, set[str]] = defaultdict(set)
    for match in cities:
        if match.confidence >= ACCEPT:
            linked[match.subject.iri].add(match.object.iri)
            linked[match.object.iri].add(match.subject.iri)
    return [
        replace(one, towns=tuple(sorted({*one.towns, *(town for own in one.towns for town in linked[own])}))) if one.towns else one
        for one in organisations
    ]


def _judged(kind: str, one: Record, other: Record, score: model.Score) -> float:
    """The probability, after what no probability may overrule: look-alikes are stopped, and what cannot be told is doubtful."""
    levels = score.levels
    doubt = min(score.probability, _DOUBTFUL)
    if kind == "city":
        if levels["country"] != "same country" or levels["names"] == "other name" or _kilometres(one, other) > _FAR:
            return 0.0
        return score.probability if "distance" in levels or levels["names"] == "same name" else doubt
    return _organisations(one, other, levels, score.probability)


def _organisations(one: Record, other: Record, levels: Mapping[str, str], probability: float) -> float:
    names, domain, acronym = levels["names"], levels.get("domain"), levels.get("acronyms") == "same acronym"
    doubt = min(probability, _DOUBTFUL)
    if names == "known by its acronym":
        return max(probability, 0.9) if levels.get("country") == "same country" and domain != "other web domain" else 0.0
    if names in {"two words shared", "other name"} and acronym and domain == "same web domain":
        return max(probability, 0.9) if levels.get("country") == "same country" and _compatible(one, other) else 0.0
    if levels["natures"] == "other nature" or names in {"two words shared", "other name"}:
        return 0.0
    if levels.get("country") == "other country":
        return doubt if names.startswith("same name") and domain == "same web domain" else 0.0
    if domain == "same web domain":
        return probability
    if "country" not in levels and names == "same name" and _telling(one, other, 3):
        return max(probability, 0.9)  # a long name is nobody else's
    sure = (
        not (names == "one name within the other" and not (acronym and _nearly(one, other)))
        and not (names == "same name without the city" and (domain == "other web domain" or levels.get("cities") != "same city"))
        and (levels.get("cities") != "other city" or acronym or _telling(one, other, 2))
        # Washington University, University of Washington
        and not (one.country == "US" and not set(map(fold, one.names)) & set(map(fold, other.names)))
    )
    return probability if sure else doubt


def _compatible(one: Record, other: Record) -> bool:
    """Whether the labels do not say two kinds of body; one in words that the table lacks says none."""
    natures = [set(wording(record.names[0]).nature) for record in (one, other)]
    return not all(natures) or natures[0] == natures[1]


def _nearly(one: Record, other: Record) -> bool:
    """Whether the labels differ in one word at most."""
    return len(set(wording(one.names[0]).words) ^ set(wording(other.names[0]).words)) <= 1


def _telling(one: Record, other: Record, words: int) -> bool:
    """Whether both have a name with so many words that say more than what kind of body it is."""
    shared = {wording(name) for name in one.names} & {wording(name) for name in other.names}
    return any(len(set(name.words) - set(name.nature)) >= words for name in shared)


def _kilometres(one: Record, other: Record) -> float:
    """The distance on the globe; 0 where a place is not known."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return 0.0
    south, north = radians(one.latitude), radians(other.latitude)
    across = sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 12742 * asin(sqrt(min(1.0, sin((north - south) / 2) ** 2 + cos(south) * cos(north) * across)))


# --- regions, projects, subjects ------------------------------------------------------------------------------------


def _numbered(regions: Sequence[Record]) -> list[Match]:
    """Units that bear the same code in two years of NUTS: the same where the name is too, else for a person."""
    return [
        _by_identifier(one, other, identifier, sure=wording(one.names[0]).key == wording(other.names[0]).key)
        for one, other, identifier in _shared(regions)
    ]


def _titled(projects: Sequence[Record]) -> list[Match]:
    """Projects with the same grant number; else with the same title. An acronym is no evidence: there are two SEISMICs."""
    found = {(one.iri, other.iri): _by_identifier(one, other, identifier, sure=True) for one, other, identifier in _shared(projects)}
    titles: dict[str, list[Record]] = defaultdict(list)
    for record in projects:
        for key in sorted({key for name in record.names if (key := _title(name, record.acronyms))}):
            titles[key].append(record)
    for key, holders in titles.items():
        for pair in combinations(holders, 2):
            one, other = _ordered(*pair)
            if one.dataset == other.dataset or (one.iri, other.iri) in found or _contradict(one, other):
                continue
            acronym = bool(set(one.acronyms) & set(other.acronyms))
            years = one.year == other.year or not (one.year and other.year)
            confidence = 0.99 if acronym and years else _DOUBTFUL
            found[one.iri, other.iri] = Match(one, other, SKOS + "exactMatch", LABEL, confidence, DCTERMS + "title", key, "same title")
    return list(found.values())


def _title(name: str, acronyms: Iterable[str]) -> str:
    words = [word for word in wording(name).words if word not in acronyms]
    return " ".join(words) if len(words) >= _TITLE else ""


def _subjects(subjects: Sequence[Record], fields: Sequence[Record]) -> list[Match]:
    """Themes and agenda items to fields of science: close where the labels are the same, broader where the field is named in the theme.

    A theme of a project and a class of a classification serve different ends, so none is an exact match (SKOS Reference, section 10).
    """
    labels = {phrase(field.label): field for field in sorted(fields, key=lambda field: field.iri, reverse=True)}
    found = []
    for subject in subjects:
        words = phrase(subject.label)
        named = {
            words[start:end]: labels[words[start:end]]
            for start in range(len(words))
            for end in range(start + 1, len(words) + 1)
            if words[start:end] in labels
        }
        for part, field in named.items():
            within = any(len(longer) > len(part) and set(part) <= set(longer) for longer in named)
            if not within:
                close = part == words
                predicate = SKOS + ("closeMatch" if close else "broadMatch")
                evidence = "same label" if close else "the label of the field is part of the label"
                found.append(Match(subject, field, predicate, LABEL, 0.99, SKOS + "prefLabel", " ".join(part), evidence))
    return found


# --- chains ---------------------------------------------------------------------------------------------------------


def _chained(matches: Sequence[Match], known: Iterable[Match]) -> list[Match]:
    """The organisations that are the same as a third one, by what that one tells of both: names in several languages, or an identifier.

    One of the two steps is by an identifier, or the third is an authority's. Countries must not differ.
    """
    steps: dict[str, list[tuple[Record, Match]]] = defaultdict(list)
    for match in matches:
        if match.subject.kind == "organisation":
            steps[match.object.iri].append((match.subject, match))
            steps[match.subject.iri].append((match.object, match))
    taken = {(match.subject.iri, match.object.iri) for match in known}
    found: dict[tuple[str, str], Match] = {}
    for third in sorted(steps):
        for (left, first), (right, second) in combinations(steps[third], 2):
            one, other = _ordered(left, right)
            pair = one.iri, other.iri
            middle = first.object if first.object.iri == third else first.subject
            sure = middle.dataset not in _DATASETS or IDENTIFIER in (first.justification, second.justification)
            differ = one.country and other.country and one.country != other.country
            if not sure or differ or one.dataset == other.dataset or pair in taken or _contradict(one, other):
                continue
            confidence = round(first.confidence * second.confidence, 6)
            if confidence >= ACCEPT and (pair not in found or confidence > found[pair].confidence):
                found[pair] = Match(
                    one, other, SKOS + "exactMatch", CHAIN, confidence, None, None, f"both are {middle.label} ({middle.dataset})"
                )
    return list(found.values())


# --- one to one, and decisions --------------------------------------------------------------------------------------


def _one_to_one(matches: Iterable[Match]) -> tuple[list[Match], list[Match]]:
    """What is exact and what is close, and what cannot be told.

    A subject has at most one exact match in a dataset, and a node at most one in the dossier, whose rows are all different things; the
    rest is close. Where two authorities fit a subject alike, both are for a person.
    """
    ranked = sorted(matches, key=_likeliest)
    groups: dict[tuple[str, str], list[Match]] = defaultdict(list)
    for match in ranked:
        groups[match.subject.iri, match.object.dataset].append(match)
    kept: list[Match] = []
    tied: list[Match] = []
    taken: set[str] = set()
    for match in ranked:
        best, *others = groups[match.subject.iri, match.object.dataset]
        if _alias(match) and match.object.dataset not in _DATASETS and not _alias(best):
            tied.append(replace(match, confidence=_DOUBTFUL, evidence=f"{match.evidence}; {best.object.label} fits better"))
        elif match is best and _tie(best, others):
            tied += [replace(one, confidence=_DOUBTFUL, evidence=f"{one.evidence}; several fit alike") for one in (best, *others)]
        elif match is best or not _tie(best, others):
            exact = match is best and not (match.subject.dataset == DOSSIER and match.object.iri in taken)
            if exact and match.subject.dataset == DOSSIER:
                taken.add(match.object.iri)
            kept.append(match if exact else replace(match, predicate=SKOS + "closeMatch"))
    return kept, tied


def _likeliest(match: Match) -> tuple[float, bool, float, int, str, str]:
    distance = _kilometres(match.subject, match.object)
    return -match.confidence, _alias(match), distance, -len(match.object.names), match.subject.iri, match.object.iri


def _alias(match: Match) -> bool:
    """Whether the object goes by the subject's name only in one of its other names: London University, as University College London was."""
    if match.subject.kind != "organisation" or match.justification == IDENTIFIER:
        return False
    return wording(match.object.names[0]).key not in {wording(name).key for name in match.subject.names}


def _tie(best: Match, others: Sequence[Match]) -> bool:
    """Whether an authority has another node that fits as well, and it is not the same place described twice."""
    if not others or best.object.dataset in _DATASETS or best.justification == IDENTIFIER:
        return False
    if best.subject.latitude is not None and best.object.latitude is not None:
        return False
    equal = [one for one in others if one.confidence >= best.confidence and _alias(one) == _alias(best)]
    return any(best.object.latitude is None or _kilometres(best.object, one.object) > _FAR for one in equal)


def _decided(
    matches: Sequence[Match], doubtful: Sequence[Match], decisions: Mapping[tuple[str, str], Decision], known: Mapping[str, Record]
) -> LinkReport:
    proposed = {(one.subject.iri, one.object.iri): one for one in (*doubtful, *matches)}
    accepted = {(one.subject.iri, one.object.iri): one for one in matches}
    rejected = []
    open_ = {pair: one for pair, one in proposed.items() if pair not in accepted}
    for (left, right), decision in decisions.items():
        if left not in known or right not in known:
            continue
        one, other = _ordered(known[left], known[right])
        pair = one.iri, other.iri
        evidence = f"decided: {decision.comment}" if decision.comment else "decided"
        said = Match(one, other, decision.predicate, PERSON, 1.0, None, None, evidence)
        open_.pop(pair, None)
        accepted.pop(pair, None)
        if decision.accept:
            accepted[pair] = said
        else:
            rejected.append(said)
    return LinkReport(
        [accepted[pair] for pair in sorted(accepted)],
        sorted(rejected, key=lambda one: (one.subject.iri, one.object.iri)),
        sorted(open_.values(), key=lambda one: (-one.confidence, one.subject.iri, one.object.iri)),
    )
