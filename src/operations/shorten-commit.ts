import { type Instant, instant, instantText, isAfter, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import {
  changeInvoiceItems,
  changeSegments,
  type ScheduleChange,
} from "../store/commit-changes.ts";
import type { NewSegment } from "../store/commits.ts";
import { type CommitKey, changeCommit, type HeldCommit, refuseArchived } from "./change-commit.ts";
import type { OperationContext } from "./context.ts";
import { type CommitUpdate, recordCommitUpdate } from "./record-commit-change.ts";
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
    const { accessEndingBefore, invoicesEndingBefore } = input;
    const access = accessEndingBefore === undefined ? NO_CUT : cutAccess(held, accessEndingBefore);
    const itemIds = invoicesEndingBefore === undefined ? [] : itemsFrom(held, invoicesEndingBefore);
    await changeSegments(tx, input.id, access);
    await changeInvoiceItems(tx, input.id, { add: [], update: [], removeIds: itemIds });
    await recordCommitUpdate(tx, ctx, input.what, held, toCommitUpdate(access, itemIds));
  });
}

const NO_CUT: ScheduleChange<NewSegment> = { add: [], removeIds: [], update: [] };

/** The end in the words of an edit of the same schedules. */
function toCommitUpdate(
  { removeIds, update }: ScheduleChange<NewSegment>,
  itemIds: readonly string[],
): CommitUpdate {
  const removed = removeIds.map((id) => ({ id }));
  const cut = update.map(({ id, endingBefore }) => ({ id, ending_before: endingBefore }));
  const access = {
    ...(removed.length > 0 && { remove_schedule_items: removed }),
    ...(cut.length > 0 && { update_schedule_items: cut }),
  };
  const items = itemIds.map((id) => ({ id }));
  return {
    ...(Object.keys(access).length > 0 && { access_schedule: access }),
    ...(items.length > 0 && { invoice_schedule: { remove_schedule_items: items } }),
  };
}

function cutAccess({ segments, entries }: HeldCommit, end: Instant): ScheduleChange<NewSegment> {
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
