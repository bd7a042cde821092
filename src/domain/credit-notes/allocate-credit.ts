import type { CreditType } from "../credit-type.ts";
import { type Decimal, ZERO } from "../decimal.ts";
import { allocateMinor, type MinorRounding } from "../money.ts";

/**
 * What a note credits of each line in minor units, so that it comes to `amountMinor`: that was rounded
 * together with the notes before it, and may be a unit away from what these lines alone round to. The unit
 * goes to, or comes from, the line that credits most, which it changes least. In the order of `exact`, which
 * is in the wire unit of the credit type. Pure.
 */
export function allocateCredit(
  exact: readonly Decimal[],
  amountMinor: bigint,
  creditType: CreditType,
  conventions: MinorRounding,
): bigint[] {
  const { amountsMinor, totalMinor } = allocateMinor(exact, creditType, conventions);
  const most = exact.reduce(
    (best, each, index) => (each.gt(exact[best] ?? ZERO) ? index : best),
    0,
  );
  return amountsMinor.map((minor, index) =>
    index === most ? minor + amountMinor - totalMinor : minor,
  );
}
