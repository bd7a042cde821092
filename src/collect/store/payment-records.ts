import type { Selectable, Updateable } from "kysely";
import type { PaymentRecordsTable } from "../db/money-tables.ts";
import type { Scope } from "../scope.ts";
import { ownedObjects } from "./owned-objects.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type PaymentRecordRow = Selectable<PaymentRecordsTable>;

const objects = ownedObjects("payment_records", "payment_record");

/** Throws 404, naming `param`, when there is no such record in this account and mode. */
export const getPaymentRecord = objects.get;

/** Like getPaymentRecord, and keeps others from changing or attaching it until the transaction ends. */
export const lockPaymentRecord = objects.lock;

/** Those that exist, in no particular order. */
export const listPaymentRecordsByIds = objects.listByIds;

/** Adds a record as of the scope's moment. */
export async function insertPaymentRecord(
  scope: Scope,
  record: NewObject<PaymentRecordsTable>,
): Promise<PaymentRecordRow> {
  return scope.tx
    .insertInto("payment_records")
    .values({ ...record, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Changes a locked record. */
export async function updatePaymentRecord(
  scope: Scope,
  id: string,
  changes: Updateable<PaymentRecordsTable>,
): Promise<PaymentRecordRow> {
  return scope.tx
    .updateTable("payment_records")
    .set(changes)
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Newest first. */
export async function listPaymentRecords(
  scope: Scope,
  page: PageQuery,
): Promise<Page<PaymentRecordRow>> {
  const query = scope.tx.selectFrom("payment_records").selectAll();
  return listPage(scope, "payment_records", "payment_record", query, page);
}
