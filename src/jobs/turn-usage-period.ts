import { turnUsagePeriod } from "../operations/open-invoices.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** At each boundary of a contract's periods: closes the one that ended, opens the next. */
export const turnUsagePeriodJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const contractId = payloadText(job, "contractId");
    await inTransaction(ctx.db, (tx) => turnUsagePeriod(tx, ctx, contractId));
  };
