// Writes COMTRADE records for tests, straight from the description of the format and without anything of the reader, so that what
// one mistakes the other does not.

export interface Sketch {
  readonly station?: string;
  /** Third field of the first line; null: there is none, as in 1991. */
  readonly revision?: string | null;
  readonly fileType?: "ASCII" | "BINARY" | "BINARY32" | "FLOAT32";
  readonly analog?: readonly AnalogSketch[];
  readonly digital?: readonly string[];
  readonly rates?: readonly (readonly [samplesPerSecond: number, lastSample: number])[];
  readonly rows: readonly RowSketch[];
  readonly firstNumber?: number;
  readonly start?: string;
  readonly timeFactor?: number;
  /** Lines behind the factor of the time stamps. */
  readonly clock?: readonly string[];
  readonly lineEnd?: string;
}

export interface AnalogSketch {
  readonly name: string;
  readonly phase?: string;
  readonly unit?: string;
  readonly multiplier?: number;
  readonly offset?: number;
  readonly skew?: number | "";
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface RowSketch {
  /** null: missing. */
  readonly stamp: number | null;
  /** Counts; null: missing. */
  readonly analog: readonly (number | null)[];
  readonly digital?: readonly (0 | 1)[];
}

export function writeConfiguration(sketch: Sketch): string {
  const { analog = [], digital = [], rows, revision = "1999", firstNumber = 1 } = sketch;
  const { rates = [[1_000, firstNumber + rows.length - 1] as const], start = "02/03/2024,04:05:06.000000" } = sketch;
  const is1991 = revision === null;
  const lines = [
    [sketch.station ?? "station", "device", ...(is1991 ? [] : [revision])].join(),
    `${analog.length + digital.length},${analog.length}A,${digital.length}D`,
    ...analog.map((channel, index) => writeAnalog(channel, index + 1, is1991)),
    ...digital.map((name, index) => `${index + 1},${name},${is1991 ? "" : ",,"}0`),
    "50",
    `${rates.length === 1 && rates[0]?.[0] === 0 ? 0 : rates.length}`,
    ...rates.map((rate) => rate.join()),
    start,
    start,
    sketch.fileType ?? "ASCII",
    ...(is1991 ? [] : [`${sketch.timeFactor ?? 1}`]),
    ...(sketch.clock ?? (revision === "2013" ? ["0,0", "B,3"] : [])),
  ];
  return lines.map((line) => line + (sketch.lineEnd ?? "\r\n")).join("");
}

function writeAnalog(channel: AnalogSketch, number: number, is1991: boolean): string {
  const { name, phase = "", unit = "V", multiplier = 1, offset = 0, skew = 0 } = channel;
  const { minimum = -32_767, maximum = 32_767 } = channel;
  const fields = [number, name, phase, "", unit, multiplier, offset, skew, minimum, maximum];
  return [...fields, ...(is1991 ? [] : [1, 1, "P"])].join();
}

export function writeSamples(sketch: Sketch): Uint8Array {
  const { rows, firstNumber = 1, fileType = "ASCII" } = sketch;
  if (fileType === "ASCII")
    return new TextEncoder().encode(rows.map((row, index) => writeText(row, firstNumber + index)).join(""));
  return Buffer.concat(rows.map((row, index) => writeBinary(row, firstNumber + index, fileType)));
}

function writeText({ stamp, analog, digital = [] }: RowSketch, number: number): string {
  return `${[number, stamp, ...analog, ...digital].map((value) => value ?? "").join()}\r\n`;
}

function writeBinary({ stamp, analog, digital = [] }: RowSketch, number: number, fileType: string): Uint8Array {
  const width = fileType === "BINARY" ? 2 : 4;
  const bytes = Buffer.alloc(8 + width * analog.length + 2 * Math.ceil(digital.length / 16));
  bytes.writeUInt32LE(number, 0);
  bytes.writeUInt32LE(stamp ?? 0xffffffff, 4);
  analog.forEach((count, index) => {
    const at = 8 + width * index;
    if (fileType === "BINARY") bytes.writeInt16LE(count ?? -32_768, at);
    else if (fileType === "BINARY32") bytes.writeInt32LE(count ?? -(2 ** 31), at);
    else bytes.writeFloatLE(count ?? Number.NaN, at);
  });
  digital.forEach((value, index) => {
    const at = 8 + width * analog.length + 2 * (index >> 4);
    bytes.writeUInt16LE(bytes.readUInt16LE(at) | (value << (index & 15)), at);
  });
  return bytes;
}

export function writeCombined(sketch: Sketch): Uint8Array {
  const { fileType = "ASCII" } = sketch;
  const samples = writeSamples(sketch);
  const length = fileType === "ASCII" ? "" : `: ${samples.length}`;
  const head = [
    "--- file type: CFG ---\r\n",
    writeConfiguration(sketch),
    "--- file type: INF ---\r\ninformation\r\n",
    "--- file type: HDR ---\r\nheader\r\n",
    `--- file type: DAT ${fileType}${length} ---\r\n`,
  ];
  return Buffer.concat([Buffer.from(head.join("")), samples]);
}
