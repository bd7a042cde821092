import { LEDGER_PREFIX, type LedgerEntry } from "../domain/commits/ledger.ts";
import type { Rollover } from "../domain/commits/rollover.ts";
import { dec, sum, toText, ZERO } from "../domain/decimal.ts";
import { type Instant, isAfter } from "../domain/time.ts";
import type { CommitRecord } from "../store/commits.ts";

/** Whether the amounts of a commit still follow the drafts of the contract before. */
export const isUnsettled = ({ row }: CommitRecord): boolean =>
  row.rolled_over_from_id !== null && row.rollover_settled_at === null;

/** The commit with what it takes over as things stand; one that is settled stays as it is. */
export function withCarried(record: CommitRecord, rollovers: readonly Rollover[]): CommitRecord {
  if (!isUnsettled(record)) return record;
  const amounts = new Map(rollovers.map(({ toSegmentId, amount }) => [toSegmentId, amount]));
  const segments = record.segments.map((segment) => ({
    ...segment,
    amount: toText(amounts.get(segment.id) ?? dec(segment.amount)),
  }));
  const total = sum(segments.map(({ amount }) => dec(amount)));
  const invoiceItems = record.invoiceItems.map((item) => ({
    ...item,
    unitPrice: total,
    amount: total,
  }));
  return { ...record, segments, invoiceItems };
}

/** What has left a commit for the contract that follows, as far as it is not posted yet. */
export const carriedAway = (
  commitId: string,
  rollovers: readonly Rollover[],
  now: Instant,
): LedgerEntry[] =>
  rollovers
    .filter(
      ({ fromCommitId, amount, at }) =>
        fromCommitId === commitId && !isAfter(at, now) && !amount.eq(ZERO),
    )
    .map(({ commitType, fromSegmentId, toContractId, amount, at }) => ({
      type: `${LEDGER_PREFIX[commitType]}_ROLLOVER`,
      segmentId: fromSegmentId,
      amount: amount.neg(),
      at,
      invoiceId: null,
      contractId: null,
      newContractId: toContractId,
      reason: null,
    }));
