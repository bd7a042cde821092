import type { Selectable } from "kysely";
import type { RefundsTable } from "../db/money-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { ownedObjects } from "./owned-objects.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type RefundRow = Selectable<RefundsTable>;

const objects = ownedObjects("refunds", "refund");

/** Throws 404, naming `param`, when there is no such refund in this account and mode. */
export const getRefund = objects.get;

/** Like getRefund, and keeps others from changing it until the transaction ends. */
export const lockRefund = objects.lock;

/** Those that exist, in no particular order. */
export const listRefundsByIds = objects.listByIds;

/** Adds a refund as of the scope's moment. */
export async function insertRefund(
  scope: Scope,
  refund: NewObject<RefundsTable>,
): Promise<RefundRow> {
  return scope.tx
    .insertInto("refunds")
    .values({ ...refund, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Sets the metadata, the one thing of a refund that changes. Throws 404. */
export async function updateRefundMetadata(
  scope: Scope,
  id: string,
  metadata: string,
): Promise<RefundRow> {
  const row = await scope.tx
    .updateTable("refunds")
    .set({ metadata })
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw missing("refund", id);
  return row;
}

export interface RefundFilter {
  readonly charge?: string | undefined;
  readonly paymentIntent?: string | undefined;
}

/** Newest first. */
export async function listRefunds(
  scope: Scope,
  page: PageQuery,
  { charge, paymentIntent }: RefundFilter,
): Promise<Page<RefundRow>> {
  let query = scope.tx.selectFrom("refunds").selectAll();
  if (charge !== undefined) query = query.where("charge", "=", charge);
  if (paymentIntent !== undefined) query = query.where("payment_intent", "=", paymentIntent);
  return listPage(scope, "refunds", "refund", query, page);
}
