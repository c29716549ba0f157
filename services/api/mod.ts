// "lughos": everything that a service may import from the system.

export type { Plain, PlainBytes, PlainObject } from "services/api/plain";
export type { SchedulerView } from "services/api/scheduler";
export type {
  Answer,
  Context,
  Handler,
  LogLevel,
  Refusal,
  SendOptions,
  ServiceDefinition,
  Tick,
  WallClock,
} from "services/api/service";
export { defineService } from "services/api/service";
