import type { CoreDb } from "../db/database.ts";
import { isTooFarAhead, isTooOld, type UsageEvent } from "../domain/metering/usage-event.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { type AppError, invalid } from "../errors.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { Environment } from "./context.ts";
import { followUsage } from "./follow-usage.ts";
import { gatherRequests } from "./gather-requests.ts";
import { createRecordingCache, type RecordingCache, recordUsage } from "./record-usage.ts";

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

/** Two lanes: the database works on one statement while the next is being put together. */
const LIMITS = { lanes: 2, gatherMs: 2, maxBatchWeight: 5000, maxWaitingWeight: 200_000 };

/**
 * Records the events of concurrent requests in one statement: a commit is dear, and a rollup is
 * touched once for many events.
 */
export function openUsageIntake(deps: IntakeDeps): UsageIntake {
  const cache = createRecordingCache();
  const openQueue = (environment: Environment) =>
    gatherRequests<readonly UsageEvent[], IngestedUsage>({
      ...LIMITS,
      weigh: (events) => events.length,
      run: (requests) => recordRequests(deps, deps.db, cache, environment, requests),
    });
  const queues = new Map<string, ReturnType<typeof openQueue>>();
  return {
    submit(environment, events) {
      const queue = queues.get(environment.id) ?? openQueue(environment);
      queues.set(environment.id, queue);
      return queue(events);
    },
    async record(tx, environment, events) {
      const [outcome] = await recordRequests(deps, tx, cache, environment, [events]);
      if (outcome instanceof Error) throw outcome;
      return outcome ?? { tooOld: 0 };
    },
  };
}

/** The time is read after the requests came, so that a clock that was just set is already seen. */
async function recordRequests(
  { clock, onRecorded }: IntakeDeps,
  db: CoreDb,
  cache: RecordingCache,
  environment: Environment,
  requests: readonly (readonly UsageEvent[])[],
): Promise<(IngestedUsage | AppError)[]> {
  const now = await clock.now(environment.name);
  const refusals = requests.map((events) => findRefusal(events, now));
  const events = requests.filter((_, i) => refusals[i] === undefined).flat();
  if (events.length > 0) {
    const accepted = await recordUsage(db, cache, {
      environmentId: environment.id,
      now,
      events,
      follow: (tx, refs) => followUsage(tx, environment, now, refs),
    });
    onRecorded(environment, { accepted, tooOld: countTooOld(events, now) });
  }
  return requests.map((request, i) => refusals[i] ?? { tooOld: countTooOld(request, now) });
}

const countTooOld = (events: readonly UsageEvent[], now: Instant): number => {
  const nowMs = now.epochMilliseconds;
  return events.reduce((count, event) => (isTooOld(event, nowMs) ? count + 1 : count), 0);
};

function findRefusal(events: readonly UsageEvent[], now: Instant): AppError | undefined {
  const nowMs = now.epochMilliseconds;
  const ahead = events.findIndex((event) => isTooFarAhead(event, nowMs));
  if (ahead === -1) return undefined;
  const field = `[${ahead}].timestamp`;
  const limit = `24 hours ahead of the environment's time, ${instantText(now)}`;
  return invalid(`${field} is more than ${limit}`, field);
}
