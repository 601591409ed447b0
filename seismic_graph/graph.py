"""The graph as Python users hold it: open it, query it, trace in it, check it, export it.

>>> import seismic_graph as sg
>>> g = sg.open()                                                     # doctest: +SKIP
>>> g.query("what-did-this-network-put-forward-and-where-did-it-go", network="nanet-se").to_pandas()   # doctest: +SKIP
>>> g.trace("nanet-se", "sria-2015")                                  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seismic_graph import names, query_files
from seismic_graph.errors import UnknownName, UsageError
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, Store

if TYPE_CHECKING:
    from seismic_graph.export import Exported
    from seismic_graph.findings import Finding
    from seismic_graph.flows import Flow
    from seismic_graph.insight.claims import Claim
    from seismic_graph.paths import FlowNetwork, Search
    from seismic_graph.remote.copied import Copied
    from seismic_graph.replay import Receipt
    from seismic_graph.report import Report as PageReport
    from seismic_graph.results import Result
    from seismic_graph.things import Thing
    from seismic_graph.trace import Matrix, Reach, Trace
    from seismic_graph.validate import Report

Names = str | Iterable[str]
Announce = Callable[[str], None]


class Graph:
    """One graph, on disk or behind an endpoint.

    Attributes:
        store: what answers.
        settings: the folders it works with.
        fresh: what was kept of endpoints is not used.
        announce: told what is read of endpoints, and why.
        reduced: some sources or publishers are left out; see `without`.
    """

    def __init__(self, store: Store, settings: Settings, *, fresh: bool = False, announce: Announce = lambda text: None) -> None:
        self.store = store
        self.settings = settings
        self.fresh = fresh
        self.announce = announce
        self.reduced = False

    @classmethod
    def open(cls, store: Names | None = None, *, settings: Settings | None = None, fresh: bool = False) -> Graph:
        """The graph in use, or the one behind an address or several; see `seismic_graph.open`."""
        settings = settings or Settings()
        if store is not None:
            return cls.behind(_several(store), settings, fresh=fresh)
        from seismic_graph.build import ensure

        return cls(ensure(settings).open(), settings)

    @classmethod
    def behind(
        cls,
        addresses: Sequence[str],
        settings: Settings,
        *,
        timeout: float = 60.0,
        fresh: bool = False,
        announce: Announce = lambda text: None,
    ) -> Graph:
        """The graph behind an endpoint, or spread over several.

        Raises:
            UsageError: no address, one that is none of http or https, or one twice.
        """
        from seismic_graph.remote import RemoteStore
        from seismic_graph.remote.several import Several

        if not addresses:
            raise UsageError("Give the address of an endpoint.")
        stores = [RemoteStore(address, timeout=timeout) for address in addresses]
        one = stores[0] if len(stores) == 1 else Several(stores, settings.home, fresh=fresh, announce=announce)
        return cls(one, settings, fresh=fresh, announce=announce)

    @cached_property
    def network(self) -> FlowNetwork:
        """All flows, loaded once; of those behind an endpoint, what a trace needs."""
        from seismic_graph import columns

        if not self._copies:
            return columns.network(self.store)
        from seismic_graph.remote import network

        return network.network(self._copies)

    @cached_property
    def _copies(self) -> tuple[Copied, ...]:
        """What is kept of the endpoints behind it; none for a store on disk."""
        if isinstance(self.store, EmbeddedStore):
            return ()
        from seismic_graph.remote import network

        return network.copies(self.store, self.settings.home, fresh=self.fresh, announce=self.announce)

    @cached_property
    def library(self) -> dict[str, query_files.Query]:
        """The questions of the query library by name."""
        from seismic_graph import queries

        return queries.library(self.settings.query_files())

    def query(self, question: str, **parameters: Any) -> Result:
        """The answer to a question of the library, or to an ad hoc SPARQL query.

        Args:
            question: the name of a question, or SPARQL text (anything with a space or line break in it).
            **parameters: values for the parameters of the question; labels are accepted where entities or concepts are meant, and
                lists for several values.

        Raises:
            UnknownName: there is no such question, parameter or entity.
            QueryError: the query cannot be parsed or evaluated.
        """
        from seismic_graph import queries

        if any(character.isspace() for character in question.strip()):
            if parameters:
                raise UsageError("An ad hoc query takes no parameters: write the values into its text.")
            return queries.run(self.store, query_files.from_text(question))
        return queries.run(self.store, queries.named(self.library, question), **parameters)

    def find(self, text: str, of: str | None = None) -> str:
        """The IRI of what an id, a label in any language or an acronym names.

        Raises:
            UnknownName: nothing has that name.
            AmbiguousName: several things have it.
        """
        return names.resolve(self.store, text, of)

    def search(
        self,
        *,
        reading: str = "possible",
        basis: str = "structural",
        max_hops: int = 6,
        since: str | None = None,
        until: str | None = None,
        direction: Names = (),
        via: Names = (),
        avoid: Names = (),
    ) -> Search:
        """What to look for, checked: readings, bases and directions by name, dates as stated, entities by any name.

        Raises:
            UsageError: a value that does not exist; UnknownName: an entity that does not exist.
        """
        from seismic_graph import paths

        return paths.stated(
            reading=reading,
            basis=basis,
            max_hops=max_hops,
            since=since,
            until=until,
            directions=_several(direction),
            via=[self.find(name) for name in _several(via)],
            avoid=[self.find(name) for name in _several(avoid)],
        )

    def trace(self, source: str, target: str, *, paths: int = 5, **limits: Any) -> Trace:
        """The best paths from one entity to another, with all evidence; where there is none, why.

        Args:
            source, target: ids, labels in any language, acronyms or IRIs.
            paths: how many paths to show.
            **limits: see `search`.

        Raises:
            UnknownName: an entity that does not exist.
            UsageError: a limit that makes no sense.
        """
        from seismic_graph import trace

        if paths < 1:
            raise UsageError("paths must be 1 or more.")
        start, end = self.find(source), self.find(target)
        if start == end:
            raise UsageError(f"{source} and {target} are the same thing. For ways that come back, ask for loops.")
        return trace.trace(self.store, self.network, start, end, self.search(**limits), paths)

    @cached_property
    def things(self) -> dict[str, Thing]:
        """Every entity at an end of a flow, loaded once."""
        from seismic_graph import things

        if not self._copies:
            return things.load(self.store)
        from seismic_graph.remote import copied, pages

        return things.load(copied.joined(self._copies, map(pages.Property, things.PROPERTIES)))

    def tables(self, answer: Trace) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The things and the flows of a trace as the two tables of `seismic_graph.interchange`, evidence columns kept."""
        return self._tables(answer.flows)

    def neighbourhood(self, name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """An entity with all its flows and the things at their other ends, as the same two tables.

        Raises:
            UnknownName: nothing has that name.
        """
        entity = self.find(name)
        return self._tables([flow for flow in self.network.flows if entity in (flow.source, flow.target)])

    def _tables(self, flows: Iterable[Flow]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        from seismic_graph import interchange, trace

        chosen = list(flows)
        evidence, sources = trace.background(self.store, chosen)
        told = {
            iri: {
                "statement": said.statement or None,
                "stated_start": said.start or None,
                "stated_end": said.end or None,
                "rule": said.rule or None,
                "row": said.row,
            }
            for iri, said in evidence.items()
        }
        addresses = {iri: info.url for iri, info in sources.items()}
        return interchange.nodes(chosen, self.things), interchange.edges(chosen, told, addresses)

    def reach(self, source: str, **limits: Any) -> Reach:
        """Everything that knowledge from one entity reaches."""
        from seismic_graph import trace

        return trace.reach(self.store, self.network, self.find(source), self.search(**limits))

    def matrix(self, sources: Sequence[str], targets: Sequence[str], *, paths: int = 5, **limits: Any) -> Matrix:
        """Counts and best paths between the members of two sets of IRIs; see `members`."""
        from seismic_graph import trace

        return trace.matrix(self.store, self.network, sources, targets, self.search(**limits), paths)

    def without(self, *names: str) -> Graph:
        """The same graph without some sources (by id) or publishers (by name): flows that have no other source are gone.

        Raises:
            UsageError: no source and no publisher has that name.
        """
        from seismic_graph import findings

        other = Graph(self.store, self.settings, announce=self.announce)
        other.reduced = True
        other.__dict__["network"] = findings.without(self.network, names, self.publishers)
        return other

    @cached_property
    def publishers(self) -> dict[str, str]:
        """Source IRI -> the name of its publisher."""
        from seismic_graph import flows

        return flows.publishers(self.store)

    def gaps(
        self,
        *,
        kind: Names = (),
        theme: Names = (),
        country: Names = (),
        network: Names = (),
        year: Iterable[int] = (),
        **limits: Any,
    ) -> Finding:
        """Where the record stops, why, and what would close each gap; filters take names and labels.

        Raises:
            UsageError: there is no such kind of gap; UnknownName: an entity that does not exist.
        """
        from seismic_graph import findings
        from seismic_graph.insight.gaps import Filter

        wanted = Filter(
            frozenset(_several(kind)),
            frozenset(self.find(name, "Theme") for name in _several(theme)),
            frozenset(self._country(name) for name in _several(country)),
            frozenset(self.find(name, "Network") for name in _several(network)),
            frozenset(year),
        )
        return findings.gaps(self.network, self.things, self.search(**limits), wanted, self.store.identity)

    def _country(self, name: str) -> str:
        return names.resolve_concept(self.store, "country", name).rpartition("/")[2]

    def place(self, name: str) -> str:
        """A city or network as its IRI, a country as its code: what loops and balances are asked about.

        Raises:
            UnknownName: nothing has that name.
        """
        try:
            return self._country(name)
        except UnknownName:
            return self.find(name)

    def loops(self, *places: str, paths: int = 5, **limits: Any) -> Finding:
        """Closed loops from places up to an agenda and back; every city, network and country where none is named."""
        from seismic_graph import findings

        limits.setdefault("max_hops", 8)
        asked = [self.place(name) for name in places] or self._places()
        return findings.loops(self.network, self.things, asked, self.search(**limits), paths, self.store.identity)

    def balance(self, *places: str, **limits: Any) -> Finding:
        """What places gave to agendas and beyond and what they got; every city, network and country where none is named."""
        from seismic_graph import findings

        asked = [self.place(name) for name in places] or self._places()
        return findings.balances(self.network, self.things, asked, self.search(**limits), self.store.identity)

    def _places(self) -> list[str]:
        from seismic_graph.insight import loops

        networks = [iri for iri, thing in self.things.items() if thing.type == "network"]
        return [*loops.countries(self.things), *networks, *loops.cities(self.things)]

    def indicator(self, name: str, *, explain: bool = False, limit: int = 20, **limits: Any) -> Finding:
        """One indicator, for example ``flows-by-theme`` or ``brokers``; every number opens into the flows behind it.

        Raises:
            UsageError: there is no such indicator.
        """
        from seismic_graph import findings

        return findings.indicator(self.network, self.things, name, self.search(**limits), self.store.identity, explain=explain, limit=limit)

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """The claims on record, by id."""
        from seismic_graph import findings

        return findings.recorded_claims(self.store, self.things)

    def claim(self, name: str, **limits: Any) -> Finding:
        """A claim held against the record: one verdict a subject and object.

        Raises:
            UnknownName: there is no such claim.
        """
        import difflib

        from seismic_graph import findings

        if name not in self.claims:
            raise UnknownName("claim", name, difflib.get_close_matches(name, self.claims) or sorted(self.claims))
        search = self.search(**limits)
        return findings.claim(self.network, self.things, self.claims[name], search, self.publishers, self.store.identity)

    def report(self, name: str, **limits: Any) -> PageReport:
        """The page on an entity, theme or country.

        Raises:
            UnknownName: nothing has that name.
        """
        from seismic_graph import report

        asked = {"names": [name], "options": limits}
        return report.report(self.store, self.network, self.things, self.place(name), self.search(**limits), asked)

    def ask(self, kind: str, names: Sequence[str], options: Mapping[str, Any]) -> Any:
        """The answer to a question by its kind: ``trace``, ``gaps``, ``loops``, ``balance``, ``indicators``, ``claim`` or ``report``.

        Raises:
            UsageError: there is no such kind of question.
        """
        methods: dict[str, Callable[..., Any]] = {
            "trace": self.trace,
            "gaps": self.gaps,
            "loops": self.loops,
            "balance": self.balance,
            "indicators": self.indicator,
            "claim": self.claim,
            "report": self.report,
        }
        if kind not in methods:
            raise UsageError(f"There is no question of kind {kind!r}; it is one of {', '.join(methods)}.")
        return methods[kind](*names, **options)

    def answer(self, kind: str, arguments: Mapping[str, Any]) -> Receipt:
        """The receipt of asking a question; its arguments are ``names`` in order, and ``options``.

        Raises:
            UsageError: there is no such kind of question.
        """
        from seismic_graph import replay

        found = self.ask(kind, arguments.get("names", ()), arguments.get("options", {}))
        receipt: Receipt = found.receipt if kind == "report" else replay.receipt(kind, arguments, self.store.identity, found.to_dict())
        return receipt

    def robustness(self, answer: Trace) -> Finding:
        """What a trace rests on."""
        from seismic_graph import findings

        return findings.robust(self.network, self.things, answer, self.publishers)

    def members(self, class_name: str) -> list[str]:
        """The IRIs of all entities of a class, for example ``NationalNetwork``."""
        from seismic_graph import trace

        return trace.members(self.store, class_name)

    def validate(self) -> Report:
        """What the shapes say of this graph."""
        from seismic_graph import validate

        return validate.validate(self.store, self.settings.shape_files())

    def export(self, file: str | Path, *, graph: str | None = None, entity: str | None = None) -> Exported:
        """Write the whole graph, one named graph or the neighbourhood of an entity; the suffix names the format.

        Raises:
            UsageError: no such graph, entity or format.
        """
        from seismic_graph import export, rdf
        from seismic_graph.vocabulary import graph_iri

        if graph and entity:
            raise UsageError("Ask for one named graph or for the neighbourhood of an entity, not for both.")
        rdf.rdf_format(Path(file))  # raises before anything is read
        if entity:
            return export.write(export.written(export.neighbourhood(self.store, self.find(entity))), Path(file), graphs=False)
        whole = export.named(self.store, graph if ":" in graph else graph_iri(graph)) if graph else export.everything(self.store)
        with whole as statements:
            return export.write(statements, Path(file))

    def __repr__(self) -> str:
        return f"Graph({self.store.name}, {self.store.identity})"

    @property
    def embedded(self) -> EmbeddedStore:
        """The store on disk.

        Raises:
            UsageError: this graph lives behind an endpoint.
        """
        if isinstance(self.store, EmbeddedStore):
            return self.store
        raise UsageError("This works on a snapshot on disk, not on an endpoint.")


def _several(value: Names) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
