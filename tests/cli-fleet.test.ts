// Does `lugh` tell what is on a broker, and reach what is there?

import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { closeAll, openBroker, openNode, statistics } from "tests/cli-nodes";
import { runCli, runJson, startCli } from "tests/cli-run";
import { encodeDeath } from "wire/birth";

// Each call is a process, and other tests run beside it.
jest.setTimeout(30_000);

afterEach(closeAll);

const node = (number: number, site = "toledo"): { site: string; node: string } => ({ site, node: `node-${number}` });

async function until(holds: () => boolean): Promise<void> {
  for (let end = Date.now() + 10_000; !holds(); await sleep(10))
    if (Date.now() > end) throw new Error(`waited in vain for ${holds}`);
}

describe("a broker that is not there", () => {
  test.each([[["ps"]], [["ps", "toledo/node-1"]], [["logs"]], [["fault", "toledo/node-1", "sensor", "spin"]]])(
    "lugh %j says so, and what to do",
    async (args) => {
      const { code, json } = await runJson([...args, "--broker", "mqtt://127.0.0.1:1"]);
      expect(code).toBe(1);
      expect(json.error.code).toBe("broker-unreachable");
      expect(json.error.message).toBe(
        "Cannot reach the broker at mqtt://127.0.0.1:1: wanted a connection, found ECONNREFUSED; " +
          "start a fleet with npm start, or name another broker with --broker",
      );
    },
  );

  test("nor is a server that is no broker taken for one", async () => {
    const server = createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const { code, json } = await runJson(["ps", "--broker", `mqtt://127.0.0.1:${port}`]);
    server.close();
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "broker-unreachable" });
  });
});

interface Fleet {
  readonly nodes: readonly { readonly node: string; readonly status: string }[];
}

describe("lugh ps", () => {
  test("tells who is alive, silent and dead, in the order of counting", async () => {
    const broker = await openBroker();
    await openNode(broker, node(10));
    await openNode(broker, node(2), { isSilent: true });
    const doomed = await openNode(broker, node(1));
    await doomed.die();
    const { code, json } = await runJson<Fleet>(["ps", "--broker", broker.url]);
    expect(code).toBe(0);
    expect(json.nodes.map((each) => [each.node, each.status])).toEqual([
      ["toledo/node-1", "dead"],
      ["toledo/node-2", "stale"],
      ["toledo/node-10", "alive"],
    ]);
    expect(json.nodes[2]).toMatchObject({ session: 7, birth: { firmware: "0.1.0" }, state: { scheduler: "priority" } });
    const { stdout } = await runCli(["ps", "--broker", broker.url]);
    expect(stdout).toMatch(/^NODE +STATUS +SESSION +FIRMWARE +SERVICES +MODE +RESTARTS +FLASH +UPTIME +TOLD$/m);
    expect(stdout).toMatch(/^toledo\/node-10 +alive +7 +0\.1\.0 +1 +normal +1 +- +1 min \d+ s +\d+ m?s ago$/m);
  });

  test("is not misled by the death of an earlier session, nor by what others publish on our topics", async () => {
    const broker = await openBroker();
    const { publish } = await openNode(broker, node(1));
    await publish("death", encodeDeath({ session: 6 }));
    await publish("state", Uint8Array.of(0xff));
    const { json } = await runJson<Fleet>(["ps", "--broker", broker.url]);
    expect(json.nodes.map((each) => each.status)).toEqual(["alive"]);
  });

  test("says that there is nobody", async () => {
    const broker = await openBroker();
    expect((await runJson<Fleet>(["ps", "--broker", broker.url])).json).toEqual({ nodes: [] });
    const { code, stdout, stderr } = await runCli(["ps", "--broker", broker.url]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("No node announced itself");
  });
});

describe("lugh ps NODE", () => {
  test("shows the services of the node as they are now", async () => {
    const broker = await openBroker();
    await openNode(broker, node(1), {
      answer: ({ operation }) => (operation === "ps" ? { ok: true, result: statistics } : undefined),
    });
    const { code, json } = await runJson(["ps", "toledo/node-1", "--broker", broker.url]);
    expect({ code, json }).toEqual({ code: 0, json: { node: "toledo/node-1", ...statistics } });
    const { stdout } = await runCli(["ps", "toledo/node-1", "--broker", broker.url]);
    expect(stdout).toContain("toledo/node-1  up 1 min 5 s, scheduler priority");
    expect(stdout).toMatch(/^sensor +running +1\.0\.0 +2 +1 +5000 +1 ms +9\/128 KiB +0 +threw: TypeError: no$/m);
  });

  test.each([
    ["a node that never was", "toledo/node-9", "unknown-node", "did you mean toledo/node-1?"],
    ["a node that is dead", "toledo/node-2", "dead-node", "its session 7 ended"],
  ])("%s is named", async (_title, name, code, message) => {
    const broker = await openBroker();
    await openNode(broker, node(1));
    await (await openNode(broker, node(2))).die();
    const result = await runJson(["ps", name, "--broker", broker.url]);
    expect(result).toEqual({ code: 1, json: { error: { code, message: expect.stringContaining(message) } } });
  });

  test("a node that does not answer is not waited for longer than five seconds", async () => {
    const broker = await openBroker();
    await openNode(broker, node(1));
    const begun = Date.now();
    const { code, json } = await runJson(["ps", "toledo/node-1", "--broker", broker.url]);
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "no-reply" });
    expect(Date.now() - begun).toBeLessThan(8_000);
  });

  test("an answer that makes no sense is an error and no table", async () => {
    const broker = await openBroker();
    await openNode(broker, node(1), { answer: () => ({ ok: true, result: { services: 5 } }) });
    const { code, json } = await runJson(["ps", "toledo/node-1", "--broker", broker.url]);
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "bad-reply" });
  });
});

describe("lugh fault", () => {
  test("asks the node for it", async () => {
    const broker = await openBroker();
    const asked: unknown[] = [];
    await openNode(broker, node(1), {
      answer({ operation, argument }) {
        asked.push([operation, argument]);
        return { ok: true, result: null };
      },
    });
    const { code, json } = await runJson(["fault", "toledo/node-1", "sensor", "spin", "--broker", broker.url]);
    expect({ code, json }).toEqual({ code: 0, json: { node: "toledo/node-1", service: "sensor", kind: "spin" } });
    expect(asked).toEqual([["fault", { service: "sensor", kind: "spin" }]]);
  });

  test("fails with the node's own code and words when it refuses", async () => {
    const broker = await openBroker();
    await openNode(broker, node(1), {
      answer: () => ({ ok: false, code: "not-permitted", message: "Cannot do it without --insecure-commands" }),
    });
    const { code, json } = await runJson(["fault", "toledo/node-1", "sensor", "spin", "--broker", broker.url]);
    expect(code).toBe(1);
    expect(json.error).toEqual({
      code: "not-permitted",
      message: "toledo/node-1 answers: Cannot do it without --insecure-commands",
    });
  });
});

describe("lugh logs", () => {
  test("prints the lines of all nodes as they come, until Ctrl-C", async () => {
    const broker = await openBroker();
    const nodes = [await openNode(broker, node(1)), await openNode(broker, node(2))];
    const { child, result, output } = startCli(["logs", "--follow", "--broker", broker.url]);
    for (let count = 0; output() === ""; count++) {
      await nodes[0]?.log(`try ${count}`);
      await sleep(50);
    }
    await nodes[1]?.log("over-voltage \u001b[2J");
    await until(() => output().includes("over-voltage"));
    child.kill("SIGINT");
    const { code, stdout } = await result;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d{4}-.*Z {2}error {4}toledo\/node-1 {2}sensor: try \d+$/m);
    expect(stdout).toContain("toledo/node-2  sensor: over-voltage \\u{1b}[2J");
  });

  test("of one node leaves the others out, is a line an object with --json, and counts what is no line", async () => {
    const broker = await openBroker();
    const nodes = [await openNode(broker, node(1)), await openNode(broker, node(2))];
    const { result, output } = startCli(["logs", "toledo/node-2", "--seconds", "2", "--json", "--broker", broker.url]);
    while (output() === "") {
      await Promise.all(nodes.map(({ log }, index) => log(`from ${index + 1}`)));
      await sleep(50);
    }
    await nodes[1]?.publish("log", Uint8Array.of(0xff));
    const { code, stdout, stderr } = await result;
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { node: string; text: string });
    expect(new Set(lines.map(({ node, text }) => `${node} ${text}`))).toEqual(new Set(["toledo/node-2 from 2"]));
    expect(stderr).toBe("1 messages were no lines of a log\n");
  });

  test("ends with an error when the broker goes away", async () => {
    const broker = await openBroker();
    const node1 = await openNode(broker, node(1));
    const { result, output } = startCli(["logs", "--follow", "--broker", broker.url]);
    while (output() === "") {
      await node1.log("here");
      await sleep(50);
    }
    await broker.close();
    const { code, stderr } = await result;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("found a connection that was closed"),
    });
  });
});
