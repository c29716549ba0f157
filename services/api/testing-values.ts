// Data as tests compare and show it: what crosses between machines, and errors.

/** Of a value in a message: a waveform block has a thousand characters. */
const shownCharacters = 300;
const differencesShown = 5;

/** As it would be written in TypeScript, cut where it is too long. */
export function show(value: unknown): string {
  const text = write(value);
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

function write(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "symbol" || typeof value !== "object" || value === null)
    return Object.is(value, -0) ? "-0" : String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (isBuffer(value)) return `${value.constructor.name} [${Array.from(value, write).join(", ")}]`;
  if (Array.isArray(value)) return `[${value.map(write).join(", ")}]`;
  return `{ ${Object.keys(value)
    .map((key) => `${key}: ${write((value as Fields)[key])}`)
    .join(", ")} }`;
}

type Fields = { readonly [key: string]: unknown };
type Buffer = ArrayLike<number> & { readonly constructor: { readonly name: string } };

function isBuffer(value: object): value is Buffer {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Where two values differ, a line each, at most a handful; none when they are the same data. */
export function differences(actual: unknown, expected: unknown): string[] {
  const found: string[] = [];
  compare(actual, expected, "", found);
  return found.slice(0, differencesShown);
}

function compare(actual: unknown, expected: unknown, path: string, found: string[]): void {
  if (Object.is(actual, expected) || found.length > differencesShown) return;
  const isNested = isObject(actual) && isObject(expected) && kindOf(actual) === kindOf(expected);
  if (!isNested || actual instanceof Error) {
    found.push(`at ${path === "" ? "the value" : path}: wanted ${show(expected)}, found ${show(actual)}`);
    return;
  }
  for (const key of keysOf(actual, expected))
    compare((actual as Fields)[key], (expected as Fields)[key], placeOf(path, key, actual), found);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function kindOf(value: object): string {
  if (isBuffer(value)) return value.constructor.name;
  return Array.isArray(value) ? "array" : "object";
}

/** Of both, each once; of lists every index. */
function keysOf(actual: object, expected: object): string[] {
  const keys = Object.keys(actual);
  return keys.concat(Object.keys(expected).filter((key) => !keys.includes(key)));
}

function placeOf(path: string, key: string, parent: object): string {
  if (Array.isArray(parent) || isBuffer(parent)) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Whether `actual` has all that `expected` has; lists are of one length. */
export function isMatching(actual: unknown, expected: unknown): boolean {
  if (!isObject(expected) || isBuffer(expected)) return differences(actual, expected).length === 0;
  if (!isObject(actual) || kindOf(actual) !== kindOf(expected)) return false;
  if (Array.isArray(expected) && (actual as readonly unknown[]).length !== expected.length) return false;
  return Object.keys(expected).every((key) => isMatching((actual as Fields)[key], (expected as Fields)[key]));
}
