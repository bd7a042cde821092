import { randomUUID } from "node:crypto";
import { LEDGER_PREFIX } from "../domain/commits/ledger.ts";
import { type Decimal, dec, toText, ZERO } from "../domain/decimal.ts";
import { type Instant, instant, instantText, isAfter, isBefore } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { insertLedgerEntry } from "../store/commit-ledger.ts";
import type { SegmentRow } from "../store/commits.ts";
import { changeCommit, movedOn, refuseArchived } from "./change-commit.ts";
import type { OperationContext } from "./context.ts";
import { refuseUnsettled } from "./refuse-rollover.ts";

export interface NewLedgerEntry {
  readonly customerId: string;
  /** The commit or credit. */
  readonly id: string;
  readonly segmentId: string;
  /** The contract that the commit belongs to, when given. */
  readonly contractId: string | undefined;
  /** Signed, in the wire unit: negative takes away. */
  readonly amount: Decimal;
  readonly reason: string;
  /** Default: the start of the segment. */
  readonly at: Instant | undefined;
}

/**
 * Corrects the balance of a segment by hand; drafts follow at once. Each call adds an entry, so send
 * an idempotency key where it may be repeated. Refused when more would be taken than is left.
 */
export async function addLedgerEntry(ctx: OperationContext, entry: NewLedgerEntry): Promise<void> {
  const { customerId, id, segmentId, contractId, amount, reason } = entry;
  await changeCommit(ctx, { customerId, id, what: "balance" }, async (tx, held) => {
    const { row, segments } = held;
    if (contractId !== undefined && row.contract_id !== contractId) throw notFound("balance", id);
    refuseArchived(held);
    refuseUnsettled(held);
    const segment = segments.find((other) => other.id === segmentId);
    if (segment === undefined) throw notFound("segment", segmentId);
    if (amount.eq(ZERO)) throw invalid("amount must not be 0", "amount");
    if (held.entries.some(({ type }) => type === "POSTPAID_COMMIT_TRUEUP")) {
      throw invalid(`The true-up of commit ${id} is invoiced already`, "id");
    }
    const left = dec(segment.amount).plus(movedOn(held, segmentId));
    if (left.plus(amount).lt(ZERO)) {
      throw invalid(`amount takes more than the ${toText(left)} that are left`, "amount");
    }
    await insertLedgerEntry(tx, {
      id: randomUUID(),
      commit_id: id,
      segment_id: segmentId,
      type: `${LEDGER_PREFIX[row.type]}_MANUAL`,
      amount: toText(amount),
      entered_at: instantText(entryTime(entry.at, segment)),
      invoice_id: null,
      reason,
    });
  });
}

function entryTime(at: Instant | undefined, segment: SegmentRow): Instant {
  const start = instant(segment.starting_at);
  if (at === undefined) return start;
  if (isBefore(at, start) || isAfter(at, instant(segment.ending_before))) {
    throw invalid("timestamp must lie in the segment", "timestamp");
  }
  return at;
}
