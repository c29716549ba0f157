// Runs other programs quietly: their output is kept back and shown only when they fail. Programs still running when the
// build is interrupted are ended with it.

import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./project.mjs";

const running = new Set();

/** npm needs a moment to take back what it had begun. */
const stopPatienceMillis = 5_000;

let isStopped = false;

/** A step failed in a way the reader can act on; the message is all that is shown. */
export class BuildError extends Error {}

export function run(command, args, options = {}) {
  if (isStopped) return Promise.reject(new BuildError(`${command} was not begun: the build was interrupted`));
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks = [];
    running.add(child);
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => {
      running.delete(child);
      reject(new BuildError(`Cannot run ${command}: ${error.message}`));
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      const output = Buffer.concat(chunks).toString("utf8").trim();
      if (code === 0) resolve(output);
      else reject(new BuildError(`${output}\n${command} ended with ${signal ?? code}`));
    });
  });
}

/** Runs a program of node_modules with this very Node. */
export function runNode(script, args, options) {
  return run(process.execPath, [join(root, "node_modules", script), ...args], options);
}

/** npm without its notices and without warnings about the settings of one machine. */
export function npm(args, options = {}) {
  const env = {
    npm_config_loglevel: "error",
    npm_config_fund: "false",
    npm_config_audit: "false",
    npm_config_update_notifier: "false",
  };
  return run("npm", args, { ...options, env: { ...env, ...options.env } });
}

/** Ends what still runs, and lets nothing more begin. Each `run` fails when its program is gone, not before. */
export function stopRunning() {
  isStopped = true;
  const signalAll = (signal) => {
    for (const child of running) child.kill(signal);
  };
  signalAll("SIGTERM");
  setTimeout(() => signalAll("SIGKILL"), stopPatienceMillis).unref();
}

export function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there or not ours to run: for a search along PATH both mean "look further".
    return false;
  }
}
