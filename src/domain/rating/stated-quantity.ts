import { type Decimal, plus, ZERO } from "../decimal.ts";
import { groupValuesKey } from "../metering/group-values.ts";
import type { GroupValues } from "../metering/rollup.ts";
import { type Instant, type Interval, isAfter, isBefore } from "../time.ts";
import { type LineGroups, toLineGroups } from "./usage-line.ts";
import type { WindowQuantity } from "./window-quantities.ts";

/** How much of a product an invoice that was made elsewhere billed for a window: in priced units. */
export interface StatedQuantity {
  readonly productId: string;
  readonly pricingGroupValues: GroupValues;
  readonly presentationGroupValues: GroupValues;
  readonly window: Interval;
  readonly quantity: Decimal;
}

/**
 * A stated quantity lies on both sides of an instant at which its price or its payers change, so
 * nobody can say how much of it is before and how much after.
 */
export class StatedQuantityCut extends RangeError {
  readonly stated: StatedQuantity;
  readonly at: Instant;

  constructor(stated: StatedQuantity, at: Instant) {
    super("A stated quantity is cut by a change of its price or payers");
    this.stated = stated;
    this.at = at;
  }
}

/** What was stated of one combination of group values, ascending by window. */
export interface StatedCombination {
  readonly key: string;
  readonly groups: LineGroups;
  readonly quantities: readonly StatedQuantity[];
}

/** What was stated of a product for windows that begin in `run`, by combination, sorted by it. */
export function statedCombinations(
  stated: readonly StatedQuantity[],
  productId: string,
  run: Interval,
): StatedCombination[] {
  const own = stated.filter(
    (each) =>
      each.productId === productId &&
      !isBefore(each.window.start, run.start) &&
      isBefore(each.window.start, run.end),
  );
  const groupsOf = ({ pricingGroupValues, presentationGroupValues }: StatedQuantity): LineGroups =>
    toLineGroups(
      { values: pricingGroupValues, key: groupValuesKey(pricingGroupValues) },
      { values: presentationGroupValues, key: groupValuesKey(presentationGroupValues) },
    );
  const keyOf = (each: StatedQuantity): string => {
    const { pricingKey, presentationKey } = groupsOf(each);
    return `${pricingKey} ${presentationKey}`;
  };
  return [...Map.groupBy(own, keyOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, quantities]) => ({
      key,
      groups: groupsOf(quantities[0] as StatedQuantity),
      quantities: quantities.toSorted(
        (a, b) => a.window.start.epochMilliseconds - b.window.start.epochMilliseconds,
      ),
    }));
}

/**
 * The running quantity at ascending edges of a run that begins with `carried`. Nobody knows when in its
 * window a stated quantity was used: all of it counts as the window begins.
 */
export const statedQuantitiesAt = (
  { quantities }: StatedCombination,
  edges: readonly Instant[],
  carried: Decimal,
): Decimal[] =>
  edges.map((edge) =>
    quantities
      .filter(({ window }) => isBefore(window.start, edge))
      .reduce((sum, stated) => plus(sum, stated.quantity), carried),
  );

/**
 * The stated quantities of a combination in windows that follow on each other. They are final: not
 * converted, not rounded. `carried` is the running quantity that the windows begin with. Throws
 * StatedQuantityCut when a window ends inside of what was stated as one.
 */
export function statedWindowQuantities<Window extends Interval>(
  { quantities }: StatedCombination,
  windows: readonly Window[],
  carried: Decimal,
): WindowQuantity<Window>[] {
  let before = carried;
  return windows.map((window) => {
    const own = quantities.filter(
      ({ window: { start } }) => !isBefore(start, window.start) && isBefore(start, window.end),
    );
    const cut = own.find((stated) => isAfter(stated.window.end, window.end));
    if (cut !== undefined) throw new StatedQuantityCut(cut, window.end);
    const quantity = own.reduce((sum, stated) => plus(sum, stated.quantity), ZERO);
    const after = plus(before, quantity);
    const result: WindowQuantity<Window> = {
      window,
      before,
      after,
      isUsed: own.length > 0,
      trace: [
        {
          step: "stated",
          windowStart: window.start,
          windowEnd: window.end,
          quantity,
          windowCount: own.length,
        },
      ],
    };
    before = after;
    return result;
  });
}
