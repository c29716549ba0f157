// Brings changes into the index, and moves old nodes to the head of the log, in one walk over the tree from left to right.
//
// It is a generator because it does its work in pieces between requests: a piece rewrites one leaf, or a few that became small.
// Nothing of what it writes counts before a checkpoint names the new root, so it can be given up at any time. In memory are the
// nodes on the way from the root to one leaf.

import { type Changes, indexOf, isPut } from "services/storage/delta";
import { frameBytes, frameKinds, type Pointer } from "services/storage/format";
import type { Log } from "services/storage/log";
import {
  decodeInner,
  decodeLeaf,
  encodeNode,
  type InnerItem,
  type Item,
  itemBytes,
  type LeafItem,
  sizeOf,
} from "services/storage/node";
import { noRoot, type Root, type Tree } from "services/storage/tree";

/** Which nodes are to be moved. */
export interface Moving {
  isOld(address: number): boolean;
  /** Only leaves from this key on. */
  readonly from: string;
  /** At most so many leaves. */
  readonly leaves: number;
}

export interface Merged {
  readonly root: Root;
  /** By how much the nodes of the index take more room than before. */
  readonly grownBytes: number;
  /** The first key where an old node was left; undefined: there is none any more. */
  readonly leftAt: string | undefined;
}

interface Parts {
  readonly log: Log;
  readonly tree: Tree;
  readonly nodeBytes: number;
  readonly changes: Changes;
  readonly moving: Moving | undefined;
}

/** What a node should hold now. */
interface Content {
  items: Item[];
  /** Of the nodes that held it, on the flash. */
  bytes: number;
  readonly isChanged: boolean;
  /** Everything new is behind what was there. */
  readonly isAppended: boolean;
}

export class Merge {
  readonly #parts: Parts;
  #grownBytes = 0;
  #leavesLeft: number;
  #leftAt: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#leavesLeft = parts.moving?.leaves ?? 0;
  }

  async *run(root: Root): AsyncGenerator<void, Merged> {
    const { changes } = this.#parts;
    const content =
      root.height === 0
        ? this.#leaf([], 0, 0, changes.length)
        : yield* this.#contentOf(root.pointer, root.height, 0, changes.length);
    return { root: content.isChanged ? await this.#plant(content, root) : root, ...this.#outcome() };
  }

  #outcome(): Omit<Merged, "root"> {
    return { grownBytes: this.#grownBytes, leftAt: this.#leftAt };
  }

  /** A new root, on as many levels as it takes. */
  async #plant(content: Content, { height }: Root): Promise<Root> {
    const [first] = content.items;
    this.#grownBytes -= content.bytes;
    if (first === undefined) return noRoot;
    if (content.items.length === 1 && first.value === undefined)
      return { pointer: pointerOf(first), height: height - 1 };
    let level = Math.max(1, height);
    let items = await this.#write(content, level);
    for (; items.length > 1; level++) {
      const above = { items, bytes: 0, isChanged: true, isAppended: false };
      items = await this.#write(above, level + 1);
    }
    return { pointer: pointerOf(items[0] as InnerItem), height: level };
  }

  /** What the node is to hold after the changes from `from` to `to`. */
  async *#contentOf(pointer: Pointer, level: number, from: number, to: number): AsyncGenerator<void, Content> {
    const { payload, bytes } = await this.#parts.tree.read(pointer, level);
    if (level === 1) {
      const isMoved = this.#takesOld(pointer.address);
      const leaf = this.#leaf(decodeLeaf(payload), bytes, from, to);
      return { ...leaf, isChanged: leaf.isChanged || isMoved };
    }
    // An old one has old ones below it, for they were written before: it is moved with them.
    const inner = yield* this.#inner(decodeInner(payload), level, from, to);
    return { ...inner, bytes, isAppended: false };
  }

  async *#inner(
    children: readonly InnerItem[],
    level: number,
    from: number,
    to: number,
  ): AsyncGenerator<void, Pick<Content, "items" | "isChanged">> {
    const items: Item[] = [];
    let isChanged = false;
    let at = from;
    const endOf = (index: number): number => {
      const next = children[index + 1];
      return next === undefined ? to : Math.min(to, Math.max(at, indexOf(this.#parts.changes, next.key)));
    };
    for (let index = 0; index < children.length; index++) {
      const child = children[index] as InnerItem;
      const end = endOf(index);
      const content = this.#isLeftAlone(child, children[index + 1]?.key, level - 1, end - at)
        ? undefined
        : yield* this.#contentOf(child, level - 1, at, end);
      at = end;
      if (content?.isChanged !== true) {
        items.push(child);
        continue;
      }
      while (isSmall(content, this.#parts.nodeBytes) && index + 1 < children.length) {
        index++;
        const nextEnd = endOf(index);
        const next = yield* this.#contentOf(children[index] as InnerItem, level - 1, at, nextEnd);
        at = nextEnd;
        content.items = [...content.items, ...next.items];
        content.bytes += next.bytes;
      }
      this.#grownBytes -= content.bytes;
      items.push(...(await this.#write(content, level - 1)));
      isChanged = true;
      yield;
    }
    return { items, isChanged };
  }

  /** Nothing changes in it, and nothing in it is to be moved now. */
  #isLeftAlone(child: InnerItem, nextKey: string | undefined, level: number, changes: number): boolean {
    const { moving } = this.#parts;
    if (changes > 0) return false;
    if (moving === undefined) return true;
    const isBehind = nextKey !== undefined && nextKey <= moving.from;
    const mayHaveOld = !isBehind && (level > 1 || moving.isOld(child.address));
    if (mayHaveOld && this.#leavesLeft <= 0) this.#leftAt ??= child.key;
    return !mayHaveOld || this.#leavesLeft <= 0;
  }

  #takesOld(address: number): boolean {
    if (this.#leavesLeft <= 0 || this.#parts.moving?.isOld(address) !== true) return false;
    this.#leavesLeft--;
    return true;
  }

  #leaf(old: readonly LeafItem[], bytes: number, from: number, to: number): Content {
    const changes = this.#parts.changes.slice(from, to);
    const items: LeafItem[] = [];
    let at = 0;
    for (const change of changes) {
      for (; at < old.length && (old[at] as LeafItem).key < change.key; at++) items.push(old[at] as LeafItem);
      if (old[at]?.key === change.key) at++;
      if (isPut(change)) items.push(change);
    }
    for (; at < old.length; at++) items.push(old[at] as LeafItem);
    const last = old[old.length - 1];
    const isAppended = last === undefined || (changes[0] !== undefined && changes[0].key > last.key);
    return { items, bytes, isChanged: changes.length > 0, isAppended };
  }

  async #write(content: Content, level: number): Promise<InnerItem[]> {
    const { log, nodeBytes } = this.#parts;
    const written: InnerItem[] = [];
    for (const items of partition(content, nodeBytes)) {
      const payload = encodeNode(items);
      const { address, sum } = await log.append({ kind: frameKinds.node, level }, payload);
      this.#grownBytes += frameBytes(log.medium.pageBytes, payload.length);
      written.push({ key: (items[0] as Item).key, address, sum });
    }
    return written;
  }
}

const pointerOf = ({ address, sum }: InnerItem): Pointer => ({ address, sum });

/** Worth to be joined with its neighbour: the index would else fill with nodes of a key each as others are deleted. */
function isSmall({ items }: Content, nodeBytes: number): boolean {
  return items.length > 0 && sizeOf(items) < nodeBytes / 4;
}

/** Nodes of about the same size; full ones where keys come in their order, for nothing will be put between them. */
function partition({ items, isAppended }: Content, nodeBytes: number): Item[][] {
  const most = nodeBytes - 16;
  const total = sizeOf(items);
  const share = isAppended ? most : total / Math.ceil(total / most);
  const nodes: Item[][] = [];
  let node: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = itemBytes(item);
    if (node.length > 0 && (bytes >= share || bytes + size > most)) {
      nodes.push(node);
      node = [];
      bytes = 0;
    }
    node.push(item);
    bytes += size;
  }
  if (node.length > 0) nodes.push(node);
  return nodes;
}
