import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { money, runningPrice, tiers, volumePrice } from "../../../test/support/arbitrary-terms.ts";
import { type Decimal, dec, ONE, sum, toText, ZERO } from "../decimal.ts";
import { wholeBlocks } from "./packages.ts";
import { priceCharges } from "./price-charges.ts";
import type { RatePrice } from "./rate.ts";

const quantity = fc.integer({ min: 0, max: 90_000 }).map((n) => dec(`${n}e-2`));
const options = { numRuns: 300 };

const cost = (price: RatePrice, before: Decimal, after: Decimal, whole = after): Decimal =>
  sum(priceCharges(price, before, after, whole).map(({ amount }) => amount));

const GRAIN = dec("0.001");

/** The units at which its tiers end. */
function boundsOf(price: RatePrice): Decimal[] {
  if (price.type !== "TIERED") return [];
  let bound = ZERO;
  return price.tiers.flatMap(({ size }) => {
    if (size === null) return [];
    bound = bound.plus(size);
    return [bound.times(price.packageSize ?? ONE)];
  });
}

describe("whatever the price", () => {
  test("graduated tiers, blocks and fees: more never costs less", () => {
    fc.assert(
      fc.property(runningPrice, fc.array(quantity, { maxLength: 3 }), (price, some) => {
        // A step across each bound as well, small enough that no price hides a fall.
        const stops = [...some, ...boundsOf(price).flatMap((bound) => [bound, bound.plus(GRAIN)])];
        const costs = stops.sort((a, b) => a.cmp(b)).map((used) => cost(price, ZERO, used));
        for (const [n, charged] of costs.entries()) {
          expect(charged.gte(costs[n - 1] ?? ZERO)).toBe(true);
        }
      }),
      options,
    );
  });

  test("graduated tiers charge at most the dearest price for a unit, and the fees", () => {
    fc.assert(
      fc.property(tiers, quantity, (some, used) => {
        const prices = some.map(({ price }) => price).sort((a, b) => a.cmp(b));
        const fees = sum(some.map(({ flatFee }) => flatFee ?? ZERO));
        const charged = cost({ type: "TIERED", tiers: some }, ZERO, used);
        expect(charged.lte(used.times(prices.at(-1) ?? ZERO).plus(fees))).toBe(true);
        expect(charged.gte(used.times(prices[0] ?? ZERO))).toBe(true);
      }),
      options,
    );
  });

  test("cutting the way of a quantity, ups and downs included, never changes its cost", () => {
    const anyPrice = fc.oneof(runningPrice, volumePrice);
    const stops = fc.array(
      fc.integer({ min: -20_000, max: 90_000 }).map((n) => dec(`${n}e-2`)),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(anyPrice, stops, (price, path) => {
        const end = path.at(-1) ?? ZERO;
        const parts = path.map((to, n) => cost(price, path[n - 1] ?? ZERO, to, end));
        expect(toText(sum(parts))).toBe(toText(cost(price, ZERO, end)));
      }),
      options,
    );
  });

  test("the charges of a way are for all of it, in units or in blocks", () => {
    fc.assert(
      fc.property(fc.oneof(runningPrice, volumePrice), quantity, quantity, (price, from, to) => {
        const charged = sum(
          priceCharges(price, from, to, to)
            .filter(({ kind }) => kind === "USE")
            .map((charge) => charge.quantity),
        );
        const size = "packageSize" in price ? price.packageSize : undefined;
        const count = (units: Decimal) => (size === undefined ? units : wholeBlocks(units, size));
        expect(toText(charged)).toBe(toText(count(to).minus(count(from))));
      }),
      options,
    );
  });

  test("one volume tier of one price is a flat price", () => {
    fc.assert(
      fc.property(money, quantity, (price, used) => {
        const tiered: RatePrice = {
          type: "TIERED",
          mode: "VOLUME",
          tiers: [{ size: null, price }],
        };
        expect(toText(cost(tiered, ZERO, used))).toBe(toText(used.times(price)));
      }),
      options,
    );
  });
});
