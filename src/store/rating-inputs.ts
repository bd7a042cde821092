import type { CoreDb } from "../db/database.ts";
import type { Commit } from "../domain/commits/commit.ts";
import type { Contract } from "../domain/contracts/contract.ts";
import type { Product } from "../domain/pricing/product.ts";
import type { RateCard } from "../domain/pricing/rate.ts";
import { listUsedBySegment } from "./commit-ledger.ts";
import { listCommits, toCommit } from "./commits.ts";
import { toContract } from "./contracts.ts";
import { listOverrides, toOverride } from "./overrides.ts";
import { listProducts, toProduct } from "./products.ts";
import { listConversions } from "./rate-card-conversions.ts";
import { listProductOrders } from "./rate-card-products.ts";
import { listRates } from "./rates.ts";
import { listScheduledCharges } from "./scheduled-charges.ts";
import { listSubscriptions } from "./subscriptions.ts";

/** What a customer has agreed to, as rating sees it. */
export interface CustomerTerms {
  readonly contracts: readonly Contract[];
  readonly commits: readonly Commit[];
}

/** What prices and names the lines of a customer's invoices. */
export interface Catalogue {
  readonly rateCards: readonly RateCard[];
  readonly products: readonly Product[];
  /** The metrics that any version of these products counts by. */
  readonly metricIds: readonly string[];
}

/** Which parts of the catalogue are wanted. */
export interface CatalogueKeys {
  readonly rateCardIds: readonly string[];
  /** Beside those that the rate cards price. */
  readonly productIds: readonly string[];
}

/**
 * A customer's contracts with their scheduled charges, and its commits and credits with what posted
 * ledger entries have used of each segment; archived ones are left out unless asked for. To decide
 * anything on it, lock the customer first.
 */
export async function loadContracts(
  db: CoreDb,
  customerId: string,
  { includeArchived = false }: { readonly includeArchived?: boolean } = {},
): Promise<CustomerTerms> {
  const rows = await db
    .selectFrom("contracts")
    .selectAll()
    .where("customer_id", "=", customerId)
    .$if(!includeArchived, (query) => query.where("archived_at", "is", null))
    .orderBy("position")
    .execute();
  const charges = await listScheduledCharges(
    db,
    rows.map((row) => row.id),
  );
  const subscriptions = await listSubscriptions(
    db,
    rows.map((row) => row.id),
  );
  const overrides = await listOverrides(
    db,
    rows.map((row) => row.id),
  );
  const commits = await listCommits(db, { customerId, includeArchived });
  const used = await listUsedBySegment(
    db,
    commits.map(({ row }) => row.id),
  );
  return {
    contracts: rows.map((row) =>
      toContract(
        row,
        charges.get(row.id) ?? [],
        (subscriptions.get(row.id) ?? []).map(({ subscription }) => subscription),
        (overrides.get(row.id) ?? []).map(toOverride),
      ),
    ),
    commits: commits.map((commit) => toCommit(commit, used)),
  };
}

/** What `loadCatalogue` must load so that these terms can be rated. */
export const catalogueKeysOf = ({ contracts, commits }: CustomerTerms): CatalogueKeys => ({
  rateCardIds: [
    ...new Set(contracts.map(({ rateCardId }) => rateCardId).filter((id) => id !== null)),
  ],
  productIds: [
    ...contracts.flatMap(({ subscriptions }) => subscriptions.map(({ productId }) => productId)),
    ...contracts.flatMap(({ scheduledCharges }) =>
      scheduledCharges.map((charge) => charge.productId),
    ),
    ...commits.flatMap(({ productId, applicableProductIds, specifiers }) => [
      productId,
      ...(applicableProductIds ?? []),
      ...(specifiers ?? []).flatMap((specifier) => specifier.productId ?? []),
    ]),
  ],
});

/** Rate cards with all their rates and their order of lines, and the products they need. */
export async function loadCatalogue(db: CoreDb, keys: CatalogueKeys): Promise<Catalogue> {
  const rates = await listRates(db, keys.rateCardIds);
  const conversions = await listConversions(db, keys.rateCardIds);
  const orders = await listProductOrders(db, keys.rateCardIds);
  const rated = [...rates.values()].flat().map((rate) => rate.productId);
  const products = (await listProducts(db, [...keys.productIds, ...rated])).map(toProduct);
  const metricIds = products.flatMap(({ versions }) => versions.map((version) => version.metricId));
  return {
    rateCards: [...new Set(keys.rateCardIds)].map((id) => ({
      id,
      productOrder: orders.get(id) ?? [],
      rates: rates.get(id) ?? [],
      conversions: conversions.get(id) ?? [],
    })),
    products,
    metricIds: [...new Set(metricIds.filter((id) => id !== null))],
  };
}
