import { instant, instantText } from "../../domain/time.ts";
import { assert } from "../../errors.ts";
import { walkTestClock } from "../../platform/clock/advance.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { JobHandlers } from "../../platform/jobs/job-handler.ts";
import { isTestClock, type Job, type TestClockName } from "../../platform/jobs/job-table.ts";
import { type JobRunner, RunnerStopping } from "../../platform/jobs/runner.ts";
import { type CollectContext, inScope, type Owner } from "../in-scope.ts";
import {
  ADVANCE_TEST_CLOCK,
  DELETE_TEST_CLOCK,
  deleteTestClock,
  endAdvance,
} from "../operations/test-clocks.ts";
import { listTestClocksByIds } from "../store/test-clocks.ts";

function readPayload({ payload }: Job): { owner: Owner; id: TestClockName } {
  const { accountId, livemode, testClock: id } = payload;
  assert(
    typeof accountId === "string" && typeof livemode === "boolean" && typeof id === "string",
    "the payload of a test clock's job names the clock and whose it is",
  );
  const name = id as TestClockName;
  assert(isTestClock(name), "a test clock's id names it");
  return { owner: { accountId, livemode }, id: name };
}

/** A deletion that meets an advance comes again. */
const LATER_HOURS = 1;

/** The jobs that move test clocks, and take them away. */
export function testClockJobs(context: CollectContext, work: () => JobRunner): JobHandlers {
  const find = (owner: Owner, id: TestClockName) =>
    inScope(context, owner, async (scope) => (await listTestClocksByIds(scope, [id]))[0]);
  return {
    async [ADVANCE_TEST_CLOCK](job) {
      const { owner, id } = readPayload(job);
      if ((await find(owner, id)) === undefined) return undefined;
      try {
        await walkTestClock(context.db, [work()], id);
      } catch (error) {
        // It goes on at once, in another process or another attempt: the environment's clock may stand.
        const next = { outcome: "retry", dueAt: job.dueAt } as const;
        if (error instanceof RunnerStopping) return next;
        context.logger.warn({ err: error, testClock: id }, "a test clock's advance failed");
        if (job.attempt < job.maxAttempts) return { ...next, countsAsFailure: true };
        await inScope(context, owner, (scope) => endAdvance(scope, id, true));
        return undefined;
      }
      faultPoint("collect/test-clock/arrived");
      await inScope(context, owner, (scope) => endAdvance(scope, id, false));
      return undefined;
    },
    async [DELETE_TEST_CLOCK](job) {
      const { owner, id } = readPayload(job);
      const clock = await find(owner, id);
      if (clock === undefined) return undefined;
      if (clock.advance_target_at !== null) {
        const dueAt = instantText(instant(job.dueAt).add({ hours: LATER_HOURS }));
        return { outcome: "retry", dueAt };
      }
      await inScope(context, owner, (scope) => deleteTestClock(scope, id));
      return undefined;
    },
  };
}
