import type { Decimal } from "../../../domain/decimal.ts";
import { divideRounded } from "./divide.ts";
import { scaled, WHOLE } from "./percent.ts";

export type TaxExemption = "none" | "exempt" | "reverse";

/** Why a line is taxed as it is, in the words of Stripe's `taxability_reason`. */
export type TaxabilityReason = "customer_exempt" | "reverse_charge" | "standard_rated";

export interface TaxRateTerms {
  /** "txr_...". */
  readonly id: string;
  readonly percentage: Decimal;
  /** Whether the line's amount has the tax in it already. */
  readonly inclusive: boolean;
}

/** One tax on a line. */
export interface TaxAmount {
  readonly taxRate: string;
  readonly inclusive: boolean;
  readonly amount: bigint;
  /** What the tax is computed on: the line without its taxes. */
  readonly taxable: bigint;
  readonly reason: string;
}

const REASON = {
  none: "standard_rated",
  exempt: "customer_exempt",
  reverse: "reverse_charge",
} as const satisfies Record<TaxExemption, TaxabilityReason>;

/**
 * The taxes on a line's amount after discounts, in minor units, each rounded once, half away from
 * zero. Inclusive ones are taken out of the amount together; exclusive ones come on top of what is
 * left. A customer who is exempt, or who pays the tax themselves, is charged none, and the line says
 * so (Stripe docs: Tax rates).
 */
export function taxLine(
  amount: bigint,
  rates: readonly TaxRateTerms[],
  exemption: TaxExemption,
): TaxAmount[] {
  const reason = REASON[exemption];
  if (exemption !== "none") {
    return rates.map(({ id, inclusive }) => ({
      taxRate: id,
      inclusive,
      amount: 0n,
      taxable: 0n,
      reason,
    }));
  }
  const included = rates
    .filter(({ inclusive }) => inclusive)
    .reduce((sum, { percentage }) => sum + scaled(percentage), 0n);
  const inclusiveOf = ({ percentage }: TaxRateTerms): bigint =>
    divideRounded(amount * scaled(percentage), WHOLE + included);
  const taken = rates
    .filter(({ inclusive }) => inclusive)
    .reduce((sum, rate) => sum + inclusiveOf(rate), 0n);
  const taxable = amount - taken;
  return rates.map((rate) => ({
    taxRate: rate.id,
    inclusive: rate.inclusive,
    amount: rate.inclusive
      ? inclusiveOf(rate)
      : divideRounded(taxable * scaled(rate.percentage), WHOLE),
    taxable,
    reason,
  }));
}
