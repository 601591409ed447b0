"""Decisions: what a person said of doubtful pairs. They are kept in ``<home>/links/decisions.tsv`` and always win.

They are keyed by both IRIs, so they outlast every import and every build.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seismic_graph.errors import DataError, Problem, UsageError
from seismic_graph.files import write_whole
from seismic_graph.vocabulary import ID, SKOS

if TYPE_CHECKING:
    from seismic_graph.link.matching import Match
    from seismic_graph.link.records import Record

PREDICATES: dict[str, str | None] = {"same": SKOS + "exactMatch", "close": SKOS + "closeMatch", "no": None}
"""What can be said of a pair -> the predicate it gets; ``no`` is no match."""

_KEPT = ("subject", "object", "decision", "comment")
_SIDES = ("label", "names", "country", "city", "web", "identifiers")
REVIEW_COLUMNS = (
    "decision",
    "comment",
    "kind",
    "confidence",
    "evidence",
    *(f"{side}_{column}" for column in _SIDES for side in ("subject", "object")),
    "subject",
    "object",
)
"""The columns of a file for review: both records side by side; the first two are to be filled in."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of a pair: a key of `PREDICATES`, and why."""

    word: str
    comment: str = ""

    @property
    def accept(self) -> bool:
        """Whether it is a match."""
        return PREDICATES[self.word] is not None

    @property
    def predicate(self) -> str:
        """The predicate, in full; of what is no match, the one that does not hold."""
        return PREDICATES[self.word] or SKOS + "exactMatch"


Decisions = dict[tuple[str, str], Decision]
"""Both IRIs, sorted -> what was said of them."""


def kept(home: Path) -> Decisions:
    """The decisions kept in a home; none where nothing was decided yet.

    Raises:
        DataError: the file holds something that is no decision.
    """
    file = _file(home)
    return read(file) if file.exists() else {}


def keep(home: Path, new: Mapping[tuple[str, str], Decision]) -> Decisions:
    """Add decisions to those kept in a home, the new ones before the old; all of them.

    Raises:
        DataError: what is kept holds something that is no decision.
        SeismicError: the disk refused; what stood there before still stands.
    """
    decisions = kept(home) | dict(new)
    _file(home).parent.mkdir(parents=True, exist_ok=True)
    rows = (
        {"subject": pair[0], "object": pair[1], "decision": one.word, "comment": one.comment} for pair, one in sorted(decisions.items())
    )
    write_whole(_file(home), _table(_KEPT, rows, "\t"))
    return decisions


def read(file: Path) -> Decisions:
    """The decisions that a table holds, CSV or TSV by its suffix; rows with an empty decision are not decided.

    Raises:
        UsageError: there is no such file.
        DataError: a column is missing, an IRI is none of ours, a word is no decision, or two rows of one pair differ.
    """
    decisions: Decisions = {}
    problems = []
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise DataError([Problem(str(file), None, None, None, "is not UTF-8.", "Save it as UTF-8.")]) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(file))
    missing = [column for column in ("subject", "object", "decision") if column not in (reader.fieldnames or [])]
    if missing:
        raise DataError(
            [Problem(str(file), 1, column, None, "the column is missing.", "Keep the columns of the review.") for column in missing]
        )
    for number, row in enumerate(reader, start=2):
        word = (row["decision"] or "").strip().lower()
        if not word:
            continue
        if word not in PREDICATES:
            problems.append(Problem(str(file), number, "decision", word, "is no decision.", f"Write {', '.join(PREDICATES)} or nothing."))
            continue
        strange = [column for column in ("subject", "object") if not (row[column] or "").startswith(ID)]
        problems += [
            Problem(str(file), number, column, row[column], "is no node of the graph.", f"It begins with {ID}.") for column in strange
        ]
        if strange:
            continue
        pair = tuple(sorted((row["subject"], row["object"])))
        decision = Decision(word, (row.get("comment") or "").strip())
        if decisions.setdefault((pair[0], pair[1]), decision).word != word:
            problems.append(Problem(str(file), number, "decision", word, "another row of this pair says otherwise.", "Leave one of them."))
    if problems:
        raise DataError(problems)
    return decisions


def review(file: Path, doubtful: Sequence[Match]) -> None:
    """Write the doubtful pairs for a person to decide, the likeliest first, CSV or TSV by the suffix.

    Raises:
        UsageError: the suffix is neither, or the folder does not exist.
        SeismicError: the disk refused; what stood there before still stands.
    """
    write_whole(file, _table(REVIEW_COLUMNS, map(_row, doubtful), _delimiter(file)))


def _row(match: Match) -> dict[str, str]:
    row = {"kind": match.subject.kind, "confidence": f"{match.confidence:.3f}", "evidence": match.evidence}
    for side, record in (("subject", match.subject), ("object", match.object)):
        row[side] = record.iri
        row |= {f"{side}_{column}": text for column, text in zip(_SIDES, _side(record), strict=True)}
    return row


def _side(record: Record) -> tuple[str, ...]:
    others = [name for name in record.names if name != record.label]
    return (
        record.label,
        " | ".join(others[:5]),
        record.country or "",
        " | ".join(record.places[:3]),
        record.domain or "",
        " ".join(record.identifiers),
    )


def _table(columns: Iterable[str], rows: Iterable[Mapping[str, str]], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _delimiter(file: Path) -> str:
    known = {".csv": ",", ".tsv": "\t"}
    if file.suffix.lower() not in known:
        raise UsageError(f"{file}: a review is a .csv or a .tsv file.")
    return known[file.suffix.lower()]


def _file(home: Path) -> Path:
    return home / "links" / "decisions.tsv"
