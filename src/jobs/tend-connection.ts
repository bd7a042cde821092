import { type Instant, instant, instantText, isAfter, Temporal } from "../domain/time.ts";
import { type Tended, tendConnection } from "../operations/tend-connection.ts";
import { readClock } from "../platform/clock/clock.ts";
import type { JobHandler, JobOutcome } from "../platform/jobs/job-handler.ts";
import type { Job } from "../platform/jobs/job-table.ts";
import { findConnection } from "../store/connections.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** While webhooks come in a poll only fills gaps; without them it is how we hear of anything. */
const GAPS_MINUTES = 60;
const SOON_MINUTES = 5;
const FIRST_RETRY_SECONDS = 15;
/** A new account that does not answer so often has failed; it is still looked after. */
const MAX_ATTEMPTS = 6;

/**
 * Where an advance of the sandbox's clock goes on from here: what is due on the way is done once, at its
 * end, however far it goes.
 */
async function endOfAdvance({ db }: JobDeps, job: Job, now: Instant): Promise<string | undefined> {
  const { advanceTargetAt } = await readClock(db, job.clock);
  if (advanceTargetAt === undefined) return undefined;
  return isAfter(instant(advanceTargetAt), now) ? advanceTargetAt : undefined;
}

function nextLook(now: Instant, { attempt }: Job, tended: Tended): JobOutcome {
  if (tended.outcome === "over") return undefined;
  const isRetry = tended.outcome === "trouble" && tended.passing && attempt < MAX_ATTEMPTS;
  const wait = isRetry
    ? { seconds: FIRST_RETRY_SECONDS * 2 ** (attempt - 1) }
    : { minutes: tended.outcome === "fine" && tended.webhooks ? GAPS_MINUTES : SOON_MINUTES };
  return {
    outcome: "retry",
    dueAt: instantText(now.add(Temporal.Duration.from(wait))),
    countsAsFailure: isRetry,
  };
}

/** Looks after a connection, again and again as long as there is one. */
export const tendConnectionJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const id = payloadText(job, "connectionId");
    const connection = await findConnection(ctx.db, ctx.environment.id, id);
    const isFirst = connection?.status === "connecting" && connection.statusReason === null;
    const end = isFirst ? undefined : await endOfAdvance(deps, job, ctx.now);
    if (end !== undefined)
      return { outcome: "retry", dueAt: end, countsAsFailure: job.attempt > 1 };
    return nextLook(ctx.now, job, await tendConnection(ctx, id, job.attempt >= MAX_ATTEMPTS));
  };
