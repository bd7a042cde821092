import { sql } from "kysely";
import type { Scope } from "../scope.ts";

/** What was debited for an item, up to the end of a period. */
export interface Debit {
  /** ISO instant from which it paid. */
  readonly startAt: string;
  /** Minor units, after the discounts that its invoice took off. */
  readonly netMinor: bigint;
}

/**
 * The debits of items whose time ends at `periodEndAt`, by item, newest first. What stands on a void
 * invoice was never debited.
 */
export async function listDebits(
  scope: Scope,
  items: readonly string[],
  periodEndAt: string,
): Promise<ReadonlyMap<string, readonly Debit[]>> {
  if (items.length === 0) return new Map();
  const { rows } = await sql<{ item: string; start_at: string; net: bigint }>`
    select line.subscription_item as item, line.period_start_at as start_at,
      (line.amount_minor - coalesce((select sum((taken ->> 'amount')::bigint)
        from jsonb_array_elements(line.discount_amounts) taken), 0))::bigint as net
    from collect.invoice_items line left join collect.invoices invoice on invoice.id = line.invoice
    where line.account_id = ${scope.accountId} and line.livemode = ${scope.livemode}
      and line.subscription_item = any(${[...items]}::text[]) and line.amount_minor >= 0
      and line.period_end_at = ${periodEndAt}::timestamptz
      and invoice.status is distinct from 'void'
    order by line.subscription_item, line.created_at desc, line.id desc`.execute(scope.tx);
  const groups = Map.groupBy(rows, (row) => row.item);
  return new Map(
    [...groups].map(([item, debits]) => [
      item,
      debits.map(({ start_at, net }) => ({ startAt: start_at, netMinor: net })),
    ]),
  );
}
