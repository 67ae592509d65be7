// Suggestions under a search box while somebody types: the combobox of the ARIA practices, on top of a form that works
// without it. Arrow keys choose, Enter takes, Escape closes; how many there are is said aloud.

const PAUSE = 150; // ms without a key before the server is asked

let counter = 0;

export function start(inputs) {
  for (const input of inputs) attach(input);
}

function attach(input) {
  const texts = words(document.documentElement.lang);
  const list = document.createElement("ul");
  list.id = `al-suggest-${(counter += 1)}`;
  list.className = "al-suggest__list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", texts.label);
  list.hidden = true;
  const said = document.createElement("p");
  said.className = "kern-sr-only";
  said.setAttribute("role", "status");
  input.form.classList.add("al-suggest");
  input.form.append(list, said);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  let timer = 0;
  let asked = null;
  let chosen = -1;

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(place) {
    const options = list.children;
    if (!options.length) return;
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = (place + options.length) % options.length;
    options[chosen].setAttribute("aria-selected", "true");
    options[chosen].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[chosen].id);
  }

  function take(option) {
    if (option.dataset.slug) {
      location.href = `/${texts.language}/datasets/${encodeURIComponent(option.dataset.slug)}/`;
      return;
    }
    input.value = option.dataset.text;
    close();
    input.form.requestSubmit();
  }

  function show(suggestions) {
    list.replaceChildren(...suggestions.map((each, place) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.text = each.text;
      option.dataset.slug = each.slug;
      const text = document.createElement("span");
      text.textContent = each.text;
      const kind = document.createElement("span");
      kind.className = "al-suggest__kind";
      kind.textContent = each.kind === "dataset" ? texts.dataset : each.count || "";
      option.append(text, " ", kind);
      return option;
    }));
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !suggestions.length;
    input.setAttribute("aria-expanded", String(suggestions.length > 0));
    said.textContent = texts.count(suggestions.length);
  }

  async function ask() {
    const text = input.value.trim();
    asked?.abort();
    if (text.length < 2) return close();
    asked = new AbortController();
    const query = new URLSearchParams({ q: text.slice(0, 200), language: texts.language });
    try {
      const answer = await fetch(`/api/v1/datasets/suggest?${query}`, { signal: asked.signal });
      if (answer.ok && document.activeElement === input) show((await answer.json()).suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // closes the list; a second one empties the box
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen]);
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  input.addEventListener("blur", () => {
    clearTimeout(timer);
    asked?.abort();
    close();
  });
}

function words(lang) {
  if (lang.startsWith("en")) {
    return {
      language: "en", label: "Suggestions", dataset: "Dataset",
      count: (number) => (number === 1 ? "1 suggestion" : number ? `${number} suggestions` : "No suggestions"),
    };
  }
  return {
    language: "de", label: "Vorschläge", dataset: "Datensatz",
    count: (number) => (number === 1 ? "1 Vorschlag" : number ? `${number} Vorschläge` : "Keine Vorschläge"),
  };
}
