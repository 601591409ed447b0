// The SPARQL engine of a site of files: a worker that loads the dataset once and answers queries. To stop a query is to end the worker.

import init, { Store, type NamedNode, type Quad, type Term } from "oxigraph/web.js";

export interface Question {
  /** Where the engine and the dataset lie; the first question alone has them. */
  engine: string;
  dataset: string;
  query: string;
  /** The media type of a file; without it, rows for the page. */
  format?: string;
  /** How many rows the page shows at most. */
  most: number;
}

export interface Cell {
  text: string;
  iri: string;
}

export type Reply =
  | { state: "loading"; loaded: number; total: number }
  | { state: "reading" | "running" }
  | { state: "rows"; columns: string[]; rows: Cell[][]; count: number }
  | { state: "boolean"; value: boolean }
  | { state: "file"; text: string }
  | { state: "missing"; file: string }
  | { state: "error"; message: string };

const page = self as unknown as { onmessage: ((event: MessageEvent<Question>) => void) | null; postMessage(reply: Reply): void };
let store: Promise<Store> | undefined;

class Missing extends Error {}

/** The bytes of the dataset, unpacked unless the server did that already. */
async function fetched(address: string): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok || !response.body) throw new Missing(address);
  const total = Number(response.headers.get("content-length") ?? 0);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    loaded += piece.value.length;
    page.postMessage({ state: "loading", loaded, total });
  }
  const blob = new Blob(pieces);
  const start = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const packed = start[0] === 0x1f && start[1] === 0x8b;
  const plain = packed ? new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))) : blob;
  return new Uint8Array(await plain.arrayBuffer());
}

async function loaded({ engine, dataset }: Question): Promise<Store> {
  const bytes = await fetched(dataset);
  page.postMessage({ state: "reading" });
  const program = await fetch(engine);
  if (!program.ok) throw new Missing(engine);
  await init({ module_or_path: await program.arrayBuffer() });
  const made = new Store();
  made.load(bytes, { format: "application/n-quads", no_transaction: true });
  return made;
}

function cell(term: Term | undefined): Cell {
  if (!term) return { text: "", iri: "" };
  const iri = term.termType === "NamedNode" ? (term as NamedNode).value : "";
  return { text: "value" in term && term.value ? String(term.value) : String(term), iri };
}

function table(found: Map<string, Term>[] | Quad[], most: number): Reply {
  const rows = found.map((row) =>
    row instanceof Map ? row : new Map<string, Term>([["subject", row.subject], ["predicate", row.predicate], ["object", row.object]]),
  );
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return { state: "rows", columns, rows: rows.slice(0, most).map((row) => columns.map((name) => cell(row.get(name)))), count: rows.length };
}

async function answer(question: Question): Promise<Reply> {
  store ??= loaded(question);
  const open = await store;
  page.postMessage({ state: "running" });
  const options = { use_default_graph_as_union: true, ...(question.format ? { results_format: question.format } : {}) };
  const found = open.query(question.query, options);
  if (typeof found === "string") return { state: "file", text: found };
  return typeof found === "boolean" ? { state: "boolean", value: found } : table(found, question.most);
}

page.onmessage = (event) => {
  answer(event.data)
    .catch((error: unknown): Reply => {
      if (error instanceof Missing) {
        store = undefined;
        return { state: "missing", file: error.message };
      }
      return { state: "error", message: error instanceof Error ? error.message : String(error) };
    })
    .then((reply) => page.postMessage(reply));
};
