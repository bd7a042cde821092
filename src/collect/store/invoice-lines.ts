import { sql } from "kysely";
import type { StoredDiscountAmount, StoredTax } from "../db/totals-tables.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { InvoiceItemRow } from "./invoice-items.ts";
import type { Page, PageQuery } from "./page.ts";

/** Lines that are shown inside of an invoice; the rest is read from its `lines.url`. */
export const EMBEDDED_LINES = 10;

const ofInvoice = (scope: Scope, invoice: string) =>
  scope.tx
    .selectFrom("invoice_items")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("invoice", "=", invoice);

/** The lines with these ids ("il_..."), all on one invoice; throws 400 on one that is not. */
export async function getLines(
  scope: Scope,
  invoice: string,
  lineIds: readonly string[],
  param: (index: number) => string,
): Promise<InvoiceItemRow[]> {
  if (lineIds.length === 0) return [];
  if (new Set(lineIds).size !== lineIds.length) {
    throw refused("invalid_argument", "A line is named twice.", "lines");
  }
  const rows = await ofInvoice(scope, invoice).where("line_id", "in", lineIds).execute();
  const byId = new Map(rows.map((row) => [row.line_id, row]));
  return lineIds.map((id, index) => {
    const row = byId.get(id);
    if (row !== undefined) return row;
    throw refused(
      "resource_missing",
      `No such invoice line item on ${invoice}: '${id}'`,
      param(index),
    );
  });
}

/** The lines with these ids on any invoice; ids that do not exist are left out. */
export async function listLinesByIds(
  scope: Scope,
  lineIds: readonly string[],
): Promise<InvoiceItemRow[]> {
  if (lineIds.length === 0) return [];
  return scope.tx
    .selectFrom("invoice_items")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("invoice", "is not", null)
    .where("line_id", "in", lineIds)
    .execute();
}

/** One page of an invoice's lines, in the order of the invoice. */
export async function listLines(
  scope: Scope,
  invoice: string,
  { limit, startingAfter, endingBefore }: PageQuery,
): Promise<Page<InvoiceItemRow>> {
  if (startingAfter !== undefined && endingBefore !== undefined) {
    throw refused(
      "parameter_invalid",
      "You cannot use both starting_after and ending_before.",
      "ending_before",
    );
  }
  const backwards = endingBefore !== undefined;
  const cursor = startingAfter ?? endingBefore;
  let query = ofInvoice(scope, invoice);
  if (cursor !== undefined) {
    const param = backwards ? "ending_before" : "starting_after";
    const [line] = await getLines(scope, invoice, [cursor], () => param);
    query = query.where("position", backwards ? "<" : ">", line?.position ?? 0);
  }
  const found = await query
    .orderBy("position", backwards ? "desc" : "asc")
    .limit(limit + 1)
    .execute();
  const rows = found.slice(0, limit);
  return { rows: backwards ? rows.reverse() : rows, hasMore: found.length > limit };
}

/** The first lines of each invoice, in order. Invoices without lines are left out. */
export async function listFirstLines(
  scope: Scope,
  invoices: readonly string[],
): Promise<ReadonlyMap<string, readonly InvoiceItemRow[]>> {
  if (invoices.length === 0) return new Map();
  const { rows } = await sql<InvoiceItemRow>`select line.*
    from unnest(${[...invoices]}::text[]) as wanted (id)
    cross join lateral (
      select * from collect.invoice_items item where item.invoice = wanted.id
      order by item.position limit ${EMBEDDED_LINES}) line
    order by line.invoice, line.position`.execute(scope.tx);
  return Map.groupBy(rows, (row) => row.invoice ?? "");
}

export interface LineSums {
  readonly lineCount: number;
  readonly totalMinor: bigint;
  readonly lastPosition: number;
  /** Whether no line has, or had, discounts or taxes. */
  readonly isPlain: boolean;
}

/** Sums up a locked invoice's lines. */
export async function sumLines(scope: Scope, invoice: string): Promise<LineSums> {
  const { rows } = await sql<{ lines: number; total: bigint; last: number; plain: boolean }>`
    select count(*)::int as lines, coalesce(sum(amount_minor), 0)::bigint as total,
      coalesce(max(position), 0) as last,
      coalesce(bool_and(discounts = '[]' and tax_rates = '[]' and fixed_taxes is null
        and discount_amounts = '[]' and taxes = '[]'), true) as plain
    from collect.invoice_items where invoice = ${invoice}`.execute(scope.tx);
  const row = rows[0];
  return {
    lineCount: row?.lines ?? 0,
    totalMinor: row?.total ?? 0n,
    lastPosition: row?.last ?? 0,
    isPlain: row?.plain ?? true,
  };
}

/** All lines of an invoice, in its order. */
export async function listAllLines(scope: Scope, invoice: string): Promise<InvoiceItemRow[]> {
  return ofInvoice(scope, invoice).orderBy("position").execute();
}

export interface LineTotalsRow {
  /** "ii_...". */
  readonly id: string;
  readonly discountAmounts: readonly StoredDiscountAmount[];
  readonly taxes: readonly StoredTax[];
}

/** Stores what discounts and taxes came to on lines of a locked draft, in one statement. */
export async function saveLineTotals(scope: Scope, lines: readonly LineTotalsRow[]): Promise<void> {
  if (lines.length === 0) return;
  await sql`update collect.invoice_items item
    set discount_amounts = found.discount_amounts, taxes = found.taxes
    from unnest(${lines.map(({ id }) => id)}::text[],
      ${lines.map(({ discountAmounts }) => JSON.stringify(discountAmounts))}::text[]::jsonb[],
      ${lines.map(({ taxes }) => JSON.stringify(taxes))}::text[]::jsonb[])
      as found (id, discount_amounts, taxes)
    where item.id = found.id and item.account_id = ${scope.accountId}
      and item.livemode = ${scope.livemode}`.execute(scope.tx);
}

/** What of the taxes of an invoice's lines has to fit together. */
export interface TaxFacts {
  /** A line has taxes that were computed elsewhere. */
  readonly hasFixed: boolean;
  /** A line has tax rates. */
  readonly hasRates: boolean;
  /** A line includes more taxes than it comes to. */
  readonly isBeyond: boolean;
}

/** Reads them for one invoice; false where it has no lines. */
export async function findTaxFacts(scope: Scope, invoice: string): Promise<TaxFacts> {
  const { rows } = await sql<{ has_fixed: boolean; has_rates: boolean; is_beyond: boolean }>`
    select coalesce(bool_or(fixed_taxes is not null), false) as has_fixed,
      coalesce(bool_or(tax_rates <> '[]'), false) as has_rates,
      coalesce(bool_or(fixed_taxes is not null and (
        select coalesce(sum((tax ->> 'amount')::bigint), 0) from jsonb_array_elements(fixed_taxes) tax
        where (tax ->> 'inclusive')::boolean) > greatest(amount_minor, 0)), false) as is_beyond
    from collect.invoice_items where invoice = ${invoice}`.execute(scope.tx);
  const [row] = rows;
  return {
    hasFixed: row?.has_fixed ?? false,
    hasRates: row?.has_rates ?? false,
    isBeyond: row?.is_beyond ?? false,
  };
}
