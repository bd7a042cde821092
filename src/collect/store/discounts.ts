import { type Selectable, sql } from "kysely";
import type { DiscountsTable } from "../db/totals-tables.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";

export type DiscountRow = Selectable<DiscountsTable>;

/** Those that exist, by id. */
export async function listDiscountsById(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DiscountRow>> {
  if (ids.length === 0) return new Map();
  const rows = await scope.tx
    .selectFrom("discounts")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** An object that has discounts, with the objects that it is a part of. */
export interface DiscountPlace {
  readonly customer: string;
  readonly subscription?: string | undefined;
  readonly subscriptionItem?: string | undefined;
  readonly invoice?: string | undefined;
  readonly invoiceItem?: string | undefined;
}

/**
 * The discounts that an object, or one that it is a part of, has now: what was removed, replaced or
 * used up is not among them.
 */
export async function listHeldDiscounts(
  scope: Scope,
  { customer, subscription, subscriptionItem, invoice, invoiceItem }: DiscountPlace,
): Promise<ReadonlySet<string>> {
  const [sub, item] = [subscription ?? null, subscriptionItem ?? null];
  const [bill, line] = [invoice ?? null, invoiceItem ?? null];
  const { rows } = await sql<{ id: string }>`
    with bills as (
      select ${bill}::text as id union
      select invoice from collect.invoice_items where id = ${line}),
    subscriptions as (
      select ${sub}::text as id union
      select subscription from collect.subscription_items where id = ${item} union
      select subscription from collect.invoice_items where id = ${line} union
      select subscription from collect.invoices where id in (select id from bills)),
    held as (
      select discounts from collect.subscriptions where id in (select id from subscriptions)
      union all select discounts from collect.subscription_items where id = ${item}
      union all select discounts from collect.invoices where id in (select id from bills)
      union all select discounts from collect.invoice_items where id = ${line}
      union all select jsonb_build_array(discount ->> 'id') from collect.customers
        where id = ${customer} and discount is not null)
    select discount.id from collect.discounts discount
    where discount.account_id = ${scope.accountId} and discount.livemode = ${scope.livemode}
      and discount.customer = ${customer}
      and (discount.end_at is null or discount.end_at > ${scope.nowAt}::timestamptz)
      and discount.id in (select jsonb_array_elements_text(discounts) from held)`.execute(scope.tx);
  return new Set(rows.map(({ id }) => id));
}

/** Adds a discount that begins at the scope's moment. */
export async function insertDiscount(
  scope: Scope,
  discount: NewObject<DiscountsTable>,
): Promise<DiscountRow> {
  return scope.tx
    .insertInto("discounts")
    .values({ ...discount, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}
