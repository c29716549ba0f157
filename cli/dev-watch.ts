// Tells when one of several files was saved. Folders are watched, because editors replace a file by another one of its name.

import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** An editor writes a file in several steps. */
const quietMillis = 30;

export class FileWatch {
  readonly #folders = new Map<string, FSWatcher>();
  readonly #files: ReadonlySet<string>;
  readonly saved: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `files`: those that count, as they are at each moment. `saved`: when it has been quiet for a moment again. */
  constructor(files: ReadonlySet<string>, saved: () => void) {
    this.#files = files;
    this.saved = saved;
  }

  /** There may be files in other folders than before. */
  look(): void {
    for (const file of this.#files) this.#watch(dirname(file));
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#folders.values()) watcher.close();
  }

  #watch(folder: string): void {
    if (this.#folders.has(folder)) return;
    const watcher = watch(folder, (_event, changed) => {
      if (changed === null || !this.#has(folder, changed)) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.saved, quietMillis);
    });
    this.#folders.set(folder, watcher);
  }

  #has(folder: string, name: string): boolean {
    return [...this.#files].some((file) => dirname(file) === folder && basename(file) === name);
  }
}
