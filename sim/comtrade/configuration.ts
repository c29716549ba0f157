// Reads a .cfg, or the CFG of a combined file. Everything that decides what the samples mean must stand there and make sense; what
// makers leave out or add at the end without harm is told in a remark.

import { readAnalogChannel, readDigitalChannel } from "sim/comtrade/channels";
import { limits } from "sim/comtrade/limits";
import { Lines } from "sim/comtrade/lines";
import { readMoment, readZone } from "sim/comtrade/moments";
import type {
  AnalogChannel,
  Configuration,
  DigitalChannel,
  FileType,
  Revision,
  SamplingRate,
} from "sim/comtrade/record";
import { type Part, quote, refuseFile } from "sim/comtrade/refusal";

type Tell = (remark: string) => void;

/** `encoding`: as of `decodeText`. Throws a ComtradeError. */
export function parseConfiguration(part: Part, tell: Tell, encoding?: string): Configuration {
  if (part.bytes.length > limits.configurationBytes)
    refuseFile(part.file, `a configuration of at most ${limits.configurationBytes} bytes`, `${part.bytes.length}`);
  const lines = new Lines(part, encoding);
  const { station, device, revision } = readTitle(lines, tell);
  const { analog, digital } = readChannels(lines, revision, tell);
  const hertz = readHertz(lines);
  const rates = readRates(lines);
  const start = readMoment(lines, revision, "the time of the first sample");
  const trigger = readMoment(lines, revision, "the time of the trigger");
  const fileType = readFileType(lines);
  const multiplier = readTimeMultiplier(lines, revision, tell);
  const { zoneMinutes, clockQuality, leapSecond } = readClock(lines, revision, tell);
  const zoneMicros = (zoneMinutes ?? 0) * 60_000_000;
  return {
    station,
    device,
    revision,
    analog,
    digital,
    hertz,
    rates,
    startMicros: start.micros - zoneMicros,
    triggerMicros: trigger.micros - zoneMicros,
    fileType,
    stampMicros: multiplier * (revision === 2013 && start.hasNanoseconds ? 0.001 : 1),
    zoneMinutes,
    clockQuality,
    leapSecond,
    encoding: lines.encoding,
  };
}

function readTitle(lines: Lines, tell: Tell): { station: string; device: string; revision: Revision } {
  const fields = lines.next("station, device and revision");
  if (fields.length > 3 || fields.length < 2) lines.refuse("station, device and revision", lines.quoted);
  const [station = "", device = "", year] = fields;
  if (year === undefined || year === "") return { station, device, revision: 1991 };
  const number = /^\d{4}$/.test(year) ? Number(year) : 0;
  if (number < 1991) return lines.refuse("1991, 1999 or 2013 as the year of the revision", quote(year));
  const revision = number >= 2013 ? 2013 : number >= 1999 ? 1999 : 1991;
  if (number !== revision) tell(`there is no revision of ${year}; it is read as one of ${revision}`);
  return { station, device, revision };
}

function readChannels(
  lines: Lines,
  revision: Revision,
  tell: Tell,
): { analog: AnalogChannel[]; digital: DigitalChannel[] } {
  const [total, analogField, digitalField] = lines.next("the numbers of channels, such as 19,4A,15D");
  const all = lines.integer(total, "the number of all channels", limits.channels);
  const analogCount = readCount(lines, analogField, "A");
  const digitalCount = readCount(lines, digitalField, "D");
  if (analogCount + digitalCount !== all)
    lines.refuse(`${all} channels in all`, `${analogCount} analog and ${digitalCount} digital ones`);
  const analog: AnalogChannel[] = [];
  for (let index = 0; index < analogCount; index++)
    analog.push(readAnalogChannel(lines, revision, analog.at(-1)?.number ?? 0));
  const digital: DigitalChannel[] = [];
  const irregular: number[] = [];
  for (let index = 0; index < digitalCount; index++)
    digital.push(readDigitalChannel(lines, digital.at(-1)?.number ?? 0, () => irregular.push(lines.number)));
  if (irregular.length > 0)
    tell(`${irregular.length} digital channels, the first in line ${irregular[0]}, have neither 3 nor 5 fields`);
  return { analog, digital };
}

/** `4A`, `15D`. */
function readCount(lines: Lines, field = "", letter: "A" | "D"): number {
  const count = field.toUpperCase().endsWith(letter) ? field.slice(0, -1) : "";
  return lines.integer(count, `a number of channels and ${letter}, such as 4${letter}`, limits.channels);
}

function readHertz(lines: Lines): number {
  const [field = ""] = lines.next("the frequency of the line");
  const hertz = field === "" ? 0 : lines.decimal(field, "the frequency of the line, a number");
  return hertz >= 0 ? hertz : lines.refuse("the frequency of the line, 0 or more", quote(field));
}

function readRates(lines: Lines): SamplingRate[] {
  const [field] = lines.next("the number of sampling rates");
  const count = lines.integer(field, "the number of sampling rates", limits.samples);
  const rates: SamplingRate[] = [];
  // Without any there is still one line, which says how many samples there are.
  for (let index = 0; index < Math.max(1, count); index++) rates.push(readRate(lines, rates.at(-1)));
  const slow = rates.filter(({ samplesPerSecond }) => samplesPerSecond === 0);
  if (slow.length > 0 && rates.length > 1) lines.refuse("sampling rates above 0, or a single one of 0", "both");
  return rates;
}

function readRate(lines: Lines, before: SamplingRate | undefined): SamplingRate {
  const [rate, last] = lines.next("a sampling rate and the number of its last sample");
  const samplesPerSecond = lines.decimal(rate, "a sampling rate, a number");
  if (samplesPerSecond < 0) lines.refuse("a sampling rate of 0 or more", quote(rate ?? ""));
  const lastSample = lines.integer(last, "the number of the last sample at this rate", limits.samples);
  if (lastSample > (before?.lastSample ?? -1)) return { samplesPerSecond, lastSample };
  return lines.refuse(`a last sample after ${before?.lastSample}, that of the rate before`, `${lastSample}`);
}

function readFileType(lines: Lines): FileType {
  const [field = ""] = lines.next("the type of the data file");
  const type = toFileType(field);
  return type ?? lines.refuse("ASCII, BINARY, BINARY32 or FLOAT32 as the type of the data file", quote(field));
}

export function toFileType(text: string): FileType | null {
  const type = text.toUpperCase();
  return type === "ASCII" || type === "BINARY" || type === "BINARY32" || type === "FLOAT32" ? type : null;
}

function readTimeMultiplier(lines: Lines, revision: Revision, tell: Tell): number {
  if (lines.isDone) {
    if (revision !== 1991) tell("the factor of the time stamps is missing; it is taken as 1");
    return 1;
  }
  const [field] = lines.next("the factor of the time stamps");
  const value = lines.decimal(field, "the factor of the time stamps, a number");
  return value > 0 ? value : lines.refuse("a factor of the time stamps above 0", quote(field ?? ""));
}

/** Two lines of 2013: zones, then the clock's quality and leap seconds. Many writers of 2013 leave them out. */
function readClock(
  lines: Lines,
  revision: Revision,
  tell: Tell,
): Pick<Configuration, "zoneMinutes" | "clockQuality" | "leapSecond"> {
  const isKnown = revision === 2013 && !lines.isDone;
  if (revision === 2013 && !isKnown) tell("the time zone is missing; times are taken as UTC");
  const zoneMinutes = isKnown ? readZone(lines, lines.next("a time code such as -5h30")[0]) : null;
  const [clockQuality = null, leapSecond = null] =
    isKnown && !lines.isDone ? lines.next("the quality of the clock") : [];
  if (!lines.isDone) {
    lines.next("");
    tell(`the configuration should end before line ${lines.number}; the rest of it is left out`);
  }
  return { zoneMinutes, clockQuality, leapSecond };
}
