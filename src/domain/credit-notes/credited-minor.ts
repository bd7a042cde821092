import type { CreditType } from "../credit-type.ts";
import { sum } from "../decimal.ts";
import { allocateMinor, type MinorRounding } from "../money.ts";
import type { CreditLine } from "./creditable.ts";

/**
 * What credited lines come to in minor units, rounded as their invoice was when it was handed over: all that
 * is credited of a line counts as one, so that an invoice credited in whole is credited to the unit, whatever
 * the notes in between.
 */
export function creditedMinor(
  lines: readonly CreditLine[],
  creditType: CreditType,
  conventions: MinorRounding,
): bigint {
  const byLine = Map.groupBy(lines, ({ lineKey }) => lineKey);
  const amounts = [...byLine.values()].map((same) => sum(same.map(({ amount }) => amount)));
  return allocateMinor(amounts, creditType, conventions).totalMinor;
}
