import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { ConventionColumns } from "../db/tables/environments.ts";
import type { Conventions } from "../domain/conventions.ts";

/** The column that holds each convention. On the wire the settings have the same names. */
export const CONVENTION_COLUMNS = {
  periodEnd: "period_end",
  prorationBasis: "proration_basis",
  zeroUsageTierFee: "zero_usage_tier_fee",
  tierBound: "tier_bound",
  roundingMode: "rounding_mode",
  invoiceRounding: "invoice_rounding",
} as const satisfies Record<keyof Conventions, keyof ConventionColumns>;

/** The conventions that the environment has chosen. */
export async function getConventions(db: CoreDb, environmentId: string): Promise<Conventions> {
  const row = await db
    .selectFrom("environments")
    .select(Object.values(CONVENTION_COLUMNS))
    .where("id", "=", environmentId)
    .executeTakeFirstOrThrow();
  return fromColumns(row);
}

/**
 * As getConventions, and nobody changes them until the transaction ends: for what is made of them
 * now and kept.
 */
export async function holdConventions(
  tx: CoreTransaction,
  environmentId: string,
): Promise<Conventions> {
  const row = await tx
    .selectFrom("environments")
    .select(Object.values(CONVENTION_COLUMNS))
    .where("id", "=", environmentId)
    .forShare()
    .executeTakeFirstOrThrow();
  return fromColumns(row);
}

/** Conventions from columns or fields of these names. */
export const fromColumns = (row: ConventionColumns): Conventions => ({
  periodEnd: row.period_end,
  prorationBasis: row.proration_basis,
  zeroUsageTierFee: row.zero_usage_tier_fee,
  tierBound: row.tier_bound,
  roundingMode: row.rounding_mode,
  invoiceRounding: row.invoice_rounding,
});

/** Conventions as columns or fields. */
export const toColumns = (conventions: Conventions): ConventionColumns => ({
  period_end: conventions.periodEnd,
  proration_basis: conventions.prorationBasis,
  zero_usage_tier_fee: conventions.zeroUsageTierFee,
  tier_bound: conventions.tierBound,
  rounding_mode: conventions.roundingMode,
  invoice_rounding: conventions.invoiceRounding,
});

/** Changes those that are named, for drafts and for every invoice to come. */
export async function updateConventions(
  db: CoreDb,
  environmentId: string,
  changes: Partial<ConventionColumns>,
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await db.updateTable("environments").set(changes).where("id", "=", environmentId).execute();
}
