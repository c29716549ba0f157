// Drives tests in one worker: the tester on one node, the service under test on another, one step at a time and at one virtual
// time. A worker that does not come to an end is given up with all that is on it.

import { BenchNode, benchIndex } from "sim/run/bench-node";
import { type Argument, type Listed, type Step, tester, testerIndex, type Verdict } from "sim/run/tester";
import { VirtualClock } from "sim/run/virtual-clock";
import { frameLimits, type SimWorker, startWorker, type WorkerEvent } from "sim/worker";
import { decode, encode } from "wire/cbor";

const priorities = ["HIGH", "MEDIUM", "LOW"];
/** A call waits a minute at most (kernel/limits); the bench's own call has to come back before that. */
const callPatienceMicros = 59_000_000;
/** What happened goes to the test in messages; a body has 64 KB. */
const happenedBytes = 40_000;
export class TestDrive {
  readonly #worker: SimWorker;
  readonly #clock: VirtualClock;
  readonly #translate: (text: string) => string;
  readonly #patienceMillis: number;
  readonly #steps: Step[] = [];
  #bench: BenchNode;
  #listed: Listed | undefined;
  #verdict: Verdict | undefined;
  #died: string | undefined;

  /** `translate` makes texts of the engine name the TypeScript; `patienceMillis` is real time, for one test. */
  constructor(executable: string, image: string, translate: (text: string) => string, patienceMillis: number) {
    this.#translate = translate;
    this.#patienceMillis = patienceMillis;
    this.#worker = startWorker({
      executable,
      image,
      isVirtual: true,
      onEvent: (event) => this.#hear(event),
      onDeath: (reason) => {
        this.#died = reason;
      },
    });
    this.#clock = new VirtualClock(this.#worker);
    this.#bench = new BenchNode(this.#worker, this.#clock);
  }

  /** Nothing more can be driven in this worker. */
  get isOver(): boolean {
    return this.#died !== undefined;
  }

  /** Types that each module handled in the last test. */
  get handled(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#bench.handled;
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  async list(): Promise<Listed> {
    try {
      await this.#bootTester();
      await this.#tell("list", {});
      await this.#clock.advance(this.#clock.micros, async () => Number.POSITIVE_INFINITY);
      await this.#worker.ask({ op: "cut", node: testerIndex });
    } catch (error) {
      const reason = (error as Error).message.replace(/^Cannot preload modules of \S+: /, "");
      throw new Error(this.#translate(reason));
    }
    if (this.#listed === undefined) throw new Error("Cannot list the tests: wanted them from the tester, found none");
    return this.#listed;
  }

  /** On fresh nodes. */
  async run(index: number): Promise<Verdict> {
    this.#bench = new BenchNode(this.#worker, this.#clock);
    this.#verdict = undefined;
    this.#steps.length = 0;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#died = `it was not over after ${this.#patienceMillis / 1000} s`;
        reject(new Error(this.#died));
      }, this.#patienceMillis);
    });
    try {
      return withSaid(await Promise.race([this.#drive(index), patience]), this.#bench.said);
    } catch (error) {
      return { isPassed: false, message: this.#died ?? (error as Error).message, stack: "" };
    } finally {
      clearTimeout(timer);
    }
  }

  async #drive(index: number): Promise<Verdict> {
    await this.#bootTester();
    await this.#tell("run", { index });
    for (;;) {
      await this.#bench.advance(0);
      if (this.#verdict !== undefined) break;
      const step = this.#steps.shift();
      if (step === undefined)
        return { isPassed: false, message: "it awaits what no step of the bench brings", stack: "" };
      const body = await this.#perform(step);
      await this.#worker.ask({ op: "reply", node: testerIndex, token: step.token, body });
    }
    await this.#bench.stop();
    await this.#worker.ask({ op: "cut", node: testerIndex });
    return this.#verdict;
  }

  async #bootTester(): Promise<void> {
    await this.#worker.ask({
      op: "boot",
      node: testerIndex,
      name: "bench/tester",
      standIns: ["bench"],
      poolBytes: 4 << 20,
      configuration: { table: { services: [tester] }, ports: ["bench"], configuration: {} },
    });
  }

  #tell(type: string, body: object): Promise<unknown> {
    return this.#worker.ask({ op: "send", node: testerIndex, service: tester.name, type, body });
  }

  async #perform({ step, argument }: Step): Promise<object> {
    for (const { channel, type, answers } of argument.scripted ?? []) this.#bench.script.add(channel, type, answers);
    const outcome = await this.#take(step, argument).catch((error: Error) => ({
      error: this.#translate(error.message),
    }));
    return { ...this.#bench.take((happened) => encode(happened, frameLimits).length > happenedBytes), ...outcome };
  }

  async #take(step: string, argument: Argument): Promise<object> {
    const { module, options, type, topic, millis } = argument;
    const message = argument.message === undefined ? {} : { message: argument.message };
    switch (step) {
      case "start":
        await this.#bench.start(module, options);
        return {};
      case "send": {
        const priority = Math.max(priorities.indexOf(options.priority ?? "MEDIUM"), 0);
        return { answer: await this.#bench.send(type, priority, message) };
      }
      case "call":
        return this.#bench.call(type, options, message, callPatienceMicros);
      case "publish":
        await this.#bench.publish(topic, message);
        return {};
      case "advance":
        await this.#bench.advance(Math.round(millis * 1000));
        return {};
      case "restart":
        await this.#bench.restart();
        return {};
      case "cutPower":
        await this.#bench.cutPower();
        return {};
      default:
        return {};
    }
  }

  #hear(event: WorkerEvent): void {
    if (event.event === "message") this.#clock.noteMessage();
    if (event.node === benchIndex) this.#bench.hear(event);
    else if (event.event === "message") this.#receive(event);
    else if (event.event === "log") this.#listen(event.text ?? "");
  }

  #receive({ type = "", token = 0, isCall = false, body }: WorkerEvent): void {
    const argument: unknown = body === undefined || body.length === 0 ? {} : decode(body);
    if (isCall) this.#steps.push({ token, step: type, argument: argument as Argument });
    else if (type === "listed") this.#listed = argument as Listed;
    else if (type === "passed") this.#verdict = { isPassed: true };
    else if (type === "failed")
      this.#verdict = { isPassed: false, ...(argument as { message: string; stack: string }) };
  }

  /** The tester itself may break a rule, by a loop without end in a test or by awaiting what never comes. */
  #listen(text: string): void {
    const fault = /^tester faulted: (.*)$/s.exec(text)?.[1];
    if (fault !== undefined) this.#verdict = { isPassed: false, message: `the test faulted: ${fault}`, stack: fault };
  }
}

/** What the node said is often why. */
function withSaid(verdict: Verdict, said: readonly string[]): Verdict {
  if (verdict.isPassed || said.length === 0) return verdict;
  return { ...verdict, message: [verdict.message, ...said.slice(-5).map((line) => `the node: ${line}`)].join("\n") };
}
