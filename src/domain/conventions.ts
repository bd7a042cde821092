import type { RoundingMode } from "./decimal.ts";

/**
 * The conventions that billing systems disagree on: every setting with its values, the default
 * first. Who does it which way, with a worked number for each value, is in docs/conventions.md.
 *
 * They are chosen for an environment, read once for a rating run, and kept with each invoice that
 * is finalized: a change reaches drafts at once and never a finalized invoice.
 */
export const CONVENTION_VALUES = {
  /**
   * How documents that leave us state the end of a period: the instant after it, or its last second.
   * Exclusive, because the API we match is. Our own API stays exclusive either way.
   */
  periodEnd: ["exclusive", "inclusive"],
  /**
   * What a part of a period is measured in: length of time, calendar days, or days of months that
   * have 30 each. Time, because it is exact for any part; whole days come to the same.
   */
  prorationBasis: ["time", "days", "thirty_day_months"],
  /**
   * Whether the flat fee of a rate's first tier is due in a billing period without usage. Not, so
   * that nobody is billed for what was not used unless it was agreed.
   */
  zeroUsageTierFee: ["not_charged", "charged"],
  /**
   * Which tier a quantity at exactly a bound belongs to. The lower one, because the API we match
   * prices "up to and including" the bound in it.
   */
  tierBound: ["lower_tier", "upper_tier"],
  /**
   * How an amount becomes minor units when an invoice is handed on. Half away from zero, because
   * that is how most people round, and credits mirror charges.
   */
  roundingMode: ["half_away_from_zero", "half_even", "away_from_zero", "toward_zero"],
  /**
   * What is rounded first. The sum, so that the customer pays the exact total to half a minor unit
   * however many lines there are; lines then give and take single units.
   */
  invoiceRounding: ["sum_then_round", "round_then_sum"],
} as const satisfies { readonly roundingMode: readonly RoundingMode[] } & Record<
  string,
  readonly string[]
>;

type Values = typeof CONVENTION_VALUES;

/** One value for each convention. */
export type Conventions = { readonly [Name in keyof Values]: Values[Name][number] };

export type ProrationBasis = Conventions["prorationBasis"];

/** What holds until an environment chooses otherwise. */
export const DEFAULT_CONVENTIONS: Conventions = {
  periodEnd: "exclusive",
  prorationBasis: "time",
  zeroUsageTierFee: "not_charged",
  tierBound: "lower_tier",
  roundingMode: "half_away_from_zero",
  invoiceRounding: "sum_then_round",
};
