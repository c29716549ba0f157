// Every function that the language brings, called again and again with the largest values that fit, in every place.
//
// The other files attack what somebody thought of. This one finds a built-in that works for long without a look at the
// meter although nobody thought of it.
// biome-ignore-all lint: they do on purpose what nobody should
import { numbers, room, text, wide } from "hostile/room";

const globals =
  "Array ArrayBuffer BigInt BigInt64Array Boolean DataView Error AggregateError Float64Array Function Int32Array JSON Map Math Number Object Promise Proxy Reflect RegExp Set String Symbol TypeError Uint8Array Uint8ClampedArray WeakMap WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape isFinite isNaN parseFloat parseInt unescape";

const prototypeOf = Object.getPrototypeOf;

/** Where functions are found that no global names. */
const hidden = {
  TypedArray: () => prototypeOf(Int32Array),
  ArrayIterator: () => prototypeOf([][Symbol.iterator]()),
  StringIterator: () => prototypeOf(""[Symbol.iterator]()),
  MapIterator: () => prototypeOf(new Map().keys()),
  SetIterator: () => prototypeOf(new Set().keys()),
  RegExpIterator: () => prototypeOf("".matchAll(/a/g)),
  Iterator: () => prototypeOf(prototypeOf([][Symbol.iterator]())),
  Generator: () => prototypeOf(prototypeOf(function* () {}.prototype)) && prototypeOf(function* () {}).prototype,
  AsyncGenerator: () => prototypeOf(async function* () {}).prototype,
};

const rootNamed = (name) => hidden[name]?.() ?? globalThis[name];

/** Own properties that hold functions, as names that find() understands. */
function namesIn(holder, path) {
  const names = [];
  for (const key of Reflect.ownKeys(holder)) {
    const label = typeof key === "symbol" ? key.description.replace("Symbol.", "@") : key;
    const { value, get } = Object.getOwnPropertyDescriptor(holder, key);
    if (typeof value === "function" && key !== "constructor") names.push(`${path}.${label}`);
    if (typeof get === "function") names.push(`${path}.get:${label}`);
  }
  return names;
}

/** The path of each function: "Array.prototype.indexOf", "Map.prototype.get:size", "Symbol.prototype.@toPrimitive". */
function namesOf(name) {
  const root = rootNamed(name);
  if (typeof root !== "function") return namesIn(root, name);
  const inherited = root.prototype ? namesIn(root.prototype, `${name}.prototype`) : [];
  return [name].concat(namesIn(root, name), inherited);
}

function find(path) {
  const [name, ...labels] = path.split(".");
  let found = rootNamed(name);
  for (const label of labels) {
    const own = label.replace("get:", "");
    const key = own.startsWith("@") ? Symbol[own.slice(1)] : own;
    const { value, get } = Object.getOwnPropertyDescriptor(found, key);
    found = label.startsWith("get:") ? get : value;
  }
  return found;
}

function proxies(target, count) {
  let proxy = target;
  for (let i = 0; i < count; i++) proxy = new Proxy(proxy, {});
  return proxy;
}

function descendants(count) {
  let object = {};
  for (let i = 0; i < count; i++) object = Object.create(object);
  return object;
}

/** The largest of each kind of which all fit together. */
const large = {
  text: () => text(room(1 / 16)),
  wideText: () => text(room(1 / 64), "é\u0301"),
  digits: () => text(room(1 / 32), "19"),
  list: () => numbers(room(1 / 1000)),
  texts: () => new Array(room(1 / 1000)).fill(text(room(1 / 32))),
  sparse: () => Object.assign([], { 4000000000: 1 }),
  like: () => ({ length: 2 ** 32 - 1, 0: 1 }),
  bytes: () => new Uint8Array(room(1 / 16)),
  floats: () => new Float64Array(room(1 / 128)),
  buffer: () => new ArrayBuffer(room(1 / 16)),
  map: () => new Map(numbers(room(1 / 1600)).map((n) => [n, n])),
  set: () => new Set(numbers(room(1 / 1600))),
  object: () => wide(room(1 / 2000)),
  bigint: () => 3n ** 9000n,
  pattern: () => /(a*)*b/g,
  proxies: () => proxies([1], room(1 / 4000)),
  descendants: () => descendants(room(1 / 1600)),
  promise: () => Promise.resolve(1),
  callback: () => () => 1,
  most: () => 2 ** 31 - 1,
  symbol: () => Symbol(text(room(1 / 64))),
};

let made = {};

const make = (kind) => {
  made[kind] ??= large[kind]();
  return made[kind];
};

/** Tells the paths of all programs: a function, and what it is called on. */
export function list(tell) {
  for (const root of globals.split(" ").concat(Object.keys(hidden)))
    for (const name of namesOf(root)) for (const kind of Object.keys(large)) tell(`${name}:${kind}`);
}

/** Calls the function on the one value with each of the others, for ever. What throws was refused, and that is well. */
export const program = (path) => () => {
  const at = path.lastIndexOf(":");
  const act = find(path.slice(0, at));
  const kinds = Object.keys(large);
  made = {};
  for (;;)
    for (const kind of kinds) {
      try {
        const self = make(path.slice(at + 1));
        const argument = make(kind);
        act.call(self, argument, self, argument);
        act.call(self, self, argument);
        if (act.prototype) Reflect.construct(act, [self, argument]);
      } catch {}
    }
};
