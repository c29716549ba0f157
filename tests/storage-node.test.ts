// Does the storage service, on the engine and on a simulated flash, answer what its contract says, and to nobody else?

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { layOutFlash } from "services/api/flash-layout";
import { storageLimits } from "services/api/storage";
import { longKey, NodeWithStorage } from "tests/storage-node";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let node: NodeWithStorage;

beforeEach(async () => {
  node = await NodeWithStorage.boot({ sectors: 32 });
});

afterEach(() => node.stop());

describe("the storage service", () => {
  test("keeps what it answered, through power cuts", async () => {
    expect(await node.ask("one", "put", { key: "one/a", value: bytes("first") })).toEqual({});
    await node.cutPower();
    expect(await node.ask("one", "get", { key: "one/a" })).toEqual({ value: bytes("first") });
    expect(await node.ask("one", "delete", { key: "one/a" })).toEqual({});
    await node.cutPower();
    expect(await node.ask("one", "get", { key: "one/a" })).toEqual({ value: null });
  });

  test("lists keys in order, page by page", async () => {
    const operations = ["b", "a", "d", "c"].map((key) => ({ key: `one/${key}`, value: bytes(key) }));
    await node.ask("one", "apply", { operations });
    const page = await node.ask("one", "list", { prefix: "one/", most: 3 });
    expect(page.isComplete).toBe(false);
    expect((page.entries as { key: string }[]).map(({ key }) => key)).toEqual(["one/a", "one/b", "one/c"]);
    const rest = await node.ask("one", "list", { prefix: "one/", after: "one/c" });
    expect(rest).toEqual({ entries: [{ key: "one/d", value: bytes("d") }], isComplete: true });
  });

  test("lets a service reach its own keys only", async () => {
    await node.ask("one", "put", { key: "one/a", value: bytes("mine") });
    for (const [service, type, body] of [
      ["other", "get", { key: "one/a" }],
      ["other", "put", { key: "one/a", value: bytes("x") }],
      [
        "other",
        "apply",
        {
          operations: [
            { key: "other/a", value: bytes("x") },
            { key: "one/a", value: null },
          ],
        },
      ],
      ["other", "list", { prefix: "" }],
      ["other", "format", {}],
      ["other", "image", { address: 0 }],
      ["stranger", "get", { key: "one/a" }],
      ["stranger", "status", {}],
    ] as const)
      expect(await node.ask(service, type, body)).toMatchObject({ error: "not-permitted" });
    expect(await node.ask("other", "list", { prefix: "other/" })).toEqual({ entries: [], isComplete: true });
    expect(await node.ask("owner", "get", { key: "one/a" })).toEqual({ value: bytes("mine") });
  });

  test("holds a service to its quota, also after a power cut", async () => {
    const value = new Uint8Array(400);
    await node.ask("one", "put", { key: "one/a", value });
    await node.ask("one", "put", { key: "one/b", value });
    expect(await node.ask("one", "put", { key: "one/c", value })).toMatchObject({ error: "quota-exceeded" });
    await node.cutPower();
    expect(await node.ask("one", "put", { key: "one/c", value })).toMatchObject({ error: "quota-exceeded" });
    expect(await node.ask("one", "put", { key: "one/b", value: new Uint8Array(500) })).toEqual({});
    expect(await node.ask("one", "status")).toMatchObject({ usedBytes: 910, quotaBytes: 1_000, state: "ready" });
    await node.ask("one", "delete", { key: "one/a" });
    expect(await node.ask("one", "put", { key: "one/c", value })).toEqual({});
    expect(await node.ask("other", "status")).toMatchObject({ usedBytes: null, quotaBytes: null });
  });

  test.each([
    ["put", { key: "one/a" }, "malformed"],
    ["put", { key: "one/a", value: "text" }, "malformed"],
    ["put", { key: "", value: bytes("x") }, "malformed"],
    ["put", { key: "one/a b", value: bytes("x") }, "malformed"],
    ["put", { key: longKey, value: bytes("x") }, "key-too-long"],
    ["get", { key: 7 }, "malformed"],
    ["list", { prefix: "one/", most: 0 }, "malformed"],
    ["apply", { operations: {} }, "malformed"],
    ["apply", { operations: [null] }, "malformed"],
    ["commit", { transaction: 1 }, "no-such-transaction"],
    ["commit", {}, "malformed"],
    ["savepoint", { transaction: 1, name: "" }, "no-such-transaction"],
  ])("refuses %s of %j: %s", async (type, body, error) => {
    expect(await node.ask("one", type, body)).toMatchObject({ error });
  });

  test("refuses a value that is longer than it says it takes", async () => {
    const { valueBytes } = (await node.ask("other", "status")) as { valueBytes: number };
    const put = (length: number): Promise<unknown> =>
      node.ask("other", "put", { key: "other/a", value: new Uint8Array(length) });
    expect(await put(valueBytes + 1)).toMatchObject({ error: "value-too-long" });
    expect(await put(valueBytes)).toEqual({});
  });

  test("refuses more operations at once than it may hold, and does none of them", async () => {
    const operations = Array.from({ length: storageLimits.operations + 1 }, (_, index) => ({
      key: `other/${index}`,
      value: bytes("x"),
    }));
    expect(await node.ask("other", "apply", { operations })).toMatchObject({ error: "too-many" });
    const large = operations.slice(0, 10).map(({ key }) => ({ key, value: new Uint8Array(1_000) }));
    expect(await node.ask("other", "apply", { operations: large })).toMatchObject({ error: "too-many" });
    expect(await node.ask("other", "list", { prefix: "other/" })).toMatchObject({ entries: [] });
  });

  test("answers full, and goes on to delete", async () => {
    const value = new Uint8Array(900);
    let kept = 0;
    for (; kept < 100; kept++) {
      const answer = await node.ask("other", "put", { key: `other/${kept}`, value });
      if (answer.error === undefined) continue;
      expect(answer.error).toBe("full");
      break;
    }
    expect(kept).toBeGreaterThan(10);
    expect(kept).toBeLessThan(100);
    for (let key = 0; key < kept; key++) expect(await node.ask("other", "delete", { key: `other/${key}` })).toEqual({});
    expect(await node.ask("other", "put", { key: "other/again", value })).toEqual({});
  }, 60_000);
});

describe("a transaction", () => {
  const begin = async (): Promise<number> => (await node.ask("other", "begin")).transaction as number;
  const get = async (key: string, transaction?: number): Promise<unknown> =>
    (await node.ask("other", "get", { key, ...(transaction === undefined ? {} : { transaction }) })).value;

  test("reads what was there when it began, and its own changes; others see them when it commits", async () => {
    await node.ask("other", "put", { key: "other/a", value: bytes("old") });
    const transaction = await begin();
    await node.ask("other", "put", { key: "other/b", value: bytes("later") });
    await node.ask("other", "put", { key: "other/c", value: bytes("mine"), transaction });
    await node.ask("other", "delete", { key: "other/a", transaction });
    expect(await get("other/a", transaction)).toBeNull();
    expect(await get("other/b", transaction)).toBeNull();
    expect(await node.ask("other", "list", { prefix: "other/", transaction })).toMatchObject({
      entries: [{ key: "other/c" }],
    });
    expect(await get("other/a")).toEqual(bytes("old"));
    expect(await node.ask("other", "commit", { transaction })).toEqual({});
    expect(await get("other/a")).toBeNull();
    expect(await get("other/c")).toEqual(bytes("mine"));
    expect(await node.ask("other", "commit", { transaction })).toMatchObject({ error: "no-such-transaction" });
  });

  test("goes back to a savepoint, and can be given up", async () => {
    const transaction = await begin();
    const put = (key: string): Promise<unknown> => node.ask("other", "put", { key, value: bytes(key), transaction });
    await put("other/a");
    await node.ask("other", "savepoint", { transaction, name: "first" });
    await put("other/b");
    await node.ask("other", "savepoint", { transaction, name: "second" });
    await put("other/a");
    expect(await node.ask("other", "rollback", { transaction, name: "first" })).toEqual({});
    expect(await get("other/b", transaction)).toBeNull();
    const gone = await node.ask("other", "rollback", { transaction, name: "second" });
    expect(gone).toMatchObject({ error: "no-such-savepoint" });
    await node.ask("other", "commit", { transaction });
    expect(await node.ask("other", "list", { prefix: "other/" })).toMatchObject({ entries: [{ key: "other/a" }] });
    const other = await begin();
    await node.ask("other", "delete", { key: "other/a", transaction: other });
    expect(await node.ask("other", "rollback", { transaction: other })).toEqual({});
    expect(await get("other/a")).toEqual(bytes("other/a"));
  });

  test("is refused when somebody else was first, and stands in nobody's way", async () => {
    const first = await begin();
    const second = await begin();
    for (const transaction of [first, second])
      await node.ask("other", "put", { key: "other/a", value: bytes(`${transaction}`), transaction });
    expect(await node.ask("other", "commit", { transaction: second })).toEqual({});
    expect(await node.ask("other", "commit", { transaction: first })).toMatchObject({ error: "conflict" });
    expect(await get("other/a")).toEqual(bytes(`${second}`));
  });

  test("is its owner's alone, ends after its time, and makes room for others then", async () => {
    const transactions = [await begin(), await begin(), await begin(), await begin()];
    expect(await node.ask("other", "begin")).toMatchObject({ error: "too-many" });
    const [transaction] = transactions;
    expect(await node.ask("owner", "get", { key: "x", transaction })).toMatchObject({ error: "no-such-transaction" });
    await node.advance(storageLimits.transactionMillis);
    expect(await node.ask("other", "commit", { transaction })).toMatchObject({ error: "no-such-transaction" });
    expect(await node.ask("other", "begin")).toHaveProperty("transaction");
  });

  test("that is open when the power fails leaves nothing", async () => {
    const transaction = await begin();
    await node.ask("other", "put", { key: "other/a", value: bytes("x"), transaction });
    await node.cutPower();
    expect(await node.ask("other", "commit", { transaction })).toMatchObject({ error: "no-such-transaction" });
    expect(await get("other/a")).toBeNull();
  });
});

describe("a flash that cannot be used", () => {
  test("is told in every answer and in the log, and left as it is", async () => {
    await node.ask("one", "put", { key: "one/a", value: bytes("x") });
    const figures = await node.flash();
    await node.flash({ flip: { address: layOutFlash({ sectors: 32 }).log.firstSector * 4_096, length: 32, bits: 3 } });
    const before = await node.flash();
    await node.cutPower();
    expect(figures.programs).toBe(before.programs);
    for (const type of ["get", "put", "list", "begin"])
      expect(await node.ask("one", type, { key: "one/a", value: bytes("y"), prefix: "one/" })).toMatchObject({
        error: expect.stringMatching(/unreadable|foreign-format/),
      });
    expect((await node.flash()).programs).toBe(before.programs);
    expect(await node.ask("one", "status")).toMatchObject({ state: expect.stringMatching(/unreadable|foreign/) });
    expect((await node.ask("one", "status")).reason).toContain("Cannot open the log");
    expect(await node.ask("owner", "format")).toEqual({});
    expect(await node.ask("one", "get", { key: "one/a" })).toEqual({ value: null });
  });

  test("is read piece by piece by who mends it, whatever lies there", async () => {
    await node.ask("one", "put", { key: "one/a", value: bytes("evidence") });
    const pieces: Uint8Array[] = [];
    for (let next: number | null = 0; next !== null; ) {
      const piece = await node.ask("owner", "image", { address: next });
      pieces.push(piece.bytes as Uint8Array);
      next = piece.next as number | null;
    }
    expect(Buffer.concat(pieces)).toHaveLength(layOutFlash({ sectors: 32 }).log.sectors * 4_096);
    expect(Buffer.concat(pieces).includes("evidence")).toBe(true);
    expect(await node.ask("owner", "image", { address: 1 << 20 })).toMatchObject({ error: "malformed" });
  });

  test("that failed as it was opened is tried again, and not condemned", async () => {
    await node.ask("one", "put", { key: "one/a", value: bytes("x") });
    const { firstSector, sectors } = layOutFlash({ sectors: 32 }).log;
    // Each read is tried twice: as the node comes up, and for the first who asks.
    await node.flash({ spoil: { address: firstSector * 4_096, length: sectors * 4_096, count: 4 } });
    await node.cutPower();
    expect(await node.ask("one", "status")).toMatchObject({ error: "failed" });
    expect(await node.ask("one", "status")).toMatchObject({ state: "ready" });
    expect(await node.ask("one", "get", { key: "one/a" })).toEqual({ value: bytes("x") });
  });

  test("is not there at all", async () => {
    const bare = await NodeWithStorage.boot(null);
    try {
      expect(await bare.ask("one", "get", { key: "one/a" })).toMatchObject({ error: "no-flash" });
    } finally {
      await bare.stop();
    }
  });

  test("is too small for a log", async () => {
    const small = await NodeWithStorage.boot({ sectors: 5 });
    try {
      expect(await small.ask("one", "get", { key: "one/a" })).toMatchObject({ error: "too-small" });
    } finally {
      await small.stop();
    }
  });
});
