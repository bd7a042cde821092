import { type Decimal, dec, ONE, ZERO } from "../decimal.ts";
import type { LineTier } from "../invoices/line.ts";
import type { Charge } from "./charge.ts";
import type { Tier } from "./rate.ts";
import type { TierRules } from "./tier-rules.ts";

const MINUS_ONE = dec("-1");

/**
 * The fee of a tier for a window in which the running quantity goes from `before` to `after`: due
 * when it first passes the tier's floor, given back when it falls to the floor or below. Where the
 * upper tier owns a bound, reaching it is enough. So each fee counts at most once in a period, however
 * windows cut it. A period without usage has none, unless the fee of the first tier is due anyway:
 * then it is in one window, and never given back.
 */
export function tierFee(
  { flatFee }: Tier,
  place: LineTier,
  floor: Decimal,
  before: Decimal,
  after: Decimal,
  rules: TierRules,
): Charge[] {
  if (flatFee === undefined) return [];
  const sign = feeSign(floor, before, after, rules);
  if (sign === null) return [];
  const amount = flatFee.times(sign);
  const unconditional = floor.eq(ZERO) && rules.firstFee === "HERE";
  return [
    {
      kind: "TIER_FEE",
      tier: place,
      quantity: sign,
      unitPrice: flatFee,
      amount,
      trace: [
        { step: "tier", ...place, quantityBefore: before, quantityAfter: after },
        {
          step: "tier-fee",
          fee: flatFee,
          amount,
          ...(unconditional ? { due: "EVERY_PERIOD" as const } : {}),
        },
      ],
    },
  ];
}

/** 1: the window gets into the tier, -1: it falls out of it again, null: neither. */
function feeSign(
  floor: Decimal,
  before: Decimal,
  after: Decimal,
  { bound, firstFee }: TierRules,
): Decimal | null {
  const isFirst = floor.eq(ZERO);
  if (isFirst && firstFee !== "WITH_USE") return firstFee === "HERE" ? ONE : null;
  // Nothing used is in no tier: the first one's floor is only ever passed.
  const isIn = (quantity: Decimal): boolean =>
    isFirst || bound === "lower_tier" ? quantity.gt(floor) : quantity.gte(floor);
  const [wasIn, staysIn] = [isIn(before), isIn(after)];
  if (wasIn === staysIn) return null;
  return staysIn ? ONE : MINUS_ONE;
}
