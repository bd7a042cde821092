import { findCreditType } from "../../domain/credit-type.ts";
import type { Decimal } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { instantText } from "../../domain/time.ts";
import type { InvoiceDetail } from "../../operations/read-invoices.ts";
import { type Cell, writeRows } from "./csv-rows.ts";
import { toWholeUnits } from "./document-texts.ts";

const jsonText = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

interface Source {
  readonly line: InvoiceLine;
  /** 1 for the first. */
  readonly number: number;
  readonly invoice: InvoiceDetail;
}

/** Exact, in whole units of the currency; in a pricing unit as it is. */
function toAmount(amountWire: Decimal | null, { creditTypeId }: InvoiceLine): Decimal | null {
  const creditType = findCreditType(creditTypeId);
  if (amountWire === null || creditType === undefined) return amountWire;
  return toWholeUnits(amountWire, creditType);
}

const COLUMNS: readonly (readonly [name: string, cell: (source: Source) => Cell])[] = [
  ["invoice_id", ({ invoice }) => invoice.record.id],
  ["customer_id", ({ invoice }) => invoice.record.customerId],
  ["line_number", ({ number }) => number],
  ["type", ({ line }) => line.type],
  ["name", ({ line }) => line.name],
  ["product_id", ({ line }) => line.productId],
  ["starting_at", ({ line }) => line.startingAt && instantText(line.startingAt)],
  ["ending_before", ({ line }) => line.endingBefore && instantText(line.endingBefore)],
  ["quantity", ({ line }) => line.quantity],
  ["unit_price", ({ line }) => toAmount(line.unitPrice, line)],
  ["total", ({ line }) => toAmount(line.total, line)],
  [
    "currency",
    ({ line: { creditTypeId: id }, invoice }) =>
      findCreditType(id)?.currency.code ?? invoice.units.get(id) ?? id,
  ],
  ["commit_id", ({ line }) => line.purchasedCommitId ?? line.commit?.commitId ?? null],
  ["commit_type", ({ line }) => line.commit?.type ?? null],
  ["pricing_group_values", ({ line }) => jsonText(line.pricingGroupValues)],
  ["presentation_group_values", ({ line }) => jsonText(line.presentationGroupValues)],
  ["tier", ({ line }) => line.tier?.level ?? null],
  ["subscription_id", ({ line }) => line.subscription?.id ?? null],
  ["contract_id", ({ invoice }) => invoice.record.contractId],
  ["invoice_type", ({ invoice }) => invoice.record.type],
  ["invoice_status", ({ invoice }) => invoice.record.status],
  ["issued_at", ({ invoice }) => invoice.record.issuedAt],
];

/** An invoice as CSV: one row for each line, in the order of the API. */
export function toInvoiceCsv(invoice: InvoiceDetail): string {
  const header = COLUMNS.map(([name]) => name);
  const rows = invoice.lines.map((line, index) =>
    COLUMNS.map(([, cell]) => cell({ line, number: index + 1, invoice })),
  );
  return writeRows([header, ...rows]);
}
