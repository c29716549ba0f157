// Does the consumer of the outage campaign ask for what is missing, until it comes or its node says that it is gone?

import { expect, test } from "@jest/globals";
import { GapRequests } from "sim/outage/gaps";
import { decodeCommand, encodeReply } from "wire/command";
import type { PlainValue } from "wire/plain";

const name = { site: "a", node: "b" };
const topic = "lugh/1/a/b/command";

interface Asked {
  readonly topic: string;
  readonly requestId: string;
  readonly argument: unknown;
}

function openConsumer(): { readonly gaps: GapRequests; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const gaps = new GapRequests((to, payload) => {
    const { requestId, operation, argument } = decodeCommand(payload);
    expect(operation).toBe("resend");
    asked.push({ topic: to, requestId, argument });
  });
  return { gaps, asked };
}

function answer(gaps: GapRequests, requestId: string, missing: PlainValue, nowMillis: number): void {
  gaps.hearReply("a/b", encodeReply({ requestId, ok: true, result: { sent: 0, missing, next: null } }), nowMillis);
}

test("a gap is asked for after a second, and again when nobody answers", () => {
  const { gaps, asked } = openConsumer();
  gaps.hearReading(name, 5, 0);
  gaps.hearReading(name, 9, 100);
  gaps.ask(1_000);
  expect(asked).toEqual([]);
  gaps.ask(1_100);
  gaps.ask(2_000);
  expect(asked).toMatchObject([{ topic, argument: { topic: "telemetry", from: 6, to: 8 } }]);
  gaps.ask(4_100);
  expect(asked).toHaveLength(2);
  expect(gaps.isDone).toBe(false);
});

test("what came is filled, what the node does not have is gone, and the rest is asked for again", () => {
  const { gaps, asked } = openConsumer();
  gaps.hearReading(name, 5, 0);
  gaps.hearReading(name, 9, 0);
  gaps.ask(1_000);
  gaps.hearReading(name, 6, 1_100);
  answer(gaps, "of somebody else", [[7, 8]], 1_200);
  answer(gaps, asked[0]?.requestId as string, [[7, 7]], 1_500);
  expect([gaps.filled, gaps.goneSeconds("a/b", 7), gaps.goneSeconds("a/b", 8)]).toEqual([1, 1.5, undefined]);
  gaps.ask(1_600);
  expect(asked[1]).toMatchObject({ argument: { from: 8, to: 8 } });
  gaps.hearReading(name, 8, 1_700);
  gaps.hearReading(name, 7, 1_800);
  expect([gaps.isDone, gaps.goneSeconds("a/b", 7)]).toEqual([true, undefined]);
});
