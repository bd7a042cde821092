import type { Selectable } from "kysely";
import type { DiscountsTable } from "../db/totals-tables.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";

export type DiscountRow = Selectable<DiscountsTable>;

/** Those that exist, by id. */
export async function listDiscountsById(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DiscountRow>> {
  if (ids.length === 0) return new Map();
  const rows = await scope.tx
    .selectFrom("discounts")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Adds a discount that begins at the scope's moment. */
export async function insertDiscount(
  scope: Scope,
  discount: NewObject<DiscountsTable>,
): Promise<DiscountRow> {
  return scope.tx
    .insertInto("discounts")
    .values({ ...discount, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}
