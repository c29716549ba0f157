// Every kind of hostile program, told to the test by name, and run by name in whatever way the test asks for.
import argument from "hostile/argument";
import array from "hostile/array";
import bigint from "hostile/bigint";
import buffer from "hostile/buffer";
import { program as builtIn, list as listBuiltIns } from "hostile/builtin";
import catching from "hostile/catch";
import classes from "hostile/class";
import generator from "hostile/generator";
import json from "hostile/json";
import key from "hostile/key";
import map from "hostile/map";
import number from "hostile/number";
import promise from "hostile/promise";
import proxy from "hostile/proxy";
import recursion from "hostile/recursion";
import regexp from "hostile/regexp";
import { natives } from "hostile/room";
import shared from "hostile/shared";
import sort from "hostile/sort";
import spin from "hostile/spin";
import string from "hostile/string";
import symbol from "hostile/symbol";
import withdrawn from "hostile/withdrawn";

const kinds = {
  spin,
  catch: catching,
  promise,
  generator,
  array,
  string,
  buffer,
  key,
  symbol,
  map,
  sort,
  recursion,
  regexp,
  bigint,
  json,
  proxy,
  class: classes,
  argument,
  number,
  withdrawn,
  shared,
};

const contained = "out-of-budget out-of-memory stack-overflow threw";

/** The program that the test has in hand. */
function program() {
  const [kind, verdict, name] = natives.chosen().split("/");
  return kind === "builtin" ? builtIn(name) : kinds[kind][verdict][name];
}

export const attack = () => program()();

export default {
  /** Tells kind/verdict/name of each. */
  list() {
    for (const kind of Object.keys(kinds))
      for (const verdict of Object.keys(kinds[kind]))
        for (const name of Object.keys(kinds[kind][verdict])) natives.found(`${kind}/${verdict}/${name}`);
    listBuiltIns((name) => natives.found(`builtin/${contained}/${name}`));
  },
  attack,
  later() {
    Promise.resolve().then(attack);
  },
  /** Bodies that would run the program if the codec touched them. */
  baits() {
    const touched = () => {
      natives.touched();
      return attack();
    };
    const traps = {
      get: touched,
      ownKeys: touched,
      getOwnPropertyDescriptor: touched,
      getPrototypeOf: touched,
      has: touched,
    };
    return [
      {
        get value() {
          return touched();
        },
      },
      new Proxy({ value: 1 }, traps),
      new Proxy([1], traps),
      { toJSON: touched, valueOf: touched, toString: touched, [Symbol.toPrimitive]: touched },
      {
        [Symbol.iterator]: touched,
        get length() {
          return touched();
        },
      },
      Object.defineProperty([1, 2], 1, { get: touched, enumerable: true, configurable: true }),
      { inner: [{ deep: new Proxy({}, traps) }] },
      Object.create({
        get value() {
          return touched();
        },
      }),
      new (class {
        get value() {
          return touched();
        }
      })(),
    ];
  },
};
