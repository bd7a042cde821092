import type { CoreDb } from "../db/database.ts";
import { notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type Customer, getCustomer } from "../store/customers.ts";
import { findInvoice } from "../store/invoices.ts";
import { findSeller, type Seller } from "../store/seller.ts";
import type { OperationContext } from "./context.ts";
import { detailInvoices, type InvoiceDetail } from "./read-invoices.ts";

/** What a document of an invoice is made of. The customer's and the seller's details are the present ones. */
export interface InvoiceParts {
  readonly invoice: InvoiceDetail;
  readonly customer: Customer;
  readonly seller: Seller | null;
  /** The sandbox's documents say that they are none to pay. */
  readonly isTest: boolean;
}

/** Reads an invoice with all that its documents show, of the customer when one is named. Throws not found. */
export async function readInvoiceParts(
  ctx: OperationContext,
  invoiceId: string,
  customerId?: string,
): Promise<InvoiceParts> {
  const environmentId = ctx.environment.id;
  const read = async (db: CoreDb): Promise<InvoiceParts> => {
    if (customerId !== undefined) await getCustomer(db, environmentId, customerId);
    const record = await findInvoice(db, environmentId, invoiceId);
    if (record === undefined || record.customerId !== (customerId ?? record.customerId)) {
      throw notFound("invoice", invoiceId);
    }
    const [invoice] = await detailInvoices({ ...ctx, db }, record.customerId, [record]);
    if (invoice === undefined) throw notFound("invoice", invoiceId);
    return {
      invoice,
      customer: await getCustomer(db, environmentId, record.customerId),
      seller: await findSeller(db, environmentId),
      isTest: ctx.environment.name === "SANDBOX",
    };
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}
