import type { Selectable, Updateable } from "kysely";
import type { TaxRatesTable } from "../db/totals-tables.ts";
import type { Scope } from "../scope.ts";
import { ownedObjects } from "./owned-objects.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type TaxRateRow = Selectable<TaxRatesTable>;
export type TaxRateInsert = NewObject<TaxRatesTable>;

const objects = ownedObjects("tax_rates", "tax_rate");

/** Throws 404, naming `param`, when there is no such tax rate in this account and mode. */
export const getTaxRate = objects.get;

/** Like getTaxRate, and keeps others from changing it until the transaction ends. */
export const lockTaxRate = objects.lock;

/** Those that exist, by id. */
export const listTaxRatesById = objects.mapByIds;

/** Adds tax rates as of the scope's moment, in one statement. */
export async function insertTaxRates(
  scope: Scope,
  rates: readonly TaxRateInsert[],
): Promise<TaxRateRow[]> {
  if (rates.length === 0) return [];
  return scope.tx
    .insertInto("tax_rates")
    .values(rates.map((rate) => ({ ...rate, ...ownership(scope) })))
    .returningAll()
    .execute();
}

/** Changes a locked tax rate. */
export async function updateTaxRate(
  scope: Scope,
  id: string,
  changes: Updateable<TaxRatesTable>,
): Promise<TaxRateRow> {
  return scope.tx
    .updateTable("tax_rates")
    .set(changes)
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface TaxRateFilter {
  readonly active?: boolean | undefined;
  readonly inclusive?: boolean | undefined;
}

/** Newest first. */
export async function listTaxRates(
  scope: Scope,
  page: PageQuery,
  { active, inclusive }: TaxRateFilter,
): Promise<Page<TaxRateRow>> {
  let query = scope.tx.selectFrom("tax_rates").selectAll();
  if (active !== undefined) query = query.where("active", "=", active);
  if (inclusive !== undefined) query = query.where("inclusive", "=", inclusive);
  return listPage(scope, "tax_rates", "tax_rate", query, page);
}
