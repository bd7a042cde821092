import type { CoreTransaction } from "../db/database.ts";
import { itemsBeyond, truncate } from "../domain/contracts/truncation.ts";
import { type Instant, instant, instantText, isAfter } from "../domain/time.ts";
import { changeChargeItems } from "../store/charge-changes.ts";
import { changeInvoiceItems, changeSegments, updateCommit } from "../store/commit-changes.ts";
import { listCommits } from "../store/commits.ts";
import type { ContractRow } from "../store/contracts.ts";
import { listInvoicedItems } from "../store/draft-invoices.ts";
import { endOverride, listOverrides, removeOverride } from "../store/overrides.ts";
import { listScheduledCharges } from "../store/scheduled-charges.ts";
import { listSubscriptions, updateSubscription } from "../store/subscriptions.ts";
import { listVoidedItems } from "../store/void-invoice.ts";
import { type HeldCommit, holdCommit } from "./change-commit.ts";
import type { OperationContext } from "./context.ts";

const none = { add: [], update: [], removeIds: [] };

/**
 * Cuts the terms of a contract at its new, earlier end. What is invoiced or used stays as it is. A
 * postpaid commit loses access and keeps its true-up: what was promised is owed all the same.
 */
export async function truncateTerms(
  tx: CoreTransaction,
  ctx: OperationContext,
  contract: ContractRow,
  end: Instant,
): Promise<void> {
  const at = instantText(ctx.now);
  const customerId = contract.customer_id;
  for (const { row } of await listCommits(tx, { customerId, includeArchived: false })) {
    if (row.contract_id !== contract.id) continue;
    const what = row.type === "CREDIT" ? "credit" : "commit";
    const held = await holdCommit(tx, { customerId, id: row.id, what });
    if (isPlannedAhead(held, ctx.now)) continue;
    await truncateCommit(tx, held, contract, end, at);
  }
  await truncateCharges(tx, contract, end);
  await truncateOverrides(tx, contract, end, at);
  const subscriptions = (await listSubscriptions(tx, [contract.id])).get(contract.id) ?? [];
  const terms = subscriptions.map(({ subscription }) => subscription);
  for (const id of truncate(terms, end).cut)
    await updateSubscription(tx, id, { ending_before: instantText(end) });
}

/** Children of recurring commits that have not started follow the contract when it is opened. */
const isPlannedAhead = ({ row, segments }: HeldCommit, now: Instant): boolean =>
  row.recurring_commit_id !== null &&
  segments.every((segment) => isAfter(instant(segment.starting_at), now));

async function truncateCommit(
  tx: CoreTransaction,
  held: HeldCommit,
  contract: ContractRow,
  end: Instant,
  at: string,
): Promise<void> {
  const { row, segments, entries, invoiceItems, invoicedItemIds, voidedItemIds } = held;
  const terms = segments.map((segment) => ({
    id: segment.id,
    startingAt: instant(segment.starting_at),
    endingBefore: instant(segment.ending_before),
  }));
  const { gone, cut } = truncate(terms, end);
  const isInvoiced = invoiceItems.some(({ id }) => invoicedItemIds.has(id));
  if (gone.length === segments.length) {
    // It would never be open. Bought or used already, it stays on record as it was agreed.
    if (!isInvoiced && entries.length === 0) await updateCommit(tx, row.id, { archivedAt: at });
    return;
  }
  const used = new Set(entries.map((entry) => entry.segment_id));
  await changeSegments(tx, row.id, {
    add: [],
    removeIds: gone.filter((id) => !used.has(id)),
    update: segments
      .filter(({ id }) => cut.includes(id))
      .map(({ id, amount, starting_at }) => ({
        id,
        amount,
        startingAt: starting_at,
        endingBefore: instantText(end),
      })),
  });
  if (row.type === "POSTPAID") return;
  const ridesOnUsage = contract.scheduled_charges_on_usage_invoices;
  const removeIds = itemsBeyond(invoiceItems, end, { ridesOnUsage }).filter(
    (id) => !invoicedItemIds.has(id) && !voidedItemIds.has(id),
  );
  await changeInvoiceItems(tx, row.id, { ...none, removeIds });
}

async function truncateCharges(
  tx: CoreTransaction,
  contract: ContractRow,
  end: Instant,
): Promise<void> {
  const invoiced = await listInvoicedItems(tx, [contract.id]);
  const voided = await listVoidedItems(tx, [contract.id]);
  const ridesOnUsage = contract.scheduled_charges_on_usage_invoices;
  for (const charge of (await listScheduledCharges(tx, [contract.id])).get(contract.id) ?? []) {
    const removeIds = itemsBeyond(charge.items, end, { ridesOnUsage }).filter(
      (id) => !invoiced.has(id) && !voided.has(id),
    );
    await changeChargeItems(tx, charge.id, { ...none, removeIds });
  }
}

async function truncateOverrides(
  tx: CoreTransaction,
  contract: ContractRow,
  end: Instant,
  at: string,
): Promise<void> {
  const rows = (await listOverrides(tx, [contract.id])).get(contract.id) ?? [];
  const terms = rows.map((row) => ({
    id: row.id,
    startingAt: instant(row.starting_at),
    endingBefore: row.ending_before === null ? null : instant(row.ending_before),
  }));
  const { gone, cut } = truncate(terms, end);
  for (const id of gone) await removeOverride(tx, { contractId: contract.id, id }, at);
  for (const id of cut) await endOverride(tx, id, instantText(end));
}
