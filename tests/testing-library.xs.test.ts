// Do the matchers of "lughos/testing" tell right from wrong on the engine, and say why?

import { expect, test } from "lughos/testing";

/** What a matcher that ought to fail says. */
function complaint(judge: () => unknown): string {
  try {
    judge();
  } catch (error) {
    return error instanceof Error && error.name === "ExpectationError" ? error.message : `not a complaint: ${error}`;
  }
  return "no complaint";
}

test("toBe() takes the same value only", () => {
  expect(1).toBe(1);
  expect(Number.NaN).toBe(Number.NaN);
  expect(0).not.toBe(-0);
  expect({}).not.toBe({});
  expect(complaint(() => expect(1).toBe(2))).toBe("wanted 2, found 1");
  expect(complaint(() => expect(1).not.toBe(1))).toBe("wanted anything but 1, found 1");
});

test("toEqual() compares data at every depth, and names what differs", () => {
  expect({ a: [1, { b: null }], c: "x" }).toEqual({ c: "x", a: [1, { b: null }] });
  expect(new Int32Array([1, 2])).toEqual(new Int32Array([1, 2]));
  expect(new Int32Array([1])).not.toEqual(new Uint8Array([1]));
  expect([1]).not.toEqual({ 0: 1 });
  expect({ a: 1 }).not.toEqual({ a: 1, b: 2 });
  expect([1, 2]).not.toEqual([1]);
  const message = complaint(() => expect({ a: [1, { b: 2 }] }).toEqual({ a: [1, { b: 3 }], c: 4 }));
  expect(message).toBe(
    [
      "wanted { a: [1, { b: 3 }], c: 4 }, found { a: [1, { b: 2 }] }",
      "at a[1].b: wanted 3, found 2",
      "at c: wanted 4, found undefined",
    ].join("\n"),
  );
});

test("toMatchObject() wants at least what is given", () => {
  expect([{ a: 1, b: { c: 2, d: 3 } }]).toMatchObject([{ b: { c: 2 } }]);
  expect({ a: 1 }).not.toMatchObject({ a: 2 });
  expect([1, 2]).not.toMatchObject([1]);
  expect(null).not.toMatchObject({});
});

test("numbers are near, above and below", () => {
  expect(230.04).toBeCloseTo(230, 0.05);
  expect(230.06).not.toBeCloseTo(230, 0.05);
  expect("230").not.toBeCloseTo(230, 1);
  expect(2).toBeGreaterThan(1);
  expect(2).not.toBeGreaterThan(2);
  expect(1).toBeLessThan(2);
  expect(Number.NaN).not.toBeLessThan(2);
  expect(complaint(() => expect(1).toBeCloseTo(2, 0.5))).toBe("wanted 2 ± 0.5, found 1");
});

test("lists and texts contain, and have a length", () => {
  expect([{ a: 1 }, 2]).toContain({ a: 1 });
  expect([1]).not.toContain(2);
  expect("a reading").toContain("read");
  expect(5).not.toContain(5);
  expect([1, 2]).toHaveLength(2);
  expect("abc").toHaveLength(3);
  expect(undefined).not.toHaveLength(0);
});

test("toThrow() hears errors and rejections, and what they say", async () => {
  const fail = (): never => {
    throw new RangeError("too far");
  };
  expect(fail).toThrow("far");
  expect(() => 1).not.toThrow();
  expect(complaint(() => expect(fail).toThrow("near"))).toBe('wanted an error with "near", found "too far"');
  expect(complaint(() => expect(() => 1).toThrow())).toBe("wanted an error, found function ");
  await expect(Promise.reject(new Error("late"))).toThrow("late");
  await expect(Promise.resolve(1)).not.toThrow();
});

test("values are shown as they are written, and cut when they are long", () => {
  const show = (value: unknown): string =>
    complaint(() => expect(value).toBe(Symbol.iterator)).split("found ")[1] ?? "";
  expect(show("a\n")).toBe('"a\\n"');
  expect(show([1, -0, undefined, null])).toBe("[1, -0, undefined, null]");
  expect(show(new Uint8Array([1, 2]))).toBe("Uint8Array [1, 2]");
  expect(show(new TypeError("no"))).toBe("TypeError: no");
  expect(show("x".repeat(1000)).length).toBe(301);
});
