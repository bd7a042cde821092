import { dec, ZERO } from "../domain/decimal.ts";

/** Makes the error for a field of what is checked, which it names by its path. */
export type Refuse = (field: string, message: string) => Error;

/** All tiers but the last have a size. `field` names the list. */
export function checkTiers(
  tiers: readonly { readonly size?: string }[],
  refuse: Refuse,
  field = "tiers",
): void {
  if (tiers.length === 0) throw refuse(field, "must have at least one tier");
  for (const [n, tier] of tiers.entries()) {
    const last = n === tiers.length - 1;
    if (last && tier.size !== undefined) {
      throw refuse(`${field}[${n}].size`, "must be left out: the last tier has no end");
    }
    if (!last && (tier.size === undefined || dec(tier.size).lte(ZERO))) {
      throw refuse(`${field}[${n}].size`, "must be greater than 0 in every tier but the last");
    }
  }
}
