import { type Decimal, divide, ONE, ZERO } from "../decimal.ts";
import type { TraceStep } from "../invoices/trace.ts";

/**
 * Whole blocks that hold `units`: a block that is begun counts in full. Below zero blocks round
 * away from zero too, so that a correction mirrors what it corrects. Exact for any size.
 */
export function wholeBlocks(units: Decimal, size: Decimal): Decimal {
  const rest = units.mod(size);
  const full = divide(units.minus(rest), size);
  if (rest.eq(ZERO)) return full;
  return units.lt(ZERO) ? full.minus(ONE) : full.plus(ONE);
}

/** How the trace tells that units became blocks, at both edges of a window. */
export const packageStep = (
  packageSize: Decimal,
  before: Decimal,
  after: Decimal,
): TraceStep & { readonly step: "package" } => ({
  step: "package",
  packageSize,
  unitsBefore: before,
  unitsAfter: after,
  blocksBefore: wholeBlocks(before, packageSize),
  blocksAfter: wholeBlocks(after, packageSize),
});
