"""Dates as precise as they are stated."""

from __future__ import annotations

from datetime import date

from seismic_graph.dates import OPEN_END
from seismic_graph.picture import timeline
from seismic_graph.picture.timeline import span_of
from seismic_graph.things import Thing
from tests.picture.drawn import NS, Drawn
from tests.picture.records import day, iri


def thing(kind: str, earliest: int, latest: int) -> Thing:
    return Thing(iri(kind, kind), kind, kind.capitalize(), earliest=earliest, latest=latest)


def sure(span: object) -> tuple[str, str] | None:
    first, last = span.sure_from, span.sure_until  # type: ignore[attr-defined]
    return (date.fromordinal(first).isoformat(), date.fromordinal(last).isoformat()) if first <= last else None


def test_a_year_is_some_day_of_it() -> None:
    span = span_of(thing("event", day(2014), day(2014, 12, 31)))
    assert span is not None and sure(span) is None and span.words == "2014"


def test_from_a_year_to_a_year_the_years_between_are_certain() -> None:
    span = span_of(thing("network", day(2014), day(2016, 12, 31)))
    assert span is not None and sure(span) == ("2014-12-31", "2016-01-01")


def test_days_are_certain() -> None:
    span = span_of(thing("event", day(2014, 11, 24), day(2014, 11, 25)))
    assert span is not None and sure(span) == ("2014-11-24", "2014-11-25")


def test_what_is_stated_goes_first() -> None:
    span = span_of(thing("project", day(2014), day(2016, 12, 31)), ("2014-01-01", "2016-12-31"))
    assert span is not None and sure(span) == ("2014-01-01", "2016-12-31")


def test_what_lasts_is_open_where_no_end_is_stated() -> None:
    network = span_of(thing("network", day(2014), OPEN_END), ("2014", ""))
    event = span_of(thing("event", day(2014), OPEN_END), ("2014", ""))
    assert network is not None and network.open_end
    assert event is not None and not event.open_end


def test_what_has_no_date_is_named_below() -> None:
    undated = Thing(iri("document", "d"), "document", "The undated one")
    drawn = Drawn(timeline([thing("event", day(2014), day(2014)), undated]))
    assert "Without a date, and so not drawn: 1 (The undated one)." in drawn.desc
    assert drawn.root.find(f".//{NS}circle") is not None
