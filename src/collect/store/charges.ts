import { type Selectable, sql } from "kysely";
import type { ChargesTable } from "../db/invoicing-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type ChargeRow = Selectable<ChargesTable>;

/** Adds a charge as of the scope's moment. */
export async function insertCharge(
  scope: Scope,
  charge: NewObject<ChargesTable>,
): Promise<ChargeRow> {
  return scope.tx
    .insertInto("charges")
    .values({ ...charge, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Those that exist, in no particular order. */
export async function listChargesByIds(scope: Scope, ids: readonly string[]): Promise<ChargeRow[]> {
  if (ids.length === 0) return [];
  return scope.tx
    .selectFrom("charges")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", ids)
    .execute();
}

export interface ChargeFilter {
  readonly customer?: string | undefined;
  readonly paymentIntent?: string | undefined;
}

/** Newest first. */
export async function listCharges(
  scope: Scope,
  page: PageQuery,
  { customer, paymentIntent }: ChargeFilter,
): Promise<Page<ChargeRow>> {
  let query = scope.tx.selectFrom("charges").selectAll();
  if (customer !== undefined) query = query.where("customer", "=", customer);
  if (paymentIntent !== undefined) query = query.where("payment_intent", "=", paymentIntent);
  return listPage(scope, "charges", "charge", query, page);
}

/** Locks a charge, so that what goes back of it is counted one after the other. Throws 404. */
export async function lockCharge(scope: Scope, id: string, param = "id"): Promise<ChargeRow> {
  const row = await scope.tx
    .selectFrom("charges")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw missing("charge", id, param);
  return row;
}

/** Counts what went back of a locked charge. */
export async function addRefunded(
  scope: Scope,
  id: string,
  amountMinor: bigint,
): Promise<ChargeRow> {
  return scope.tx
    .updateTable("charges")
    .set({ refunded_minor: sql`refunded_minor + ${amountMinor}` })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
