import type { Selectable, Updateable } from "kysely";
import type { PaymentRecordsTable } from "../db/money-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type PaymentRecordRow = Selectable<PaymentRecordsTable>;

const ofScope = (scope: Scope) =>
  scope.tx
    .selectFrom("payment_records")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** Throws 404, naming `param`, when there is no such record in this account and mode. */
export async function getPaymentRecord(
  scope: Scope,
  id: string,
  param = "id",
): Promise<PaymentRecordRow> {
  const row = await ofScope(scope).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw missing("payment_record", id, param);
  return row;
}

/** Like getPaymentRecord, and keeps others from changing or attaching it until the transaction ends. */
export async function lockPaymentRecord(
  scope: Scope,
  id: string,
  param = "id",
): Promise<PaymentRecordRow> {
  const row = await ofScope(scope).where("id", "=", id).forUpdate().executeTakeFirst();
  if (row === undefined) throw missing("payment_record", id, param);
  return row;
}

/** Those that exist, in no particular order. */
export async function listPaymentRecordsByIds(
  scope: Scope,
  ids: readonly string[],
): Promise<PaymentRecordRow[]> {
  return ids.length === 0 ? [] : ofScope(scope).where("id", "in", ids).execute();
}

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
