// What a site of files does in place of a server: the search, names while typing, the way to prepared traces, and SPARQL.

import type { Cell, Question, Reply } from "./engine";

const script = document.currentScript as HTMLScriptElement;
const root = script.dataset.root ?? "";
const words = JSON.parse(script.dataset.words ?? "{}") as Record<string, string>;
const language = script.dataset.language === "sv" ? 2 : 1; // the column of the index
const pages = root + (language === 2 ? "sv/" : "");
const BASE = "https://w3id.org/seismic-graph/";
const SHOWN = 200;
const SECONDS = 30;

/** The words of a key, with values where {name} stands. */
function say(key: string, values: Record<string, string> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

function link(text: string, address: string): HTMLAnchorElement {
  const made = document.createElement("a");
  made.textContent = text;
  made.href = address;
  return made;
}

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, text = "", className = ""): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

// --- search -----------------------------------------------------------------------------------------------------------

/** Type and slug, the label in each language, other names. */
type Thing = [id: string, english: string, swedish: string, ...others: string[]];

let index: Promise<Thing[]> | undefined;

function things(): Promise<Thing[]> {
  index ??= fetch(`${root}search-index.json`).then((response) => {
    if (!response.ok) throw new Error(say("failed", { file: "search-index.json" }));
    return response.json() as Promise<Thing[]>;
  });
  return index;
}

/** Without case and accents. */
function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** How well a name fits: 3 the same, 2 begins so, 1 has every word, 0 not at all. */
function fit(name: string, asked: string): number {
  const folded = fold(name);
  if (folded === asked) return 3;
  if (folded.startsWith(asked)) return 2;
  return asked.split(/\s+/).every((word) => folded.includes(word)) ? 1 : 0;
}

async function find(text: string, type = ""): Promise<Thing[]> {
  const asked = fold(text.trim());
  const fits = (thing: Thing): number => Math.max(fit(thing[0].slice(thing[0].indexOf("/") + 1), asked), ...thing.slice(1).map((name) => fit(name, asked)));
  return (await things())
    .filter((thing) => !type || thing[0].startsWith(`${type}/`))
    .map((thing) => [fits(thing), thing] as const)
    .filter(([fitting]) => fitting > 0)
    .sort(([one, a], [other, b]) => other - one || a[language].localeCompare(b[language]))
    .map(([, thing]) => thing);
}

async function search(place: HTMLElement): Promise<void> {
  const asked = new URLSearchParams(location.search);
  const text = asked.get("q") ?? "";
  if (!text.trim()) return;
  document.querySelectorAll<HTMLInputElement>('input[name="q"]').forEach((input) => (input.value = text));
  const found = await find(text, asked.get("type") ?? "");
  const list = element("ol", "", "hits");
  for (const thing of found.slice(0, SHOWN)) {
    const item = element("li");
    item.append(link(thing[language], `${pages}id/${thing[0]}.html`), " ", element("span", thing[0].split("/")[0], "tag"));
    list.append(item);
  }
  place.replaceChildren(found.length ? list : element("p", say("none")));
}

function suggest(input: HTMLInputElement): void {
  const list = element("datalist");
  list.id = `suggested-${document.querySelectorAll("datalist").length}`;
  input.setAttribute("list", list.id);
  input.after(list);
  input.addEventListener("input", async () => {
    const text = input.value.trim();
    if (text.length < 2) return;
    const found = (await find(text)).slice(0, 10);
    list.replaceChildren(
      ...found.map((thing) => new Option(thing[language], input.type === "search" ? thing[language] : thing[0].slice(thing[0].indexOf("/") + 1))),
    );
  });
}

// --- traces -----------------------------------------------------------------------------------------------------------

/** Leads on to a prepared trace; says what to do where there is none. */
async function trace(section: HTMLElement): Promise<void> {
  const asked = new URLSearchParams(location.search);
  const ends = ["from", "to"].map((name) => (asked.get(name) ?? "").trim().replace(/^.*\//, "")).filter(Boolean);
  if (!ends.length) return;
  const address = `${pages}trace/${ends.map(encodeURIComponent).join("/")}.html`;
  if ((await fetch(address, { method: "HEAD" })).ok) {
    location.replace(address);
    return;
  }
  const told = section.querySelector<HTMLElement>("[data-asked]");
  if (!told) return;
  told.hidden = false;
  told.append(`${say("trace.none", { from: ends[0] ?? "", to: ends[1] ?? "…" })} `, element("code", `seismic trace ${ends.join(" ")}`));
}

// --- SPARQL -----------------------------------------------------------------------------------------------------------

const FORMATS: Record<string, string> = {
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  json: "application/sparql-results+json",
  xml: "application/sparql-results+xml",
  ttl: "text/turtle",
};

function queries(form: HTMLFormElement): void {
  const results = document.querySelector<HTMLElement>("[data-results]");
  const progress = form.querySelector<HTMLElement>("[data-progress]");
  const bar = progress?.querySelector("progress");
  const said = progress?.querySelector("span");
  const stop = progress?.querySelector("button");
  const text = form.querySelector<HTMLTextAreaElement>("textarea[name='query']"); // the editor has one of its own
  if (!results || !progress || !bar || !said || !stop || !text) return;
  let worker: Worker | undefined;
  let clock = 0;

  function end(): void {
    clearTimeout(clock);
    progress!.hidden = true;
    results!.removeAttribute("aria-busy");
  }

  function give(...nodes: (Node | string)[]): void {
    end();
    results!.replaceChildren(...nodes);
    results!.scrollIntoView({ block: "nearest" });
  }

  function refuse(message: string): void {
    const told = element("div", "", "problem");
    told.setAttribute("role", "alert");
    told.append(element("p", message));
    give(told);
  }

  /** The engine cannot be interrupted; the next query starts another. */
  function kill(message: string): void {
    worker?.terminate();
    worker = undefined;
    refuse(message);
  }

  function show(reply: Reply, suffix: string): void {
    switch (reply.state) {
      case "loading":
        said!.textContent = `${say("loading")}: ${(reply.loaded / 1e6).toFixed(1)} MB`;
        if (reply.total) bar!.max = reply.total;
        if (reply.total) bar!.value = Math.min(reply.loaded, reply.total);
        return;
      case "reading":
      case "running":
        said!.textContent = say(reply.state);
        bar!.removeAttribute("value");
        if (reply.state === "running") clock = window.setTimeout(() => kill(say("late", { seconds: String(SECONDS) })), SECONDS * 1000);
        return;
      case "rows":
        return give(element("p", say("rows", { n: String(reply.count) }) + (reply.count > reply.rows.length ? `; ${say("first", { n: String(reply.rows.length) })}` : ""), "count"), table(reply.columns, reply.rows));
      case "boolean":
        return give(element("p", say(reply.value ? "yes" : "no"), "yes-no"));
      case "file":
        end();
        return save(reply.text, suffix);
      case "missing":
        return refuse(say("failed", { file: reply.file }));
      case "error":
        return refuse(reply.message);
    }
  }

  function start(): Worker {
    const made = new Worker(`${root}static/bundle/engine.js`);
    made.addEventListener("error", () => kill(say("failed", { file: "engine.js" })));
    return made;
  }

  stop.addEventListener("click", () => kill(say("stopped")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const suffix = (event.submitter as HTMLButtonElement | null)?.value ?? "";
    if (!progress.hidden) kill(say("stopped")); // a new query in the place of one that runs
    worker ??= start();
    progress.hidden = false;
    results.setAttribute("aria-busy", "true");
    worker.onmessage = (message: MessageEvent<Reply>) => show(message.data, suffix);
    const asked: Question = {
      engine: new URL(`${root}static/bundle/oxigraph.wasm`, location.href).href,
      dataset: new URL(`${root}dataset.nq.gz`, location.href).href,
      query: text.value,
      most: 1000,
      ...(suffix ? { format: FORMATS[suffix] } : {}),
    };
    worker.postMessage(asked);
  });
}

function table(columns: string[], rows: Cell[][]): HTMLElement {
  const made = element("table");
  const head = made.createTHead().insertRow();
  for (const name of columns) {
    const cell = element("th", name);
    cell.scope = "col";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const { text, iri } of row) line.insertCell().append(/^https?:/.test(iri) ? link(short(text), address(iri)) : text);
  }
  const region = element("div", "", "table");
  region.tabIndex = 0;
  region.append(made);
  return region;
}

function short(iri: string): string {
  return iri.startsWith(BASE) ? iri.slice(BASE.length) : iri;
}

/** Where a thing of ours has its page in this site; any other IRI is its own address. */
function address(iri: string): string {
  const [, path = ""] = /^https:\/\/w3id\.org\/seismic-graph\/((?:id|vocabulary)\/.+)$/.exec(iri) ?? [];
  return path ? `${pages}${path}.html` : iri;
}

function save(text: string, suffix: string): void {
  const made = link("", URL.createObjectURL(new Blob([text], { type: FORMATS[suffix] ?? "text/plain" })));
  made.download = `answer.${suffix}`;
  made.click();
  URL.revokeObjectURL(made.href);
}

document.querySelectorAll<HTMLElement>("[data-hits]").forEach((place) => void search(place));
document.querySelectorAll<HTMLInputElement>("input[data-suggest]").forEach(suggest);
document.querySelectorAll<HTMLElement>("[data-prepared]").forEach((section) => void trace(section));
document.querySelectorAll<HTMLFormElement>("form[data-engine]").forEach(queries);
