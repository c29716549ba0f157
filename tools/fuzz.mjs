// Fuzzes what takes bytes on trust: the codec of message bodies, the loader of images, the resolver of module names, and the
// decoders of wire/ on the engine (hosts/xs/fuzz). libFuzzer is guided by what code in C an input reaches, and for the
// decoders by their byte-code too. Wanted: clang.
//
//   node tools/fuzz.mjs                            20 seconds each, as .ci/run does
//   node tools/fuzz.mjs --seconds 3600 --keep wire an hour, one target, and what it found is kept in the corpus
//
// The corpus is hosts/xs/fuzz/corpus/TARGET.txt, an input a line in hexadecimal digits. An input that ends a fuzzer is
// printed the same way: add it there, so that it is tried for ever after.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pathOf, root } from "./bootstrap/project.mjs";

const folder = "build/fuzz";
const longestBytes = 4096;

const targets = {
  body: "the codec of message bodies, both ways",
  image: "the loader of images, without running them",
  resolver: "the resolver of module names",
  wire: "the decoders of wire/, on the engine",
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "20" },
    keep: { type: "boolean", default: false },
    outputFile: { type: "string" },
  },
});

function run(command, parameters) {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  return { isWell: status === 0, output: `${stdout}${stderr}` };
}

function build() {
  const compiler = "-DCMAKE_C_COMPILER=clang";
  const executables = Object.keys(targets).map((name) => `fuzz-${name}`);
  for (const step of [
    ["-S", ".", "-B", folder, "-DLUGH_FUZZ=ON", compiler],
    ["--build", folder, "--parallel", "2", "--target", ...executables],
  ]) {
    const { isWell, output } = run("cmake", step);
    if (!isWell) throw new Error(`Cannot build the fuzzers:\n${output}`);
  }
}

const corpusOf = (name) => pathOf(`hosts/xs/fuzz/corpus/${name}.txt`);

/** An empty folder for each purpose. */
function clean(name, purpose) {
  const path = pathOf(folder, name, purpose);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}

function unpack(name) {
  const inputs = clean(name, "inputs");
  const lines = existsSync(corpusOf(name)) ? readFileSync(corpusOf(name), "utf8").split("\n") : [];
  for (const [index, line] of lines.entries())
    if (line !== "") writeFileSync(join(inputs, `${index}`), Buffer.from(line, "hex"));
  return inputs;
}

const readInputs = (path) => readdirSync(path).map((file) => readFileSync(join(path, file)).toString("hex"));

/** As few inputs as reach all that these reach. */
function keep(name, inputs) {
  const least = clean(name, "least");
  const { isWell, output } = run(executableOf(name), ["-merge=1", least, inputs]);
  if (!isWell) throw new Error(`Cannot choose what to keep of ${name}:\n${output}`);
  const lines = readInputs(least).sort((one, other) => one.length - other.length || (one < other ? -1 : 1));
  writeFileSync(corpusOf(name), `${lines.join("\n")}\n`);
  console.log(`${name}: ${lines.length} inputs kept`);
}

const executableOf = (name) => pathOf(folder, "bin", `fuzz-${name}`);

function fuzz(name) {
  const inputs = unpack(name);
  const found = clean(name, "found");
  const { isWell, output } = run(executableOf(name), [
    `-max_total_time=${values.seconds}`,
    `-max_len=${longestBytes}`,
    "-timeout=10",
    "-print_final_stats=1",
    `-artifact_prefix=${found}/`,
    inputs,
  ]);
  const runs = /number_of_executed_units:\s*(\d+)/.exec(output)?.[1] ?? "0";
  console.log(`${isWell ? "passed" : "FAILED"} ${name}, ${targets[name]}: ${runs} inputs in ${values.seconds} s`);
  if (!isWell) console.log(`${output.slice(-8000)}\ninputs:\n${readInputs(found).join("\n")}`);
  else if (values.keep) keep(name, inputs);
  return isWell;
}

const unknown = positionals.find((name) => !Object.hasOwn(targets, name));
if (unknown !== undefined) {
  console.error(`Cannot fuzz ${unknown}: wanted one of ${Object.keys(targets).join(", ")}`);
  process.exit(2);
}
build();
const results = (positionals.length > 0 ? positionals : Object.keys(targets)).map(fuzz);
const failed = results.filter((isWell) => !isWell).length;
const passed = results.length - failed;
if (values.outputFile !== undefined)
  writeFileSync(
    values.outputFile,
    JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numRuntimeErrorTestSuites: 0 }),
  );
console.log(`fuzzers: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
