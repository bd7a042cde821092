import type { Selectable, Updateable } from "kysely";
import type { InvoicePaymentsTable } from "../db/invoicing-tables.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";
import { getPaymentIntent, type PaymentIntentRow } from "./payment-intents.ts";

export type InvoicePaymentRow = Selectable<InvoicePaymentsTable>;

/** Adds an invoice payment as of the scope's moment. */
export async function insertInvoicePayment(
  scope: Scope,
  payment: NewObject<InvoicePaymentsTable>,
): Promise<InvoicePaymentRow> {
  return scope.tx
    .insertInto("invoice_payments")
    .values({ ...payment, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The payment that a locked invoice opened for itself and that is not canceled, with its intent. */
export async function findLivePayment(
  scope: Scope,
  invoice: string,
): Promise<{ payment: InvoicePaymentRow; intent: PaymentIntentRow } | undefined> {
  const payment = await scope.tx
    .selectFrom("invoice_payments")
    .selectAll()
    .where("invoice", "=", invoice)
    .where("is_default", "=", true)
    .where("status", "<>", "canceled")
    .executeTakeFirst();
  if (payment?.payment_intent == null) return undefined;
  return { payment, intent: await getPaymentIntent(scope, payment.payment_intent) };
}

/** Changes the payment of a locked invoice. */
export async function updateInvoicePayment(
  scope: Scope,
  id: string,
  changes: Updateable<InvoicePaymentsTable>,
): Promise<InvoicePaymentRow> {
  return scope.tx
    .updateTable("invoice_payments")
    .set(changes)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Those that exist, in no particular order. */
export async function listInvoicePaymentsByIds(
  scope: Scope,
  ids: readonly string[],
): Promise<InvoicePaymentRow[]> {
  if (ids.length === 0) return [];
  return scope.tx
    .selectFrom("invoice_payments")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", ids)
    .execute();
}

export interface InvoicePaymentFilter {
  readonly invoice?: string | undefined;
  readonly paymentIntent?: string | undefined;
  readonly paymentRecord?: string | undefined;
  readonly status?: "open" | "paid" | "canceled" | undefined;
}

/** Newest first. */
export async function listInvoicePayments(
  scope: Scope,
  page: PageQuery,
  { invoice, paymentIntent, paymentRecord, status }: InvoicePaymentFilter,
): Promise<Page<InvoicePaymentRow>> {
  let query = scope.tx.selectFrom("invoice_payments").selectAll();
  if (invoice !== undefined) query = query.where("invoice", "=", invoice);
  if (paymentIntent !== undefined) query = query.where("payment_intent", "=", paymentIntent);
  if (paymentRecord !== undefined) query = query.where("payment_record", "=", paymentRecord);
  if (status !== undefined) query = query.where("status", "=", status);
  return listPage(scope, "invoice_payments", "invoice_payment", query, page);
}

/** All payments of each invoice, newest first. */
export async function listPaymentsOfInvoices(
  scope: Scope,
  invoices: readonly string[],
): Promise<ReadonlyMap<string, readonly InvoicePaymentRow[]>> {
  if (invoices.length === 0) return new Map();
  const rows = await scope.tx
    .selectFrom("invoice_payments")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("invoice", "in", invoices)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();
  return Map.groupBy(rows, (row) => row.invoice);
}
