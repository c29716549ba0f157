// One build at a time in a clone. The lock is a file that names its holder; a second build waits for the first and then
// usually finds nothing left to do. A lock whose holder no longer lives (power cut, kill -9) is taken over: it is renamed
// first and looked at again, so that of two that take over at the same moment neither removes the other's new lock.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { pathOf } from "./project.mjs";

const pollMillis = 100;
const lockFile = pathOf("build/lock");

/** Waits for the lock and takes it; answers the function that gives it back. */
export async function takeLock(tell) {
  mkdirSync(pathOf("build"), { recursive: true });
  let isTold = false;
  while (!tryLock()) {
    const holder = readHolder();
    if (holder !== undefined && !isAlive(holder)) removeStale(holder);
    else {
      if (!isTold && holder !== undefined) {
        tell(`waiting for the build of process ${holder} (if there is none, remove build/lock)`);
        isTold = true;
      }
      await sleep(pollMillis);
    }
  }
  return () => rmSync(lockFile, { force: true });
}

/** A hard link appears with its content and fails when the name is taken: both in one step. */
function tryLock() {
  const own = `${lockFile}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, lockFile);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function readHolder() {
  try {
    return Number(readFileSync(lockFile, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function removeStale(holder) {
  const aside = `${lockFile}.stale.${process.pid}`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  const found = Number(readFileSync(aside, "utf8"));
  if (found !== holder) renameSync(aside, lockFile);
  else rmSync(aside);
}
