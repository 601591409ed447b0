"""Any SPARQL 1.1 endpoint as a `Store`: asked by HTTP, answering in the types and with the values of the embedded store.

An answer that was cut is never passed off as whole. SPARQL has no word for "there is more", so what an endpoint leaves out is
looked for: a limit on rows that it announces, a number of rows that looks like one, a body that breaks off, a time limit of its own.

What Virtuoso does differently (measured on 7.2.5), and what becomes of it here:

=========================================================  =======================================================================
It cuts SELECT at ``ResultSetMaxRows``, with a header       the rows are counted by asking again, and a cut answer raises
It cuts CONSTRUCT at one triple more, without any header    its limit is found out by a query of a known length, once an endpoint
It answers with what it has when its time is up             the header ``X-SQL-State`` raises
It sends booleans as ``1``, literals as ``typed-literal``   made equal to the embedded store's, as are the forms of numbers and dates
Blank nodes are called ``nodeID://b1``                      renamed
``geo:wktLiteral`` comes back as ``virtrdf:Geometry``       made ``geo:wktLiteral`` again
DESCRIBE is empty for what is nobody's object               asked for as a concise bounded description, which is what we give as well
Conditions as columns (``?a = ?b AS ?same``) are 1 and 0    not undone: integers stay integers. Write ``IF(?a = ?b, "yes", "no")``
``7/2`` is 3, the SUM of nothing is unbound                 not undone. Write ``7.0/2`` and ``COALESCE(SUM(?x), 0)``
``?a :p+ ?b`` on a circle leaves out ``?a`` itself          not undone. Add it with UNION where circles matter
VALUES behind the pattern fails for what is not selected    an error. Put VALUES into the pattern, or select its variable
Doubles keep six digits, IRIs some 1,900 characters         lost when they were loaded; see `seismic_graph.push`
=========================================================  =======================================================================
"""

from __future__ import annotations

import base64
import email.utils
import hashlib
import html
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any, cast

import pyoxigraph as ox
from SPARQLWrapper import POST, POSTDIRECTLY, SPARQLWrapper

from seismic_graph import __version__, rdf
from seismic_graph.errors import Busy, IncompleteAnswer, NoGraphStore, QueryError, StoreError, TimedOut, Unreachable, UsageError
from seismic_graph.store import Answer, query_error, query_form, refuse_service
from seismic_graph.vocabulary import XSD

AGENT = f"seismic-graph/{__version__} (https://w3id.org/seismic-graph/)"
"""How we introduce ourselves to endpoints."""

ROWS = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
GRAPHS = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.7, application/ld+json;q=0.5"

_JSON = {"application/sparql-results+json", "application/json"}
_XML = {"application/sparql-results+xml"}
_RDF: Mapping[str, ox.RdfFormat] = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/x-turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}
"""Media type of an answer -> how it is read."""

_BOUNDED = 'DEFINE sql:describe-mode "CBD" '
"""What makes Virtuoso describe things by the triples that they are the subject of, blank nodes followed."""
_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_GEOMETRY = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
_CUT_AT = 100
"""No endpoint is taken to have a limit of fewer rows than this."""
_ADVICE = {
    401: "It wants a name and a password; give them in the address: https://name:password@host/path.",
    403: "It forbids this; ask its keepers for the right to do it.",
    404: "There is nothing at this address; endpoints often end in /sparql or /query.",
    405: "This address takes no such request; endpoints often end in /sparql, /query or /update.",
    413: "The request is too long for it; ask or send less at a time.",
    414: "The request is too long for it; ask or send less at a time.",
}
"""HTTP status -> what to do."""


@dataclass(frozen=True, slots=True)
class _Address:
    """An address without its credentials; ``name`` is what messages show: no credentials, no query string."""

    url: str
    name: str
    user: str | None
    password: str | None

    @classmethod
    def of(cls, text: str, beside: _Address | None = None) -> _Address:
        """An address out of a text; on the host of another one it shares that one's credentials."""
        try:
            parts = urllib.parse.urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise UsageError(f"An address cannot be read: {error}.") from None
        shown = _shown(text)
        if parts.scheme not in ("http", "https") or not host or re.search(r"[\x00-\x20\x7f]", text):
            raise UsageError(f"{shown!r} is not the address of an endpoint. It begins with http:// or https:// and a host.")
        place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
        url = urllib.parse.urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))
        user = urllib.parse.unquote(parts.username) if parts.username else None
        password = urllib.parse.unquote(parts.password) if parts.password else None
        if user is None and beside is not None and _origin(url) == _origin(beside.url):
            user, password = beside.user, beside.password
        return cls(url, shown, user, password)


def _shown(url: str) -> str:
    """An address as messages show it."""
    head = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@", r"\1", url)
    return re.sub(r"\?.*", "?...", head.partition("#")[0], flags=re.DOTALL)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects on the same scheme, host and port, with the body (RFC 9110, section 15.4); refuses others."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        """The request to the new address.

        Raises:
            StoreError: it is on another host, scheme or port.
        """
        if _origin(req.full_url) != _origin(newurl):
            raise StoreError(
                f"{_shown(req.full_url)} sends us on to {_shown(newurl)}, which is another place. If you trust it, give that address."
            )
        kept = {name: value for name, value in req.headers.items() if name.lower() not in ("content-length", "host")}
        if code == 303:
            kept.pop("Content-type", None)
            return urllib.request.Request(newurl, headers=kept, method="GET")  # noqa: S310 - http or https, as before
        return urllib.request.Request(newurl, data=req.data, headers=kept, method=req.get_method())  # noqa: S310


@dataclass(frozen=True, slots=True)
class _Reply:
    """What an endpoint sent back, whole as far as HTTP can tell."""

    headers: Message
    body: bytes
    closed: bool
    """Its end was told by closing the connection alone, so HTTP cannot tell whether it is whole."""

    @property
    def media_type(self) -> str:
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    @property
    def server(self) -> str:
        return "Apache Jena Fuseki" if "Fuseki-Request-ID" in self.headers else str(self.headers.get("Server", ""))


class RemoteStore:
    """A SPARQL 1.1 endpoint. Its answers are those of `EmbeddedStore`, in type and in value.

    Only the endpoint itself is asked: redirects to another host are refused, and so is ``SERVICE``. What its default graph holds
    is up to the endpoint; our query files expect the union of its graphs.

    Args:
        url: where it takes queries (SPARQL 1.1 Protocol, section 2.1). ``http://name:password@host/`` gives credentials.
        timeout: seconds within which an answer must be there, whole.
        user_agent: how we introduce ourselves.
        update_url: where it takes updates (section 2.2); the same address where it is not told.
        store_url: where it takes the Graph Store Protocol; None where it does not.

    Raises:
        UsageError: an address is not one of http or https.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        user_agent: str = AGENT,
        update_url: str | None = None,
        store_url: str | None = None,
    ) -> None:
        self._query = _Address.of(url)
        self._update = _Address.of(update_url, self._query) if update_url else self._query
        self._store = _Address.of(store_url, self._query) if store_url else None
        self.timeout = timeout
        self.user_agent = user_agent
        self.server = ""
        """The product that answered last, as it calls itself; empty before the first answer."""
        self.snapshot = ""
        """The id of the snapshot that answered last; empty where the endpoint tells none, as all but our own service do."""
        self.most_rows: int | None = None
        """How many rows it gives at most, where that was found out."""
        self._talks_like_virtuoso = False  # a proxy may hide its name
        self._given = 0
        self._limit: int | None = None

    def __repr__(self) -> str:
        return f"RemoteStore({self.name!r})"

    @property
    def name(self) -> str:
        """The address, without credentials."""
        return self._query.name

    @property
    def identity(self) -> str:
        """The address: an endpoint does not say which snapshot it holds."""
        return self._query.name

    @property
    def key(self) -> str:
        """What tells this endpoint, as this user sees it, from others; address and user cannot be read from it."""
        return hashlib.sha256(f"{self._query.url}\n{self._query.user or ''}".encode()).hexdigest()[:16]

    # --- queries ------------------------------------------------------------------------------------------------

    def query(self, text: str) -> Answer:
        """The whole answer to a query.

        Raises:
            QueryError: the query asks for another host, is an update, or the endpoint cannot read it (HTTP 400).
            Unreachable: nothing answers, or the connection broke.
            Busy: the endpoint asks to be asked later.
            TimedOut: the answer was not there in time.
            IncompleteAnswer: the endpoint cut the answer, or it cannot be told that it did not.
            StoreError: anything else, for example an address that is no endpoint.
        """
        refuse_service(text)
        form = query_form(text)
        if form is None:
            raise QueryError("This is no query: it begins with none of SELECT, ASK, CONSTRUCT, DESCRIBE, nor with their prologue.")
        if form in ("SELECT", "ASK"):
            return self._rows(text, form)
        return self._graph(text, form)

    def _ask(self, text: str, form: str, accept: str) -> _Reply:
        """The reply to a query, by POST: long queries fail by GET (SPARQL 1.1 Protocol, section 2.1.2)."""
        wrapper = SPARQLWrapper(self._query.url, agent=self.user_agent)
        return self._send(self._written(wrapper, self._query, text, form, accept), self._query, text)

    def _written(self, wrapper: SPARQLWrapper, address: _Address, text: str, kind: str, accept: str) -> urllib.request.Request:
        """The request as SPARQLWrapper writes it.

        It is sent by our own opener: SPARQLWrapper's follows redirects to any host and drops the headers of errors, and its
        guess at the kind of query is misled by comments.
        """
        wrapper.setMethod(POST)
        wrapper.setOnlyConneg(True)
        wrapper.addCustomHttpHeader("Accept", accept)
        if address.user is not None:
            wrapper.setCredentials(address.user, address.password or "")
        wrapper.queryString, wrapper.queryType = text, kind
        return wrapper._createRequest()

    def _rows(self, text: str, form: str) -> ox.QuerySolutions | ox.QueryBoolean:
        reply = self._ask(text, form, ROWS)
        document = self._document(reply)
        try:
            if form == "ASK":
                answer = b'{"head":{},"boolean":true}' if _is(bool, document["boolean"]) else b'{"head":{},"boolean":false}'
                return ox.parse_query_results(answer, ox.QueryResultsFormat.JSON)
            names = [_is(str, name) for name in _is(list, document["head"]["vars"])]
            rows = _is(list, document["results"]["bindings"])
            self._talks_like_virtuoso |= "ordered" in document["results"]
        except (KeyError, TypeError):
            raise StoreError(
                f"{self.name} answered with JSON that is no answer to {form}: {_excerpt(reply.body)} Check that it is a SPARQL endpoint."
            ) from None
        self._whole_rows(text, reply, len(rows))
        return self._solutions(names, rows)

    def _document(self, reply: _Reply) -> Any:
        """The answer as the JSON of SPARQL 1.1 Query Results JSON Format, read to its end."""
        body = reply.body
        if reply.media_type not in _JSON | _XML:
            raise self._no_endpoint(reply)
        try:
            if reply.media_type in _XML:
                body = ox.parse_query_results(body, ox.QueryResultsFormat.XML).serialize(format=ox.QueryResultsFormat.JSON) or b""
            return json.loads(body.decode("utf-8-sig"), strict=False)
        except (ValueError, SyntaxError, RecursionError, OSError):
            page = reply.media_type in _JSON and body.lstrip()[:1] == b"<"
            raise (self._no_endpoint(reply) if page else self._broken_off(reply)) from None

    def _solutions(self, names: list[str], rows: list[Any]) -> ox.QuerySolutions:
        """The rows with every value as the embedded store would give it."""
        number, written = 0, b""
        try:
            written = json.dumps({"head": {"vars": names}, "results": {"bindings": _normalised(rows)}}).encode()
            for _ in _parsed(written):
                number += 1
        except (KeyError, TypeError, AttributeError, ValueError, SyntaxError) as error:
            where = f" in row {number + 1:,}" if written else ""
            raise StoreError(
                f"{self.name} gave a value{where} that is none of RDF ({error}). Correct the data there, or leave it out."
            ) from None
        return _parsed(written)

    def _graph(self, text: str, form: str) -> ox.QueryTriples:
        bounded = f"{_BOUNDED}{text}"
        asked = bounded if form == "DESCRIBE" and self._is_virtuoso else text
        reply = self._ask(asked, form, GRAPHS)
        self._talks_like_virtuoso |= reply.body.startswith(b"# Empty ")
        if form == "DESCRIBE" and self._is_virtuoso and asked is text:  # it had not answered before
            reply = self._ask(bounded, form, GRAPHS)
        if reply.media_type not in _RDF:
            raise self._no_endpoint(reply)
        if reply.closed:
            raise IncompleteAnswer(
                f"{self.name} does not say how long its answer is (no Content-Length, no chunks), so a cut graph looks like a whole one. "
                "Ask with SELECT, or put a proxy of HTTP 1.1 before the endpoint."
            )
        graph = ox.Store()
        try:
            graph.load(
                reply.body.replace(f"^^<{_GEOMETRY}>".encode(), f"^^<{_WKT}>".encode()), _RDF[reply.media_type], base_iri=self._query.url
            )
        except (SyntaxError, ValueError) as error:
            raise self._broken_off(reply, str(error)) from None
        self._whole_graph(len(graph))
        return cast("ox.QueryTriples", graph.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"))

    # --- is it whole? -------------------------------------------------------------------------------------------

    @property
    def _is_virtuoso(self) -> bool:
        return self._talks_like_virtuoso or "virtuoso" in self.server.lower()

    def _whole_rows(self, text: str, reply: _Reply, count: int) -> None:
        """Raise where rows were left out.

        A limit that the endpoint announces, or a round number of rows, is suspicious; then the rows are counted by the endpoint.
        A limit that is neither announced nor a multiple of 100 nor a power of two is not seen.
        """
        self._given = max(self._given, count)
        announced = reply.headers.get("X-SPARQL-MaxRows")
        if announced is None and not _round(count):
            return
        select = _Select.of(text)
        if select is not None and select.limit == count:
            return  # the query asked for no more
        number: int | None = None
        doubt = "it cannot be counted otherwise"
        if select is not None:
            try:
                document = self._document(self._ask(select.counting(), "SELECT", ROWS))
                number = int(next(iter(document["results"]["bindings"][0].values()))["value"])
            except (QueryError, StoreError, LookupError, TypeError, ValueError) as error:
                doubt = str(error)
        if number == count:
            return
        remedy = "Raise the limit there (Virtuoso: ResultSetMaxRows), or fetch the rows in pages with ORDER BY, LIMIT and OFFSET."
        if number is None or number < count:
            limit = self._row_limit(count + 1)
            if limit is None:
                return
            self.most_rows = limit
            raise IncompleteAnswer(
                f"{self.name} gave {count:,} rows and gives no more than {limit:,}; there may be more ({doubt}). {remedy}"
            )
        self.most_rows = count
        raise IncompleteAnswer(
            f"{self.name} gave {count:,} rows out of {number:,}: it gives no more than {announced or count} at a time. {remedy}"
        )

    def _whole_graph(self, count: int) -> None:
        """Raise where triples may have been left out: there is no header for it, and a graph cannot be counted by asking again."""
        if not (self._is_virtuoso or _round(count) or _round(count - 1)):
            return
        limit = self._row_limit(max(count + 1, 1024))
        if limit is None or count < limit or count > limit + 1 or (self._is_virtuoso and count == limit):
            return
        raise IncompleteAnswer(
            f"{self.name} gave {count:,} triples and gives no more than {limit:,} at a time, so the graph may have been cut. "
            "Raise the limit there (Virtuoso: ResultSetMaxRows), or fetch the triples with SELECT in pages."
        )

    def _row_limit(self, wanted: int) -> int | None:
        """How many rows the endpoint gives where so many are asked for; None where it gives them all.

        The rows do not depend on the data: every combination of some digits. What was found out once is kept.
        """
        if wanted <= max(self._given, self._limit or 0):
            return None
        if self._limit is None:
            names = [f"?d{place}" for place in range(len(str(wanted)))]
            values = " ".join(f"VALUES {name} {{ 0 1 2 3 4 5 6 7 8 9 }}" for name in names)
            try:
                reply = self._ask(f"SELECT ?d0 WHERE {{ {values} }} LIMIT {wanted}", "SELECT", "text/csv")
                why = reply.media_type
            except QueryError as error:
                reply, why = None, str(error)
            if reply is None or reply.media_type != "text/csv":
                raise IncompleteAnswer(
                    f"Whether {self.name} left something out cannot be told: it does not show how many rows it gives at most ({why}). "
                    "Ask for less at a time."
                )
            rows = len(reply.body.splitlines()) - 1
            if rows >= wanted:
                self._given = wanted
                return None
            self._limit = rows
        return self._limit

    # --- writing ------------------------------------------------------------------------------------------------

    def update(self, text: str) -> None:
        """Run a SPARQL 1.1 Update, sent as it is (SPARQL 1.1 Protocol, section 2.2.2); what is not done raises an error.

        Raises:
            QueryError: the update would fetch from elsewhere, or the endpoint cannot read it.
            StoreError: the endpoint did not do it; as for `query`.
        """
        refuse_service(text)
        wrapper = SPARQLWrapper(self._query.url, self._update.url, agent=self.user_agent)
        wrapper.setRequestMethod(POSTDIRECTLY)
        self._send(self._written(wrapper, self._update, text, "INSERT", "*/*"), self._update, text, writes=True)

    def put_graph(self, graph: str, triples: bytes) -> None:
        """Make a named graph hold these N-Triples and nothing else (Graph Store HTTP Protocol, section 5.3).

        Raises:
            NoGraphStore: the endpoint has no graph store there (HTTP 404, 405 or 501).
            StoreError: the endpoint did not do it; as for `query`.
        """
        self._graph_store("PUT", graph, triples)

    def append(self, graph: str, triples: bytes) -> None:
        """Add N-Triples to a named graph (Graph Store HTTP Protocol, section 5.5). Blank nodes are new ones each time.

        Raises:
            NoGraphStore: the endpoint has no graph store there.
            StoreError: the endpoint did not do it; as for `query`.
        """
        self._graph_store("POST", graph, triples)

    def delete_graph(self, graph: str) -> None:
        """Remove a named graph; one that is not there is no error (Graph Store HTTP Protocol, section 5.4).

        Raises:
            NoGraphStore: the endpoint has no graph store there.
            StoreError: the endpoint did not do it; as for `query`.
        """
        try:
            self._graph_store("DELETE", graph, None)
        except NoGraphStore:  # 404 also says that there was no such graph
            if self._store is None or bool(self.query(f"ASK {{ GRAPH {rdf.iri(graph)} {{ ?s ?p ?o }} }}")):
                raise

    def _graph_store(self, method: str, graph: str, triples: bytes | None) -> None:
        address = self._store
        if address is None:
            raise NoGraphStore(f"No address of a graph store is known for {self.name}. Give it, or load by SPARQL Update.")
        rdf.iri(graph)
        joint = "&" if "?" in address.url else "?"
        headers = {"Accept": "*/*", "User-Agent": self.user_agent}
        if triples is not None:
            headers["Content-Type"] = "text/turtle"
        if address.user is not None:
            credentials = f"{address.user}:{address.password or ''}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
        url = f"{address.url}{joint}{urllib.parse.urlencode({'graph': graph})}"
        body = None if triples is None else _turtle(triples)
        request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - http or https, by _Address.of
        self._send(request, address, "", writes=True, graph_store=True)

    # --- HTTP ---------------------------------------------------------------------------------------------------

    def _send(
        self, request: urllib.request.Request, address: _Address, text: str, *, writes: bool = False, graph_store: bool = False
    ) -> _Reply:
        """The reply to a request, or the error that says what to do."""
        handlers: list[urllib.request.BaseHandler] = [
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Redirects(),
        ]
        if address.user is not None:
            passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            passwords.add_password(None, address.url, address.user, address.password or "")
            handlers.append(urllib.request.HTTPDigestAuthHandler(passwords))
        opener = urllib.request.OpenerDirector()
        for handler in handlers:
            opener.add_handler(handler)
        deadline = time.monotonic() + self.timeout
        try:
            with self._open(opener, request) as response:
                reply = self._read(response, address, deadline)
        except StoreError:
            raise
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error, address, text, graph_store, deadline) from None
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
            raise self._no_answer(error, address) from None
        self.server = reply.server or self.server
        self.snapshot = str(reply.headers.get("X-Seismic-Snapshot", ""))
        self._announced_cut(reply, address)
        if writes and reply.media_type == "text/html" and reply.body.strip():
            raise self._no_endpoint(reply, address)
        return reply

    def _open(self, opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> http.client.HTTPResponse:
        """The response; where Basic was refused, to the request without it: Virtuoso names its Digest only then."""
        try:
            return cast("http.client.HTTPResponse", opener.open(request, timeout=self.timeout))
        except urllib.error.HTTPError as error:
            if error.code != 401 or not request.has_header("Authorization"):
                raise
            error.close()
        request.remove_header("Authorization")
        return cast("http.client.HTTPResponse", opener.open(request, timeout=self.timeout))

    def _read(self, response: http.client.HTTPResponse, address: _Address, deadline: float) -> _Reply:
        """The body, to the end that its headers announce, within the time."""
        if response.status == 206:
            raise IncompleteAnswer(f"{address.name} sent a part of the answer only (HTTP 206). Ask for less, or raise its limits.")
        parts: list[bytes] = []
        length = response.headers.get("Content-Length")
        chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
        size = 0
        try:
            while part := response.read1(1 << 16):
                parts.append(part)
                size += len(part)
                if time.monotonic() > deadline:
                    raise TimeoutError
        except TimeoutError:
            raise self._late(address) from None
        except (http.client.HTTPException, OSError) as error:
            raise self._broken(address, size, error) from None
        if length is not None and not chunked and length.isdigit() and size < int(length):
            raise self._broken(address, size, f"{int(length):,} were announced")
        body = b"".join(parts)
        coding = response.headers.get("Content-Encoding", "identity").lower().strip()
        if coding in ("gzip", "x-gzip", "deflate"):
            unpack = zlib.decompressobj(47 if "gzip" in coding else zlib.MAX_WBITS)
            try:
                body = unpack.decompress(body)
            except zlib.error as error:
                raise IncompleteAnswer(f"The answer of {address.name} cannot be unpacked ({error}). Ask again.") from None
            if not unpack.eof:
                raise IncompleteAnswer(f"The answer of {address.name} breaks off inside its compression. Ask again, or for less.")
        elif coding not in ("identity", ""):
            raise StoreError(f"{address.name} packs its answer as {coding!r}, though it was not asked to; nothing here can unpack that.")
        return _Reply(response.headers, body, closed=length is None and not chunked)

    def _announced_cut(self, reply: _Reply, address: _Address) -> None:
        """Raise where the endpoint says that there is more: ours by a header, Virtuoso where its time was up ("Anytime" queries)."""
        if cut := reply.headers.get("X-Seismic-Truncated"):
            raise IncompleteAnswer(
                f"{address.name} gave the first {cut} and says that there are more. Ask in pages, or raise its --max-rows."
            )
        state = reply.headers.get("X-SQL-State", "").strip()
        if state and state != "00000":
            message = reply.headers.get("X-SQL-Message", "").partition("Activity:")[0].strip()
            raise IncompleteAnswer(
                f"{address.name} stopped before the answer was whole ({state} {message}). Ask for less, or raise MaxQueryExecutionTime."
            )

    def _refused(self, error: urllib.error.HTTPError, address: _Address, text: str, graph_store: bool, deadline: float) -> Exception:
        """The error for a status that is none of success."""
        status = error.code
        self.server = str(error.headers.get("Server", "")) or self.server
        body = b""
        try:
            while len(body) < 1 << 16 and time.monotonic() < deadline and (part := error.read(1 << 13)):
                body += part
        except (http.client.HTTPException, OSError):
            pass  # the status says enough
        message = _message(body)
        said = f": {message.rstrip('.')}." if message else "."
        if status in (429, 503):
            after = _seconds(error.headers.get("Retry-After"))
            wait = f"in {after:.0f} seconds" if after is not None else "after a while"
            return Busy(f"{address.name} is busy (HTTP {status}){said} Ask again {wait}, and for less at a time.", after)
        if status in (408, 504):
            return TimedOut(f"{address.name} says that its time was up (HTTP {status}){said} Ask for less, or raise its limit.")
        if graph_store and status in (404, 405, 501):
            return NoGraphStore(f"{address.name} takes no {error.msg or 'request'} of the Graph Store Protocol (HTTP {status}){said}")
        if status == 400 and not graph_store:
            return QueryError(f"{query_error(ValueError(message or 'it says no more'), text)} (HTTP 400 of {address.name})")
        if 300 <= status < 400:
            return StoreError(f"{address.name} sends us on in circles, or to no address of http (HTTP {status}){said} Check the address.")
        return StoreError(
            f"{address.name} answered with HTTP {status}{said} {_ADVICE.get(status, 'Look into the log of the endpoint.')}".strip()
        )

    def _no_answer(self, error: Exception, address: _Address) -> StoreError:
        """The error for a request that got no answer at all."""
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            return self._late(address)
        if isinstance(error, ValueError) and "digest" in str(error).lower():
            return StoreError(f"{address.name} wants a way of signing in that is neither Basic nor Digest ({_shown(str(error))}).")
        return Unreachable(
            f"Nothing answers at {address.name} ({str(reason) or type(reason).__name__}). "
            "Check the address, that the endpoint runs, and the network or proxy in between."
        )

    def _late(self, address: _Address) -> TimedOut:
        return TimedOut(
            f"{address.name} gave no whole answer within {self.timeout:g} seconds. Ask for less, or give it more time (timeout)."
        )

    def _broken(self, address: _Address, size: int, reason: object) -> Unreachable:
        why = str(reason) or type(reason).__name__
        return Unreachable(
            f"The connection to {address.name} broke after {size:,} bytes, before the answer was whole ({why}). "
            "Ask again; if it breaks again, look into the log of the endpoint, or ask for less."
        )

    def _broken_off(self, reply: _Reply, why: str = "") -> IncompleteAnswer:
        """The error for a body that HTTP calls whole and its format does not. So ends an answer of Oxigraph whose time was up."""
        end = reply.body[-200:].decode("utf-8", "replace").strip()
        return IncompleteAnswer(
            f"The answer of {self.name} breaks off or is malformed after {len(reply.body):,} bytes{f' ({why})' if why else ''}; "
            f"it ends in {end!r}. A time limit of the endpoint is the usual reason: ask for less, or raise it there."
        )

    def _no_endpoint(self, reply: _Reply, address: _Address | None = None) -> StoreError:
        kind = reply.media_type or "no media type"
        return StoreError(
            f"{(address or self._query).name} is no SPARQL endpoint: it answered with {kind}: {_excerpt(reply.body)} "
            "Check the address; endpoints often end in /sparql or /query."
        )


# --- values -----------------------------------------------------------------------------------------------------


def _parsed(written: bytes) -> ox.QuerySolutions:
    return cast("ox.QuerySolutions", ox.parse_query_results(written, ox.QueryResultsFormat.JSON))


def _is(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _round(count: int) -> bool:
    """Whether a number of rows looks like a limit: a multiple of 100 or a power of two."""
    return count >= _CUT_AT and (count % 100 == 0 or count & (count - 1) == 0)


def _normalised(rows: list[Any]) -> list[dict[str, Any]]:
    """The rows with standard types of terms, harmless names of blank nodes and the embedded store's forms of literals."""
    blanks: dict[str, str] = {}
    typed: dict[tuple[str, str], tuple[str, str]] = {}
    for row in rows:
        for term in row.values():
            _note(term, typed)
    _as_embedded(typed)
    return [{name: _term(term, blanks, typed) for name, term in row.items() if term} for row in rows]


def _note(term: Any, typed: dict[tuple[str, str], tuple[str, str]]) -> None:
    """Collect the typed literals."""
    if not term:
        return  # some endpoints write an unbound variable as null or {}
    if term["type"] == "triple":
        for part in term["value"].values():
            _note(part, typed)
    elif "datatype" in term:
        typed[term["value"], term["datatype"]] = (term["value"], term["datatype"])


def _as_embedded(typed: dict[tuple[str, str], tuple[str, str]]) -> None:
    """Put beside each literal what the embedded store makes of it, by storing them: ``"01"^^xsd:int`` is ``"1"^^xsd:integer``."""
    store = ox.Store()
    keys = [key for key in typed if key[1].startswith(XSD)]
    predicate = ox.NamedNode("urn:x-seismic:is")
    store.extend(
        ox.Quad(ox.NamedNode(f"urn:x-seismic:{number}"), predicate, ox.Literal(value, datatype=ox.NamedNode(datatype)))
        for number, (value, datatype) in enumerate(keys)
    )
    for quad in store:
        literal = quad.object
        if isinstance(literal, ox.Literal) and isinstance(quad.subject, ox.NamedNode):
            typed[keys[int(quad.subject.value.rpartition(":")[2])]] = (literal.value, literal.datatype.value)
    for key in typed:
        if key[1] == _GEOMETRY:
            typed[key] = (key[0], _WKT)


def _term(term: dict[str, Any], blanks: dict[str, str], typed: dict[tuple[str, str], tuple[str, str]]) -> dict[str, Any]:
    """One term as SPARQL 1.1 Query Results JSON Format, section 3.2.2 has it."""
    kind, value = term["type"], term["value"]
    if kind == "bnode":
        return {"type": kind, "value": blanks.setdefault(value, f"b{len(blanks)}")}
    if kind == "triple":
        return {"type": kind, "value": {name: _term(part, blanks, typed) for name, part in value.items()}}
    if kind in ("literal", "typed-literal"):
        if term.get("xml:lang"):
            return {"type": "literal", "value": value, "xml:lang": term["xml:lang"].lower()}
        if "datatype" in term:
            text, datatype = typed[value, term["datatype"]]
            return {"type": "literal", "value": text, "datatype": datatype}
        return {"type": "literal", "value": value}
    return {"type": kind, "value": value}


_QUOTED = re.compile(rb'"(?:[^"\\\n]|\\.)*+"')
_HEAD = b"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"


def _turtle(triples: bytes) -> bytes:
    """N-Triples as Turtle that Virtuoso knows for what it is.

    It believes what it sees, not the Content-Type: a literal with ``<html`` makes the body a web page, and a long first literal a
    text. So the body begins with a prefix, and ``<`` inside literals is escaped (RDF 1.1 Turtle, section 6.4).
    """
    return _HEAD + _QUOTED.sub(lambda match: match[0].replace(b"<", b"\\u003C") if b"<" in match[0] else match[0], triples)


# --- texts ------------------------------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""(?P<gap>\s++|\#[^\r\n]*+)
    |(?P<name><[^<>"{}|^`\\\x00-\x20]*+>|(?:[^\W\d_][\w.-]*)?:(?:[\w:.%-]|\\.)*+|_:[\w.-]++)
    |(?P<text>\"{3}(?:\"{0,2}(?:[^\"\\]|\\.))*+\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*+'{3}|\"(?:[^\"\\\r\n]|\\.)*+\"|'(?:[^'\\\r\n]|\\.)*+')
    |(?P<variable>[?$]\w++)
    |(?P<word>[^\W\d_]\w*+)
    |(?P<number>\d++)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
"""The terminals of SPARQL 1.1, section 19.8, each as long as it goes."""


@dataclass(frozen=True, slots=True)
class _Select:
    """A SELECT query taken apart, so that it can be asked as a part of another one.

    Attributes:
        prologue: everything before SELECT.
        head: from SELECT to the graphs or the pattern.
        dataset: the FROM clauses.
        rest: from the pattern to the end.
        limit: the LIMIT of the whole query.
    """

    prologue: str
    head: str
    dataset: str
    rest: str
    limit: int | None

    @classmethod
    def of(cls, text: str) -> _Select | None:
        """The parts of a query; None where they are not found."""
        try:
            return cls._taken_apart(text, [(match.lastgroup, match) for match in TOKEN.finditer(text) if match.lastgroup != "gap"])
        except (IndexError, ValueError):
            return None

    @classmethod
    def _taken_apart(cls, text: str, tokens: list[tuple[str | None, re.Match[str]]]) -> _Select | None:
        def word(place: int) -> str:
            kind, match = tokens[place]
            return match[0].upper() if kind in ("word", "sign") else ""

        place = 0
        while step := {"BASE": 2, "PREFIX": 3, "VERSION": 2}.get(word(place)):
            place += step
        if word(place) != "SELECT":
            return None
        select = tokens[place][1].start()
        depth = 0
        while depth or word(place) not in ("FROM", "WHERE", "{"):
            depth += {"(": 1, ")": -1}.get(word(place), 0)
            place += 1
        graphs = tokens[place][1].start()
        while word(place) == "FROM":
            place += 3 if word(place + 1) == "NAMED" else 2
        pattern = tokens[place][1].start()
        limit, depth = None, 0
        for kind, match in tokens[place:]:
            depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(match[0], 0) if kind == "sign" else 0
            if depth == 0 and kind == "word" and match[0].upper() == "LIMIT":
                number = TOKEN.match(text, match.end())
                while number is not None and number.lastgroup == "gap":
                    number = TOKEN.match(text, number.end())
                limit = int(number[0]) if number is not None and number.lastgroup == "number" else None
        return cls(text[:select], text[select:graphs], text[graphs:pattern], text[pattern:], limit)

    def counting(self) -> str:
        """The query that counts the rows of this one (SPARQL 1.1, section 12: a query inside takes everything but FROM)."""
        name = "?rows"
        while name in self.head + self.rest:
            name += "_"
        return f"{self.prologue}SELECT (COUNT(*) AS {name})\n{self.dataset}\nWHERE {{ {{ {self.head} {self.rest}\n}} }}"


def _message(body: bytes) -> str:
    """What an endpoint says in the body of an error: plain, in one line, without the query that it repeats."""
    text = body.decode("utf-8", "replace")
    if re.search(r"<(?:html|!doctype|head|title|body)\b", text[:2000], re.IGNORECASE):
        text = html.unescape(re.sub(r"(?s)<(style|script)\b.*?</\1>|<[^>]*>", " ", text))
    text = re.split(r"\n\s*(?:in )?SPARQL query:", text, maxsplit=1)[0]
    text = " ".join(text.split())
    return text if len(text) <= 400 else text[:400] + "..."


def _excerpt(body: bytes) -> str:
    """The title of a page, or the beginning of anything else."""
    text = body.decode("utf-8", "replace")
    if title := re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL):
        return f'a page titled "{" ".join(html.unescape(title[1]).split())[:200]}".'
    shown = " ".join(text.split())
    return f"{shown[:200]!r}." if shown else "nothing."


def _seconds(header: str | None) -> float | None:
    """The seconds of a Retry-After header, which holds seconds or a date (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
