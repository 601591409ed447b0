"""The graph as Python users hold it: open it, query it, trace in it, check it, export it.

>>> import seismic_graph as sg
>>> g = sg.open()                                                     # doctest: +SKIP
>>> g.query("what-did-this-network-put-forward-and-where-did-it-go", network="nanet-se").to_pandas()   # doctest: +SKIP
>>> g.trace("nanet-se", "sria-2015")                                  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seismic_graph import dates, names, query_files
from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.errors import UsageError
from seismic_graph.flows import BASES, DIRECTIONS, READINGS
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, Store

if TYPE_CHECKING:
    from seismic_graph.export import Exported
    from seismic_graph.paths import FlowNetwork, Search
    from seismic_graph.results import Result
    from seismic_graph.things import Thing
    from seismic_graph.trace import Matrix, Reach, Trace
    from seismic_graph.validate import Report

Names = str | Iterable[str]


class Graph:
    """One graph, on disk or behind an endpoint.

    Attributes:
        store: what answers.
        settings: the folders it works with.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    @classmethod
    def open(cls, store: str | None = None, *, settings: Settings | None = None) -> Graph:
        """The graph in use, or the one behind an address; see `seismic_graph.open`."""
        settings = settings or Settings()
        if store is not None:
            from seismic_graph.remote import RemoteStore

            return cls(RemoteStore(store), settings)
        from seismic_graph.build import ensure

        return cls(ensure(settings).open(), settings)

    @cached_property
    def network(self) -> FlowNetwork:
        """All flows, loaded once."""
        from seismic_graph import flows
        from seismic_graph.paths import FlowNetwork

        return FlowNetwork(flows.load(self.store))

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
        from seismic_graph.paths import Search

        _one_of("reading", reading, READINGS)
        _one_of("basis", basis, BASES)
        directions = frozenset(_several(direction))
        for name in directions:
            _one_of("direction", name, DIRECTIONS)
        if max_hops < 1:
            raise UsageError("max_hops must be 1 or more.")
        first, last = _window(since, until)
        return Search(
            reading,
            frozenset(BASES[: BASES.index(basis) + 1]),
            directions,
            max_hops,
            first,
            last,
            tuple(self.find(name) for name in _several(via)),
            frozenset(self.find(name) for name in _several(avoid)),
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
        return trace.trace(self.store, self.network, self.find(source), self.find(target), self.search(**limits), paths)

    @cached_property
    def things(self) -> dict[str, Thing]:
        """Every entity at an end of a flow, loaded once."""
        from seismic_graph import things

        return things.load(self.store)

    def tables(self, answer: Trace) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The things and the flows of a trace as the two tables of `seismic_graph.interchange`, evidence columns kept."""
        from seismic_graph import interchange

        flows = {flow.id: flow for path in answer.paths for flow in path.flows}.values()
        told = {hop["flow"]: hop for path in answer.to_dict()["paths"] for hop in path["hops"]}
        addresses = {iri: info.url for iri, info in answer.sources.items()}
        return interchange.nodes(flows, self.things), interchange.edges(flows, told, addresses)

    def reach(self, source: str, **limits: Any) -> Reach:
        """Everything that knowledge from one entity reaches."""
        from seismic_graph import trace

        return trace.reach(self.store, self.network, self.find(source), self.search(**limits))

    def matrix(self, sources: Sequence[str], targets: Sequence[str], *, paths: int = 5, **limits: Any) -> Matrix:
        """Counts and best paths between the members of two sets of IRIs; see `members`."""
        from seismic_graph import trace

        return trace.matrix(self.store, self.network, sources, targets, self.search(**limits), paths)

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
        from seismic_graph import export
        from seismic_graph.vocabulary import graph_iri

        if graph and entity:
            raise UsageError("Ask for one named graph or for the neighbourhood of an entity, not for both.")
        if entity:
            return export.write(export.neighbourhood(self.store, self.find(entity)), Path(file))
        if graph:
            return export.write(export.graph_quads(self.store, graph if ":" in graph else graph_iri(graph)), Path(file))
        return export.write(export.all_quads(self.store), Path(file))

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


def _one_of(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"There is no {what} {value!r}; it is one of {', '.join(known)}.")


def _window(since: str | None, until: str | None) -> tuple[int, int]:
    def day(name: str, text: str, side: int) -> int:
        try:
            return dates.bounds(text)[side].toordinal()
        except ValueError as reason:
            raise UsageError(f"{name} {text!r}: {reason}.") from None

    first = day("since", since, 0) if since else OPEN_START
    last = day("until", until, 1) if until else OPEN_END
    if first > last:
        raise UsageError(f"since {since} lies after until {until}: swap them.")
    return first, last
