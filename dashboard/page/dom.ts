// Builds and changes the document. Text only ever enters as text: there is no way here to insert markup.

type Child = Node | string;
type Attributes = Readonly<Record<string, string>>;

/** An element with attributes and children. Attribute names are those of HTML, `class` included. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The element that index.html promises. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`Cannot draw the page: wanted an element with id ${id}, found none`);
  return found;
}

/**
 * Text and class of one element, written only when they change: reading the document back costs more than remembering,
 * and writing the same text again would make the browser lay it out again.
 */
export class Cell {
  readonly root: HTMLElement;
  readonly #text = document.createTextNode("");
  readonly #unit: HTMLElement | null;
  #written = "";
  #unitWritten = "";
  #tone = "";

  constructor(root: HTMLElement, hasUnit: "with-unit" | "plain" = "plain") {
    this.root = root;
    this.#unit = hasUnit === "with-unit" ? element("span", { class: "unit" }) : null;
    root.append(this.#text, ...(this.#unit === null ? [] : [this.#unit]));
  }

  set(text: string, tone = "", unit = ""): void {
    if (text !== this.#written) {
      this.#text.data = text;
      this.#written = text;
    }
    if (this.#unit !== null && unit !== this.#unitWritten) {
      this.#unit.textContent = unit;
      this.#unitWritten = unit;
    }
    if (tone !== this.#tone) {
      this.root.dataset.tone = tone;
      this.#tone = tone;
    }
  }
}

/** Makes `parent` have exactly these children in this order, touching only what differs. */
export function arrange(parent: Element, children: readonly Element[]): void {
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  while (next !== null) {
    const after = next.nextElementSibling;
    next.remove();
    next = after;
  }
}
