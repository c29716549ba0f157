// Looks from a machine of its own at everything that is shared, and tells whether any of it is not what it was.
import { allowed, refused } from "audit/instances";
import { targets } from "audit/targets";

/** Keys, values, flags, prototype and extensibility of an object, in a flat list that Object.is can compare. */
function look(object) {
  const seen = [Object.getPrototypeOf(object), Object.isExtensible(object)];
  for (const key of Reflect.ownKeys(object)) {
    const { value, get, set, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(object, key) ?? {};
    seen.push(key, value, get, set, writable, enumerable, configurable);
  }
  return seen;
}

/** What stands inside, where properties do not show it. */
const contents = () =>
  JSON.stringify([
    [...refused.map.keys()].join(),
    refused.emptyMap.size,
    [...refused.set].join(),
    refused.weakMap.has(allowed.plain),
    refused.weakSet.has(allowed.array),
    refused.buffer.byteLength,
    refused.bytes.join(),
    refused.floats.join(),
    refused.clamped.join(),
    refused.view.getInt32(0),
    refused.pattern.lastIndex,
    allowed.array.join(),
    allowed.frozen.join(),
    allowed.instance.secret.join(),
    allowed.counter.read(),
    `${allowed.number}${allowed.boolean}${allowed.text}${allowed.bigint}`,
    [1, 2].map((n) => n + 1).join(),
    "a-b".split("-").join(),
  ]);

let views = [];
let before = "";

function differs({ object }, index) {
  const now = look(object);
  const then = views[index];
  return now.length !== then.length || now.some((value, i) => !Object.is(value, then[i]));
}

export default {
  remember() {
    views = targets.map(({ object }) => look(object));
    before = contents();
  },
  /** Throws when anything is not as it was. */
  check() {
    const changed = targets.find(differs);
    if (changed !== undefined) throw new Error(`${changed.path} is not as it was`);
    if (contents() !== before) throw new Error("what is inside an instance is not as it was");
  },
};
