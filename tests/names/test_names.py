"""Names: what people type finds the one thing that they mean, or says why not; nothing that they type is read as SPARQL."""

from __future__ import annotations

import re
import unicodedata

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph import names, rdf
from seismic_graph.errors import AmbiguousName, UnknownName, UsageError
from seismic_graph.settings import Settings
from seismic_graph.store import Answer, EmbeddedStore
from seismic_graph.vocabulary import ID, ONTOLOGY, RDFS, SKOS, VOCABULARY, concept_iri, entity_iri, short
from tests.queries import library

FIXTURE = library.store()
HOSTILE = 'Second "Swedish" meeting\twith <b>markup</b> and a \\'


def labelled(*labels: str, class_: str = "City", type_: str = "city") -> EmbeddedStore:
    """A store with one entity a label: ``city/thing-0``, ``city/thing-1`` ..."""
    lines = [
        f"{rdf.iri(entity_iri(type_, f'thing-{number}'))} a <{ONTOLOGY}#{class_}> ; <{SKOS}prefLabel> {rdf.literal(label)} .\n"
        for number, label in enumerate(labels)
    ]
    store = EmbeddedStore()
    store.inner.load(input="".join(lines).encode(), format=ox.RdfFormat.TURTLE)
    return store


class Counting:
    """A store that notes what it is asked."""

    name = identity = "counting"

    def __init__(self, inner: EmbeddedStore) -> None:
        self.inner = inner
        self.asked: list[str] = []

    def query(self, text: str) -> Answer:
        self.asked.append(text)
        return self.inner.query(text)


@pytest.mark.parametrize(
    ("text", "of", "found"),
    [
        ("https://w3id.org/seismic-graph/id/city/graz", None, "city/graz"),
        ("city/graz", None, "city/graz"),
        ("City/Graz", None, "city/graz"),
        ("graz", None, "city/graz"),
        ("nanet-se", "Network", "network/nanet-se"),
        ("nanet-se", "NationalNetwork", "network/nanet-se"),
        ("sria-2015", "AgendaItem", "agenda-item/sria-2015"),
        ("sria-2.0", "Agenda", "agenda-item/sria-2.0"),
        ("  SEiSMiC   national network Sweden ", "Network", "network/nanet-se"),
        ("seismic NATIONAL network sweden", None, "network/nanet-se"),
        ("Napoli", "City", "city/naples"),
        ("Neue urbane Governance", None, "theme/new-urban-governance"),
        ("NY URBAN SAMVERKAN", "Theme", "theme/new-urban-governance"),
        ("iq samhallsbyggnad", None, "organisation/iq"),
        ("JPI Urban Europe", None, "programme/jpi-urban-europe"),
        ("using ICT for co-creation", "Project", "project/c3places"),
        ("smart urban futures", "Call", "call/call-ensuf"),
        (HOSTILE, None, "event/ev-se-2015-08"),
        (HOSTILE.upper(), "Event", "event/ev-se-2015-08"),
        ("museum-stockholm--nanet-se--member", "Participation", "participation/museum-stockholm--nanet-se--member"),
        ("flow-jpi-agenda", None, "flow/flow-jpi-agenda"),
        ("seed-iqs", "Source", "source/seed-iqs"),
        ("News", None, "source/news"),
    ],
)
def test_resolve(text: str, of: str | None, found: str) -> None:
    assert names.resolve(FIXTURE, text, of) == ID + found


def test_several_things_of_one_name_are_all_named() -> None:
    with pytest.raises(AmbiguousName, match="use one of the ids") as caught:
        names.resolve(FIXTURE, "ENSUF")
    assert caught.value.candidates == ("call/call-ensuf", "programme/ensuf")
    assert names.resolve(FIXTURE, "ENSUF", "Call") == ID + "call/call-ensuf"
    assert names.resolve(FIXTURE, "ensuf") == ID + "programme/ensuf"  # an id as it stands comes before any label
    assert names.resolve(FIXTURE, "NANET-SE") == ID + "network/nanet-se"


def test_the_label_as_it_stands_comes_before_one_that_differs_in_case() -> None:
    store = labelled("Lund", "LUND")
    assert names.resolve(store, "LUND") == ID + "city/thing-1"
    with pytest.raises(AmbiguousName):
        names.resolve(store, "lund")


def test_a_page_that_was_read_counts_where_nothing_else_has_the_name() -> None:
    store = labelled("Viable Cities", class_="Source", type_="source")
    assert names.resolve(store, "Viable Cities") == ID + "source/thing-0"
    store.inner.load(
        input=f"<{ID}programme/x> a <{ONTOLOGY}#Programme> ; <{SKOS}prefLabel> 'viable cities'@en .".encode(), format=ox.RdfFormat.TURTLE
    )
    assert names.resolve(store, "Viable Cities") == ID + "programme/x"


@pytest.mark.parametrize(
    ("text", "of", "near"),
    [
        ("Stokholm", "City", "city/stockholm"),
        ("graz-city", None, "city/graz"),
        ("Swedish network", None, None),
        ("https://w3id.org/seismic-graph/id/city/gratz", None, "city/graz"),
        ("Participation", "AgendaItem", "agenda-item/sria-2015-participation"),
        ("xyzzy", None, None),
    ],
)
def test_a_miss_comes_with_the_nearest_ids(text: str, of: str | None, near: str | None) -> None:
    with pytest.raises(UnknownName) as caught:
        names.resolve(FIXTURE, text, of)
    assert caught.value.kind == (of or "entity")
    if near:
        assert near in caught.value.suggestions
        assert "Did you mean" in str(caught.value)


def test_an_id_of_another_class_says_what_it_is() -> None:
    with pytest.raises(
        UsageError, match=r"'graz' is city/graz, of class City; a Stakeholder is asked for\. Did you mean: organisation/city-of-graz"
    ):
        names.resolve(FIXTURE, "graz", "Stakeholder")
    with pytest.raises(UsageError, match="an Event is asked for"):
        names.resolve(FIXTURE, "Napoli", "Event")


def test_a_class_that_does_not_exist() -> None:
    with pytest.raises(UnknownName, match=r"class 'Netwrk'\. Did you mean: Network"):
        names.resolve(FIXTURE, "nanet-se", "Netwrk")
    with pytest.raises(UnknownName, match="class"):
        names.search(FIXTURE, "se", of="Netwrk")


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_name(text: str) -> None:
    with pytest.raises(UsageError, match="empty"):
        names.resolve(FIXTURE, text, "City")


INJECTIONS: list[str] = [
    '"} UNION { ?entity ?p ?o } #',
    "> . ?s ?p ?o . <",
    '\\"} DROP ALL #',
    "'''",
    '"""',
    ".*",
    "(?i)graz|.*",
    "[",
    "a" * 100_000,
    "{}",
    "$1 \\1 \\u0022",
    "\x00\x1b[31m",
    "\ud7ff\U0010ffff",
    "?x",
    "city/../graz",
    "city/graz> <x",
    "http://[",
    "http://a b",
    "urn:",
]


@pytest.mark.parametrize("text", INJECTIONS, ids=range(len(INJECTIONS)))
def test_hostile_text_is_looked_up_as_text(text: str) -> None:
    for of in (None, "City"):
        with pytest.raises(UnknownName):
            names.resolve(FIXTURE, text, of)
    for scheme, concept in (("direction", text), (text, "x")):
        with pytest.raises(UnknownName):
            names.resolve_concept(FIXTURE, scheme, concept)
    assert names.search(FIXTURE, text) == []
    assert names.label(FIXTURE, [text]) == {text: short(text)}


text_of_people = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="ŉẚ"), min_size=1, max_size=40
).filter(names.fold)


@settings(max_examples=150, deadline=None)
@given(text_of_people)
def test_any_label_is_found_as_it_stands_and_in_other_case(label: str) -> None:
    store = labelled(label)
    iri = ID + "city/thing-0"
    assert names.resolve(store, label) == iri
    for other in (label.upper(), label.lower(), unicodedata.normalize("NFD", label), f" {label}\n"):
        if names.fold(other) == names.fold(label):
            assert names.resolve(store, other) == iri
    assert [found for found, _ in names.search(store, label)] == [iri]


LATIN = st.text("aàáâäåçéêíïñóöøšüýžœæßßłıİđ 's-.&(", min_size=1, max_size=60).filter(names.fold)


@settings(max_examples=300, deadline=None)
@given(LATIN)
def test_the_pattern_lets_through_every_text_that_folds_to_the_same(text: str) -> None:
    pattern = names._pattern(names.fold(text)).replace("\\\\", "\\").replace('\\"', '"')
    for form in ("NFC", "NFD"):
        written = " ".join(unicodedata.normalize(form, text).split())
        assert re.search(pattern, written, re.IGNORECASE)
        assert re.search(pattern.encode(), written.encode(), re.IGNORECASE), "an engine that matches bytes"


def test_a_label_in_a_language_nobody_thought_of_is_found_by_the_slow_look_up() -> None:
    store = EmbeddedStore()
    store.inner.load(input=f"<{ID}city/x> a <{ONTOLOGY}#City> ; <{SKOS}prefLabel> 'Стокгольм'@ce .".encode(), format=ox.RdfFormat.TURTLE)
    assert names.resolve(store, "Стокгольм") == ID + "city/x"
    assert names.resolve(store, "СТОКГОЛЬМ") == ID + "city/x"


def test_a_long_label_is_found_in_other_case() -> None:
    long = "A very long statement of a recommendation, with accents é and more. " * 20
    store = labelled(long, long + "x")
    assert names.resolve(store, long.upper()) == ID + "city/thing-0"


def test_ids_and_exact_labels_cost_no_scan() -> None:
    for text, most in (("city/graz", 1), ("graz", 1), ("Napoli", 2)):
        store = Counting(FIXTURE)
        names.resolve(store, text)
        assert len(store.asked) <= most
        assert not any("REGEX" in query for query in store.asked)


@pytest.mark.parametrize(
    ("scheme", "text", "found"),
    [
        ("direction", "bottom-up", "direction/bottom-up"),
        ("direction", "Bottom up", "direction/bottom-up"),
        ("direction", "direction/top-down", "direction/top-down"),
        ("direction", "NEDIFRAN OCH UPP", "direction/bottom-up"),
        ("direction", concept_iri("direction", "horizontal"), "direction/horizontal"),
        ("country", "se", "country/SE"),
        ("country", "SE", "country/SE"),
        ("country", "Österrike", "country/AT"),
        ("country", "osterrike", "country/AT"),
        ("flow-kind", "resulted in", "flow-kind/resulted-in"),
        ("flow-kind", "part-of", "flow-kind/part-of"),
    ],
)
def test_resolve_concept(scheme: str, text: str, found: str) -> None:
    assert names.resolve_concept(FIXTURE, scheme, text) == VOCABULARY + found


def test_a_concept_that_does_not_exist_comes_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"There is no country 'Swedn'\. Did you mean: SE"):
        names.resolve_concept(FIXTURE, "country", "Swedn")
    with pytest.raises(UnknownName, match="bottom-up, horizontal, top-down"):
        names.resolve_concept(FIXTURE, "direction", "sideways")
    with pytest.raises(UnknownName, match=r"There is no vocabulary 'directions'\. Did you mean: direction"):
        names.resolve_concept(FIXTURE, "directions", "top-down")


def test_two_concepts_of_one_label() -> None:
    store = EmbeddedStore()
    scheme = f"<{SKOS}inScheme> <{VOCABULARY}level>"
    store.inner.load(
        input=f"""<{VOCABULARY}level/a> {scheme} ; <{SKOS}prefLabel> 'Same' .
        <{VOCABULARY}level/b> {scheme} ; <{SKOS}altLabel> 'same'@sv .""".encode(),
        format=ox.RdfFormat.TURTLE,
    )
    with pytest.raises(AmbiguousName, match="level/a, level/b"):
        names.resolve_concept(store, "level", "same")
    assert names.resolve_concept(store, "level", "a") == VOCABULARY + "level/a"


def test_labels_prefer_english_then_any_language_then_the_short_iri() -> None:
    wanted = [
        ID + thing
        for thing in ("theme/new-urban-governance", "event/ev-naples", "flow/flow-jpi-agenda", "city/naples", "city/no-such", "city/graz")
    ]
    assert list(names.label(FIXTURE, [*wanted, wanted[0]]).items()) == [
        (wanted[0], "New Urban Governance"),
        (wanted[1], "Incontro a Napoli"),
        (wanted[2], "flow/flow-jpi-agenda"),
        (wanted[3], "city/naples"),
        (wanted[4], "city/no-such"),
        (wanted[5], "Graz"),
    ]
    assert names.label(FIXTURE, []) == {}


def test_labels_of_very_many_things_are_asked_for_in_batches() -> None:
    store = Counting(FIXTURE)
    many = [f"{ID}city/none-{number}" for number in range(1200)] + [ID + "city/graz"]
    assert names.label(store, many)[ID + "city/graz"] == "Graz"
    assert len(store.asked) == 3


@pytest.mark.parametrize(
    ("text", "of", "first"),
    [
        ("graz", None, ("city/graz", "Graz")),
        ("graz", "Stakeholder", ("organisation/city-of-graz", "City of Graz")),
        ("GRÄZ", None, ("city/graz", "Graz")),
        ("national sweden", None, ("network/nanet-se", "SEiSMiC national network Sweden")),
        ("samverkan", None, ("agenda-item/sria-2015-participation", "Urban Governance & Participation (Samverkan)")),
        ("rec-late", None, ("recommendation/rec-late", "Too late for the agenda of 2015.")),
        ("napoli", "City", ("city/naples", "city/naples (Napoli)")),
        ("<b>markup", None, ("event/ev-se-2015-08", HOSTILE)),
    ],
)
def test_search(text: str, of: str | None, first: tuple[str, str]) -> None:
    iri, shown = names.search(FIXTURE, text, of=of)[0]
    assert (short(iri), shown) == first


def test_search_keeps_to_its_limit_and_puts_pages_last() -> None:
    found = names.search(FIXTURE, "s", 100)
    assert len(names.search(FIXTURE, "s", 3)) == 3
    assert found[:3] == names.search(FIXTURE, "s", 3)
    kinds = [short(iri).partition("/")[0] for iri, _ in found]
    assert "source" in kinds
    assert set(kinds[kinds.index("source") :]) <= {"source", "flow", "participation"}


def test_fold() -> None:
    assert names.fold(" Malmö  STAD ") == "malmo stad"
    assert names.fold("Łódź ŁÓDŹ") == "lodz lodz"
    assert names.fold("Straße") == names.fold("STRASSE")
    assert names.fold("d’Arrivée – “x”") == 'd\'arrivee - "x"'


def test_the_subclasses_are_those_of_the_ontology() -> None:
    store = EmbeddedStore()
    store.inner.load(path=str(Settings().ontology / "seismic.ttl"), format=ox.RdfFormat.TURTLE)
    rows = store.query(f"SELECT ?above ?below WHERE {{ ?below <{RDFS}subClassOf> ?above . FILTER(STRSTARTS(STR(?above), '{ONTOLOGY}#')) }}")
    found: dict[str, list[str]] = {}
    for above, below in rows:  # type: ignore[union-attr]
        found.setdefault(above.value.rpartition("#")[2], []).append(below.value.rpartition("#")[2])
    assert {above: tuple(sorted(below)) for above, below in found.items()} == names.SUBCLASSES


def test_patterns_are_ascii() -> None:
    """Virtuoso matches bytes: a pattern with anything beyond ASCII would never match there."""
    assert names._pattern(names.fold("Göteborg ß Стокгольм “x”")).isascii()
