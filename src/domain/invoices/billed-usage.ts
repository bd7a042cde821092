import { type Decimal, plus, ZERO } from "../decimal.ts";
import type { DrawDown } from "./invoice.ts";
import type { InvoiceLine } from "./line.ts";
import type { UsageInput } from "./usage-inputs.ts";

/** What an invoice and its corrections bill of one period's usage. */
export interface BilledUsage {
  /** Metered lines, what commits paid of them, and conversions of pricing units. */
  readonly lines: readonly InvoiceLine[];
  /** What they took of each segment. */
  readonly drawDowns: readonly DrawDown[];
  /** What they were made of. */
  readonly usageInputs: readonly UsageInput[];
}

/** Whether late usage can change a line: what is billed by date or by unit stays as it is. */
export const isMetered = ({ type, productType }: InvoiceLine): boolean =>
  type === "usage" ||
  type === "cpu_conversion" ||
  (type === "applied_commit_or_credit" && productType !== "SUBSCRIPTION");

/** Whether a line bills late usage of an earlier invoice. */
export const isLateKey = (lineKey: string): boolean => lineKey.startsWith("late/");

/**
 * Whether usage and subscriptions are paid in the same pricing unit: the line that converts what is
 * left of it is of both, and no part of it can be rated alone.
 */
export const mixesUnits = (lines: readonly InvoiceLine[]): boolean => {
  const currency = lines.find(({ type }) => type === "cpu_conversion")?.creditTypeId;
  return (
    currency !== undefined &&
    lines.some(({ type, creditTypeId }) => type === "subscription" && creditTypeId !== currency)
  );
};

/** What lines that commits paid for took of each segment, at the instant `at`. */
export function drawDownsOf(lines: readonly InvoiceLine[], at: DrawDown["at"]): DrawDown[] {
  const bySegment = new Map<string, DrawDown>();
  for (const { type, commit, total } of lines) {
    if (type !== "applied_commit_or_credit" || commit === null) continue;
    const { commitId, segmentId, type: commitType } = commit;
    const before = bySegment.get(segmentId)?.amount ?? ZERO;
    const amount = before.minus(total);
    bySegment.set(segmentId, { commitId, segmentId, commitType, amount, at });
  }
  return [...bySegment.values()];
}

/** Draw-downs of several invoices added up by segment. */
export function addDrawDowns(drawDowns: readonly DrawDown[]): DrawDown[] {
  const bySegment = Map.groupBy(drawDowns, ({ segmentId }) => segmentId);
  return [...bySegment.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const amount = own.reduce((total: Decimal, one) => plus(total, one.amount), ZERO);
    return [{ ...first, amount }];
  });
}
