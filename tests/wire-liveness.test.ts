// Is a node shown as what it is, in whatever order and however late its births and deaths arrive?

import { expect, test } from "@jest/globals";
import { type Heard, hear, judgeLiveness, type Liveness, staleAfterMicros, unheard } from "wire/liveness";

const birth = (session: number, from: "live" | "retained" = "live"): Heard => ({
  kind: "birth",
  session,
  isRetained: from === "retained",
});
const death = (session: number, from: "live" | "retained" = "live"): Heard => ({
  kind: "death",
  session,
  isRetained: from === "retained",
});
const telemetry: Heard = { kind: "telemetry", session: null, isRetained: false };

/** All heard at once, judged then and there. */
function judge(...messages: Heard[]): string {
  return judgeLiveness(hearAll(messages, 1_000), 1_000);
}

function hearAll(messages: Heard[], nowMicros: number, from: Liveness = unheard): Liveness {
  return messages.reduce((state, message) => hear(state, message, nowMicros), from);
}

test("a node that never announced itself is unknown, whatever else it says", () => {
  expect(judge()).toBe("unknown");
  expect(judge(telemetry)).toBe("unknown");
  expect(judge(death(3, "retained"))).toBe("unknown");
});

test("a live birth makes a node alive", () => {
  expect(judge(birth(1))).toBe("alive");
});

test("a retained birth alone makes no node alive: the broker may remember what is long gone", () => {
  expect(judge(birth(1, "retained"))).toBe("stale");
  expect(judge(birth(1, "retained"), telemetry)).toBe("alive");
});

test("a late listener is not fooled, in whichever order the broker hands out what it retained", () => {
  expect(judge(birth(5, "retained"), death(5, "retained"))).toBe("dead");
  expect(judge(death(5, "retained"), birth(5, "retained"))).toBe("dead");
  expect(judge(death(4, "retained"), birth(5, "retained"), telemetry)).toBe("alive");
  expect(judge(birth(5, "retained"), death(4, "retained"), telemetry)).toBe("alive");
});

test("a death counts only for its own session", () => {
  expect(judge(birth(5), death(4))).toBe("alive");
  expect(judge(birth(5), death(5))).toBe("dead");
  expect(judge(birth(5), death(5), birth(6))).toBe("alive");
});

test("a birth of an older session changes nothing", () => {
  expect(judge(birth(6), death(6), birth(5))).toBe("dead");
  expect(judge(birth(6), death(6), birth(6))).toBe("dead");
});

test("telemetry in flight does not bring a dead node back", () => {
  expect(judge(birth(5), death(5), telemetry)).toBe("dead");
});

test("a silent node turns stale, and alive again when it is heard", () => {
  const state = hearAll([birth(1), telemetry], 0);
  expect(judgeLiveness(state, staleAfterMicros)).toBe("alive");
  expect(judgeLiveness(state, staleAfterMicros + 1)).toBe("stale");
  const again = hear(state, telemetry, staleAfterMicros + 2);
  expect(judgeLiveness(again, staleAfterMicros + 3)).toBe("alive");
});

test.each(["command", "update", "death"] as const)("a live %s is no sign of life of the node", (kind) => {
  const state = hear(
    hearAll([birth(2)], 0),
    { kind, session: kind === "death" ? 1 : null, isRetained: false },
    staleAfterMicros + 1,
  );
  expect(judgeLiveness(state, staleAfterMicros + 1)).toBe("stale");
});

test.each(["telemetry", "event", "state", "log", "reply"] as const)(
  "a live %s is a sign of life, a retained one is not",
  (kind) => {
    const later = staleAfterMicros + 1;
    const born = hearAll([birth(1)], 0);
    expect(judgeLiveness(hear(born, { kind, session: null, isRetained: false }, later), later)).toBe("alive");
    expect(judgeLiveness(hear(born, { kind, session: null, isRetained: true }, later), later)).toBe("stale");
  },
);
