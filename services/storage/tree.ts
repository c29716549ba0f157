// Reads the index: the value of a key, and the keys behind another. A few nodes are kept in memory, whatever the size of the store.

import { frameKinds, nowhere, type Pointer } from "services/storage/format";
import { type Medium, unreadable } from "services/storage/medium";
import { childOf, decodeLeaf, type LeafItem, valueIn } from "services/storage/node";
import { readPinned } from "services/storage/recovery";

export interface Root {
  readonly pointer: Pointer;
  /** Levels of nodes: 0 for an empty tree, 1 where the root is a leaf. */
  readonly height: number;
}

export const noRoot: Root = Object.freeze({ pointer: nowhere, height: 0 });

export interface StoredNode {
  readonly payload: Uint8Array;
  /** On the flash. */
  readonly bytes: number;
}

/** The way from the root to a leaf of a tree of millions of keys, and one more. */
const nodesKept = 8;

export class Tree {
  readonly #medium: Medium;
  readonly #nodeBytes: number;
  readonly #kept: (StoredNode & Pointer)[] = [];

  constructor(medium: Medium, nodeBytes: number) {
    this.#medium = medium;
    this.#nodeBytes = nodeBytes;
  }

  async get(root: Root, key: string): Promise<Uint8Array | undefined> {
    if (root.height === 0) return undefined;
    const { leaf } = await this.#descend(root, key);
    return valueIn(leaf, key);
  }

  /** The leaf in which the key belongs, and the first key behind that leaf; undefined where it is the last. */
  async leafOf(
    root: Root,
    key: string,
  ): Promise<{ readonly items: readonly LeafItem[]; readonly next: string | undefined }> {
    if (root.height === 0) return { items: [], next: undefined };
    const { leaf, next } = await this.#descend(root, key);
    return { items: decodeLeaf(leaf), next };
  }

  async read(pointer: Pointer, level: number): Promise<StoredNode> {
    const index = this.#kept.findIndex(({ address, sum }) => address === pointer.address && sum === pointer.sum);
    const [kept] = index === -1 ? [await this.#load(pointer, level)] : this.#kept.splice(index, 1);
    this.#kept.unshift(kept as StoredNode & Pointer);
    if (this.#kept.length > nodesKept) this.#kept.pop();
    return kept as StoredNode;
  }

  async #descend(root: Root, key: string): Promise<{ readonly leaf: Uint8Array; readonly next: string | undefined }> {
    let { pointer } = root;
    let next: string | undefined;
    for (let level = root.height; level > 1; level--) {
      const child = childOf((await this.read(pointer, level)).payload, key);
      pointer = child.below;
      next = child.next ?? next;
    }
    return { leaf: (await this.read(pointer, 1)).payload, next };
  }

  async #load(pointer: Pointer, level: number): Promise<StoredNode & Pointer> {
    const { kind, level: found, payload, bytes } = await readPinned(this.#medium, pointer, "a node", this.#nodeBytes);
    if (kind !== frameKinds.node || found !== level) throw unreadable("a node", pointer.address);
    return { ...pointer, payload: payload.slice(), bytes };
  }
}
