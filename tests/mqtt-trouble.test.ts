// Does the mqtt service stand what it cannot help: no broker, a silent, broken or slow one, too much to say, commands that
// are none?

import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { createRandom } from "services/mqtt/random";
import mqtt from "services/mqtt/service";
import {
  closeAll,
  closers,
  type Node,
  openBroker,
  openListener,
  openNode,
  outboxOf,
  publish,
  report,
  until,
  untilConnected,
} from "tests/mqtt-node";
import { ServiceShell } from "tests/service-shell";
import { encodePacket } from "wire/mqtt-packet";

afterEach(closeAll);

/** A socket port that does what the test says. */
class ScriptedPort {
  readonly opens: number[] = [];
  readonly written: Uint8Array[] = [];
  isFull = false;
  #isOpen = false;

  readonly peer = (type: string, message: never): unknown => {
    const { connection, bytes } = message as { connection: number; bytes: Uint8Array };
    if (type === "open") this.opens.push(connection);
    if (type === "open" || type === "close") this.#isOpen = type === "open";
    if (type !== "write") return null;
    if (this.isFull) return "full";
    this.written.push(bytes);
    return null;
  };

  get connection(): number {
    return this.opens.at(-1) ?? -1;
  }

  async refuse({ shell }: Node): Promise<void> {
    if (this.#isOpen) await shell.deliver("closed", { connection: this.connection, reason: "ECONNREFUSED" });
    this.#isOpen = false;
  }

  /** The connection stands, and the broker accepted it. */
  async accept({ shell }: Node): Promise<void> {
    const { connection } = this;
    await shell.deliver("opened", { connection });
    const bytes = encodePacket({ type: "connack", sessionPresent: false, returnCode: 0 });
    await shell.deliver("received", { connection, bytes });
  }
}

/** A server that is no broker. */
async function openServer(greet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.resume();
    greet(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as { port: number }).port;
}

function linesWith({ shell }: Node, text: string): string[] {
  return shell.logged.filter((line) => line.includes(text));
}

describe("a broker that is away", () => {
  test("is asked ever more rarely, and the outage is told once", async () => {
    const port = new ScriptedPort();
    const node = await openNode(1883, { socket: port.peer });
    const attempts: number[] = [];
    for (let minute = 0; minute < 15; minute++) {
      const before = port.opens.length;
      for (let step = 0; step < 600; step++) {
        await port.refuse(node);
        await node.shell.advance(100);
      }
      attempts.push(port.opens.length - before);
    }
    expect(attempts[0]).toBeLessThanOrEqual(15);
    expect(Math.max(...attempts.slice(5))).toBeLessThanOrEqual(8);
    expect(Math.min(...attempts)).toBeGreaterThanOrEqual(1);
    expect(port.opens).toEqual([...new Set(port.opens)].sort((one, other) => one - other));
    expect(linesWith(node, "no broker")).toHaveLength(1);
  });

  test("is asked by a thousand nodes at a thousand moments", () => {
    const first = Array.from({ length: 1000 }, (_, index) =>
      Math.floor(createRandom(`toledo/node-${index} 0 0`)() * 1000),
    );
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => first.filter((millis) => Math.floor(millis / 100) === tenth).length,
    );
    expect(Math.min(...tenths)).toBeGreaterThan(60);
    expect(Math.max(...tenths)).toBeLessThan(140);
  });

  test("is not waited for: publications are taken until there is no room, then refused, and that is told once a minute", async () => {
    const port = new ScriptedPort();
    const node = await openNode(1883, { socket: port.peer });
    const taken: boolean[] = [];
    for (let count = 0; count < 300; count++) taken.push(await publish(node, "telemetry", `reading ${count}`));
    expect(taken.indexOf(false)).toBe(256);
    expect(taken.slice(256)).not.toContain(true);
    expect(await publish(node, "event", "collapse")).toBe(true);
    expect(await outboxOf(node)).toMatchObject({ session: null, queued: 256, dropped: 45 });
    expect(linesWith(node, "lost")).toEqual(["warning: lost 1 publications; the last one found no room"]);
    await node.shell.advance(60_000);
    await publish(node, "telemetry", "reading");
    expect(linesWith(node, "lost").at(-1)).toBe("warning: lost 45 publications; the last one found no room");
  });
});

describe("what a fault may cost", () => {
  const copyOf = ({ shell }: Node): { entries: { publication: { topic: string } }[]; left: number } =>
    (shell.committed as { publications: { outbox: ReturnType<typeof copyOf> } }).publications.outbox;
  const topicsOf = (node: Node): string[] => copyOf(node).entries.map(({ publication }) => publication.topic);

  test("what is numbered is committed at once, the rest once a second at most", async () => {
    const port = new ScriptedPort();
    const node = await openNode(1883, { socket: port.peer });
    const { shell } = node;
    const before = shell.commits;
    for (let count = 0; count < 50; count++) await publish(node, "reply", "done");
    expect(shell.commits).toBe(before);
    await shell.advance(1_000);
    expect(topicsOf(node)).toHaveLength(50);
    expect(shell.commits).toBe(before + 1);
    await report(node, 1);
    expect(topicsOf(node).at(-1)).toBe("telemetry");
  });

  test("a copy that would be too large keeps the urgent, and says what it left out", async () => {
    const port = new ScriptedPort();
    const node = await openNode(1883, { socket: port.peer });
    for (let count = 0; count < 60; count++) await publish(node, "telemetry", "x".repeat(1_000));
    for (let count = 0; count < 5; count++) await publish(node, "event", "y".repeat(1_000));
    await node.shell.advance(1_000);
    const { entries, left } = copyOf(node);
    expect(topicsOf(node).filter((topic) => topic === "event")).toHaveLength(5);
    expect(entries.length + left).toBe(65);
    expect(left).toBeGreaterThan(30);
    node.shell.restart();
    expect(node.shell.logged.at(-1)).toContain(`; ${left} more had no room in the copy and are lost`);
  });

  test("what still comes from the connection before a fault is passed over", async () => {
    const broker = await openBroker();
    const node = await openNode(broker.port);
    const before = await untilConnected(node);
    node.shell.restart();
    await node.shell.deliver("received", { connection: before, bytes: Uint8Array.of(0xff, 0xff) });
    await node.shell.advance(0);
    expect(await untilConnected(node)).toBeGreaterThan(before);
  });
});

describe("a broker in trouble", () => {
  test.each([
    ["answers garbage", (socket: Socket) => socket.write(`HTTP/1.1 400 Bad Request\r\n\r\n${" ".repeat(200)}`)],
    [
      "refuses us",
      (socket: Socket) => socket.write(encodePacket({ type: "connack", sessionPresent: false, returnCode: 5 })),
    ],
    ["hangs up", (socket: Socket) => socket.end()],
  ])("one that %s is left and asked again later", async (_title, greet) => {
    let connections = 0;
    const port = await openServer((socket) => {
      connections++;
      greet(socket);
    });
    const node = await openNode(port);
    await until(() => linesWith(node, "no broker").length === 1);
    expect(connections).toBe(1);
    await node.shell.advance(1_300);
    await until(() => connections === 2);
  });

  test("one that never answers is given up after ten seconds", async () => {
    const port = await openServer(() => undefined);
    const node = await openNode(port);
    await until(() => node.port.isOpen);
    await node.shell.advance(9_000);
    expect(linesWith(node, "no broker")).toEqual([]);
    await node.shell.advance(1_100);
    expect(linesWith(node, "no broker")).toEqual([`warning: no broker at 127.0.0.1:${port}: no answer within 10 s`]);
  });

  test("one that does not read holds nothing up, and is left when too much waits for it", async () => {
    const port = new ScriptedPort();
    const node = await openNode(1883, { socket: port.peer });
    await port.accept(node);
    expect(await untilConnected(node)).toBe(port.connection);
    port.isFull = true;
    for (let count = 0; count < 3; count++) await publish(node, "log", "x".repeat(40_000), 0);
    expect(linesWith(node, "does not read")).toEqual([]);
    await publish(node, "log", "x".repeat(40_000), 0);
    expect(linesWith(node, "does not read")).toHaveLength(1);
    expect(await outboxOf(node)).toMatchObject({ session: null });
  });

  test("one that reads again gets every byte in order", async () => {
    const port = new ScriptedPort();
    const node = await openNode(1883, { socket: port.peer });
    await port.accept(node);
    port.isFull = true;
    port.written.length = 0;
    for (const letter of "abcde") await publish(node, "log", letter.repeat(9_000), 0);
    expect(port.written).toEqual([]);
    port.isFull = false;
    await node.shell.advance(50);
    const text = Buffer.concat(port.written).toString("latin1");
    const places = [..."abcde"].map((letter) => text.indexOf(letter.repeat(9_000)));
    expect(places[0]).toBeGreaterThan(0);
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(Math.max(...port.written.map(({ length }) => length))).toBeLessThanOrEqual(16_384);
  });
});

describe("what comes on the command topic", () => {
  test("is passed on to command", async () => {
    const broker = await openBroker();
    const node = await openNode(broker.port);
    await untilConnected(node);
    const { client } = await openListener(broker, "x");
    await client.publishAsync("lugh/1/toledo/node-1/command", Buffer.from([1, 2, 3]), { qos: 1 });
    await until(() => node.commands.length === 1);
    expect(node.commands[0]).toEqual(Uint8Array.of(1, 2, 3));
  });

  test("is not done when it was retained, since it would come again at each connect", async () => {
    const broker = await openBroker();
    const { client } = await openListener(broker, "x");
    await client.publishAsync("lugh/1/toledo/node-1/command", Buffer.from([1]), { qos: 1, retain: true });
    const node = await openNode(broker.port);
    await until(() => linesWith(node, "passed over").length === 1);
    expect(linesWith(node, "passed over")).toEqual([
      "warning: passed over 1 messages of the broker; the last one was retained",
    ]);
    expect(node.commands).toEqual([]);
  });

  test("is counted and told once a minute when command has no room for it", async () => {
    const broker = await openBroker();
    const node = await openNode(broker.port, { command: () => "full" });
    await untilConnected(node);
    const { client } = await openListener(broker, "x");
    for (let count = 0; count < 3; count++)
      await client.publishAsync("lugh/1/toledo/node-1/command", Buffer.from([1]), { qos: 1 });
    await until(
      () => node.shell.take("command", "command").length === 3 || linesWith(node, "passed over").length === 1,
    );
    expect(linesWith(node, "passed over")).toEqual([
      "warning: passed over 1 messages of the broker; the last one was answered full",
    ]);
  });
});

test("a message that is no publication is refused and not a fault", async () => {
  const port = new ScriptedPort();
  const { shell } = await openNode(1883, { socket: port.peer });
  for (const body of [
    null,
    {},
    { topic: "birth", payload: Uint8Array.of(1), qos: 1, retain: true },
    { topic: "log", payload: "text", qos: 0, retain: false },
  ])
    expect(await shell.deliver("publish", body)).toEqual({ accepted: false });
});

test("a node that is not told who it is does not start, and says what is missing", () => {
  expect(() => new ServiceShell(mqtt, { configuration: { site: "toledo" } })).toThrow(
    "Cannot read configuration.node: wanted a text",
  );
});
