import type { Selectable, Updateable } from "kysely";
import type { PaymentIntentsTable } from "../db/invoicing-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type PaymentIntentRow = Selectable<PaymentIntentsTable>;

/** Adds a payment intent as of the scope's moment. */
export async function insertPaymentIntent(
  scope: Scope,
  intent: NewObject<PaymentIntentsTable>,
): Promise<PaymentIntentRow> {
  return scope.tx
    .insertInto("payment_intents")
    .values({ ...intent, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Changes a locked intent, or the one of a locked invoice. */
export async function updatePaymentIntent(
  scope: Scope,
  id: string,
  changes: Updateable<PaymentIntentsTable>,
): Promise<PaymentIntentRow> {
  return scope.tx
    .updateTable("payment_intents")
    .set(changes)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Throws 404 when there is no such payment intent in this account and mode. */
export async function getPaymentIntent(scope: Scope, id: string): Promise<PaymentIntentRow> {
  const [row] = await listPaymentIntentsByIds(scope, [id]);
  if (row === undefined) throw missing("payment_intent", id, "intent");
  return row;
}

/** Locks it, so that one attempt comes after the other. Throws 404. */
export async function lockPaymentIntent(
  scope: Scope,
  id: string,
  param = "intent",
): Promise<PaymentIntentRow> {
  const row = await scope.tx
    .selectFrom("payment_intents")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw missing("payment_intent", id, param);
  return row;
}

/** The invoice that a payment intent collects, if any. */
export async function findInvoiceOfIntent(scope: Scope, id: string): Promise<string | undefined> {
  const row = await scope.tx
    .selectFrom("invoice_payments")
    .select("invoice")
    .where("payment_intent", "=", id)
    .executeTakeFirst();
  return row?.invoice;
}

/** Those that exist, in no particular order. */
export async function listPaymentIntentsByIds(
  scope: Scope,
  ids: readonly string[],
): Promise<PaymentIntentRow[]> {
  if (ids.length === 0) return [];
  return scope.tx
    .selectFrom("payment_intents")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", ids)
    .execute();
}

/** Newest first. */
export async function listPaymentIntents(
  scope: Scope,
  page: PageQuery,
  customer: string | undefined,
): Promise<Page<PaymentIntentRow>> {
  let query = scope.tx.selectFrom("payment_intents").selectAll();
  if (customer !== undefined) query = query.where("customer", "=", customer);
  return listPage(scope, "payment_intents", "payment_intent", query, page);
}
