import { type Selectable, sql } from "kysely";
import type { CustomersTable } from "../db/foundation-tables.ts";
import { missing } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";

/** A customer as billing sees it. */
export type BilledCustomer = Selectable<CustomersTable>;

/** Locks a customer, so that balance, currency, numbers and pending items change one after the other. */
export async function lockBilledCustomer(
  scope: Scope,
  id: string,
  param = "customer",
): Promise<BilledCustomer> {
  const row = await scope.tx
    .selectFrom("customers")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw missing("customer", id, param);
  return row;
}

/** Those that exist, deleted ones included, by id. */
export async function listBilledCustomers(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, BilledCustomer>> {
  if (ids.length === 0) return new Map();
  const rows = await scope.tx
    .selectFrom("customers")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

export interface BalanceChange {
  readonly amount: bigint;
  readonly endingBalance: bigint;
  readonly currency: string;
  readonly type: "applied_to_invoice" | "invoice_too_small" | "unapplied_from_invoice";
  readonly invoice: string;
}

/** Writes what explains a change of a locked customer's balance by an invoice. */
export async function insertBalanceTransaction(
  scope: Scope,
  customer: string,
  change: BalanceChange,
): Promise<void> {
  await scope.tx
    .insertInto("customer_balance_transactions")
    .values({
      id: newId("cbtxn"),
      account_id: scope.accountId,
      livemode: scope.livemode,
      created_at: scope.nowAt,
      customer,
      amount_minor: change.amount,
      ending_balance_minor: change.endingBalance,
      currency: change.currency,
      type: change.type,
      invoice: change.invoice,
      description: null,
      metadata: "{}",
    })
    .execute();
}

/** True when something in the customer's present currency is still to be billed or paid. */
export async function hasOpenBilling(scope: Scope, customer: string): Promise<boolean> {
  const { rows } = await sql<{ open: boolean }>`select
    exists (select 1 from collect.invoice_items where customer = ${customer} and invoice is null)
    or exists (select 1 from collect.invoices where customer = ${customer} and status in ('draft', 'open', 'uncollectible'))
    as open`.execute(scope.tx);
  return rows[0]?.open ?? false;
}
