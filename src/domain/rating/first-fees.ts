import type { Conventions } from "../conventions.ts";
import { isBefore } from "../time.ts";
import type { RatedWindow } from "./charge-lines.ts";

type Window = Pick<RatedWindow, "quantity"> & { readonly combination: string };

const NONE: ReadonlySet<never> = new Set();

/**
 * The windows that bear the fee of a rate's first tier where it is due without usage too: the first
 * used one of each combination of group values. A product that saw no usage in the period owes it
 * once, at its first price of the period.
 */
export function firstFeeWindows<W extends Window>(
  { zeroUsageTierFee }: Conventions,
  windows: readonly W[],
): ReadonlySet<W> {
  if (zeroUsageTierFee === "not_charged") return NONE;
  const used = windows.filter(({ quantity }) => quantity.isUsed);
  const first = new Map<string, W>();
  for (const window of used.length > 0 ? used : windows) {
    const known = first.get(window.combination);
    const isFirst =
      known === undefined || isBefore(window.quantity.window.start, known.quantity.window.start);
    if (isFirst) first.set(window.combination, window);
  }
  return new Set(first.values());
}
