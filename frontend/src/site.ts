// Comforts on every page: names while typing, tables that sort, colours to choose. Nothing here is needed to use a page.

interface Suggestion {
  id: string;
  name: string;
  description?: string;
}

/** Offers names and ids of things while somebody types; the list is the browser's own, so keyboard and screen readers know it. */
function suggestNames(input: HTMLInputElement): void {
  const address = input.dataset.suggest;
  if (!address) return;
  const list = document.createElement("datalist");
  list.id = `suggested-${document.querySelectorAll("datalist").length}`;
  input.setAttribute("list", list.id);
  input.after(list);
  const words = input.type === "search"; // a search takes names, a form takes ids
  let last = "";
  let timer = 0;
  let running: AbortController | undefined;

  async function ask(text: string): Promise<void> {
    running?.abort();
    running = new AbortController();
    const url = new URL(address as string, document.baseURI);
    url.searchParams.set("prefix", text);
    try {
      const response = await fetch(url, { signal: running.signal });
      if (!response.ok) return;
      const { result } = (await response.json()) as { result: Suggestion[] };
      list.replaceChildren(
        ...result.map((found) => {
          const option = document.createElement("option");
          option.value = words ? found.name : found.id;
          option.label = words ? (found.description ?? "") : [found.name, found.description].filter(Boolean).join(", ");
          return option;
        }),
      );
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }

  input.addEventListener("input", () => {
    const text = input.value.trim();
    if (text.length < 2 || text === last) return;
    last = text;
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(text), 200);
  });
}

/** Makes the heads of a table into buttons that sort its rows. */
function sortable(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  if (!body || body.rows.length < 2) return;
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const text = (row: HTMLTableRowElement): string => row.cells[column]?.textContent?.trim() ?? "";
      const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
      const rows = [...body.rows].sort((one, other) => order.compare(text(one), text(other)) * (descending ? -1 : 1));
      body.append(...rows);
    });
  });
}

const THEME = "seismic-theme";

/** Lets the reader choose light or dark; kept in this browser only. */
function chooseTheme(settings: HTMLElement): void {
  const [automatic = "", light = "", dark = ""] = (settings.dataset.themeWords ?? "").split("|");
  const select = document.createElement("select");
  select.setAttribute("aria-label", settings.dataset.themeLabel ?? "");
  for (const [value, name] of [["", automatic], ["light", light], ["dark", dark]] as const) {
    select.add(new Option(name, value));
  }
  const use = (theme: string): void => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  select.value = remembered();
  use(select.value);
  select.addEventListener("change", () => {
    use(select.value);
    try {
      localStorage.setItem(THEME, select.value);
    } catch {
      // a browser that keeps nothing: the choice holds for this page
    }
  });
  const item = document.createElement("li");
  item.append(select);
  settings.append(item);
}

function remembered(): string {
  try {
    const kept = localStorage.getItem(THEME) ?? "";
    return ["light", "dark"].includes(kept) ? kept : "";
  } catch {
    return "";
  }
}

document.querySelectorAll<HTMLElement>("[data-settings]").forEach(chooseTheme);
document.querySelectorAll<HTMLInputElement>("input[data-suggest]").forEach(suggestNames);
document.querySelectorAll<HTMLTableElement>("table[data-sortable]").forEach(sortable);
