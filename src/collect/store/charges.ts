import { type Selectable, sql } from "kysely";
import type { ChargesTable } from "../db/invoicing-tables.ts";
import type { Scope } from "../scope.ts";
import { ownedObjects } from "./owned-objects.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type ChargeRow = Selectable<ChargesTable>;

const objects = ownedObjects("charges", "charge");

/** Locks a charge, so that what goes back of it is counted one after the other. Throws 404. */
export const lockCharge = objects.lock;

/** Those that exist, in no particular order. */
export const listChargesByIds = objects.listByIds;

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
