import type { CoreTransaction } from "../db/database.ts";
import type { OverrideSpecifierRow } from "../db/tables/contract-overrides.ts";
import type { PriceRow } from "../db/tables/rate-cards.ts";
import type { MultiplierPrioritization } from "../domain/overrides/override.ts";
import { productStateAt } from "../domain/pricing/product-history.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { listCommits } from "../store/commits.ts";
import { insertOverrides, type NewOverride } from "../store/overrides.ts";
import { listProducts, toProduct } from "../store/products.ts";
import { listRatedCreditTypes, listRatedProductIds } from "../store/rates.ts";
import { listRecurringCommits } from "../store/recurring-commits.ts";
import { checkOverride, type PricedGroups } from "./check-override.ts";
import type { OperationContext } from "./context.ts";

/** A change of list prices that a contract agrees on. Decimals are text. */
export interface OverrideTerms {
  readonly startingAt: Instant;
  readonly endingBefore: Instant | null;
  readonly entitled: boolean | null;
  /** Absent: what the other fields say, or only access changes. */
  readonly type: "OVERWRITE" | "MULTIPLIER" | "TIERED" | undefined;
  readonly isCommitSpecific: boolean;
  readonly target: "LIST_RATE" | "COMMIT_RATE";
  readonly priority: string | null;
  readonly multiplier: string | null;
  readonly overwriteRate: PriceRow | null;
  readonly overwriteCreditTypeId: string | undefined;
  readonly tiers: { size?: string; multiplier: string }[] | null;
  readonly productId: string | null;
  readonly applicableProductTags: string[] | null;
  /** Their commits may be named by temporary ids. */
  readonly specifiers: OverrideSpecifierRow[] | null;
}

/** The contract that gets the overrides. */
export interface OverriddenContract {
  readonly id: string;
  readonly customerId: string;
  readonly rateCardId: string | null;
  readonly creditTypeId: string;
  readonly prioritization: MultiplierPrioritization;
  /** Commits that were added in the same step, by the ids that the request calls them by. */
  readonly temporaryIds: ReadonlyMap<string, string>;
}

/**
 * Adds overrides to a contract, whose rate card must have the products that they name, and returns
 * their ids. `field` names them in messages.
 */
export async function addOverrides(
  tx: CoreTransaction,
  ctx: OperationContext,
  overrides: readonly OverrideTerms[],
  contract: OverriddenContract,
  field = "overrides",
): Promise<string[]> {
  if (overrides.length === 0) return [];
  const { rateCardId, creditTypeId, prioritization } = contract;
  if (rateCardId === null) {
    throw invalid(`${field} need a contract with a rate card`, field);
  }
  const groups = await loadGroups(tx, rateCardId);
  const commits = await loadCommitTypes(tx, contract);
  const recurring = await loadRecurringTypes(tx, contract.id);
  const rows = overrides.map((terms, n): NewOverride => {
    const path = `${field}[${n}].`;
    const specifiers = terms.specifiers?.map((specifier) =>
      withoutTemporaryIds(specifier, contract),
    );
    const resolved = { ...terms, specifiers: specifiers ?? null };
    const frame = { groups, commits, recurring, creditTypeId, prioritization, path };
    const type = checkOverride(resolved, frame);
    return toRow(ctx, contract, resolved, type);
  });
  return insertOverrides(tx, rows);
}

const toRow = (
  ctx: OperationContext,
  { id, creditTypeId }: OverriddenContract,
  terms: OverrideTerms,
  type: NewOverride["type"],
): NewOverride => ({
  contract_id: id,
  starting_at: instantText(terms.startingAt),
  ending_before: terms.endingBefore && instantText(terms.endingBefore),
  entitled: terms.entitled,
  type,
  is_commit_specific: terms.isCommitSpecific,
  target: terms.target,
  priority: terms.priority,
  multiplier: terms.multiplier,
  overwrite_rate: toOverwriteRow(terms, creditTypeId),
  tiers: terms.tiers,
  product_id: terms.productId,
  applicable_product_tags: terms.applicableProductTags,
  override_specifiers: terms.specifiers,
  created_at: instantText(ctx.now),
  created_by: ctx.actor,
});

const toOverwriteRow = (
  { overwriteRate: rate, overwriteCreditTypeId: id }: OverrideTerms,
  currencyId: string,
) =>
  rate === null || id === undefined || id === currencyId ? rate : { ...rate, credit_type_id: id };

/** The group keys of the products on a card, at any instant. */
async function loadGroups(
  tx: CoreTransaction,
  rateCardId: string,
): Promise<ReadonlyMap<string, PricedGroups>> {
  const products = await listProducts(tx, await listRatedProductIds(tx, rateCardId));
  const creditTypes = await listRatedCreditTypes(tx, rateCardId);
  return new Map(
    products.map((record) => {
      const { id, versions } = toProduct(record);
      const at = (instant: Instant) => productStateAt(versions, instant);
      return [id, { type: record.type, creditTypeId: creditTypes.get(id), at }];
    }),
  );
}

/** The commits and credits that may pay for the contract's usage. */
async function loadCommitTypes(
  tx: CoreTransaction,
  { id, customerId }: OverriddenContract,
): Promise<ReadonlyMap<string, "COMMIT" | "CREDIT">> {
  const records = await listCommits(tx, { customerId, includeArchived: false });
  const own = records.filter(({ row }) => row.contract_id === null || row.contract_id === id);
  return new Map(own.map(({ row }) => [row.id, row.type === "CREDIT" ? "CREDIT" : "COMMIT"]));
}

/** The recurring commits and credits of the contract, any child of which may pay for its usage. */
async function loadRecurringTypes(
  tx: CoreTransaction,
  contractId: string,
): Promise<ReadonlyMap<string, "COMMIT" | "CREDIT">> {
  const rows = (await listRecurringCommits(tx, [contractId])).get(contractId) ?? [];
  return new Map(rows.map(({ id, type }) => [id, type]));
}

function withoutTemporaryIds(
  specifier: OverrideSpecifierRow,
  { temporaryIds }: OverriddenContract,
): OverrideSpecifierRow {
  const resolve = (ids: string[]) => ids.map((id) => temporaryIds.get(id) ?? id.toLowerCase());
  const { commit_ids: commits, recurring_commit_ids: recurring } = specifier;
  const { any_commit_or_credit_ids: any } = specifier;
  return {
    ...specifier,
    ...(commits === undefined ? {} : { commit_ids: resolve(commits) }),
    ...(recurring === undefined ? {} : { recurring_commit_ids: resolve(recurring) }),
    ...(any === undefined ? {} : { any_commit_or_credit_ids: resolve(any) }),
  };
}
