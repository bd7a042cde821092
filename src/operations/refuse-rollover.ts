import { invalid } from "../errors.ts";
import type { CommitRecord } from "../store/commits.ts";

/** Refuses to change what a renewal carried over: its terms and its value are those of its source. */
export function refuseRollover({ row }: CommitRecord): void {
  if (row.rolled_over_from_id === null) return;
  throw invalid(
    `${nameOf(row.type)} ${row.id} was rolled over from ${row.rolled_over_from_id} and cannot be edited`,
  );
}

/** Refuses to correct a balance that still follows the drafts of the contract before. */
export function refuseUnsettled({ row }: CommitRecord): void {
  if (row.rolled_over_from_id === null || row.rollover_settled_at !== null) return;
  throw invalid(
    `${nameOf(row.type)} ${row.id} is not final before the last invoice of the contract that it was rolled over from`,
  );
}

const nameOf = (type: string): string => (type === "CREDIT" ? "Credit" : "Commit");
