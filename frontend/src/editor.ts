// The SPARQL editor: colours, completion of prefixes and checks while typing, answers in the page. It asks this service alone.

import Yasqe from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import Yasr from "@zazuko/yasr";
import "@zazuko/yasr/build/yasr.min.css";
import "./editor.css";

function edit(form: HTMLFormElement): void {
  const plain = form.querySelector<HTMLTextAreaElement>("textarea");
  const results = document.querySelector<HTMLElement>("[data-results]");
  const known = document.querySelector("script[data-prefixes]")?.textContent;
  if (!plain || !results || !form.dataset.editor) return;
  const prefixes = JSON.parse(known ?? "{}") as Record<string, string>;
  const endpoint = new URL(form.dataset.editor, document.baseURI).href;

  const place = document.createElement("div");
  form.before(place);
  const yasqe = new Yasqe(place, {
    value: plain.value,
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: (editor: Yasqe) => `${endpoint}?${new URLSearchParams({ query: editor.getValue() })}`,
    createShortLink: undefined,
    prefixCcApi: null, // asks another host
    autocompleters: [], // those that there are ask other hosts
    resizeable: false,
    editorHeight: "20rem",
    screenReaderLabel: form.dataset.label,
    extraKeys: { Tab: false, "Shift-Tab": false }, // the keyboard can leave the editor
    requestConfig: { endpoint, method: "POST", acceptHeaderGraph: "text/turtle", acceptHeaderSelect: "application/sparql-results+json" },
  } as ConstructorParameters<typeof Yasqe>[1]);
  const yasr = new Yasr(results, { persistenceId: null, prefixes, maxPersistentResponseSize: 0 } as ConstructorParameters<typeof Yasr>[1]);

  const label = form.querySelector("label");
  if (label) place.before(label);
  plain.closest("p")?.remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void yasqe.query().catch(() => undefined); // the answer, or what is wrong, comes by queryResponse
  });
  yasqe.on("query", () => document.querySelector("[data-answer]")?.remove());
  yasqe.on("queryResponse", (_: Yasqe, response: unknown, duration: number) => {
    yasr.setResponse(response, duration);
    results.scrollIntoView({ block: "nearest" });
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

document.querySelectorAll<HTMLFormElement>("form[data-editor]").forEach(edit);
