// The service "mqtt": the thin shell around the session of wire/mqtt-session. It moves what the session wants to the
// socket port, to timers and to the services, and keeps across its own faults what must not get lost.
//
// A session number is taken for each attempt to connect, larger than all before; across restarts of the node too while its
// clock is set, since it starts from the seconds of UTC. It also names the connection at the socket port, so that what
// comes from a connection of an earlier start is known to be stale.

import { type Context, defineService, type Tick } from "lughos";
import type { Publication } from "services/api/publication";
import type { SocketBytes, SocketClose, SocketClosed } from "services/api/socket";
import { Losses } from "services/mqtt/losses";
import { type NodeIdentity, readIdentity } from "services/mqtt/node";
import { isPublication, Outbox, type OutboxCopy, priorities } from "services/mqtt/outbox";
import { createRandom } from "services/mqtt/random";
import { SocketLink } from "services/mqtt/socket-link";
import { buildGreeting } from "wire/greeting";
import type { MqttAction } from "wire/mqtt-action";
import { MqttSession } from "wire/mqtt-session";
import type { OutboxState } from "wire/state";
import { buildTopic, formatNodeName } from "wire/topics";

/** The broker notices within one and a half of it that a node is gone without a word. */
const keepAliveSeconds = 20;

/** The first attempt after power comes is spread over so long: a fleet gets its power back in one instant. */
const firstAttemptMillis = 1_000;

/** Between two copies of the outbox, unless something urgent came: what a fault may cost at most. */
const saveIntervalMillis = 1_000;

/** Committed. */
interface State {
  readonly session: number;
  readonly outbox: OutboxCopy;
}

let identity: NodeIdentity;
let session: MqttSession;
let link: SocketLink;
let outbox: Outbox;
/** What wire/mqtt-session calls the connection that the link calls by the number of the session. */
let connection: number;
/** Attempts that failed since the broker was last there. */
let failures: number;
let wakeTimer: number | null;
/** Messages larger than we take. */
let passed: number;
let isSaveDue: boolean;
/** Publications that found no room, or gave way to others. */
let lost: Losses;
/** Messages from the broker that were not passed on. */
let strays: Losses;

export default defineService({
  version: "1.0.0",
  stateSchema: 1,
  start(context, committed) {
    const state = committed as State | undefined;
    identity = readIdentity(context.configuration);
    const name = formatNodeName(identity);
    const random = createRandom(`${name} ${state?.session ?? 0} ${context.wallClock().micros}`);
    session = new MqttSession({ clientId: `lugh/${name}`, keepAliveSeconds }, random);
    session.subscribe(buildTopic(identity, "command"), 1, context.monotonicMicros());
    link = new SocketLink(state?.session ?? 0);
    outbox = new Outbox();
    lost = new Losses();
    strays = new Losses();
    connection = failures = 0;
    wakeTimer = null;
    passed = 0;
    isSaveDue = false;
    if (state !== undefined) resume(state, context);
    context.after(state === undefined ? Math.floor(random() * firstAttemptMillis) : 0, "begin");
  },
  receive: {
    begin(_tick: Tick, context: Context) {
      session.start(context.monotonicMicros());
      carryOut(context);
    },
    publish(publication: Publication, context: Context) {
      const isAccepted = accept(publication, context);
      carryOut(context);
      if (isAccepted && priorities[publication.topic] === "HIGH") save(context);
      else saveSoon(context);
      return { accepted: isAccepted };
    },
    outbox(): OutboxState & { readonly session: number | null } {
      const { phase, queued, inFlight } = session.status;
      return { session: phase === "up" ? link.connection : null, queued, inFlight, dropped: lost.total };
    },
    opened({ connection: number }: SocketClose, context: Context) {
      if (number !== link.connection) return;
      const birth = { ...identity, session: number, timeMicros: context.wallClock().micros };
      session.opened(connection, buildGreeting(birth), context.monotonicMicros());
      carryOut(context);
    },
    received({ connection: number, bytes }: SocketBytes, context: Context) {
      if (number !== link.connection) return;
      session.received(connection, bytes, context.monotonicMicros());
      carryOut(context);
    },
    closed({ connection: number, reason }: SocketClosed, context: Context) {
      if (number !== link.connection) return;
      session.closed(connection, reason, context.monotonicMicros());
      carryOut(context);
    },
    wake(_tick: Tick, context: Context) {
      wakeTimer = null;
      session.tick(context.monotonicMicros());
      carryOut(context);
    },
    flush(_tick: Tick, context: Context) {
      link.retried();
      carryOut(context);
    },
    save(_tick: Tick, context: Context) {
      isSaveDue = false;
      if (outbox.isChanged) save(context);
    },
  },
});

/** Goes on after a fault: what was not acknowledged is published again, and the old connection is given back. */
function resume(state: State, context: Context): void {
  const { publications, left } = state.outbox;
  link.close(context);
  for (const publication of publications) accept(publication, context);
  const loss = left === 0 ? "" : `; ${left} more had no room in the copy and are lost`;
  context.log("warning", `goes on after a fault with ${publications.length} unacknowledged publications${loss}`);
}

/** Hands a publication to the session. False when there is no room for it, or it is none. */
function accept(publication: Publication, context: Context): boolean {
  if (!isPublication(publication)) return lose("a publication was none", context);
  const { topic, payload, qos, retain } = publication;
  const token = outbox.nextToken();
  const message = { topic: buildTopic(identity, topic), payload, qos, retain, priority: priorities[topic], token };
  if (session.publish(message, context.monotonicMicros()) === "full") return lose("found no room", context);
  outbox.add(token, publication);
  return true;
}

/** Told once a minute at most, whatever was lost since. */
function lose(how: string, context: Context): false {
  const untold = lost.add(context.monotonicMicros());
  if (untold > 0) context.log("warning", `lost ${untold} publications; the last one ${how}`);
  return false;
}

/** Does what the session wants until it wants nothing more, and writes. */
function carryOut(context: Context): void {
  for (let trouble: string | null = ""; trouble !== null; ) {
    for (let actions = session.takeActions(); actions.length > 0; actions = session.takeActions())
      for (const action of actions) perform(action, context);
    trouble = link.flush(context);
    if (trouble !== null) abandon(trouble, context);
  }
}

function perform(action: MqttAction, context: Context): void {
  switch (action.kind) {
    case "connect":
      connection = action.connection;
      connect(context);
      break;
    case "write":
      link.write(action.bytes);
      break;
    case "disconnect":
      link.flush(context);
      link.close(context);
      break;
    case "wake":
      if (wakeTimer !== null) context.cancel(wakeTimer);
      wakeTimer = context.after(Math.max(0, Math.ceil((action.atMicros - context.monotonicMicros()) / 1000)), "wake");
      break;
    case "up":
      tellUp(context);
      break;
    case "down":
      tellDown(action.reason, context);
      break;
    case "deliver":
      deliver(action.topic, action.payload, action.isRetained, context);
      break;
    case "acknowledged":
      outbox.remove(action.token);
      saveSoon(context);
      break;
    case "dropped":
      outbox.remove(action.token);
      lose("gave way to others", context);
      saveSoon(context);
      break;
    case "passed":
      passed += 1;
      if (passed === 1)
        context.log(
          "warning",
          `A command of ${action.lengthBytes} bytes was passed over: wanted at most ${action.limitBytes} (further ones are only counted)`,
        );
      break;
    case "refused":
      context.log("error", `Cannot take commands: the broker refused ${action.filter}`);
      break;
    default:
      unreachable(action);
  }
}

/** The new session is committed before it is used: no later one may have its number. */
function connect(context: Context): void {
  const number = Math.max(link.connection + 1, Math.floor(context.wallClock().micros / 1e6));
  const target = { connection: number, host: identity.brokerHost, port: identity.brokerPort };
  const trouble = link.open(target, context);
  save(context);
  if (trouble !== null) session.closed(connection, trouble, context.monotonicMicros());
}

/** The connection cannot go on: what waits in the session goes again on the next one. */
function abandon(reason: string, context: Context): void {
  link.close(context);
  session.closed(connection, reason, context.monotonicMicros());
}

function tellUp(context: Context): void {
  const after = failures === 0 ? "" : ` after ${failures} failed attempts`;
  context.log("info", `connected to ${identity.brokerHost}:${identity.brokerPort}${after}, session ${link.connection}`);
  failures = 0;
  context.send("command", "connected", { session: link.connection }, { priority: "MEDIUM" });
}

/** An outage is told once, not at each attempt. */
function tellDown(reason: string, context: Context): void {
  failures += 1;
  if (failures === 1) context.log("warning", `no broker at ${identity.brokerHost}:${identity.brokerPort}: ${reason}`);
}

/** A retained command would come again at each connect, for ever: it is not done even once. */
function deliver(topic: string, payload: Uint8Array, isRetained: boolean, context: Context): void {
  const isCommand = topic === buildTopic(identity, "command");
  const answer =
    isCommand && !isRetained ? context.send("command", "command", { payload }, { priority: "MEDIUM" }) : null;
  if (answer === "sent") return;
  const reason = !isCommand ? `came on ${topic}` : isRetained ? "was retained" : `was answered ${answer}`;
  const untold = strays.add(context.monotonicMicros());
  if (untold > 0) context.log("warning", `passed over ${untold} messages of the broker; the last one ${reason}`);
}

function saveSoon(context: Context): void {
  if (isSaveDue || !outbox.isChanged) return;
  isSaveDue = true;
  context.after(saveIntervalMillis, "save");
}

/** A copy that found no room is tried again. */
function save(context: Context): void {
  const state: State = { session: link.connection, outbox: outbox.copy() };
  if (context.commit(state) === "sent") return;
  outbox.uncopied();
  saveSoon(context);
}

function unreachable(action: never): never {
  throw new TypeError(`Cannot carry out ${JSON.stringify(action)}: the session wants what this shell does not know`);
}
