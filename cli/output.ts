// Where a command writes: results to standard output, progress to standard error; plain, coloured or as JSON.

export interface Output {
  /** True with --json: results are then written by `json` only. */
  readonly isJson: boolean;
  /** Colours standard output, where a terminal wants them. */
  readonly paint: Paint;
  /** A line of the result. */
  line(text: string): void;
  /** The result as one object on one line. */
  json(value: unknown): void;
  /** A line of progress. */
  progress(text: string): void;
}

export type Colour = "red" | "green" | "yellow" | "dim" | "bold";
export type Paint = (colour: Colour, text: string) => string;

const codes: Readonly<Record<Colour, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** https://no-color.org: a NO_COLOR that is not empty turns colours off. */
export function createOutput(
  isJson: boolean,
  standardOutput: Terminal,
  standardError: Terminal,
  environment: NodeJS.ProcessEnv,
): Output {
  const isColoured = standardOutput.isTTY === true && !isJson && (environment.NO_COLOR ?? "") === "";
  return {
    isJson,
    paint: (colour, text) => (isColoured ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text),
    line: (text) => void standardOutput.write(`${text}\n`),
    json: (value) => void standardOutput.write(`${JSON.stringify(value)}\n`),
    progress: (text) => void standardError.write(`${text}\n`),
  };
}

/** Text that came over a wire, made harmless for a terminal: what would steer it or turn the line around is shown instead. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
