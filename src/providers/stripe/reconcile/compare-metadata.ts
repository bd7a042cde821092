import type Stripe from "stripe";
import type { Discrepancy } from "../../reconciliation.ts";

/** Entries that were sent and are not there, or otherwise; what others added is theirs. */
export function missingMetadata(
  wanted: Readonly<Record<string, string>>,
  found: Stripe.Metadata | null,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => found?.[key] !== value),
  );
}

export function compareMetadata(
  wanted: Readonly<Record<string, string>>,
  metadata: Stripe.Metadata | null,
): Discrepancy[] {
  const expected = missingMetadata(wanted, metadata);
  const keys = Object.keys(expected);
  if (keys.length === 0) return [];
  const found = Object.fromEntries(keys.map((key) => [key, metadata?.[key] ?? null]));
  return [{ class: "metadata_removed", subject: "", expected, found }];
}
