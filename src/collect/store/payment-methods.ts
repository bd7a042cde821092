import type { Selectable, Updateable } from "kysely";
import type { PaymentMethodsTable } from "../db/foundation-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type PaymentMethodRow = Selectable<PaymentMethodsTable>;
export type PaymentMethodChanges = Omit<
  Updateable<PaymentMethodsTable>,
  "id" | "account_id" | "livemode"
>;

const owned = (scope: Scope) =>
  scope.tx
    .selectFrom("payment_methods")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** Those that exist, in no particular order. */
export async function listPaymentMethodsByIds(
  scope: Scope,
  ids: readonly string[],
): Promise<PaymentMethodRow[]> {
  if (ids.length === 0) return [];
  return owned(scope).where("id", "in", ids).execute();
}

/** Undefined when there is none in this account and mode. */
export async function findPaymentMethod(
  scope: Scope,
  id: string,
): Promise<PaymentMethodRow | undefined> {
  return owned(scope).where("id", "=", id).executeTakeFirst();
}

/** Locks it. Throws 404 (resource_missing) naming `param`. */
export async function lockPaymentMethod(
  scope: Scope,
  id: string,
  param = "id",
): Promise<PaymentMethodRow> {
  const row = await owned(scope).where("id", "=", id).forUpdate().executeTakeFirst();
  if (row === undefined) throw missing("PaymentMethod", id, param);
  return row;
}

/** Adds a payment method as of the scope's moment. */
export async function insertPaymentMethod(
  scope: Scope,
  method: NewObject<PaymentMethodsTable>,
): Promise<PaymentMethodRow> {
  return scope.tx
    .insertInto("payment_methods")
    .values({ ...method, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Changes a locked payment method. */
export async function updatePaymentMethod(
  scope: Scope,
  id: string,
  changes: PaymentMethodChanges,
): Promise<PaymentMethodRow> {
  return scope.tx
    .updateTable("payment_methods")
    .set(changes)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Newest first; an undefined customer is everybody's. */
export async function listPaymentMethods(
  scope: Scope,
  page: PageQuery,
  customer: string | undefined,
): Promise<Page<PaymentMethodRow>> {
  let query = scope.tx.selectFrom("payment_methods").selectAll();
  if (customer !== undefined) query = query.where("customer", "=", customer);
  return listPage(scope, "payment_methods", "PaymentMethod", query, page);
}
