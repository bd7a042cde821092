import { type Decimal, dec, ONE, ZERO } from "../decimal.ts";
import type { LineTier } from "../invoices/line.ts";
import type { Charge } from "./charge.ts";
import type { Tier } from "./rate.ts";

const MINUS_ONE = dec("-1");

/**
 * The fee of a tier for a window in which the running quantity goes from `before` to `after`: due
 * when it first passes the tier's floor, given back when it falls to the floor or below. So each fee
 * counts at most once in a period, however windows cut it, and a period without usage has none.
 */
export function tierFee(
  { flatFee }: Tier,
  place: LineTier,
  floor: Decimal,
  before: Decimal,
  after: Decimal,
): Charge[] {
  const wasIn = before.gt(floor);
  const isIn = after.gt(floor);
  if (flatFee === undefined || wasIn === isIn) return [];
  const quantity = isIn ? ONE : MINUS_ONE;
  const amount = isIn ? flatFee : ZERO.minus(flatFee);
  return [
    {
      kind: "TIER_FEE",
      tier: place,
      quantity,
      unitPrice: flatFee,
      amount,
      trace: [
        { step: "tier", ...place, quantityBefore: before, quantityAfter: after },
        { step: "tier-fee", fee: flatFee, amount },
      ],
    },
  ];
}
