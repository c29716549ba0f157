// "lughos": everything that a service may import from the system.

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
export { defineService, isRefusal } from "services/api/service";
export type { NumberArray as PlainBytes, PlainRecord as PlainObject, PlainValue as Plain } from "wire/plain";
