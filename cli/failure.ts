// What a command throws when it cannot do what it was asked: a word for programs, a sentence for people.

export type FailureCode =
  | "usage"
  | "bad-input"
  | "bad-reply"
  | "broker-unreachable"
  | "unknown-node"
  | "dead-node"
  | "no-reply"
  | "failed"
  | "internal"
  /** Codes that a node answers with (wire/command). */
  | (string & {});

export class Failure extends Error {
  readonly code: FailureCode;
  /** The result said it: nothing more is printed. */
  readonly isTold: boolean;

  constructor(code: FailureCode, message: string, options: ErrorOptions & { readonly isTold?: boolean } = {}) {
    super(message, options);
    this.name = "Failure";
    this.code = code;
    this.isTold = options.isTold ?? false;
  }

  /** 2 tells a script that it called us wrongly, 1 that the thing itself did not work. */
  get exitCode(): number {
    return this.code === "usage" ? 2 : 1;
  }
}

/** Errors that somebody worded for people are told as they are; mistakes of ours keep their stack and should be reported. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isWorded(error)) return new Failure("failed", error.message, { cause: error });
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Failure("internal", `Cannot go on, by a mistake of lugh itself: ${text}`, { cause: error });
}

/** What the language and Node throw by themselves are subclasses and errors with a code of their own. */
function isWorded(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const isOfLanguage = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
  return !isOfLanguage && !String((error as NodeJS.ErrnoException).code).startsWith("ERR_");
}
