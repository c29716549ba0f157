// As much of CDDL (RFC 8610) as docs/WIRE.md uses: its rules are read, and values are held against them. A value that has a field
// which its rule does not know does not match, and a field that no value ever had is told.

type Matcher = (value: unknown, path: string) => string | null;

interface Entry {
  readonly occurrence: "" | "?" | "*" | "+";
  /** null: of an array. */
  readonly key: { readonly name: string } | { readonly type: Matcher } | null;
  readonly type: Matcher;
}

const tokens = /\s*("[^"]*"|#6\.\d+\(bstr\)|-?\d+(?:\.\.\d+)?|=>|[A-Za-z][\w-]*|\.[a-z]+|[{}[\](),:/?*+=])/y;

const typedArrays: { readonly [tag: string]: string } = {
  "69": "Uint16Array",
  "70": "Uint32Array",
  "86": "Float64Array",
};

const builtIn: { readonly [name: string]: (value: unknown) => boolean } = {
  tstr: (value) => typeof value === "string",
  bstr: (value) => value instanceof Uint8Array,
  uint: (value) => Number.isInteger(value) && (value as number) >= 0,
  number: (value) => typeof value === "number",
  bool: (value) => typeof value === "boolean",
  null: (value) => value === null,
  true: (value) => value === true,
  false: (value) => value === false,
  any: () => true,
};

export class Cddl {
  readonly #rules = new Map<string, Matcher>();
  readonly #unseen = new Set<string>();
  #rest: string[] = [];
  #rule = "";

  constructor(text: string) {
    const bare = text.replace(/;.*$/gm, "");
    for (const match of bare.matchAll(/^([a-z][\w-]*) = ([\s\S]*?)(?=^[a-z][\w-]* = |$(?![\s\S]))/gm)) {
      const [, name = "", body = ""] = match;
      this.#rest = [...tokenize(body)];
      this.#rule = name;
      this.#rules.set(name, this.#type());
      if (this.#rest.length > 0) throw new Error(`Cannot read CDDL of ${name}: "${this.#rest[0]}" is too much`);
    }
  }

  get names(): readonly string[] {
    return [...this.#rules.keys()];
  }

  /** Why the value does not match the rule; null: it does. */
  check(rule: string, value: unknown): string | null {
    const matcher = this.#rules.get(rule);
    if (matcher === undefined) throw new Error(`there is no rule ${rule}`);
    return matcher(value, rule);
  }

  /** Fields of these rules that no value had which was checked. */
  unseen(rules: readonly string[]): readonly string[] {
    return [...this.#unseen].filter((field) => rules.includes(field.split(".")[0] as string));
  }

  #type(): Matcher {
    const choices = [this.#choice()];
    while (this.#take("/")) choices.push(this.#choice());
    return (value, path) => {
      const refusals: string[] = [];
      for (const choice of choices) {
        const refusal = choice(value, path);
        if (refusal === null) return null;
        refusals.push(refusal);
      }
      return refusals.join("; or ");
    };
  }

  #choice(): Matcher {
    const token = this.#rest.shift() ?? "";
    if (token === "{") return this.#map(this.#group("}"));
    if (token === "[") return this.#array(this.#group("]"));
    if (token === "(") {
      const inner = this.#type();
      this.#expect(")");
      return inner;
    }
    this.#skipControl();
    return this.#simple(token);
  }

  /** `.size (0..95)` and `.regexp "…"` are for people. */
  #skipControl(): void {
    if (this.#rest[0]?.startsWith(".") !== true) return;
    this.#rest.shift();
    if (!this.#take("(")) this.#rest.shift();
    else while (this.#rest.shift() !== ")");
  }

  #simple(token: string): Matcher {
    const wanted = (isOne: (value: unknown) => boolean): Matcher => {
      return (value, path) => (isOne(value) ? null : `${path}: wanted ${token}, found ${JSON.stringify(value)}`);
    };
    if (token.startsWith('"')) return wanted((value) => value === token.slice(1, -1));
    const [, low, high] = /^(-?\d+)(?:\.\.(\d+))?$/.exec(token) ?? [];
    if (low !== undefined)
      return wanted(
        (value) =>
          Number.isInteger(value) && (value as number) >= Number(low) && (value as number) <= Number(high ?? low),
      );
    const tag = /^#6\.(\d+)/.exec(token)?.[1];
    if (tag !== undefined) return wanted((value) => value?.constructor.name === typedArrays[tag]);
    const isOne = builtIn[token];
    if (isOne !== undefined) return wanted(isOne);
    return (value, path) => {
      const rule = this.#rules.get(token);
      if (rule === undefined) throw new Error(`there is no rule ${token}`);
      return rule(value, path);
    };
  }

  #group(end: string): Entry[] {
    const entries: Entry[] = [];
    while (!this.#take(end)) {
      const occurrence = (["?", "*", "+"] as const).find((mark) => this.#take(mark)) ?? "";
      entries.push({ occurrence, ...this.#member() });
      this.#take(",");
    }
    return entries;
  }

  #member(): Pick<Entry, "key" | "type"> {
    if (this.#rest[1] === ":") {
      const name = (this.#rest.shift() as string).replaceAll('"', "");
      this.#rest.shift();
      this.#unseen.add(`${this.#rule}.${name}`);
      return { key: { name: `${this.#rule}.${name}` }, type: this.#type() };
    }
    const type = this.#type();
    return this.#take("=>") ? { key: { type }, type: this.#type() } : { key: null, type };
  }

  #map(entries: readonly Entry[]): Matcher {
    return (value, path) => {
      if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
        return `${path}: wanted a map, found ${JSON.stringify(value)}`;
      const left = new Map(Object.entries(value));
      for (const { key, occurrence, type } of entries) {
        const refusal =
          key !== null && "name" in key
            ? this.#field(left, key.name, occurrence, type, path)
            : takeAll(left, key?.type as Matcher, type, path);
        if (refusal !== null) return refusal;
      }
      const [stranger] = left.keys();
      return stranger === undefined ? null : `${path}: has a field ${stranger} that the document does not know`;
    };
  }

  #field(left: Map<string, unknown>, key: string, occurrence: string, type: Matcher, path: string): string | null {
    const name = key.slice(key.indexOf(".") + 1);
    if (!left.has(name)) return occurrence === "?" ? null : `${path}: has no ${name}`;
    const refusal = type(left.get(name), `${path}.${name}`);
    left.delete(name);
    if (refusal === null) this.#unseen.delete(key);
    return refusal;
  }

  #array(entries: readonly Entry[]): Matcher {
    return (value, path) => {
      if (!Array.isArray(value)) return `${path}: wanted an array, found ${JSON.stringify(value)}`;
      let at = 0;
      for (const { occurrence, type } of entries) {
        const most = occurrence === "" || occurrence === "?" ? 1 : Infinity;
        const from = at;
        while (at < value.length && at - from < most && type(value[at], `${path}[${at}]`) === null) at++;
        if (at === from && (occurrence === "" || occurrence === "+")) return type(value[at], `${path}[${at}]`);
      }
      return at === value.length ? null : `${path}[${at}]: ${entries.at(-1)?.type(value[at], "") ?? "is too much"}`;
    };
  }

  #take(token: string): boolean {
    if (this.#rest[0] !== token) return false;
    this.#rest.shift();
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token))
      throw new Error(`Cannot read CDDL of ${this.#rule}: wanted ${token}, found ${this.#rest[0]}`);
  }
}

function takeAll(left: Map<string, unknown>, key: Matcher, type: Matcher, path: string): string | null {
  for (const [name, value] of left) {
    if (key(name, path) !== null) continue;
    const refusal = type(value, `${path}.${name}`);
    if (refusal !== null) return refusal;
    left.delete(name);
  }
  return null;
}

function* tokenize(text: string): Iterable<string> {
  tokens.lastIndex = 0;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    yield match[1] as string;
    if (text.slice(tokens.lastIndex).trim() === "") return;
  }
  if (text.trim() !== "") throw new Error(`Cannot read CDDL: ${text.slice(0, 80)}`);
}
