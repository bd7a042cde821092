import { type Instant, instant, instantText, isAfter, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { changeInvoiceItems, changeSegments } from "../store/commit-changes.ts";
import { type CommitKey, changeCommit, type HeldCommit, refuseArchived } from "./change-commit.ts";
import type { OperationContext } from "./context.ts";
import { refuseRollover } from "./refuse-rollover.ts";

export interface ShortenCommit extends CommitKey {
  /** Access ends here; absent: it stays. */
  readonly accessEndingBefore: Instant | undefined;
  /** Nothing of the purchase is billed from here on; absent: it stays. */
  readonly invoicesEndingBefore: Instant | undefined;
}

/**
 * Ends a prepaid commit or a credit earlier: windows of access that begin later go, the last one is
 * cut. It is never prolonged this way.
 */
export async function shortenCommit(ctx: OperationContext, input: ShortenCommit): Promise<void> {
  await changeCommit(ctx, input, async (tx, held) => {
    refuseArchived(held);
    refuseRollover(held);
    if (held.row.type === "POSTPAID") {
      throw invalid("The end of a POSTPAID commit cannot be moved", `${input.what}_id`);
    }
    if (input.accessEndingBefore !== undefined) {
      await changeSegments(tx, input.id, cutAccess(held, input.accessEndingBefore));
    }
    if (input.invoicesEndingBefore !== undefined) {
      const removeIds = itemsFrom(held, input.invoicesEndingBefore);
      await changeInvoiceItems(tx, input.id, { add: [], update: [], removeIds });
    }
  });
}

function cutAccess({ segments, entries }: HeldCommit, end: Instant) {
  const field = "access_ending_before";
  const kept = segments.filter((segment) => isBefore(instant(segment.starting_at), end));
  if (kept.length === 0) throw invalid(`${field} must be after the start of access`, field);
  if (segments.every((segment) => isBefore(instant(segment.ending_before), end))) {
    throw invalid(`${field} can only be earlier than the end of access`, field);
  }
  const gone = segments.filter((segment) => !kept.includes(segment));
  const used = gone.find(({ id }) => entries.some((entry) => entry.segment_id === id));
  if (used !== undefined) {
    throw invalid(`${field} would take away segment ${used.id}, whose ledger has entries`, field);
  }
  return {
    add: [],
    removeIds: gone.map(({ id }) => id),
    update: kept
      .filter((segment) => isAfter(instant(segment.ending_before), end))
      .map(({ id, amount, starting_at }) => ({
        id,
        amount,
        startingAt: starting_at,
        endingBefore: instantText(end),
      })),
  };
}

function itemsFrom({ invoiceItems, invoicedItemIds }: HeldCommit, end: Instant): string[] {
  const gone = invoiceItems.filter(({ at }) => !isBefore(at, end));
  if (gone.some(({ id }) => invoicedItemIds.has(id))) {
    const field = "invoices_ending_before";
    throw invalid(`${field} is before a date that is invoiced already`, field);
  }
  return gone.map(({ id }) => id);
}
