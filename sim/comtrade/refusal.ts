// How the reader says no: with the file, the line or the byte, what was wanted there and what was found.

/** A file is no COMTRADE record, or not the one that its configuration describes. */
export class ComtradeError extends Error {
  override readonly name = "ComtradeError";
}

/** Some bytes of a file, and where in it they begin, so that messages count from the file's begin. */
export interface Part {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Counted from 1. */
  readonly firstLine: number;
  /** Counted from 0. */
  readonly firstByte: number;
}

export function wholeFile(file: string, bytes: Uint8Array): Part {
  return { file, bytes, firstLine: 1, firstByte: 0 };
}

/** `line` counts from 1 within the part. */
export function refuseLine({ file, firstLine }: Part, line: number, wanted: string, found: string): never {
  throw new ComtradeError(`Cannot read record ${file}:${firstLine + line - 1}: wanted ${wanted}, found ${found}`);
}

/** `byte` counts from 0 within the part. */
export function refuseByte({ file, firstByte }: Part, byte: number, wanted: string, found: string): never {
  throw new ComtradeError(`Cannot read record ${file} at byte ${firstByte + byte}: wanted ${wanted}, found ${found}`);
}

export function refuseFile(file: string, wanted: string, found: string, cause?: unknown): never {
  throw new ComtradeError(`Cannot read record ${file}: wanted ${wanted}, found ${found}`, { cause });
}

/** Text of a file in a message, cut to what helps. */
export function quote(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
}
