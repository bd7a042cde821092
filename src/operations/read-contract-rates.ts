import { type AgreedSegment, contractRatesAt } from "../domain/overrides/contract-rate-schedule.ts";
import type { Instant } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getContract, toContract } from "../store/contracts.ts";
import { listOverrides, toOverride } from "../store/overrides.ts";
import { loadCatalogue } from "../store/rating-inputs.ts";
import type { OperationContext } from "./context.ts";

export interface ContractRates {
  readonly rateCardId: string;
  /** Products in the order of the card. */
  readonly segments: readonly AgreedSegment[];
}

/** What a contract pays at an instant; undefined when it has no rate card. Throws not found. */
export async function readContractRates(
  ctx: OperationContext,
  key: { readonly customerId: string; readonly contractId: string },
  at: Instant,
): Promise<ContractRates | undefined> {
  return inTransaction(
    ctx.db,
    async (db) => {
      const row = await getContract(db, { environmentId: ctx.environment.id, ...key });
      if (row.rate_card_id === null) return undefined;
      const overrides = (await listOverrides(db, [row.id])).get(row.id) ?? [];
      const contract = toContract(row, [], [], overrides.map(toOverride));
      const keys = { rateCardIds: [row.rate_card_id], productIds: [] };
      const { rateCards, products } = await loadCatalogue(db, keys);
      const { rates = [], productOrder = [] } = rateCards[0] ?? {};
      const rank = new Map(productOrder.map((id, n) => [id, n]));
      const rankOf = ({ product }: AgreedSegment) => rank.get(product.id) ?? rank.size;
      const byId = new Map(products.map((product) => [product.id, product]));
      const segments = contractRatesAt(contract, rates, byId, at);
      return {
        rateCardId: row.rate_card_id,
        segments: segments.sort((a, b) => rankOf(a) - rankOf(b)),
      };
    },
    { oneSnapshot: true },
  );
}
