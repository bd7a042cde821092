import type { Selectable } from "kysely";
import type { CustomerBalanceTransactionsTable } from "../db/foundation-tables.ts";
import { missing } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type BalanceTransactionRow = Selectable<CustomerBalanceTransactionsTable>;

export interface BalanceChange {
  readonly customer: string;
  /** Added to the balance; negative = credit granted. */
  readonly amountMinor: bigint;
  readonly endingBalanceMinor: bigint;
  readonly currency: string;
  readonly type: CustomerBalanceTransactionsTable["type"];
  /** The invoice that moved the balance; undefined when it was moved by hand. */
  readonly invoice?: string;
  readonly creditNote?: string;
  readonly description?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Writes what explains a change of a locked customer's balance. */
export async function insertBalanceTransaction(
  scope: Scope,
  change: BalanceChange,
): Promise<BalanceTransactionRow> {
  return scope.tx
    .insertInto("customer_balance_transactions")
    .values({
      ...ownership(scope),
      id: newId("cbtxn"),
      customer: change.customer,
      amount_minor: change.amountMinor,
      ending_balance_minor: change.endingBalanceMinor,
      currency: change.currency,
      type: change.type,
      invoice: change.invoice ?? null,
      credit_note: change.creditNote ?? null,
      description: change.description ?? null,
      metadata: JSON.stringify(change.metadata ?? {}),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Throws 404 when this customer has no such transaction. */
export async function getBalanceTransaction(
  scope: Scope,
  customer: string,
  id: string,
): Promise<BalanceTransactionRow> {
  const row = await scope.tx
    .selectFrom("customer_balance_transactions")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("customer", "=", customer)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw missing("customer balance transaction", id);
  return row;
}

/** Those that exist, in no particular order. */
export async function listBalanceTransactionsByIds(
  scope: Scope,
  ids: readonly string[],
): Promise<BalanceTransactionRow[]> {
  if (ids.length === 0) return [];
  return scope.tx
    .selectFrom("customer_balance_transactions")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", ids)
    .execute();
}

/** Newest first. */
export async function listBalanceTransactions(
  scope: Scope,
  customer: string,
  page: PageQuery,
): Promise<Page<BalanceTransactionRow>> {
  const query = scope.tx
    .selectFrom("customer_balance_transactions")
    .selectAll()
    .where("customer", "=", customer);
  return listPage(
    scope,
    "customer_balance_transactions",
    "customer balance transaction",
    query,
    page,
  );
}
