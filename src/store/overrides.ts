import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type {
  ContractOverridesTable,
  OverrideSpecifierRow,
} from "../db/tables/contract-overrides.ts";
import { dec } from "../domain/decimal.ts";
import type { Override, OverrideSpecifier, PriceChange } from "../domain/overrides/override.ts";
import { instant } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { toRatePrice } from "./rate-prices.ts";

export type OverrideRow = Selectable<ContractOverridesTable>;

export type NewOverride = Omit<OverrideRow, "id" | "position" | "removed_at">;

/** Adds overrides in the order given and returns their ids; of equal ones the later one wins. */
export async function insertOverrides(
  tx: CoreTransaction,
  overrides: readonly NewOverride[],
): Promise<string[]> {
  if (overrides.length === 0) return [];
  const rows = await tx
    .insertInto("contract_overrides")
    .values(
      overrides.map((override) => ({
        ...override,
        overwrite_rate: toJson(override.overwrite_rate),
        tiers: toJson(override.tiers),
        applicable_product_tags: toJson(override.applicable_product_tags),
        override_specifiers: toJson(override.override_specifiers),
      })),
    )
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

const toJson = (value: object | null): string | null => value && JSON.stringify(value);

/** Takes an override out of force. False when the contract has none of this id in force. */
export async function removeOverride(
  tx: CoreTransaction,
  { contractId, id }: { readonly contractId: string; readonly id: string },
  at: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("contract_overrides")
    .set({ removed_at: at })
    .where("id", "=", id)
    .where("contract_id", "=", contractId)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Lets an override hold up to an earlier instant. */
export async function endOverride(tx: CoreTransaction, id: string, at: string): Promise<void> {
  await tx
    .updateTable("contract_overrides")
    .set({ ending_before: at })
    .where("id", "=", id)
    .execute();
}

/** The overrides in force of these contracts, by contract, in the order of their addition. */
export async function listOverrides(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, readonly OverrideRow[]>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("contract_overrides")
    .selectAll()
    .where("contract_id", "in", [...contractIds])
    .where("removed_at", "is", null)
    .orderBy("position")
    .execute();
  return Map.groupBy(rows, (row) => row.contract_id);
}

/** An override as rating sees it. */
export const toOverride = (row: OverrideRow): Override => ({
  id: row.id,
  startingAt: instant(row.starting_at),
  endingBefore: row.ending_before === null ? null : instant(row.ending_before),
  entitled: row.entitled,
  change: toChange(row),
  isCommitSpecific: row.is_commit_specific,
  target: row.target,
  priority: row.priority === null ? null : dec(row.priority),
  specifiers: toSpecifiers(row),
  position: row.position,
});

function toChange({
  id,
  type,
  overwrite_rate,
  multiplier,
  tiers,
}: OverrideRow): PriceChange | null {
  switch (type) {
    case null:
      return null;
    case "OVERWRITE":
      assert(overwrite_rate !== null, `overwrite ${id} has a rate`);
      return { type, price: toRatePrice(overwrite_rate) };
    case "MULTIPLIER":
      assert(multiplier !== null, `multiplier ${id} has its factor`);
      return { type, multiplier: dec(multiplier) };
    case "TIERED":
      assert(tiers !== null, `tiered override ${id} has tiers`);
      return {
        type,
        tiers: tiers.map((tier) => ({
          size: tier.size === undefined ? null : dec(tier.size),
          multiplier: dec(tier.multiplier),
        })),
      };
  }
}

/** A product is one specifier; of tags any one will do, so each is a specifier of its own. */
function toSpecifiers(row: OverrideRow): OverrideSpecifier[] {
  const { product_id: productId, applicable_product_tags: tags, override_specifiers } = row;
  if (productId !== null) return [toSpecifier({ product_id: productId })];
  if (tags !== null) return tags.map((tag) => toSpecifier({ product_tags: [tag] }));
  return (override_specifiers ?? []).map(toSpecifier);
}

const toSpecifier = (row: OverrideSpecifierRow): OverrideSpecifier => ({
  productId: row.product_id ?? null,
  productTags: row.product_tags ?? [],
  pricingGroupValues: row.pricing_group_values ?? {},
  presentationGroupValues: row.presentation_group_values ?? {},
  billingFrequency: row.billing_frequency ?? null,
  commitIds: payersOf(row),
});

function payersOf(row: OverrideSpecifierRow): string[] | null {
  const lists = [row.commit_ids, row.recurring_commit_ids, row.any_commit_or_credit_ids];
  const given = lists.filter((ids) => ids !== undefined);
  return given.length === 0 ? null : given.flat();
}
