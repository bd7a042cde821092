import { getCreditType } from "../../domain/credit-type.ts";
import type { InvoiceStatus } from "../../domain/invoices/invoice.ts";
import { type InvoiceDocument, toInvoiceDocument } from "../../domain/invoices/invoice-document.ts";
import { instant } from "../../domain/time.ts";
import type { InvoiceParts } from "../../operations/read-invoice-document.ts";
import type { InvoiceDetail } from "../../operations/read-invoices.ts";
import type { Printable, PrintableFact, PrintableTotal } from "../../platform/pdf/printable.ts";
import type { Seller } from "../../store/seller.ts";
import { dayText, dueText, minorText } from "./document-texts.ts";
import { statedPeriod, toPrintableLines } from "./printable-lines.ts";

/** What stands across a document that asks for no payment. */
const STAMPS = { DRAFT: "DRAFT", FINALIZED: undefined, VOID: "VOID" } as const satisfies Record<
  InvoiceStatus,
  string | undefined
>;

const sellerLines = (seller: Seller | null): string[] =>
  seller === null
    ? []
    : [
        seller.name,
        ...(seller.address_lines ?? []),
        seller.tax_id === undefined ? undefined : `Tax ID ${seller.tax_id}`,
        seller.email,
      ].filter((line) => line !== undefined);

const termsText = (days: number): string => (days === 0 ? "Due on receipt" : `Net ${days} days`);

function factsOf({
  record,
  netPaymentTermsDays: days,
  conventions,
}: InvoiceDetail): PrintableFact[] {
  const { startAt, endAt, issuedAt } = record;
  const [start, end] = [startAt, endAt].map((at) => (at === null ? null : instant(at)));
  const period = statedPeriod(start ?? null, end ?? null, conventions);
  const isFinal = record.status !== "DRAFT" && issuedAt !== null;
  return [
    { label: "Invoice", value: record.id },
    ...(period === "" ? [] : [{ label: "Period", value: period }]),
    { label: "Issued", value: isFinal ? dayText(instant(issuedAt)) : "not yet" },
    ...(days === null ? [] : [{ label: "Payment terms", value: termsText(days) }]),
    ...(days === null || !isFinal ? [] : [{ label: "Due", value: dueText(issuedAt, days) }]),
  ];
}

function totalsOf(document: InvoiceDocument, creditTypeId: string): PrintableTotal[] {
  const creditType = getCreditType(creditTypeId);
  const row = (label: string, minor: bigint, strong = false): PrintableTotal => ({
    label,
    amount: minorText(minor, creditType),
    strong,
  });
  return [
    row("Subtotal", document.subtotalMinor),
    row("Commits and credits applied", document.appliedMinor),
    row(`Total (${creditType.currency.code})`, document.totalMinor, true),
  ];
}

const logoOf = (seller: Seller | null): Uint8Array | undefined =>
  seller?.logo === undefined ? undefined : Buffer.from(seller.logo.split(",")[1] ?? "", "base64");

/** An invoice as a document that people read. */
export function toInvoicePrintable({ invoice, customer, seller, isTest }: InvoiceParts): Printable {
  const { record, conventions, units } = invoice;
  const { creditTypeId } = record;
  const document = toInvoiceDocument(invoice, getCreditType(creditTypeId));
  const stamp = STAMPS[record.status];
  return {
    title: "Invoice",
    from: sellerLines(seller),
    to: [customer.name],
    facts: factsOf(invoice),
    lines: document.groups.flatMap((group) =>
      toPrintableLines(group, { conventions, units, creditTypeId }),
    ),
    totals: totalsOf(document, creditTypeId),
    notes: [],
    marks: [
      ...(stamp === undefined ? [] : [stamp]),
      ...(record.imported ? ["Issued elsewhere"] : []),
      ...(isTest ? ["Test mode"] : []),
    ],
    stamp,
    logo: logoOf(seller),
  };
}
