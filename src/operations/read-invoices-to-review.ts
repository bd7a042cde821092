import type { CoreDb } from "../db/database.ts";
import { notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listInvoicesInReview, type ReviewFilter } from "../store/invoice-review-list.ts";
import { getInvoice } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { detailInvoices, type InvoiceDetail } from "./read-invoices.ts";

/** A page of invoices that wait for a person. Drafts are rated now, those of each customer in one go. */
export async function listInvoicesToReview(
  ctx: OperationContext,
  filter: Omit<ReviewFilter, "environmentId">,
): Promise<{ invoices: readonly InvoiceDetail[]; next: bigint | undefined }> {
  const read = async (db: CoreDb) => {
    const found = await listInvoicesInReview(db, { ...filter, environmentId: ctx.environment.id });
    const page = found.slice(0, filter.limit);
    const details = new Map<string, InvoiceDetail>();
    for (const [customerId, own] of Map.groupBy(page, (record) => record.customerId)) {
      for (const detail of await detailInvoices({ ...ctx, db }, customerId, own)) {
        details.set(detail.record.id, detail);
      }
    }
    return {
      invoices: page.flatMap(({ id }) => details.get(id) ?? []),
      next: found.length > filter.limit ? page.at(-1)?.position : undefined,
    };
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

/** One invoice of whatever customer. Throws not found. */
export async function getInvoiceDetail(ctx: OperationContext, id: string): Promise<InvoiceDetail> {
  const read = async (db: CoreDb) => {
    const record = await getInvoice(db, ctx.environment.id, id);
    const [detail] = await detailInvoices({ ...ctx, db }, record.customerId, [record]);
    if (detail === undefined) throw notFound("invoice", id);
    return detail;
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}
