// Time, chance and whatever else reaches past the host: on a node all of it comes in through the context, so that a machine
// can be replayed and a service cannot reach what it was not given. That Node's own globals are not used is the compiler's
// to find (tsconfig.device.json); here stands what the language itself brings.

import { isOnNode, nodeRule } from "tools/tidy/project";
import ts from "typescript";

const members = new Map([
  ["Date.now", "time comes from monotonicMicros() and wallClock()"],
  ["performance.now", "time comes from monotonicMicros() and wallClock()"],
  ["Math.random", "chance comes from the host"],
]);

const globals = new Map([
  ["setTimeout", "timers are every() and after()"],
  ["setInterval", "timers are every() and after()"],
  ["setImmediate", "timers are every() and after()"],
  ["WeakRef", "what it answers depends on when memory is collected"],
  ["FinalizationRegistry", "when it calls depends on when memory is collected"],
  ["SharedArrayBuffer", "machines share nothing"],
  ["Atomics", "machines share nothing"],
  ["eval", "no text becomes code on a node"],
]);

export const checkAmbient = nodeRule(
  "ambient",
  (node, source) => {
    const name = reachedName(node, source.tree);
    const reason = name === undefined ? undefined : (members.get(name) ?? globals.get(name));
    if (reason !== undefined) return `${name} is not for nodes: ${reason}`;
    const isClock =
      ts.isNewExpression(node) && node.expression.getText(source.tree) === "Date" && !node.arguments?.length;
    return isClock ? `new Date() is not for nodes: ${members.get("Date.now")}` : undefined;
  },
  isOnNode,
);

function reachedName(node: ts.Node, tree: ts.SourceFile): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.getText(tree);
  const isMade = ts.isNewExpression(node) || ts.isCallExpression(node);
  return isMade && ts.isIdentifier(node.expression) ? node.expression.text : undefined;
}
