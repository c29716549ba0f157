// What is done to this node and leaves no trace on it but in its log: faults, restarts, reboots.

import type { Context, Plain } from "lughos";
import { notInSafeMode, type Outcome } from "services/command/outcome";
import type { PlainRecord, PlainValue } from "wire/plain";
import { Fields } from "wire/shape";

/** What the device port "simulator" can do to a service. `kill`: ends it as if it had broken a rule. */
const faultKinds = Object.freeze(["throw", "spin", "memory", "stack", "kill"] as const);

/** What the system table calls this service. */
const ownName = "command";

/** Of names in arguments; what is longer names nothing. */
const nameLengthMaximum = 64;

/** The answer is on its way to the broker before the node goes. */
export const rebootDelayMillis = 1_000;

/** Faults a service of this very node, to see it come back. Who faults this one gets the answer before, not after. */
export async function fault(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const fields = new Fields(argument, "argument");
  const order = { service: fields.text("service", nameLengthMaximum), kind: fields.choice("kind", faultKinds) };
  context.log("warning", `${order.kind} in ${order.service}, by an unsigned command`);
  const faulting = context.call<Plain>("simulator", "fault", order);
  if (order.service === ownName) return { ok: true, result: null };
  const reply = await faulting;
  if (typeof reply === "object" && reply !== null && "error" in reply) return refused(reply);
  return { ok: true, result: null };
}

/** Cuts this very node's power for so many seconds; what its flash has not made durable is lost. The answer goes before. */
export async function power(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const seconds = new Fields(argument, "argument").count("seconds");
  context.log("warning", `no power for ${seconds} s, by an unsigned command`);
  const reply = await context.call<PlainRecord>("simulator", "power", { seconds });
  if ("error" in reply) return { ok: false, code: "bad-argument", message: String(reply.error) };
  return { ok: true, result: null };
}

/** Starts a dead service again, which is held or waits for its time. */
export async function restart(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const service = new Fields(argument, "argument").text("service", nameLengthMaximum);
  if (context.configuration.isSafeMode === true) return notInSafeMode("restart");
  context.log("warning", `restart of ${service}, by an unsigned command`);
  const reply = await context.call<PlainRecord>("reincarnation", "start", { service });
  return "error" in reply ? refused(reply) : { ok: true, result: reply };
}

/** The node begins anew, in safe mode or not, a moment after this was answered. */
export async function reboot(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const isSafe = argument !== undefined && new Fields(argument, "argument").boolean("isSafe");
  context.log("warning", `reboot${isSafe ? " into safe mode" : ""}, by an unsigned command`);
  context.after(rebootDelayMillis, isSafe ? "rebootSafely" : "reboot");
  return { ok: true, result: { isSafe, afterMillis: rebootDelayMillis } };
}

function refused(reply: PlainRecord): Outcome {
  return { ok: false, code: "refused", message: String(reply.error) };
}
