import { type Decimal, min } from "../decimal.ts";
import type { MultiplierPrioritization, Override } from "./override.ts";

/**
 * The one override that makes the price, of those that are in force for a line; overrides never
 * stack. Overwrites go before multipliers; of several overwrites the one added last holds. Of
 * several multipliers it is the smallest, or under EXPLICIT the one of the lowest priority number;
 * of equals the one added last (Metronome docs: "Override prioritization").
 */
export function chooseOverride(
  candidates: readonly Override[],
  prioritization: MultiplierPrioritization,
): Override | null {
  let best: Override | null = null;
  for (const candidate of candidates) {
    if (candidate.change === null) continue;
    if (best === null || goesBefore(candidate, best, prioritization)) best = candidate;
  }
  return best;
}

/** The access that the override added last grants or refuses; undefined: none speaks of it. */
export function chooseAccess(candidates: readonly Override[]): Override | undefined {
  return candidates
    .filter(({ entitled }) => entitled !== null)
    .reduce<Override | undefined>(
      (last, next) => (last === undefined || next.position > last.position ? next : last),
      undefined,
    );
}

function goesBefore(a: Override, b: Override, prioritization: MultiplierPrioritization): boolean {
  const [isOverwrite, wasOverwrite] = [a, b].map(({ change }) => change?.type === "OVERWRITE");
  if (isOverwrite !== wasOverwrite) return isOverwrite === true;
  if (!isOverwrite) {
    const order = prioritization === "EXPLICIT" ? byPriority(a, b) : byMultiplier(a, b);
    if (order !== 0) return order < 0;
  }
  return a.position > b.position;
}

/** One without a number comes after all that have one. */
function byPriority({ priority: a }: Override, { priority: b }: Override): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a.cmp(b);
}

const byMultiplier = (a: Override, b: Override): number => factorOf(a).cmp(factorOf(b));

/** Tiers are only for EXPLICIT, which does not ask; the lowest factor keeps the order total. */
function factorOf({ change }: Override): Decimal {
  if (change?.type === "MULTIPLIER") return change.multiplier;
  if (change?.type === "TIERED")
    return change.tiers.map(({ multiplier }) => multiplier).reduce(min);
  throw new RangeError("An overwrite has no factor");
}
