"""Mappings of a user's own table, written in YARRRML (https://rml.io/yarrrml/spec/): read and checked.

A mapping describes new things, row by row; it names no place to read from or write to but the file that is imported. What YARRRML
has beyond that (other sources, functions, conditions, joins, targets) is refused here, before any engine sees it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from seismic_graph import rdf
from seismic_graph.errors import DataError, Problem
from seismic_graph.sources.filters import FILTERS, IDENTIFYING, LISTS
from seismic_graph.sources.table_mapping import Reference, Rule, Statement, TableMapping, Template
from seismic_graph.vocabulary import CLASSES, ENTITY_TYPES, ID, PREFIXES, PROPERTIES, RDF, VOCABULARY, XSD, short

SG = PREFIXES["sg"]
LARGEST = 2**20
"""Bytes of a mapping."""
DATATYPES = ("string", "integer", "decimal", "double", "boolean", "date", "gYear", "gYearMonth", "dateTime", "anyURI")
"""The datatypes of XML Schema whose cells are checked; others are refused."""
_NARROWER = {"NationalNetwork": "Network", "Agenda": "AgendaItem"}
_OURS = frozenset({
    "row", "rule", "earliest", "latest", "surelyFrom", "surelyUntil", "takesFrom", "takesUntil", "givesFrom", "givesUntil",
    "earliestBy", "latestBy", "contradicts", "flowsTo", "flowsFrom", "precedes", "level",
})  # fmt: skip
"""Properties that are added by the import or derived by the build."""
_REFERENCE = re.compile(r"\$\(((?:\\.|[^\\)])*)\)")
_PREFIXED = re.compile(r"([A-Za-z][\w.-]*):(?!//)(.*)", re.DOTALL)
_NO_FIXED_TEXT = re.compile(r'[{}"\\\x00-\x1f]')


def read(file: Path, table: str) -> TableMapping:
    """The mapping that a YARRRML file holds.

    Args:
        file: the mapping.
        table: name of the file that is imported; the only source that the mapping may name.

    Raises:
        DataError: it is no YAML, or asks for what cannot or may not be done; every place is named.
    """
    try:
        with file.open("rb") as stream:
            body = stream.read(LARGEST + 1)
        text = body.decode("utf-8-sig")
    except OSError as error:
        raise DataError([Problem(str(file), None, None, None, f"cannot be read: {error.strerror}.", "Name a file.")]) from error
    except UnicodeDecodeError:
        raise DataError([Problem(str(file), None, None, None, "is not UTF-8.", "Save it as UTF-8.")]) from None
    if len(body) > LARGEST:
        raise DataError([Problem(str(file), None, None, None, "is larger than a mapping can be.", "Is this the right file?")])
    return parse(text, file.name, table)


def parse(text: str, name: str, table: str) -> TableMapping:
    """As `read`, from text."""
    return _Reader(name, table).document(text)


# --- reading the document -------------------------------------------------------------------------------------------------

_SAME = {
    "mapping": "mappings", "m": "mappings", "source": "sources", "subject": "subjects", "s": "subjects", "predicateobject": "po",
    "predicateobjects": "po", "predicate": "predicates", "p": "predicates", "object": "objects", "o": "objects", "v": "value",
    "lang": "language", "graph": "graphs", "g": "graphs", "condition": "conditions", "f": "function", "fn": "function",
    "target": "targets", "functions": "function", "author": "authors", "a": "authors",
}  # fmt: skip
"""The short forms of keys (YARRRML, sections 4 to 12)."""
_REFUSED = {
    "graphs": "every import has one graph; leave it out.",
    "conditions": "conditions are not evaluated here; leave the cell empty where nothing is to be said.",
    "function": f"functions are not run here; use a filter in the reference, $(column|filter): {', '.join(FILTERS)}.",
    "targets": "the triples go into the import and nowhere else; leave it out.",
    "base": "write absolute IRIs or prefixes.",
    "external": "write the value itself.",
    "inversepredicates": "state it from the other side.",
}


class _Reader:
    def __init__(self, name: str, table: str) -> None:
        self.name, self.table = name, table
        self.problems: list[Problem] = []
        self.prefixes = dict(PREFIXES)

    def wrong(self, node: yaml.Node | None, value: str | None, message: str, remedy: str) -> None:
        place = f"{self.name}, line {node.start_mark.line + 1}" if node is not None else self.name
        self.problems.append(Problem(place, None, None, value, message, remedy))

    def document(self, text: str) -> TableMapping:
        try:
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
                self.wrong(None, None, "has an alias (*name).", "Write the part out.")
                raise DataError(self.problems)
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError) as error:
            told = " ".join(str(error).split()) or "nested too deeply"
            raise DataError([Problem(self.name, None, None, None, f"is no YAML: {told}.", "Correct the line.")]) from None
        keys = self.keys(root, "the document", ("prefixes", "mappings"), ("sources", "authors"))
        self.read_prefixes(keys.get("prefixes"))
        self.check_sources(keys.get("sources"))
        rules = []
        named: dict[str, Rule] = {}
        given = self.pairs(keys.get("mappings"), "mappings") if "mappings" in keys else []
        if not given and isinstance(root, yaml.MappingNode):
            self.wrong(root, None, "has no mappings.", "Make a draft with: seismic mapping init FILE")
        subjects = {name: self.subject_of(node) for name, _, node in given}
        for name, key, node in given:
            if rule := self.rule(name, key, node, subjects):
                rules.append(rule)
                named[name] = rule
        self.check_classes(rules)
        if self.problems:
            raise DataError(self.problems)
        return TableMapping(self.name, tuple(rules))

    def pairs(self, node: yaml.Node | None, what: str) -> list[tuple[str, yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, None, f"{what} are not a list of `name: …`.", "Indent them under their heading.")
            return []
        found: dict[str, tuple[str, yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in found:
                self.wrong(key, name, f"stands twice in {what}.", "Join the two, or rename one.")
            found[name] = name, key, value
        return list(found.values())

    def keys(self, node: yaml.Node | None, what: str, *known: Sequence[str]) -> dict[str, yaml.Node]:
        """The values of a mapping node by the long form of their keys; what is refused or unknown is a problem."""
        allowed = [key for some in known for key in some]
        found = {}
        for name, key, value in self.pairs(node, what):
            long = _SAME.get(name, name)
            if long in allowed and long in found:
                self.wrong(key, name, f"stands twice in {what}.", "Join the two.")
            elif long in allowed:
                found[long] = value
            elif long in _REFUSED:
                self.wrong(key, name, "is not done by an import.", f"Here {_REFUSED[long]}")
            else:
                self.wrong(key, name, f"is no key of {what}.", f"The keys are: {', '.join(allowed)}.")
        return found

    def read_prefixes(self, node: yaml.Node | None) -> None:
        for prefix, key, value in self.pairs(node, "prefixes") if node is not None else []:
            namespace = str(value.value)
            if not rdf.is_iri(namespace):
                self.wrong(value, namespace, "is no IRI.", "Write the namespace in full.")
            elif PREFIXES.get(prefix, namespace) != namespace:
                self.wrong(key, f"{prefix}: {namespace}", f"here {prefix} is {PREFIXES[prefix]}.", "Write that, or use another prefix.")
            else:
                self.prefixes[prefix] = namespace

    def check_sources(self, node: yaml.Node | None) -> None:
        """Only the file that is imported may be named, as ``name: [file~csv]`` or ``name: {access: file}``."""
        for _, _, value in self.pairs(node, "sources") if node is not None else []:
            self.check_source(value)

    def check_source(self, node: yaml.Node) -> None:
        iterator = ""
        if isinstance(node, yaml.MappingNode):
            keys = self.keys(node, "a source", ("access", "referenceFormulation", "iterator"))
            access = str(keys["access"].value) if "access" in keys else ""
            iterator = str(keys["iterator"].value) if "iterator" in keys else ""
        elif isinstance(node, yaml.SequenceNode) and node.value:
            access, *rest = (str(part.value) for part in node.value)
            access, iterator = access.partition("~")[0], "".join(rest)
        else:
            access = str(node.value).partition("~")[0]
        if access != self.table:
            self.wrong(node, access, f"is not the file that is imported ({self.table}), and no other is read.", "Leave `sources` out.")
        if iterator not in ("", "$", "$[*]", "$.[*]"):
            self.wrong(node, iterator, "records are the objects of the outermost list.", "Leave the iterator out.")

    # --- rules

    def subject_of(self, node: yaml.Node) -> Template | None:
        """The subject of a rule, as other rules refer to it; what is wrong with it is told where it stands."""
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if _SAME.get(str(key.value), key.value) == "subjects":
                    lone = value.value[0] if isinstance(value, yaml.SequenceNode) and len(value.value) == 1 else value
                    if isinstance(lone, yaml.ScalarNode):
                        return self.template(lone.value)[0]
        return None

    def rule(self, name: str, key: yaml.Node, node: yaml.Node, subjects: Mapping[str, Template | None]) -> Rule | None:
        before = len(self.problems)
        keys = self.keys(node, f"the mapping {name}", ("subjects", "po", "sources"))
        if "sources" in keys:
            sources = keys["sources"]
            for one in sources.value if isinstance(sources, yaml.SequenceNode) else [sources]:
                if not isinstance(one, yaml.ScalarNode):  # a name points to the sources of the document, which are checked there
                    self.check_source(one)
        subject = keys.get("subjects")
        if isinstance(subject, yaml.SequenceNode) and len(subject.value) == 1:
            subject = subject.value[0]
        if not isinstance(subject, yaml.ScalarNode):
            self.wrong(
                subject or key,
                name,
                "has no subject, so its things would have no address; nodes without one are not imported.",
                "Write one, such as: s: id:project/$(id|slug)",
            )
            return None
        statements = list(self.statements(keys.get("po"), name, key, subjects))
        template = self.subject(subject)
        return Rule(name, template, tuple(statements)) if template and len(self.problems) == before else None

    def subject(self, node: yaml.ScalarNode) -> Template | None:
        made = self.iri(node, node.value)
        if made is None:
            return None
        kind = made.start[len(ID) :].partition("/")[0] if made.start.startswith(ID) else ""
        if kind not in ENTITY_TYPES or kind == "source":
            kinds = ", ".join(sorted(set(ENTITY_TYPES) - {"source"}))
            self.wrong(node, node.value, "is no name that things have here.", f"Write id:TYPE/$(column|slug), with TYPE one of {kinds}.")
        elif not made.references:
            self.wrong(node, node.value, "names the same thing in every row.", "Put the column that tells the things apart into it.")
        elif any(ref.is_list for ref in made.references):
            self.wrong(node, node.value, "a row would describe several things at once.", "Give each a row of its own.")
        else:
            return made
        return None

    def statements(self, node: yaml.Node | None, name: str, key: yaml.Node, subjects: Mapping[str, Template | None]) -> Iterator[Statement]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.wrong(
                node or key,
                name,
                "says nothing about its things.",
                "List properties and values under po: - [skos:prefLabel, $(name), en~lang]",
            )
            return
        for one in node.value:
            if isinstance(one, yaml.SequenceNode):
                if not 2 <= len(one.value) <= 3:
                    self.wrong(one, None, "is no pair.", "Write [property, value] or [property, value, datatype or language~lang].")
                    continue
                predicates, objects, *kind = one.value
                values = [(each, kind[0] if kind else None) for each in _each(objects)]
            else:
                keys = self.keys(one, "a property with its values", ("predicates", "objects"))
                if len(keys) < 2:
                    self.wrong(one, None, "a property with its values has `p` and `o`.", "Write both.")
                    continue
                predicates, values = keys["predicates"], list(_objects(keys["objects"]))
            for predicate in _each(predicates):
                if known := self.predicate(predicate):
                    for value, kind_node in values:
                        if said := self.value(known, value, kind_node, subjects):
                            yield said

    def predicate(self, node: yaml.Node) -> str | None:
        text = str(node.value)
        made = self.iri(node, RDF + "type" if text == "a" else text)
        if made is None:
            return None
        if made.references:
            self.wrong(node, text, "is a property that depends on the row.", "Write one property for each column.")
            return None
        found = made.start
        if found.startswith(SG):
            term = found[len(SG) :]
            if term not in PROPERTIES:
                near = difflib.get_close_matches(term, PROPERTIES, 3, 0.5)
                hint = f"Did you mean: {', '.join('sg:' + one for one in near)}?" if near else "docs/model.md lists them."
                self.wrong(node, text, "is no property of the ontology.", hint)
                return None
            if term in _OURS:
                self.wrong(node, text, "is added by the import or derived by the build.", "Leave it out.")
                return None
        return found

    def value(self, predicate: str, node: yaml.Node, kind: yaml.Node | None, subjects: Mapping[str, Template | None]) -> Statement | None:
        """One value: ``text``, ``text~iri``, ``text~language~lang``, or a mapping node with its parts."""
        language = datatype = None
        is_iri = predicate == RDF + "type"
        text = node.value
        if isinstance(node, yaml.MappingNode):
            keys = self.keys(node, "a value", ("value", "type", "language", "datatype"), ("mappings",))
            if "mappings" in keys:
                other = str(keys["mappings"].value)
                if subjects.get(other) is None:
                    self.wrong(node, other, "is no mapping of this document with a subject.", f"They are: {', '.join(subjects)}.")
                    return None
                return Statement(predicate, self.expanded(subjects[other]), True)  # type: ignore[arg-type]
            if "value" not in keys:
                self.wrong(node, None, "has no value.", "Write value: …")
                return None
            text = keys["value"].value
            told = str(keys["type"].value) if "type" in keys else ""
            if told not in ("", "iri", "literal"):
                self.wrong(keys["type"], told, "is no kind of value here: nodes need an address.", "Write iri or literal.")
                return None
            is_iri = is_iri or told == "iri"
            language = str(keys["language"].value) if "language" in keys else None
            datatype = str(keys["datatype"].value) if "datatype" in keys else None
        if kind is not None:
            told = str(kind.value)
            if told.endswith("~lang"):
                language = told.removesuffix("~lang")
            else:
                datatype = told
        if isinstance(text, list):
            self.wrong(node, None, "is no single value.", "Write [property, [value, value]] for several.")
            return None
        for mark in ("~iri", "~lang"):
            if text.endswith(mark):
                text, is_iri = text.removesuffix(mark), is_iri or mark == "~iri"
                if mark == "~lang":
                    text, _, language = text.rpartition("~")
        if is_iri:
            made = self.iri(node, text, is_class=predicate == RDF + "type")
            if made and sum(ref.is_list for ref in made.references) > 1:
                self.wrong(node, text, "has two lists; what belongs to what is not told.", "Give each pair a row of its own.")
                return None
            return Statement(predicate, made, True) if made else None
        return self.literal(predicate, node, text, language, datatype)

    def literal(self, predicate: str, node: yaml.Node, text: str, language: str | None, datatype: str | None) -> Statement | None:
        made, reason = self.template(text)
        if reason:
            self.wrong(node, text, reason, "Correct the reference.")
            return None
        if made.start.startswith(("id:", "voc:", ID, VOCABULARY)):
            self.wrong(node, text, "is a text where the name of a thing is meant.", f"Write {text}~iri")
            return None
        if fixed := next((part for part in made.parts if isinstance(part, str) and _NO_FIXED_TEXT.search(part)), None):
            self.wrong(node, fixed, "fixed text cannot have braces, quotes, backslashes or line breaks.", "Put it into a column.")
            return None
        if len(made.parts) > 1 and any(ref.is_list for ref in made.references):
            self.wrong(node, text, "a list cannot be a part of a text.", "Let it stand alone.")
            return None
        if language and datatype:
            self.wrong(node, text, "has a language and a datatype.", "A text has one or the other.")
            return None
        if language and not rdf.is_language(language):
            self.wrong(node, language, "is no language tag.", "Write it as in BCP 47: sv, pt-BR.")
            return None
        if datatype:
            prefixed = _PREFIXED.fullmatch(datatype)
            full = self.prefixes.get(prefixed[1], "") + prefixed[2] if prefixed else datatype
            if full not in {XSD + name for name in DATATYPES}:
                self.wrong(node, datatype, "is no datatype that is checked here.", f"Use xsd: and one of {', '.join(DATATYPES)}.")
                return None
            datatype = full
        return Statement(predicate, made, False, language, datatype)

    def iri(self, node: yaml.Node, text: object, *, is_class: bool = False) -> Template | None:
        """A template for an IRI, with its prefix expanded; None where something is wrong with it."""
        if not isinstance(text, str):
            self.wrong(node, None, "is no name of a thing.", "Write one IRI, or one with a prefix.")
            return None
        made, reason = self.template(text)
        if reason:
            self.wrong(node, text, reason, "Correct the reference.")
            return None
        whole = len(made.parts) == 1 and bool(made.references)
        prefixed = _PREFIXED.fullmatch(made.start)
        if prefixed and prefixed[1] not in self.prefixes:
            self.wrong(
                node, text, f"the prefix {prefixed[1]} is not known.", f"Declare it under prefixes; known are {', '.join(self.prefixes)}."
            )
            return None
        made = self.expanded(made)
        if not whole and not (made.start.startswith(("http://", "https://")) and rdf.is_iri(self.sample(made))):
            self.wrong(node, text, "is no IRI.", "Write it with a prefix, or in full from https:// on.")
            return None
        bare = [ref for ref in made.references if not ref.filters or ref.filters[-1] not in IDENTIFYING]
        if made.start.startswith(ID) and bare:
            shown = "|".join((bare[0].column, *bare[0].filters, "slug"))
            self.wrong(node, str(bare[0]), "cells have characters that names of things cannot have.", f"Write $({shown}).")
            return None
        if is_class and made.start.startswith(SG) and made.start[len(SG) :] not in CLASSES:
            near = difflib.get_close_matches(made.start[len(SG) :], CLASSES, 3, 0.5) or sorted(CLASSES)
            self.wrong(node, text, "is no class of the ontology.", f"Use one of: {', '.join('sg:' + one for one in near)}.")
            return None
        return made

    @staticmethod
    def sample(made: Template) -> str:
        return "".join(part if isinstance(part, str) else "x" for part in made.parts)

    def expanded(self, made: Template) -> Template:
        prefixed = _PREFIXED.fullmatch(made.start)
        if not prefixed or prefixed[1] not in self.prefixes:
            return made
        return Template((self.prefixes[prefixed[1]] + prefixed[2], *made.parts[1:]))

    @staticmethod
    def template(text: str) -> tuple[Template, str | None]:
        """A text with ``$(references)`` taken apart, and what is wrong with them."""
        parts: list[str | Reference] = []
        end = 0
        reason = None
        for match in _REFERENCE.finditer(text):
            if match.start() > end:
                parts.append(text[end : match.start()])
            end = match.end()
            column, *filters = (re.sub(r"\\([()|])", r"\1", part) for part in re.split(r"(?<!\\)\|", match[1]))
            for place, each in enumerate(filters):
                if each not in FILTERS:
                    reason = f"{each} is no filter; there are {', '.join(FILTERS)}."
                elif each in LISTS and place:
                    reason = f"{each} comes first among the filters."
            if not column:
                reason = "the reference names no column."
            parts.append(Reference(column, tuple(filters)))
        if end < len(text) or not parts:
            parts.append(text[end:])
        if any(isinstance(part, str) and "$(" in part for part in parts):
            reason = "a reference is not closed."
        return Template(tuple(parts)), reason

    def check_classes(self, rules: Iterable[Rule]) -> None:
        """Every thing has a class of the ontology, and the one that its name tells."""
        for rule in rules:
            kind = ENTITY_TYPES[rule.subject.start[len(ID) :].partition("/")[0]]
            same = [one for other in rules if other.subject == rule.subject for one in other.statements]
            classes = [one.value.start[len(SG) :] for one in same if one.predicate == RDF + "type" and one.value.start.startswith(SG)]
            if not classes:
                self.wrong(None, f"mapping {rule.name}", "does not say what its things are.", f"Add to its po: - [a, sg:{kind}]")
            elif not any(kind in (one, _NARROWER.get(one)) for one in classes):
                told = f"calls its things {', '.join(classes)}, and {short(rule.subject.start)} is the name of a {kind}."
                self.wrong(None, f"mapping {rule.name}", told, "Correct the class or the name.")


def _each(node: yaml.Node) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]


def _objects(node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node | None]]:
    """The values under ``o``: one, or a list of values and of [value, datatype or language]."""
    for one in _each(node):
        if isinstance(one, yaml.SequenceNode) and one.value:
            yield one.value[0], one.value[1] if len(one.value) > 1 else None
        else:
            yield one, None
