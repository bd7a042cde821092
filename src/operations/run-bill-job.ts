import type { CoreTransaction } from "../db/database.ts";
import { isInScope } from "../domain/integrations/bill-job.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { writeBillDetails } from "../store/bill-details.ts";
import {
  type BillJob,
  getBillJob,
  isOpen,
  listCustomersOfJob,
  lockBillJob,
  updateBillJob,
} from "../store/bill-jobs.ts";
import { issueTimeOf } from "../store/bills.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import type { OperationContext } from "./context.ts";
import { recalculateCustomer } from "./recalculate-bills.ts";

/** Customers of one turn of a job: then others may work. */
const CUSTOMERS_PER_TURN = 50;

/**
 * Works on a bill job for a while; answers whether more is left. Each customer is calculated in a
 * transaction of its own, which also notes that it is done: whatever dies in between, none is left out and
 * none counts twice. Ends when the job was cancelled.
 */
export async function runBillJob(ctx: OperationContext, jobId: string): Promise<boolean> {
  const environmentId = ctx.environment.id;
  const job = await getBillJob(ctx.db, environmentId, jobId);
  if (!isOpen(job)) return false;
  const customers = await listCustomersOfJob(ctx.db, environmentId, job, CUSTOMERS_PER_TURN);
  for (const customer of customers) {
    if (!(await calculateCustomer(ctx, jobId, customer))) return false;
  }
  if (customers.length === CUSTOMERS_PER_TURN) return true;
  await inTransaction(ctx.db, async (tx) => {
    const present = await lockBillJob(tx, environmentId, jobId);
    if (isOpen(present)) await updateBillJob(tx, present, { status: "COMPLETE", ...madeBy(ctx) });
  });
  return false;
}

const madeBy = (ctx: OperationContext) => ({
  updatedAt: instantText(ctx.now),
  updatedBy: ctx.actor,
});

interface CustomerInJob {
  readonly id: string;
  readonly position: bigint;
}

/** Answers whether the job goes on. */
async function calculateCustomer(
  ctx: OperationContext,
  jobId: string,
  customer: CustomerInJob,
): Promise<boolean> {
  const work = async (tx: CoreTransaction): Promise<boolean> => {
    await takeInvoicingTurn(tx, customer.id);
    const job = await lockBillJob(tx, ctx.environment.id, jobId);
    if (!isOpen(job)) return false;
    if (job.doneUntil < customer.position) await calculate(tx, ctx, job, customer);
    return true;
  };
  return inTransaction(ctx.db, work, { oneSnapshot: true });
}

async function calculate(
  tx: CoreTransaction,
  ctx: OperationContext,
  job: BillJob,
  { id: customerId, position }: CustomerInJob,
): Promise<void> {
  const found = await recalculateCustomer(tx, ctx, customerId, {
    isMeant: (draft) =>
      isInScope(job.terms, { id: draft.id, issuedAt: issueTimeOf(draft), endAt: draft.endAt }),
    billJobId: job.id,
  });
  await writeBillDetails(
    tx,
    found.map(({ invoiceId }) => invoiceId),
    job.terms,
  );
  await updateBillJob(tx, job, {
    ...(job.status === "RUNNING" ? {} : { status: "RUNNING" as const }),
    doneUntil: position,
    calculated: job.calculated + found.length,
    regenerated: job.regenerated + found.filter(({ changed }) => changed).length,
    ...madeBy(ctx),
  });
}
