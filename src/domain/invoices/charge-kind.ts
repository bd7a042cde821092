import type { ChargeKind } from "../pricing/charge.ts";

/** The end of a usage line's key: what is charged, then the ways in which the line was cut. */
const ENDING =
  /\/(?:flat|tier \d+)(\/fee|\/minimum)?(?:\/beyond maximum)?(?:\/(?:in [0-9a-f-]+|own price[^/]*|by\/[0-9a-f-]+|was))*$/;

/**
 * What a usage line charges, by its key, because a final line has no steps at hand: use, the fee of a
 * tier, or what was missing to a minimum. What is beyond a maximum counts as what it is beyond of.
 */
export function chargeKindOf(lineKey: string): ChargeKind & ("USE" | "TIER_FEE" | "MINIMUM") {
  const [, ending] = ENDING.exec(lineKey) ?? [];
  return ending === "/fee" ? "TIER_FEE" : ending === "/minimum" ? "MINIMUM" : "USE";
}
