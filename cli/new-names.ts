// How a new service may be called, and how its file is called where it is imported. The name is that of its folder, of its
// channel and of its lines in every log.

import { Failure } from "cli/failure";

/** As long as a channel's may be (kernel/limits). */
const longest = 31;

/** Folders and channels that are no service's: the contracts, the kernel, and the helpers of benches. */
const taken: readonly string[] = ["api", "kernel", "log", "fault", "tester", "attendant", "bench", "desk"];

/** Words that the lint refuses in names, because they say nothing. */
const emptyWords = /^(utils?|helpers?|managers?|misc|data|infos?|common)$/;

/** Of TypeScript: they cannot be the name of an import. */
const reservedWords = new Set(
  (
    "arguments as async await break case catch class const continue debugger default delete do else enum eval export " +
    "extends false finally for from function if implements import in instanceof interface let new null of package " +
    "private protected public return static super switch this throw true try type typeof undefined var void while with yield"
  ).split(" "),
);

/** Throws a Failure that says the rule. `others`: names of services and device ports that there are. */
export function checkName(name: string, others: readonly string[]): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw refuse(name, 'words of a-z and 0-9 with "-" between them, such as peak-counter');
  if (name.length > longest) throw refuse(name, `at most ${longest} characters`);
  const empty = name.split("-").find((word) => emptyWords.test(word));
  if (empty !== undefined) throw refuse(name, `a name that says what it is; "${empty}" says nothing`);
  if (taken.includes(name)) throw refuse(name, "a name that is free; this one has a meaning of its own");
  if (others.includes(name)) throw refuse(name, "a name that is free; there is a service or a device port of this one");
}

function refuse(name: string, wanted: string): Failure {
  return new Failure("usage", `Cannot make service "${name}": wanted ${wanted}`);
}

/** "peakCounter" of "peak-counter"; "classService" where the word alone cannot stand or is taken in the file. */
export function importName(name: string, declared: readonly string[]): string {
  const camel = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return reservedWords.has(camel) || declared.includes(camel) ? `${camel}Service` : camel;
}
