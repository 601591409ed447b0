"""GeoNames: places (``cities500.txt`` to ``cities15000.txt``, ``allCountries.txt``) and the table of countries (``countryInfo.txt``).

The columns are those of https://download.geonames.org/export/dump/readme.txt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from seismic_graph import rdf
from seismic_graph.sources.inputs import Input
from seismic_graph.sources.reading import Outcome, Scope, Unfit
from seismic_graph.sources.records import read_fields
from seismic_graph.sources.writing import Writer, required
from seismic_graph.vocabulary import GEO, ID, SCHEMA, SG, SKOS, XSD

PLACES = (
    *("geonameid", "name", "asciiname", "alternatenames", "latitude", "longitude", "feature_class", "feature_code", "country_code", "cc2"),
    *("admin1_code", "admin2_code", "admin3_code", "admin4_code", "population", "elevation", "dem", "timezone", "modification_date"),
)
COUNTRIES = (
    *("ISO", "ISO3", "ISO-Numeric", "fips", "Country", "Capital", "Area", "Population", "Continent", "tld", "CurrencyCode", "CurrencyName"),
    *("Phone", "Postal_Code_Format", "Postal_Code_Regex", "Languages", "geonameid", "neighbours", "EquivalentFipsCode"),
)
_MAPPED = frozenset(["geonameid", "name", "asciiname", "latitude", "longitude", "feature_class", "country_code", "ISO", "Country"])


def city_node(number: str) -> str:
    """The IRI of the city with that number in GeoNames."""
    return f"<{ID}city/geonames-{number}>"


def city_lines(number: str, name: str, country: str, latitude: str, longitude: str, writer: Writer) -> str:
    """The lines that describe a city of GeoNames; `country` is an IRI, the coordinates are decimal degrees or empty."""
    node = city_node(number)
    lines = [
        writer.described(node, SG.City, name),
        f"{node} <{SG.country}> {country} .\n{node} <{SCHEMA}sameAs> <https://sws.geonames.org/{number}/> .\n",
    ]
    if latitude and longitude:
        for axis, degrees in (("lat", latitude), ("long", longitude)):
            lines.append(f"{node} <{GEO}{axis}> {rdf.literal(degrees, datatype=XSD + 'decimal')} .\n")
    return "".join(lines)


def degrees(cell: str, column: str, limit: int) -> str:
    """A coordinate in decimal degrees.

    Raises:
        Unfit: it is no number, or lies on no globe.
    """
    try:
        if abs(float(cell)) <= limit and not cell.lower().strip("-+0123456789."):
            return cell
    except ValueError:
        pass
    raise Unfit(column, f"{cell!r} is no coordinate. Write degrees from -{limit} to {limit}.")


def geonames_number(cell: str, column: str) -> str:
    """A number of GeoNames.

    Raises:
        Unfit: it is none.
    """
    if not (cell.isascii() and cell.isdigit()):
        raise Unfit(column, f"{cell!r} is no number of GeoNames.")
    return cell


def read(inputs: Iterable[Input], scope: Scope) -> Iterator[Outcome]:
    """What becomes of each place and country of some files.

    Raises:
        DataError: a file is not UTF-8 or has absurdly long lines.
    """
    places, countries = Writer("city", scope), Writer("country", scope)
    for found in inputs:
        name = found.plain_name.rpartition("/")[2].lower()
        if not name.endswith(".txt") or name == "readme.txt":
            scope.note(f"file {found.name} was left out: the tables of GeoNames end in .txt")
            continue
        of_countries = name == "countryinfo.txt"
        writer, columns, write = (countries, COUNTRIES, _country) if of_countries else (places, PLACES, _place)
        for column in columns:
            if column not in _MAPPED:
                scope.note(f"{writer.table}: column {column} is not mapped")
        yield from writer.outcomes(read_fields(found, columns), write)


def _place(values: Mapping[str, str], writer: Writer) -> str:
    number = geonames_number(required(values, "geonameid"), "geonameid")
    if values["feature_class"] != "P":
        raise Unfit("feature_class", f"{values['feature_class']!r} is no populated place (P), so no city.")
    country = writer.scope.country(required(values, "country_code"), column="country_code")
    latitude, longitude = degrees(values["latitude"], "latitude", 90), degrees(values["longitude"], "longitude", 180)
    name, ascii_name = required(values, "name"), values["asciiname"].strip()
    node, lines = city_node(number), city_lines(number, name, country, latitude, longitude, writer)
    if ascii_name and ascii_name != name:
        lines += f"{node} <{SKOS}altLabel> {writer.text(ascii_name)} .\n"
    if writer.wants(node, "1"):
        writer.share(node, "1", lines)
    return number


def _country(values: Mapping[str, str], writer: Writer) -> str:
    country = writer.scope.country(required(values, "ISO"), column="ISO")
    number = geonames_number(required(values, "geonameid"), "geonameid")
    writer.lines.append(f"{country} <{SCHEMA}sameAs> <https://sws.geonames.org/{number}/> .\n")
    writer.lines.append(f"{country} <{SKOS}altLabel> {writer.text(required(values, 'Country'))}@en .\n")
    return values["ISO"]
