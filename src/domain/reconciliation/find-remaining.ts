import type { FindingClass } from "./finding-class.ts";

/** Findings that may be repaired by a new document in place of the one that stands there. */
const REPLACED: ReadonlySet<FindingClass> = new Set([
  "deleted",
  "missing",
  "voided_there",
  "customer_changed",
  "currency_differs",
  "edited_lines",
  "missing_lines",
  "extra_lines",
  "duplicated_lines",
  "discount_added",
  "tax_unexpected",
  "edited_total",
]);

interface Difference {
  readonly class: FindingClass;
  readonly subject: string;
}

/** What stands between a repair that takes a document away and the new one. */
const BETWEEN: ReadonlySet<FindingClass> = new Set(["voided_there", "deleted", "missing"]);

/**
 * What is left of a finding, by a new look; undefined: nothing. A repair that has begun may be between
 * two writes: a line that is replaced is missing for a moment, and so is a document. Pure.
 */
export function findRemaining<Found extends Difference>(
  finding: Difference,
  found: readonly Found[],
  hasBegun: boolean,
): Found | undefined {
  const same = found.find(
    (each) => each.class === finding.class && each.subject === finding.subject,
  );
  if (same !== undefined || !hasBegun) return same;
  const line = found.find(
    (each) => each.class === "missing_lines" && each.subject === finding.subject,
  );
  if (line !== undefined || !REPLACED.has(finding.class)) return line;
  return found.find((each) => BETWEEN.has(each.class));
}
