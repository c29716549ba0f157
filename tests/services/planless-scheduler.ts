// A scheduler whose plan is an object that nobody can call.

import { defineService, type SchedulerView } from "lughos";

export default defineService({
  version: "1.0.0",
  receive: {},
  plan: {} as unknown as (view: SchedulerView) => number,
});
