import type { CoreTransaction } from "../db/database.ts";
import { type Decimal, dec, sum } from "../domain/decimal.ts";
import { invalid, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type LedgerEntryRow, listLedgerEntries } from "../store/commit-ledger.ts";
import { type CommitRecord, type CommitRow, listCommits } from "../store/commits.ts";
import { listInvoicedItems } from "../store/draft-invoices.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { findInvoicingParties } from "../store/invoice-contracts.ts";
import { listVoidedItems } from "../store/void-invoice.ts";
import type { OperationContext } from "./context.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { openContract } from "./open-invoices.ts";
import { requestThresholdEvaluation } from "./request-threshold-evaluation.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";

/** One commit or credit of a customer, by what it is called on the wire. */
export interface CommitKey {
  readonly customerId: string;
  readonly id: string;
  readonly what: "commit" | "credit" | "balance";
}

/** A commit that is being changed, with what decides what may change. */
export interface HeldCommit extends CommitRecord {
  /** Posted entries, oldest first. */
  readonly entries: readonly LedgerEntryRow[];
  /** Dates of its purchase that a finalized invoice bills. */
  readonly invoicedItemIds: ReadonlySet<string>;
  /** Dates of its purchase that a void invoice billed: these stay on record. */
  readonly voidedItemIds: ReadonlySet<string>;
}

const TYPES = {
  commit: ["PREPAID", "POSTPAID"],
  credit: ["CREDIT"],
  balance: ["PREPAID", "POSTPAID", "CREDIT"],
} as const satisfies Record<CommitKey["what"], readonly CommitRow["type"][]>;

/**
 * Changes a commit or credit while no invoice of its customer is finalized, and lets the invoices of
 * the contract it belongs to and of those that bill its purchase follow, before and after. Throws not
 * found.
 */
export async function changeCommit<Result>(
  ctx: OperationContext,
  key: CommitKey,
  change: (tx: CoreTransaction, held: HeldCommit) => Promise<Result>,
): Promise<Result> {
  return inTransaction(
    ctx.db,
    async (tx) => {
      await takeInvoicingTurn(tx, key.customerId);
      await lockActiveCustomer(tx, ctx, key.customerId);
      return watchLifecycle(tx, ctx, key.customerId, () => changeHeld(tx, ctx, key, change));
    },
    { oneSnapshot: true },
  );
}

async function changeHeld<Result>(
  tx: CoreTransaction,
  ctx: OperationContext,
  key: CommitKey,
  change: (tx: CoreTransaction, held: HeldCommit) => Promise<Result>,
): Promise<Result> {
  const held = await holdCommit(tx, key);
  const result = await change(tx, held);
  const [changed] = await findCommit(tx, key);
  const contractIds = new Set([
    held.row.contract_id,
    held.row.invoice_contract_id,
    changed?.row.invoice_contract_id ?? null,
  ]);
  for (const contractId of contractIds) await reopen(tx, ctx, contractId);
  await requestThresholdEvaluation(tx, ctx, key.customerId);
  return result;
}

const findCommit = (tx: CoreTransaction, { customerId, id, what }: CommitKey) =>
  listCommits(tx, { customerId, id, types: TYPES[what], includeArchived: true });

/** A commit with what decides what may change, while the transaction holds its customer. */
export async function holdCommit(tx: CoreTransaction, key: CommitKey): Promise<HeldCommit> {
  const { id, what } = key;
  const [record] = await findCommit(tx, key);
  if (record === undefined) throw notFound(what, id);
  const billedBy = record.row.invoice_contract_id;
  const contractIds = billedBy === null ? [] : [billedBy];
  return {
    ...record,
    entries: (await listLedgerEntries(tx, [id])).get(id) ?? [],
    invoicedItemIds: await listInvoicedItems(tx, contractIds),
    voidedItemIds: await listVoidedItems(tx, contractIds),
  };
}

async function reopen(
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string | null,
): Promise<void> {
  if (contractId === null) return;
  const parties = await findInvoicingParties(tx, ctx.environment.id, contractId);
  if (parties?.archivedAt === null) await openContract(tx, ctx, contractId);
}

/** Refuses to change what was archived. */
export function refuseArchived({ row }: CommitRecord): void {
  if (row.archived_at === null) return;
  throw invalid(`${row.type === "CREDIT" ? "Credit" : "Commit"} ${row.id} is archived`);
}

/** What finalized invoices and manual entries have moved on a segment: negative when value is gone. */
export const movedOn = ({ entries }: HeldCommit, segmentId: string): Decimal =>
  sum(entries.filter((entry) => entry.segment_id === segmentId).map(({ amount }) => dec(amount)));
