import type { Conventions } from "../conventions.ts";
import { type CreditType, getCreditType } from "../credit-type.ts";
import { type Decimal, dec, isZero, ONE } from "../decimal.ts";
import { toInvoiceDocument } from "../invoices/invoice-document.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { isTaxLine } from "../invoices/tax-line.ts";
import { fromMinor, toWholeUnits } from "../money.ts";
import { type CodeSource, findCodes } from "./accounting-codes.ts";
import type { AccountingDocument, AccountingKind, AccountingLine } from "./accounting-document.ts";
import { findCustomerName, type NamedCustomer } from "./customer-name.ts";
import { describeLine } from "./describe-line.ts";

/** A final invoice, with what is known now of who and what it is about. */
export interface AccountedInvoice extends NamedCustomer {
  readonly creditTypeId: string;
  readonly lines: readonly InvoiceLine[];
  readonly conventions: Conventions;
  readonly issuedOn: string;
  readonly dueOn: string;
}

export interface AccountingTerms extends CodeSource {
  readonly kind: AccountingKind;
  readonly numberPrefix: string;
  /** Lines of quantity and amount zero are sent. */
  readonly withZeroLines: boolean;
}

export type Accounting =
  | { readonly outcome: "document"; readonly document: AccountingDocument }
  /** Its total makes it one of the other file. */
  | { readonly outcome: "other_kind"; readonly total: Decimal }
  /** Tax is a line of it, on which the system would work out tax once more. */
  | { readonly outcome: "taxed" }
  /** It has no line of money. */
  | { readonly outcome: "empty" }
  | { readonly outcome: "refuse"; readonly message: string };

/** Digits of quantities and prices that every system keeps (Xero API: "Rounding in Xero"). */
const MOST_DECIMALS = 4;

/** Hexadecimal digits of an id that stand in a number: 60 bits of it, within the 21 characters of the shortest field. */
const NUMBER_DIGITS = 16;

const decimalsOf = (value: Decimal): number => Math.max(0, value.c.length - value.e - 1);
const fits = (value: Decimal): boolean => decimalsOf(value) <= MOST_DECIMALS;

/** What documents of this invoice are called, here and in files to come. */
export const documentNumber = (invoiceId: string, prefix: string): string =>
  `${prefix}${invoiceId.replaceAll("-", "").slice(0, NUMBER_DIGITS)}`;

interface RoundedLine {
  readonly line: InvoiceLine;
  /** In the wire unit, as it is rounded for whoever takes the invoice. */
  readonly amountWire: Decimal;
}

/** The lines that make up the total, rounded as for a provider: together they come to its rounded total. */
function roundLines(invoice: AccountedInvoice, creditType: CreditType): RoundedLine[] {
  const { groups } = toInvoiceDocument(invoice, creditType);
  return groups.flatMap(({ lines }) =>
    lines.flatMap(({ line, amountMinor, isSummed }) =>
      isSummed && amountMinor !== null
        ? [{ line, amountWire: fromMinor(amountMinor, creditType) }]
        : [],
    ),
  );
}

const isNothing = ({ line, amountWire }: RoundedLine): boolean =>
  isZero(amountWire) && (line.quantity === null || isZero(line.quantity));

/** Quantity and price where they multiply to the very amount, else the amount as one piece. */
function toPieces({ line, amountWire }: RoundedLine, creditType: CreditType) {
  const amount = toWholeUnits(amountWire, creditType);
  if (line.quantity === null || line.unitPrice === null) {
    return { amount, quantity: ONE, unitPrice: amount, unsaid: undefined };
  }
  const { quantity } = line;
  const unitPrice = toWholeUnits(line.unitPrice, creditType);
  const isExact = fits(quantity) && fits(unitPrice) && quantity.times(unitPrice).eq(amount);
  return isExact
    ? { amount, quantity, unitPrice, unsaid: undefined }
    : { amount, quantity: ONE, unitPrice: amount, unsaid: { quantity, unitPrice } };
}

/** An invoice as an accounting system's file has it, or why it cannot. Pure. */
export function toAccountingDocument(
  invoice: AccountedInvoice,
  terms: AccountingTerms,
): Accounting {
  const creditType = getCreditType(invoice.creditTypeId);
  const rounded = roundLines(invoice, creditType);
  if (rounded.length === 0) return { outcome: "empty" };
  const total = rounded.reduce((sum, { amountWire }) => sum.plus(amountWire), dec("0"));
  const wholeTotal = toWholeUnits(total, creditType);
  const kind = total.s < 0 && !isZero(total) ? "credit_note" : "invoice";
  if (kind !== terms.kind) return { outcome: "other_kind", total: wholeTotal };
  if (rounded.some(({ line, amountWire }) => isTaxLine(line.lineKey) && !isZero(amountWire))) {
    return { outcome: "taxed" };
  }
  const customer = findCustomerName(invoice, terms.format);
  if (customer.outcome === "refuse") return customer;
  const filled = terms.withZeroLines ? rounded : rounded.filter((line) => !isNothing(line));
  const sign = kind === "credit_note" ? dec("-1") : ONE;
  const lines: AccountingLine[] = [];
  // A document of nothing keeps its lines: without any it would not be there.
  for (const one of filled.length === 0 ? rounded : filled) {
    const codes = findCodes(one.line, invoice.id, terms);
    if (codes.outcome === "refuse") return codes;
    const { amount, quantity, unitPrice, unsaid } = toPieces(one, creditType);
    lines.push({
      ...codes.codes,
      description: describeLine(one.line, invoice.conventions, unsaid),
      quantity,
      unitPrice: unitPrice.times(sign),
      amount: amount.times(sign),
    });
  }
  return {
    outcome: "document",
    document: {
      kind,
      sourceId: invoice.id,
      number: documentNumber(invoice.id, terms.numberPrefix),
      customer: customer.name,
      currency: creditType.currency.code,
      issuedOn: invoice.issuedOn,
      dueOn: invoice.dueOn,
      lines,
      total: wholeTotal.times(sign),
    },
  };
}
