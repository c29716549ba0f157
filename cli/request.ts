// Asks one node for something and waits for its answer, once or as often as it is wanted.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrokerLink } from "cli/broker-link";
import { Failure } from "cli/failure";
import { lookAtFleet, statusOf } from "cli/fleet-view";
import { suggestion } from "cli/nearest";
import { decodeReply, encodeCommand, type Reply } from "wire/command";
import { WireError } from "wire/error";
import type { PlainValue } from "wire/plain";
import { buildTopic, formatNodeName, type NodeName, parseNodeName } from "wire/topics";

/** A node answers most things within a dispatch or two; longer means that the way to it is broken. */
const replyTimeoutMillis = 5_000;

export function readNodeName(text: string): NodeName {
  try {
    return parseNodeName(text);
  } catch (error) {
    if (error instanceof WireError)
      throw new Failure("usage", `${error.message}; nodes are named such as toledo/node-1`);
    throw error;
  }
}

/** The result; a refusal of the node becomes a failure with the node's code. */
export type Ask = (operation: string, argument?: PlainValue) => Promise<PlainValue>;

/** Asks once. */
export async function request(
  link: BrokerLink,
  name: NodeName,
  operation: string,
  argument?: PlainValue,
): Promise<PlainValue> {
  const ask = await openConversation(link, name);
  return ask(operation, argument);
}

/** For who asks again and again: the node is looked for and its replies are subscribed to once. */
export async function openConversation(
  link: BrokerLink,
  name: NodeName,
  timeoutMillis = replyTimeoutMillis,
): Promise<Ask> {
  await checkIsAlive(link, formatNodeName(name));
  const replyTopic = buildTopic(name, "reply");
  const waiting = new Map<string, (reply: Reply) => void>();
  link.receive((topic, payload) => {
    const reply = topic === replyTopic ? readReply(payload) : undefined;
    if (reply !== undefined) waiting.get(reply.requestId)?.(reply);
  });
  await link.subscribe(replyTopic);
  return async (operation, argument) => {
    const requestId = randomUUID();
    const replied = new Promise<Reply>((resolve) => waiting.set(requestId, resolve));
    const command = { requestId, operation, ...(argument === undefined ? {} : { argument }) };
    await link.publish(buildTopic(name, "command"), encodeCommand(command));
    const reply = await withPatience(replied, link, name, timeoutMillis).finally(() => waiting.delete(requestId));
    if (reply.ok) return reply.result;
    throw new Failure(reply.code, `${formatNodeName(name)} answers: ${reply.message}`);
  };
}

async function withPatience(
  replied: Promise<Reply>,
  link: BrokerLink,
  name: NodeName,
  timeoutMillis: number,
): Promise<Reply> {
  const patience = new AbortController();
  const late = sleep(timeoutMillis, undefined, { signal: patience.signal }).then(() => {
    throw new Failure(
      "no-reply",
      `Cannot get an answer from ${formatNodeName(name)}: wanted one within ${timeoutMillis / 1000} s, found none`,
    );
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([replied, late, link.lost]);
  } finally {
    patience.abort();
  }
}

async function checkIsAlive(link: BrokerLink, name: string): Promise<void> {
  const fleet = await lookAtFleet(link);
  const view = fleet.node(name);
  const status = view === undefined ? "unknown" : statusOf(view);
  if (status === "unknown") {
    const names = fleet.nodes.map((node) => node.name);
    throw new Failure(
      "unknown-node",
      `Cannot find ${name}: it never announced itself${suggestion(name, names) || "; lugh ps lists who did"}`,
    );
  }
  if (status === "dead")
    throw new Failure(
      "dead-node",
      `Cannot reach ${name}: its session ${view?.liveness.session} ended; lugh ps shows when it is back`,
    );
}

/** Others ask the same node too, and anyone can publish: what is no reply of ours is passed over. */
function readReply(payload: Uint8Array): Reply | undefined {
  try {
    return decodeReply(payload);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
