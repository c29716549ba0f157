// The service "mqtt": the thin shell around the session of wire/mqtt-session. It moves what the session wants to the
// socket port, to timers and to the services. What must not get lost is kept by `Publications`: across faults of this service by
// a committed copy, across the power by storage.
//
// A session number is taken for each attempt to connect, larger than all before; across restarts of the node too while its
// clock is set, since it starts from the seconds of UTC. It also names the connection at the socket port, so that what
// comes from a connection of an earlier start is known to be stale.

import { type Context, defineService, type Tick } from "lughos";
import type { Numbers, Publication } from "services/api/publication";
import type { Settings } from "services/api/settings";
import type { SocketBytes, SocketClose, SocketClosed } from "services/api/socket";
import { Losses } from "services/mqtt/losses";
import { type NodeIdentity, readIdentity } from "services/mqtt/node";
import { isPublication } from "services/mqtt/outbox";
import { type PublicationFigures, Publications, type PublicationsCopy, tendMillis } from "services/mqtt/publications";
import { createRandom } from "services/mqtt/random";
import { type Resent, readResend } from "services/mqtt/resend";
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

/** Between two copies, unless something numbered came: what a fault may cost of the rest. */
const saveIntervalMillis = 1_000;

/** Committed. */
interface State {
  readonly session: number;
  readonly publications: PublicationsCopy;
  /** As an operator set it; null: as the node was started with. */
  readonly declaredVolts: number | null;
}

let identity: NodeIdentity;
let declaredVolts: number | null;
let session: MqttSession;
let link: SocketLink;
let publications: Publications;
/** What wire/mqtt-session calls the connection that the link calls by the number of the session. */
let connection: number;
/** Attempts that failed since the broker was last there. */
let failures: number;
let wakeTimer: number | null;
/** Messages larger than we take. */
let passed: number;
let isSaveDue: boolean;
/** Messages from the broker that were not passed on. */
let strays: Losses;
/** Looks after what waits, since somebody last asked for its health; null: nobody has yet. */
let tends: number | null;

export default defineService({
  version: "1.1.0",
  stateSchema: 2,
  start(context, committed) {
    const state = committed as State | undefined;
    identity = readIdentity(context.configuration);
    declaredVolts = state?.declaredVolts ?? null;
    if (context.configuration.takesSettings === true) context.subscribe("settings", "settings");
    const name = formatNodeName(identity);
    const random = createRandom(`${name} ${state?.session ?? 0} ${context.wallClock().micros}`);
    const taken = state?.publications.taken ?? { telemetry: 0, event: 0 };
    publications = new Publications(
      identity,
      taken,
      context,
      (payloadOf) => new MqttSession({ clientId: `lugh/${name}`, keepAliveSeconds, payloadOf }, random),
    );
    session = publications.session;
    session.subscribe(buildTopic(identity, "command"), 1, context.monotonicMicros());
    link = new SocketLink(state?.session ?? 0);
    strays = new Losses();
    connection = failures = 0;
    wakeTimer = null;
    passed = 0;
    isSaveDue = false;
    tends = null;
    if (state !== undefined) {
      link.close(context);
      publications.resume(state.publications.outbox);
    }
    const delayMillis = state === undefined ? Math.floor(random() * firstAttemptMillis) : 0;
    context.after(delayMillis, "begin");
    context.after(delayMillis + tendMillis, "tend");
  },
  receive: {
    async begin(_tick: Tick, context: Context) {
      await publications.open();
      session.start(context.monotonicMicros());
      carryOut(context);
    },
    async publish(publication: Publication, context: Context) {
      const isAccepted = isPublication(publication) ? await publications.take(publication) : publications.refuse();
      carryOut(context);
      if (isAccepted && isReport(publication)) save(context);
      else saveSoon(context);
      return { accepted: isAccepted };
    },
    lost({ count }: { readonly count: number }) {
      if (Number.isSafeInteger(count) && count > 0) publications.lost(count);
      return {};
    },
    numbers(): Promise<Numbers | null> {
      return publications.numbers();
    },
    /** From command, for who missed something. */
    async resend(request: unknown, context: Context): Promise<Resent | { readonly error: string }> {
      const wanted = readResend(request);
      if (typeof wanted === "string") return { error: wanted };
      const resent = await publications.resend(wanted);
      carryOut(context);
      return resent;
    },
    /** From command: storage was formatted. */
    formatted: () => publications.renew(),
    outbox(): OutboxReply {
      const { phase, queued, inFlight } = session.status;
      return { session: phase === "up" ? link.connection : null, queued, inFlight, ...publications.figures };
    },
    /** Who announced something else begins a new session, with a birth that is true. */
    settings(settings: Settings, context: Context) {
      const volts = settings.declaredVolts ?? null;
      if (volts === declaredVolts) return;
      declaredVolts = volts;
      save(context);
      const { phase } = session.status;
      if (phase !== "up" && phase !== "greeting") return;
      abandon("the node announces itself anew, by other declared volts", context);
      carryOut(context);
    },
    async tend(_tick: Tick, context: Context) {
      context.after(tendMillis, "tend");
      tends = (tends ?? 0) + 1;
      await publications.keep();
      await goOn(context);
    },
    opened({ connection: number }: SocketClose, context: Context) {
      if (number !== link.connection) return;
      const announced = { ...identity, declaredVolts: declaredVolts ?? identity.declaredVolts };
      const birth = { ...announced, session: number, timeMicros: context.wallClock().micros };
      session.opened(connection, buildGreeting(birth), context.monotonicMicros());
      carryOut(context);
    },
    async received({ connection: number, bytes }: SocketBytes, context: Context) {
      if (number !== link.connection) return;
      session.received(connection, bytes, context.monotonicMicros());
      carryOut(context);
      await goOn(context);
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
      if (publications.isChanged) save(context);
    },
  },
  /** A broker that cannot be reached is no fault of ours; a session that nobody began, or a timer that was lost, is. */
  health() {
    const isTending = tends !== 0;
    tends = 0;
    return isTending && session.status.phase !== "stopped";
  },
});

/** What "outbox" answers: for the state of the node, and for who asks how long its flash lasts. */
type OutboxReply = Omit<OutboxState, keyof PublicationFigures> &
  PublicationFigures & { readonly session: number | null };

/** What nobody will say again, if it is lost. */
function isReport({ topic, sequence }: Publication): boolean {
  return topic === "event" || sequence !== undefined;
}

/** What waits in storage goes to the broker, as long as the session has nothing better to send. */
async function goOn(context: Context): Promise<void> {
  while (await publications.sayNext()) carryOut(context);
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
      publications.acknowledge(action.token);
      saveSoon(context);
      break;
    case "dropped":
      publications.drop(action.token);
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
  if (isSaveDue || !publications.isChanged) return;
  isSaveDue = true;
  context.after(saveIntervalMillis, "save");
}

/** A copy that found no room is tried again. */
function save(context: Context): void {
  const state: State = { session: link.connection, publications: publications.copy(), declaredVolts };
  if (context.commit(state) === "sent") return;
  publications.uncopied();
  saveSoon(context);
}

function unreachable(action: never): never {
  throw new TypeError(`Cannot carry out ${JSON.stringify(action)}: the session wants what this shell does not know`);
}
