// The built page, held in memory.
//
// All files are read once at start, and a request's path is looked up in that table: no path that came from the
// network ever reaches the file system, so there is nothing to traverse. The page is about half a megabyte.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";

export interface PageFile {
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  readonly type: string;
  readonly tag: string;
  /** Names under assets/ carry a digest of the content, so a browser may keep them for ever. */
  readonly isImmutable: boolean;
}

/** Keys are absolute URL paths, "/" being index.html. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".md": "text/plain; charset=utf-8",
};

/** Reads every file of a known type below the folder; hidden files and unknown types are not served. */
export async function readPageFiles(folder: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`Cannot serve the page: wanted it built in ${folder}, found no such folder; run npm run build`, {
      cause,
    });
  });
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || entry.name.startsWith(".") || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const url = `/${relative(folder, path).split(sep).join("/")}`;
    files.set(url === "/index.html" ? "/" : url, pageFile(await readFile(path), type, url));
  }
  if (!files.has("/"))
    throw new Error(`Cannot serve the page: wanted index.html in ${folder}, found none; run npm run build`);
  return files;
}

function pageFile(bytes: Buffer, type: string, url: string): PageFile {
  const tag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  return { bytes, gzipped: gzipSync(bytes), type, tag, isImmutable: url.startsWith("/assets/") };
}
