import { dec } from "../../domain/decimal.ts";
import type { Printable, PrintableLine, PrintableTotal } from "../../platform/pdf/printable.ts";
import type { Address } from "../db/foundation-tables.ts";
import { moneyText } from "../domain/subscriptions/line-text.ts";
import type { WireInvoice } from "../serializers/to-invoice.ts";
import type { toInvoiceLine } from "../serializers/to-invoice-line.ts";
import type { AccountRow } from "../store/accounts.ts";

type WireLine = ReturnType<typeof toInvoiceLine>;

const DAY = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" });

/** "Jan 1, 2024", in UTC. */
export const dayText = (unix: number): string => DAY.format(new Date(unix * 1000));

export const money = (minor: number, currency: string): string =>
  moneyText(dec(String(minor)), currency);

const addressLines = (address: Address | null): string[] =>
  address === null
    ? []
    : [
        address.line1,
        address.line2,
        [address.postal_code, address.city].filter(Boolean).join(" "),
        [address.state, address.country].filter(Boolean).join(", "),
      ].filter((line): line is string => line !== null && line !== "");

/** The seller, as the account's settings name it. */
export const sellerLines = (account: AccountRow): string[] =>
  [
    account.business_name ?? account.name,
    ...addressLines(account.address),
    account.support_email,
    account.support_phone,
    account.support_url,
  ].filter((line): line is string => line !== null && line !== "");

/** The customer, as the invoice froze them. */
export const buyerLines = (invoice: WireInvoice): string[] =>
  [invoice.customer_name, ...addressLines(invoice.customer_address), invoice.customer_email].filter(
    (line): line is string => line !== null && line !== "",
  );

const toLine = (line: WireLine): PrintableLine => ({
  description: line.description ?? "",
  detail:
    line.period.end > line.period.start
      ? `${dayText(line.period.start)} to ${dayText(line.period.end)}`
      : "",
  quantity: line.quantity_decimal,
  unitPrice: moneyText(dec(line.pricing.unit_amount_decimal), line.currency),
  amount: money(line.amount, line.currency),
});

function toTotals(invoice: WireInvoice): PrintableTotal[] {
  const row = (label: string, minor: number, strong = false): PrintableTotal => ({
    label,
    amount: money(minor, invoice.currency),
    strong,
  });
  const when = (shown: boolean, ...total: Parameters<typeof row>) => (shown ? [row(...total)] : []);
  const off = invoice.total_discount_amounts.reduce((sum, { amount }) => sum + amount, 0);
  const balance = invoice.amount_due - invoice.total;
  const credited = invoice.pre_payment_credit_notes_amount;
  return [
    row("Subtotal", invoice.subtotal),
    ...when(off > 0, "Discounts", -off),
    ...invoice.total_taxes.map((tax) =>
      row(tax.tax_behavior === "inclusive" ? "Tax (included)" : "Tax", tax.amount),
    ),
    row("Total", invoice.total, true),
    ...when(credited > 0, "Credit notes", -credited),
    ...when(
      balance + credited !== 0 && invoice.total >= 0,
      balance + credited < 0 ? "Applied balance" : "Owed from before",
      balance + credited,
    ),
    ...when(invoice.amount_paid > 0, "Paid", -invoice.amount_paid),
    row("Amount due", invoice.status === "void" ? 0 : invoice.amount_remaining, true),
  ];
}

const STATUS = {
  draft: "Draft",
  open: "Open",
  paid: "Paid",
  uncollectible: "Uncollectible",
  void: "Void",
} as const;

/** The words for an invoice's state. */
export const statusText = (invoice: WireInvoice): string =>
  invoice.status === "open" && invoice.amount_paid > 0 ? "Partly paid" : STATUS[invoice.status];

/** An invoice, or the receipt of a paid one, as a document. */
export function toInvoicePrintable(
  invoice: WireInvoice,
  lines: readonly WireLine[],
  account: AccountRow,
  kind: "invoice" | "receipt",
): Printable {
  const paidAt = invoice.status_transitions.paid_at;
  const facts = [
    { label: "Number", value: invoice.number ?? "" },
    { label: "Date of issue", value: dayText(invoice.effective_at ?? invoice.created) },
    ...(invoice.due_date === null ? [] : [{ label: "Due", value: dayText(invoice.due_date) }]),
    ...(paidAt === null ? [] : [{ label: "Paid", value: dayText(paidAt) }]),
    ...(invoice.custom_fields ?? []).map(({ name, value }) => ({ label: name, value })),
  ];
  const isOpen = invoice.status === "open";
  const instructions = isOpen && invoice.collection_method === "send_invoice";
  return {
    title: kind === "receipt" ? "Receipt" : "Invoice",
    from: sellerLines(account),
    to: buyerLines(invoice),
    facts,
    lines: lines.map(toLine),
    totals: toTotals(invoice),
    notes: [
      invoice.description,
      instructions ? account.payment_instructions : null,
      invoice.footer,
    ].filter((note): note is string => note !== null && note !== ""),
    marks: [statusText(invoice), ...(invoice.livemode ? [] : ["Test mode"])],
  };
}
