// `expect` of "lughos/testing": a handful of matchers, whose failures say what was wanted and what was found.

import { differences, isMatching, show } from "services/api/testing-values";

/** What a matcher throws. Its name is a field: what an error inherits is frozen on a node, and cannot be assigned over. */
export class ExpectationError extends Error {
  override readonly name = "ExpectationError";
}

export class Expectation {
  readonly #actual: unknown;
  readonly #isWanted: boolean;

  constructor(actual: unknown, isWanted = true) {
    this.#actual = actual;
    this.#isWanted = isWanted;
  }

  /** The contrary of what follows. */
  get not(): Expectation {
    return new Expectation(this.#actual, !this.#isWanted);
  }

  /** The same value (`Object.is`). */
  toBe(expected: unknown): void {
    this.#judge(Object.is(this.#actual, expected), show(expected));
  }

  /** The same data: every field, in any order; of typed arrays the kind and every element. */
  toEqual(expected: unknown): void {
    this.#judge(differences(this.#actual, expected).length === 0, show(expected), differences(this.#actual, expected));
  }

  /** Has at least these fields with this data, at every depth. */
  toMatchObject(expected: object): void {
    this.#judge(isMatching(this.#actual, expected), `what has ${show(expected)}`);
  }

  /** A number at most `tolerance` away. */
  toBeCloseTo(expected: number, tolerance: number): void {
    const isClose = typeof this.#actual === "number" && Math.abs(this.#actual - expected) <= tolerance;
    this.#judge(isClose, `${expected} ± ${tolerance}`);
  }

  toBeGreaterThan(expected: number): void {
    this.#judge(typeof this.#actual === "number" && this.#actual > expected, `more than ${expected}`);
  }

  toBeLessThan(expected: number): void {
    this.#judge(typeof this.#actual === "number" && this.#actual < expected, `less than ${expected}`);
  }

  /** A list that holds this data, or a text that holds this one. */
  toContain(expected: unknown): void {
    const actual = this.#actual;
    const isContained = Array.isArray(actual)
      ? actual.some((each) => differences(each, expected).length === 0)
      : typeof actual === "string" && typeof expected === "string" && actual.includes(expected);
    this.#judge(isContained, `what contains ${show(expected)}`);
  }

  toHaveLength(expected: number): void {
    this.#judge((this.#actual as { readonly length?: number } | null)?.length === expected, `length ${expected}`);
  }

  /** A function that throws, or a promise that rejects; with a text, an error whose message holds it. Await it for promises. */
  toThrow(text = ""): void | Promise<void> {
    const actual = this.#actual;
    if (actual instanceof Promise)
      return actual.then(
        () => this.#judge(false, thrown(text)),
        (error: unknown) => this.#judgeThrown(error, text),
      );
    try {
      (actual as () => unknown)();
    } catch (error) {
      this.#judgeThrown(error, text);
      return;
    }
    this.#judge(false, thrown(text));
  }

  #judgeThrown(error: unknown, text: string): void {
    const message = error instanceof Error ? error.message : show(error);
    new Expectation(message, this.#isWanted).#judge(message.includes(text), thrown(text));
  }

  #judge(isTrue: boolean, wanted: string, details: readonly string[] = []): void {
    if (isTrue === this.#isWanted) return;
    const lines = this.#isWanted && isNested(this.#actual) ? details : [];
    const head = `wanted ${this.#isWanted ? "" : "anything but "}${wanted}, found ${show(this.#actual)}`;
    throw new ExpectationError([head, ...lines].join("\n"));
  }
}

/** Of what is not, the first line says all. */
function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function thrown(text: string): string {
  return text === "" ? "an error" : `an error with "${text}"`;
}
