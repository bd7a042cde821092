import type { Contract } from "../contracts/contract.ts";
import type { Product } from "../pricing/product.ts";
import type { Rate } from "../pricing/rate.ts";
import { coversInstant, type RateSegment, rateSchedule } from "../pricing/rate-schedule.ts";
import { versionAt } from "../pricing/version-runs.ts";
import { earlier, type Instant, isAfter, later } from "../time.ts";
import { type AgreedRate, agreeRate } from "./agreed-rate.ts";
import { generalOnly, overridesOf } from "./agreed-windows.ts";
import { concernsUsage, isInForce } from "./override-scope.ts";

/** What a contract pays for one product and combination, in a stretch of time. */
export interface AgreedSegment extends RateSegment {
  readonly product: Product;
  readonly agreed: AgreedRate;
}

/**
 * The rates that a contract is entitled to at an instant, each with the stretch around it in which
 * neither the card nor an override changes. Overrides that only hold for some commits or some
 * presentation values are no part of it. `products` are those of the rates, by id.
 */
export function contractRatesAt(
  contract: Contract,
  rates: readonly Rate[],
  products: ReadonlyMap<string, Product>,
  at: Instant,
): AgreedSegment[] {
  return rateSchedule(rates)
    .filter((segment) => coversInstant(segment, at))
    .flatMap((segment) => {
      const product = products.get(segment.rate.productId);
      if (product === undefined) return [];
      const agreed = agreeSegment(contract, segment, product, at);
      return agreed.agreed.rate.entitled ? [agreed] : [];
    });
}

function agreeSegment(
  contract: Contract,
  { rate, startingAt, endingBefore }: RateSegment,
  product: Product,
  at: Instant,
): AgreedSegment {
  const { overrides: all, prioritization } = generalOnly(overridesOf(contract, product));
  const { tags } = versionAt(product, at);
  const groups = { pricing: rate.pricingGroupValues, presentation: {} };
  const frequency =
    rate.billingFrequency === null ? {} : { billingFrequency: rate.billingFrequency };
  const usage = { productId: product.id, productTags: tags, ...groups, ...frequency };
  const overrides = all.filter((override) => concernsUsage(override, usage));
  const inForce = overrides.filter((override) => isInForce(override, at));
  const edges = overrides
    .flatMap((override) => [override.startingAt, override.endingBefore])
    .filter((edge) => edge !== null);
  const upcoming = edges.filter((edge) => isAfter(edge, at));
  return {
    product,
    rate,
    agreed: agreeRate(rate, inForce, usage, prioritization),
    startingAt: edges.filter((edge) => !isAfter(edge, at)).reduce(later, startingAt),
    endingBefore: upcoming.reduce<Instant | null>(
      (end, edge) => (end === null ? edge : earlier(end, edge)),
      endingBefore,
    ),
  };
}
