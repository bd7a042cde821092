import type { CoreTransaction } from "../db/database.ts";
import type { BillJobTerms } from "../domain/integrations/bill-job.ts";
import { instantText } from "../domain/time.ts";
import { AppError, conflict, invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import { listAccounts } from "../store/account-list.ts";
import {
  type BillJob,
  countOpenJobs,
  insertBillJob,
  isOpen,
  lockBillJob,
  updateBillJob,
} from "../store/bill-jobs.ts";
import { listBills } from "../store/bills.ts";
import { lockOrganizationSettings } from "../store/organization-settings.ts";
import type { OperationContext } from "./context.ts";

/** Jobs that people asked for and that are not finished. */
export const MAX_OPEN_JOBS = 10;

/**
 * Asks for bills to be calculated: those of some accounts or all (CREATE), or some bills (RECALCULATE).
 * Throws AppError: invalid for an account or bill that is not there, conflict for a bill that is final,
 * rate_limited when ten jobs are not finished.
 */
export async function createBillJob(
  ctx: OperationContext,
  type: BillJob["type"],
  terms: BillJobTerms,
): Promise<BillJob> {
  return inTransaction(ctx.db, async (tx) => {
    // Others who make jobs wait here, so the count holds.
    await lockOrganizationSettings(tx, ctx.environment.id);
    if ((await countOpenJobs(tx, ctx.environment.id)) >= MAX_OPEN_JOBS) {
      throw new AppError(
        "rate_limited",
        "too_many_bill_jobs",
        `${MAX_OPEN_JOBS} bill jobs are not finished: wait for one, or cancel it`,
      );
    }
    if (terms.accountIds !== undefined) await demandAccounts(tx, ctx, terms.accountIds);
    if (terms.billIds !== undefined) await demandOpenBills(tx, ctx, terms.billIds);
    return enqueueBillJob(tx, ctx, { type, terms, scheduled: false });
  });
}

/** Adds a job and lets it be worked on. */
export async function enqueueBillJob(
  tx: CoreTransaction,
  ctx: OperationContext,
  made: Pick<BillJob, "type" | "terms" | "scheduled">,
): Promise<BillJob> {
  const createdAt = instantText(ctx.now);
  const job = await insertBillJob(tx, {
    ...made,
    environmentId: ctx.environment.id,
    createdAt,
    createdBy: ctx.actor,
  });
  await enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "run-bill-job",
    key: job.id,
    payload: { billJobId: job.id },
    dueAt: createdAt,
  });
  return job;
}

/** Stops a job: what it has calculated stays. Throws conflict for one that is finished, not_found. */
export async function cancelBillJob(ctx: OperationContext, id: string): Promise<BillJob> {
  return inTransaction(ctx.db, async (tx) => {
    const job = await lockBillJob(tx, ctx.environment.id, id);
    if (!isOpen(job)) throw conflict(`Bill job ${id} is ${job.status}`, "bill_job_finished");
    const change = { updatedAt: instantText(ctx.now), updatedBy: ctx.actor };
    await updateBillJob(tx, job, { status: "CANCELLED", ...change });
    return { ...job, status: "CANCELLED", version: job.version + 1, ...change };
  });
}

async function demandAccounts(
  tx: CoreTransaction,
  ctx: OperationContext,
  ids: readonly string[],
): Promise<void> {
  const filter = { environmentId: ctx.environment.id, ids, codes: [] };
  const known = new Set(
    (await listAccounts(tx, filter, undefined, ids.length)).map(({ id }) => id),
  );
  const index = ids.findIndex((id) => !known.has(id));
  if (index >= 0) {
    throw invalid(`accountIds[${index}]: there is no account ${ids[index]}`, "accountIds");
  }
}

async function demandOpenBills(
  tx: CoreTransaction,
  ctx: OperationContext,
  ids: readonly string[],
): Promise<void> {
  const found = await listBills(tx, {
    environmentId: ctx.environment.id,
    ids,
    billDate: {},
    externalInvoiceDate: {},
    after: undefined,
    limit: ids.length,
  });
  const known = new Map(found.map((bill) => [bill.id, bill]));
  for (const [index, id] of ids.entries()) {
    const bill = known.get(id);
    if (bill === undefined) throw invalid(`billIds[${index}]: there is no bill ${id}`, "billIds");
    if (bill.status !== "DRAFT") {
      throw conflict(
        `billIds[${index}]: bill ${id} is ${bill.review.lock === null ? "final" : "locked"}, and is not calculated any more`,
        "bill_final",
      );
    }
  }
}
