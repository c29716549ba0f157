// The module "host/kernel" of hosts over the machine layer: kernel/host.ts, by natives.
// Natives are on the global only while the root is preloaded.

import type { Host } from "kernel/host";

declare const lughNatives: Omit<Host, "log" | "monotonicMicros"> & {
  kernelLog: Host["log"];
  kernelMonotonicMicros: Host["monotonicMicros"];
};

const natives = lughNatives;

export const host: Host = {
  declare: natives.declare,
  configure: natives.configure,
  grant: natives.grant,
  grantTopic: natives.grantTopic,
  permit: natives.permit,
  keep: natives.keep,
  port: natives.port,
  bind: natives.bind,
  create: natives.create,
  destroy: natives.destroy,
  dispatch: natives.dispatch,
  prepare: natives.prepare,
  suspend: natives.suspend,
  exchange: natives.exchange,
  begin: natives.begin,
  discard: natives.discard,
  use: natives.use,
  turn: natives.turn,
  next: natives.next,
  arrived: natives.arrived,
  reason: natives.reason,
  health: natives.health,
  inHand: natives.inHand,
  plan: natives.plan,
  deliver: natives.deliver,
  release: natives.release,
  share: natives.share,
  refuse: natives.refuse,
  orphan: natives.orphan,
  expired: natives.expired,
  interval: natives.interval,
  missed: natives.missed,
  type: natives.type,
  open: natives.open,
  answer: natives.answer,
  compose: natives.compose,
  figures: natives.figures,
  highWaitMicros: natives.highWaitMicros,
  waits: natives.waits,
  trace: natives.trace,
  log: natives.kernelLog,
  monotonicMicros: natives.kernelMonotonicMicros,
  utcOffsetMicros: natives.utcOffsetMicros,
  panic: natives.panic,
  reboot: natives.reboot,
};
