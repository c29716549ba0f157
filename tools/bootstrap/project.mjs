// Where things are in the clone. Every path of the build is told relative to the root, so that it works from any directory.

import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** Folders whose TypeScript is compiled; their names are the first part of every bare import between own files. */
export const rooms = ["kernel", "services", "wire", "firmware", "hosts", "sim", "cli", "dashboard", "tools"];

/** Rooms whose TypeScript can be in a firmware image; the manifests say which files are. */
export const nodeRooms = ["kernel", "services", "wire", "firmware", "hosts"];

/** Services that only tests run, in an image of their own; each is a module under its own path. */
export const testServices = "tests/services";

export function pathOf(...parts) {
  return join(root, ...parts);
}
