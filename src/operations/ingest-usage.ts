import type { CoreDb } from "../db/database.ts";
import { isTooFarAhead, isTooOld, type UsageEvent } from "../domain/metering/usage-event.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { AppError, invalid } from "../errors.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { Environment } from "./context.ts";
import { createRecordingCache, recordUsage } from "./record-usage.ts";

export interface IngestedUsage {
  /** Events of the request that are stored but too old to count. */
  readonly tooOld: number;
}

export interface UsageIntake {
  /** Resolves when the events are committed. Refuses all of them when one is too far ahead. */
  submit(environment: Environment, events: readonly UsageEvent[]): Promise<IngestedUsage>;
  /** The same inside the caller's transaction, which then holds effect and reply together. */
  record(
    tx: CoreDb,
    environment: Environment,
    events: readonly UsageEvent[],
  ): Promise<IngestedUsage>;
}

export interface IntakeDeps {
  readonly db: CoreDb;
  readonly clock: Clock;
  readonly onRecorded: (
    environment: Environment,
    counts: { accepted: number; tooOld: number },
  ) => void;
}

/** Statements at once: one works in the database while the next one is being put together. */
const LANES = 2;
const MAX_EVENTS_PER_STATEMENT = 5000;
const GATHER_MS = 2;
/** Beyond this, waiting callers are told to come back. */
const MAX_WAITING_EVENTS = 200_000;

interface Waiting {
  readonly events: readonly UsageEvent[];
  readonly resolve: (usage: IngestedUsage) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue {
  readonly environment: Environment;
  readonly waiting: Waiting[];
  waitingEvents: number;
  running: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Gathers the events of concurrent requests for a few milliseconds and records them in one
 * statement: a commit is dear, and rollups are touched once for many events.
 */
export function openUsageIntake(deps: IntakeDeps): UsageIntake {
  const cache = createRecordingCache();
  const queues = new Map<string, Queue>();

  const record = async (
    db: CoreDb,
    environment: Environment,
    requests: readonly Waiting["events"][],
  ) => {
    const now = await deps.clock.now(environment.name);
    const outcomes = requests.map((events) => decide(events, now));
    const events = outcomes.flatMap((outcome) =>
      outcome.refusal === undefined ? outcome.events : [],
    );
    if (events.length > 0) {
      const accepted = await recordUsage(db, cache, { environmentId: environment.id, now, events });
      const tooOld = outcomes.reduce((sum, outcome) => sum + outcome.tooOld, 0);
      deps.onRecorded(environment, { accepted, tooOld });
    }
    return outcomes;
  };

  const run = async (environment: Environment, batch: readonly Waiting[]): Promise<void> => {
    try {
      const outcomes = await record(
        deps.db,
        environment,
        batch.map(({ events }) => events),
      );
      for (const [i, { refusal, tooOld }] of outcomes.entries()) {
        if (refusal === undefined) batch[i]?.resolve({ tooOld });
        else batch[i]?.reject(refusal);
      }
    } catch (error) {
      // One request's fault must not be the others': each is tried by itself.
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const request of batch) await run(environment, [request]);
    }
  };

  const pump = (queue: Queue): void => {
    if (queue.running >= LANES || queue.waiting.length === 0 || queue.timer !== undefined) return;
    queue.timer = setTimeout(() => {
      queue.timer = undefined;
      queue.running += 1;
      void run(queue.environment, takeBatch(queue)).finally(() => {
        queue.running -= 1;
        pump(queue);
      });
      pump(queue);
    }, GATHER_MS);
  };

  const queueOf = (environment: Environment): Queue => {
    const known = queues.get(environment.id);
    if (known !== undefined) return known;
    const queue = { environment, waiting: [], waitingEvents: 0, running: 0, timer: undefined };
    queues.set(environment.id, queue);
    return queue;
  };

  return {
    submit: (environment, events) =>
      new Promise((resolve, reject) => {
        const queue = queueOf(environment);
        if (queue.waitingEvents + events.length > MAX_WAITING_EVENTS) {
          throw new AppError(
            "unavailable",
            "overloaded",
            "Too much usage is waiting; send it again",
          );
        }
        queue.waiting.push({ events, resolve, reject });
        queue.waitingEvents += events.length;
        pump(queue);
      }),
    record: async (tx, environment, events) => {
      const [outcome] = await record(tx, environment, [events]);
      if (outcome?.refusal !== undefined) throw outcome.refusal;
      return { tooOld: outcome?.tooOld ?? 0 };
    },
  };
}

/** Takes whole requests, at least one. */
function takeBatch(queue: Queue): Waiting[] {
  let events = 0;
  let count = 0;
  for (const request of queue.waiting) {
    if (count > 0 && events + request.events.length > MAX_EVENTS_PER_STATEMENT) break;
    events += request.events.length;
    count += 1;
  }
  queue.waitingEvents -= events;
  return queue.waiting.splice(0, count);
}

interface Decision {
  readonly events: readonly UsageEvent[];
  readonly tooOld: number;
  readonly refusal: AppError | undefined;
}

function decide(events: readonly UsageEvent[], now: Instant): Decision {
  const nowMs = now.epochMilliseconds;
  const ahead = events.findIndex((event) => isTooFarAhead(event, nowMs));
  if (ahead !== -1) {
    const field = `[${ahead}].timestamp`;
    const message = `${field} is more than 24 hours ahead of the environment's time, ${instantText(now)}`;
    return { events, tooOld: 0, refusal: invalid(message, field) };
  }
  const tooOld = events.filter((event) => isTooOld(event, nowMs)).length;
  return { events, tooOld, refusal: undefined };
}
