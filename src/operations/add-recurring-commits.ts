import type { CoreTransaction } from "../db/database.ts";
import type { CommitSpecifier } from "../domain/commits/commit.ts";
import { type Decimal, toText } from "../domain/decimal.ts";
import type { BillingFrequency } from "../domain/period.ts";
import type {
  Proration,
  RecurringCommit,
  UnitAmount,
} from "../domain/recurring/recurring-commit.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { type ContractRow, toContract } from "../store/contracts.ts";
import {
  insertRecurringCommit,
  type NewRecurringCommit,
  toRecurringCommit,
} from "../store/recurring-commits.ts";
import { listSubscriptions } from "../store/subscriptions.ts";
import { checkCreditType } from "./check-credit-type.ts";
import { checkRecurringCommit, refuseLongPast } from "./check-recurring-commit.ts";
import type { OperationContext } from "./context.ts";
import { noteTemporaryIds } from "./note-temporary-ids.ts";

type Amount = UnitAmount & { readonly creditTypeId: string };

/** A commit or credit that a contract is given each period. */
export interface RecurringCommitTerms {
  readonly type: RecurringCommit["type"];
  readonly productId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly priority: string;
  readonly rateType: RecurringCommit["rateType"];
  readonly rolloverFraction: string | null;
  readonly applicableProductIds: readonly string[];
  readonly applicableProductTags: readonly string[];
  readonly specifiers: readonly CommitSpecifier[];
  readonly netsuiteSalesOrderId: string | null;
  /** `quantity` null: the subscription's. */
  readonly access: Omit<Amount, "quantity"> & { readonly quantity: Decimal | null };
  /** null: its children are free. */
  readonly invoice: Amount | null;
  readonly durationPeriods: number;
  readonly frequency: BillingFrequency | null;
  readonly proration: Proration;
  readonly startingAt: Instant;
  readonly endingBefore: Instant | null;
  /** `subscriptionId` may be a temporary id of the same request. */
  readonly pool: RecurringCommit["pool"];
  readonly temporaryId: string | undefined;
}

/** What a contract is given each period. */
export interface RecurringParts {
  readonly recurringCommits: readonly RecurringCommitTerms[];
  readonly recurringCredits: readonly RecurringCommitTerms[];
}

/**
 * Adds recurring commits or credits to a contract and returns their ids; products were checked by
 * the caller, subscriptions are there. Their children come when the contract's invoices are opened.
 * `field` names them in messages; `temporaryIds` holds what the request added so far, and is told of
 * them.
 */
export async function addRecurringCommits(
  tx: CoreTransaction,
  ctx: OperationContext,
  all: readonly RecurringCommitTerms[],
  row: ContractRow,
  { field, temporaryIds }: { readonly field: string; readonly temporaryIds: Map<string, string> },
): Promise<string[]> {
  const ids: string[] = [];
  if (all.length === 0) return ids;
  const subscriptions = (await listSubscriptions(tx, [row.id])).get(row.id) ?? [];
  const subscribed = subscriptions.map(({ subscription }) => subscription);
  const contract = toContract(row, [], subscribed, []);
  for (const [n, terms] of all.entries()) {
    const path = `${field}[${n}].`;
    const resolved = withoutTemporaryId(terms, temporaryIds);
    checkRecurringCommit(resolved, contract, path);
    await checkCreditType(
      { ...ctx, db: tx },
      terms.access.creditTypeId,
      `${path}access_amount.credit_type_id`,
    );
    const columns = toColumns(ctx, row.id, resolved);
    const planned = toRecurringCommit({ ...columns, id: "", position: 0n });
    refuseLongPast(contract, planned, ctx.now, path);
    ids.push(await insertRecurringCommit(tx, columns));
  }
  noteTemporaryIds(all, ids, field, temporaryIds);
  return ids;
}

/** Adds both kinds, of a contract that is being created. */
export async function addRecurringParts(
  tx: CoreTransaction,
  ctx: OperationContext,
  { recurringCommits, recurringCredits }: RecurringParts,
  row: ContractRow,
  temporaryIds: Map<string, string>,
): Promise<void> {
  const commits = { field: "recurring_commits", temporaryIds };
  await addRecurringCommits(tx, ctx, recurringCommits, row, commits);
  const credits = { field: "recurring_credits", temporaryIds };
  await addRecurringCommits(tx, ctx, recurringCredits, row, credits);
}

function withoutTemporaryId(
  terms: RecurringCommitTerms,
  temporaryIds: ReadonlyMap<string, string>,
): RecurringCommitTerms {
  const { pool } = terms;
  if (pool === null) return terms;
  const subscriptionId = temporaryIds.get(pool.subscriptionId) ?? pool.subscriptionId.toLowerCase();
  return { ...terms, pool: { ...pool, subscriptionId } };
}

const toColumns = (
  ctx: OperationContext,
  contractId: string,
  terms: RecurringCommitTerms,
): NewRecurringCommit => ({
  contract_id: contractId,
  type: terms.type,
  product_id: terms.productId,
  name: terms.name,
  description: terms.description,
  priority: terms.priority,
  rate_type: terms.rateType,
  rollover_fraction: terms.rolloverFraction,
  applicable_product_ids: orNull(terms.applicableProductIds),
  applicable_product_tags: orNull(terms.applicableProductTags),
  specifiers: terms.specifiers.length === 0 ? null : [...terms.specifiers],
  netsuite_sales_order_id: terms.netsuiteSalesOrderId,
  access_credit_type_id: terms.access.creditTypeId,
  access_unit_price: toText(terms.access.unitPrice),
  access_quantity: terms.access.quantity && toText(terms.access.quantity),
  invoice_credit_type_id: terms.invoice?.creditTypeId ?? null,
  invoice_unit_price: terms.invoice && toText(terms.invoice.unitPrice),
  invoice_quantity: terms.invoice && toText(terms.invoice.quantity),
  duration_periods: terms.durationPeriods,
  recurrence_frequency: terms.frequency,
  proration: terms.proration,
  starting_at: instantText(terms.startingAt),
  ending_before: terms.endingBefore && instantText(terms.endingBefore),
  subscription_id: terms.pool?.subscriptionId ?? null,
  is_increase_prorated: terms.pool?.isIncreaseProrated ?? null,
  allocation: terms.pool?.allocation ?? "POOLED",
  created_at: instantText(ctx.now),
  created_by: ctx.actor,
});

const orNull = (values: readonly string[]): string[] | null =>
  values.length === 0 ? null : [...new Set(values)];
