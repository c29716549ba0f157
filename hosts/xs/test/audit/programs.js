// The programs of the audit, by number: every operation on every target; every function with every instance as its
// receiver, and as its argument.

import { allowed } from "audit/instances";
import { natives } from "audit/natives";
import { operations } from "audit/operations";
import { functions, own, targets } from "audit/targets";

const names = Object.keys(operations);

const tries = [
  { name: "on", run: (act, object) => act.call(object) },
  { name: "on, with 0", run: (act, object) => act.call(object, 0) },
  { name: "on, with 1, 2, 3", run: (act, object) => act.call(object, 1, 2, 3) },
  { name: "on, with a callback", run: (act, object) => act.call(object, () => 1) },
  { name: "on, with an object", run: (act, object) => act.call(object, { a: 1 }, [1], { b: 2 }) },
  { name: "with", run: (act, object) => act(object) },
  { name: "with, and a key", run: (act, object) => act(object, "a", { value: 1 }) },
  { name: "with, and 0", run: (act, object) => act.call([3, 1, 2], object, 0, 1) },
  { name: "new, with", run: (act, object) => Reflect.construct(act, [object]) },
];

const operationPrograms = names.length * targets.length;
const methodPrograms = tries.length * functions.length * own.length;

export const count = operationPrograms + methodPrograms;

function resolve(number) {
  if (number < operationPrograms) {
    const target = targets[Math.floor(number / names.length)];
    const name = names[number % names.length];
    return { name: `${name} ${target.path}`, isRefused: target.isRefused, run: () => operations[name](target.object) };
  }
  const rest = number - operationPrograms;
  const { name, run } = tries[rest % tries.length];
  const pair = Math.floor(rest / tries.length);
  const act = functions[Math.floor(pair / own.length)];
  const target = own[pair % own.length];
  const isRefused = target.isRefused || act.isRefused;
  return { name: `${act.path} ${name} ${target.path}`, isRefused, run: () => run(act.object, target.object) };
}

export default {
  count: () => count,
  run: (number) => {
    resolve(number).run();
  },
  /** A hole in the protection, for the test of the audit itself. */
  plant: () => natives.plant(allowed.array),
  name: (number) => resolve(number).name,
  isRefused: (number) => (resolve(number).isRefused ? 1 : 0),
};
