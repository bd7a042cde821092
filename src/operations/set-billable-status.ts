import { type BillableStatus, billableStatusAt } from "../domain/invoices/billable-status.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listBillableStatuses, upsertBillableStatus } from "../store/billable-statuses.ts";
import type { OperationContext } from "./context.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";

/**
 * Says whether a customer's invoices are meant to be collected, from an instant on: usage invoices of
 * periods that start then or later, others that are issued then or later (Metronome API: "Set customer
 * billable status"). What is final keeps its status. Answers what holds now. Throws not found.
 */
export const setBillableStatus = (
  ctx: OperationContext,
  customerId: string,
  change: { readonly status: BillableStatus; readonly effectiveAt: string },
): Promise<BillableStatus> =>
  inTransaction(ctx.db, async (tx) => {
    await lockActiveCustomer(tx, ctx, customerId);
    await upsertBillableStatus(tx, customerId, change);
    return billableStatusAt(await listBillableStatuses(tx, customerId), instantText(ctx.now));
  });
