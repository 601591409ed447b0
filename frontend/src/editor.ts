// The SPARQL editor: colours, brackets and checks while typing. The answer is the one that the page gives without scripts.

import Yasqe from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import "./editor.css";

Yasqe.defaults.autocompleters = []; // those that there are ask other hosts; an empty list in the options would be merged with them

function edit(form: HTMLFormElement): void {
  const plain = form.querySelector<HTMLTextAreaElement>("textarea");
  const results = document.querySelector<HTMLElement>("[data-results]");
  if (!plain || !results) return;

  const files = form.dataset.engine !== undefined; // a site of files, whose own script answers
  if (files) plain.value = new URLSearchParams(location.search).get("query") ?? plain.value;

  const place = document.createElement("div");
  plain.before(place);
  plain.hidden = true;
  plain.required = false; // what is hidden cannot be pointed at; the service says that a query is empty
  const yasqe = new Yasqe(place, {
    value: plain.value,
    persistenceId: null,
    consumeShareLink: null,
    prefixCcApi: null, // asks another host
    showQueryButton: false,
    pluginButtons: undefined,
    resizeable: false,
    editorHeight: "20rem",
    screenReaderLabel: form.dataset.label,
    extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": () => form.requestSubmit(), "Cmd-Enter": () => form.requestSubmit() },
  } as ConstructorParameters<typeof Yasqe>[1]);
  const prefixes = JSON.parse(form.dataset.prefixes ?? "{}") as Record<string, string>;
  completePrefixes(yasqe, prefixes);

  let running: AbortController | undefined;
  async function ask(): Promise<void> {
    running?.abort();
    running = new AbortController();
    results!.setAttribute("aria-busy", "true");
    const body = new URLSearchParams({ query: yasqe.getValue() });
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" }, signal: running.signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = page.querySelector("[data-results] > *") ?? page.querySelector(".problem");
    results!.replaceChildren(...(answer ? [document.adoptNode(answer)] : []));
    results!.removeAttribute("aria-busy");
    results!.scrollIntoView({ block: "nearest" });
  }

  form.addEventListener("submit", (event) => {
    plain.value = yasqe.getValue();
    if (files || event.submitter?.hasAttribute("formaction")) return; // a download
    event.preventDefault();
    ask().catch((error: unknown) => {
      if (!(error instanceof DOMException)) throw error;
    });
  });
  document.querySelectorAll<HTMLAnchorElement>("a[data-example]").forEach((example) => {
    example.addEventListener("click", (event) => {
      event.preventDefault();
      yasqe.setValue(new URL(example.href).searchParams.get("query") ?? "");
      place.scrollIntoView({ block: "nearest" });
      yasqe.focus();
    });
  });
}

/** Declares a prefix that is ours as soon as somebody writes it. */
function completePrefixes(yasqe: Yasqe, prefixes: Record<string, string>): void {
  yasqe.on("change", () => {
    const before = yasqe.getLine(yasqe.getCursor().line).slice(0, yasqe.getCursor().ch);
    const prefix = /(?:^|[\s(|/^!,;.{])([a-z]+):$/.exec(before)?.[1];
    const namespace = prefix && prefixes[prefix];
    if (namespace && !/^\s*PREFIX/i.test(before) && !(prefix in yasqe.getPrefixesFromQuery())) yasqe.addPrefixes({ [prefix]: namespace });
  });
}

document.querySelectorAll<HTMLFormElement>("form[data-editor]").forEach(edit);
