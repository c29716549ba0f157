// Storage: what a node keeps for good, on the log of its flash (services/api/storage, docs/STORAGE.md).
//
// The log is opened by the first request, or as soon as the node is up. Between requests, pieces of compaction are done; so a
// request waits for one piece at most. A log that cannot be opened is left as it is, and every request is told why.

import { type Context, defineService } from "lughos";
import { type StorageImage, type StorageRefusal, type StorageStatus, storageLimits } from "services/api/storage";
import { formatVersion } from "services/storage/format";
import { type Medium, StorageFailure } from "services/storage/medium";
import { openPort } from "services/storage/port";
import { format } from "services/storage/recovery";
import {
  bytesOf,
  changesOf,
  type Fields,
  fieldsOf,
  type Grant,
  keyOf,
  listingOf,
  nameOf,
  numberOf,
} from "services/storage/requests";
import { type Snapshot, Store } from "services/storage/store";
import { Transactions } from "services/storage/transactions";

/** After the last request, before the first piece of compaction: whoever stores in a row is not held up. */
const idleMillis = 20;

interface Opened {
  readonly store: Store;
  readonly transactions: Transactions;
}

/** Who asks, and of what. */
interface Request extends Opened {
  readonly fields: Fields;
  readonly grant: Grant;
  readonly nowMicros: number;
}

let grants: readonly Grant[] = [];
let medium: Medium | undefined;
let opened: Opened | undefined;
/** Why it could not be opened. What the flash itself failed at is tried again. */
let trouble: StorageFailure | undefined;
let isCompacting = false;

export default defineService({
  version: "1.0.0",
  start({ configuration, after }: Context) {
    grants = grantsOf(configuration.stores);
    medium = undefined;
    opened = undefined;
    trouble = undefined;
    isCompacting = false;
    after(0, "open");
  },
  receive: {
    async open(_tick: unknown, context: Context) {
      try {
        await open(context);
      } catch (error) {
        context.log("error", textOf(error));
      }
    },
    async compact(_tick: unknown, context: Context) {
      isCompacting = false;
      try {
        if ((await opened?.store.compact()) === true) plan(context, 0);
      } catch (error) {
        context.log("warning", textOf(error));
      }
    },
    get: (body: unknown, context: Context) =>
      serve(body, context, async ({ store, fields, grant, ...request }) => ({
        value: (await store.get(keyOf(fields, grant), viewOf({ store, fields, grant, ...request }))) ?? null,
      })),
    list: (body: unknown, context: Context) =>
      serve(body, context, (request) => request.store.list(listingOf(request.fields, request.grant), viewOf(request))),
    put: (body: unknown, context: Context) =>
      serve(body, context, (request) => {
        const value = bytesOf(request.fields, request.store.room.valueBytes);
        return change(request, value);
      }),
    delete: (body: unknown, context: Context) => serve(body, context, (request) => change(request, null)),
    apply: (body: unknown, context: Context) =>
      serve(body, context, async ({ fields, grant, store, transactions }) => {
        await transactions.apply(changesOf(fields, grant, store.room.valueBytes));
        return {};
      }),
    begin: (body: unknown, context: Context) =>
      serve(body, context, async ({ grant, transactions, nowMicros }) => ({
        transaction: transactions.begin(grant.service, nowMicros),
      })),
    savepoint: (body: unknown, context: Context) =>
      serve(body, context, async (request) => {
        request.transactions.savepoint(transactionOf(request), nameOf(request.fields));
        return {};
      }),
    rollback: (body: unknown, context: Context) =>
      serve(body, context, async (request) => {
        const transaction = transactionOf(request);
        if (request.fields.name === undefined) request.transactions.giveUp(transaction);
        else request.transactions.rollBackTo(transaction, nameOf(request.fields));
        return {};
      }),
    commit: (body: unknown, context: Context) =>
      serve(body, context, async (request) => {
        await request.transactions.commit(transactionOf(request));
        return {};
      }),
    async status(_body: unknown, context: Context): Promise<StorageStatus | StorageRefusal> {
      try {
        const grant = grantOf(context);
        await open(context).catch(leavePermanent);
        return statusFor(grant);
      } catch (error) {
        return refusalOf(error);
      }
    },
    async image(body: unknown, context: Context): Promise<StorageImage | StorageRefusal> {
      try {
        return await readImage(fieldsOf(body), context);
      } catch (error) {
        return refusalOf(error);
      }
    },
    async format(_body: unknown, context: Context): Promise<object> {
      try {
        return await formatAll(context);
      } catch (error) {
        return refusalOf(error);
      }
    },
  },
});

// ── Opening ──

async function open({ call, log }: Context): Promise<Opened> {
  if (opened !== undefined) return opened;
  if (trouble !== undefined) throw trouble;
  try {
    medium ??= await openPort(call);
    const limits = grants.flatMap(({ prefix, quotaBytes }) =>
      quotaBytes === undefined ? [] : [{ prefix, quotaBytes }],
    );
    const store = await Store.open(medium, limits);
    opened = { store, transactions: new Transactions(store) };
    return opened;
  } catch (error) {
    if (!(error instanceof StorageFailure)) throw error;
    if (error.code !== "failed") {
      trouble = error;
      log("error", error.message);
    }
    throw error;
  }
}

/** What passes is told to whoever asks; with the rest, `status` says how it is. */
function leavePermanent(error: unknown): void {
  if (error !== trouble) throw error;
}

async function mediumFor(what: string, context: Context): Promise<Medium> {
  const { service, mends } = grantOf(context);
  if (!mends)
    throw new StorageFailure("not-permitted", `Cannot ${what}: the entry of ${service} has no \`mendsStorage\``);
  medium ??= await openPort(context.call);
  return medium;
}

async function readImage({ address }: Fields, context: Context): Promise<StorageImage> {
  const { sectorBytes, sectors, read } = await mediumFor("read the flash", context);
  const end = sectorBytes * sectors;
  if (typeof address !== "number" || !Number.isInteger(address) || address < 0 || address >= end)
    throw new StorageFailure("malformed", `Cannot read the flash: wanted an address below ${end}, found ${address}`);
  const next = Math.min(address + storageLimits.imageBytes, end);
  return { bytes: await read(address, next - address), next: next === end ? null : next };
}

async function formatAll(context: Context): Promise<object> {
  const flash = await mediumFor("format", context);
  opened = undefined;
  trouble = undefined;
  await format(flash);
  await open(context);
  return {};
}

// ── Requests ──

async function serve(body: unknown, context: Context, answer: (request: Request) => Promise<object>): Promise<object> {
  try {
    const grant = grantOf(context);
    const nowMicros = context.monotonicMicros();
    const fields = fieldsOf(body ?? {});
    const request = { ...(await open(context)), fields, grant, nowMicros };
    return await answer(request);
  } catch (error) {
    return refusalOf(error);
  } finally {
    if (opened?.store.hasWork === true) plan(context, idleMillis);
  }
}

async function change(request: Request, value: Uint8Array | null): Promise<object> {
  const { fields, grant, transactions } = request;
  const wanted = { key: keyOf(fields, grant), value };
  if (fields.transaction === undefined) await transactions.apply([wanted]);
  else transactions.change(transactionOf(request), wanted);
  return {};
}

function transactionOf({ transactions, fields, grant, nowMicros }: Request): ReturnType<Transactions["find"]> {
  return transactions.find(numberOf(fields), grant.service, nowMicros);
}

function viewOf(request: Request): Snapshot | undefined {
  return request.fields.transaction === undefined ? undefined : request.transactions.view(transactionOf(request));
}

function plan({ after }: Context, delayMillis: number): void {
  if (isCompacting) return;
  isCompacting = true;
  after(delayMillis, "compact");
}

function statusFor({ prefix, quotaBytes }: Grant): StorageStatus {
  const { store } = opened ?? {};
  const { freeSectors = 0, sectorsWritten = 0, liveBytes = 0 } = store?.figures ?? {};
  return {
    state: (trouble?.code ?? "ready") as StorageStatus["state"],
    reason: trouble?.message ?? "",
    formatVersion,
    valueBytes: store?.room.valueBytes ?? 0,
    operationBytes: store?.operationBytes ?? 0,
    sectors: medium?.sectors ?? 0,
    sectorBytes: medium?.sectorBytes ?? 0,
    freeSectors,
    sectorsWritten,
    liveBytes,
    capacityBytes: store?.room.capacityBytes ?? 0,
    usedBytes: quotaBytes === undefined || store === undefined ? null : store.quotas.usedBytes(prefix),
    quotaBytes: quotaBytes ?? null,
  };
}

// ── Who may what ──

function grantOf({ caller }: Context): Grant {
  const name = caller();
  const grant = grants.find(({ service }) => service === name);
  if (grant !== undefined) return grant;
  throw new StorageFailure(
    "not-permitted",
    `Cannot serve ${name ?? "nobody"}: its entry in the system table has no \`stores\``,
  );
}

/** As the node's boot wrote it from the system table (firmware/boot). */
function grantsOf(stores: unknown): readonly Grant[] {
  if (!Array.isArray(stores)) return [];
  return stores.map(
    ({
      quotaBytes,
      mends,
      ...grant
    }: Omit<Grant, "quotaBytes" | "mends"> & { readonly quotaBytes: number | null; readonly mends?: boolean }) => ({
      ...grant,
      quotaBytes: quotaBytes ?? undefined,
      mends: mends === true,
    }),
  );
}

// ── Errors ──

function refusalOf(error: unknown): StorageRefusal {
  if (!(error instanceof StorageFailure)) throw error;
  return { error: error.code, message: error.message };
}

function textOf(error: unknown): string {
  if (error instanceof StorageFailure) return error.message;
  throw error;
}
