// All objects that services share, with a path for each: found once, when the root is built.
import * as instances from "audit/instances";
import { natives } from "audit/natives";

const globals =
  "Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Error AggregateError EvalError Float32Array Float64Array Function Int8Array Int16Array Int32Array JSON Map Math Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError Uint8Array Uint16Array Uint32Array Uint8ClampedArray WeakMap WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape isFinite isNaN parseFloat parseInt unescape globalThis";

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

const label = (key) => (typeof key === "symbol" ? `@${key.description}` : key);

/** What hangs on an object: [where, object] of each property, accessor and prototype. */
function neighboursOf(object) {
  const found = [["__proto__", Object.getPrototypeOf(object)]];
  for (const key of Reflect.ownKeys(object)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key) ?? {};
    found.push([label(key), value], [`get ${label(key)}`, get], [`set ${label(key)}`, set]);
  }
  return found.filter(([, value]) => isObject(value));
}

function collect() {
  const all = [];
  const seen = new Set([natives, ...Object.values(natives)]);
  const add = (path, object, isRefused) => {
    if (!isObject(object) || seen.has(object)) return;
    seen.add(object);
    all.push({ path, object, isRefused });
  };
  for (const name of globals.split(" ")) add(name, globalThis[name], false);
  for (let i = 0; i < all.length; i++)
    for (const [where, object] of neighboursOf(all[i].object)) add(`${all[i].path}.${where}`, object, false);
  const builtIn = all.length;
  add("module", instances, false);
  for (const [name, value] of Object.entries(instances.allowed)) add(name, value, false);
  for (const [name, value] of Object.entries(instances.refused)) add(name, value, true);
  for (let i = builtIn; i < all.length; i++)
    for (const [where, object] of neighboursOf(all[i].object)) add(`${all[i].path}.${where}`, object, all[i].isRefused);
  return { all, builtIn };
}

const { all, builtIn } = collect();

export const targets = all;

/** Of them, the instances of the audit's own module: what methods are tried on. */
export const own = all.slice(builtIn).filter(({ path }) => path in instances.allowed || path in instances.refused);

/** Of them, the functions. */
export const functions = all.filter(({ object }) => typeof object === "function");
