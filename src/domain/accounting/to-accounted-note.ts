import { allocateCredit } from "../credit-notes/allocate-credit.ts";
import type { CreditLine } from "../credit-notes/creditable.ts";
import { getCreditType } from "../credit-type.ts";
import { cut } from "../cut.ts";
import { ONE } from "../decimal.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { isTaxLine } from "../invoices/tax-line.ts";
import { fromMinor, toWholeUnits } from "../money.ts";
import { findCodes } from "./accounting-codes.ts";
import type { AccountingLine } from "./accounting-document.ts";
import { findCustomerName } from "./customer-name.ts";
import { MAX_DESCRIPTION } from "./describe-line.ts";
import {
  type AccountedInvoice,
  type Accounting,
  type AccountingTerms,
  documentNumber,
} from "./to-accounting-document.ts";

/** A credit note for the books. */
export interface AccountedNote {
  readonly id: string;
  readonly lines: readonly CreditLine[];
  /** What it comes to, fixed when it was issued. */
  readonly amountMinor: bigint;
  /** A calendar date. */
  readonly issuedOn: string;
  /** What it credits. */
  readonly invoice: AccountedInvoice;
}

/**
 * A credit note as an accounting system's file has it, booked as the lines that it credits are; or why it
 * cannot. One that gives back balances alone has no line of money. Pure.
 */
export function toAccountedNote(note: AccountedNote, terms: AccountingTerms): Accounting {
  const { invoice } = note;
  const creditType = getCreditType(invoice.creditTypeId);
  const amounts = allocateCredit(
    note.lines.map(({ amount }) => amount),
    note.amountMinor,
    creditType,
    invoice.conventions,
  );
  const credits = documentNumber(invoice.id, terms.numberPrefix);
  const byKey = new Map<string | null, InvoiceLine>(
    invoice.lines.map((line) => [line.lineKey, line]),
  );
  const lines: AccountingLine[] = [];
  for (const [index, credited] of note.lines.entries()) {
    const minor = amounts[index] ?? 0n;
    if (minor === 0n) continue;
    if (credited.lineKey !== null && isTaxLine(credited.lineKey)) return { outcome: "taxed" };
    // What is credited of the whole is of no product.
    const line = byKey.get(credited.lineKey) ?? { productId: null, name: credited.name };
    const codes = findCodes(line, invoice.id, terms);
    if (codes.outcome === "refuse") return codes;
    const amount = toWholeUnits(fromMinor(minor, creditType), creditType);
    const description = cut(`Credit of ${credits}: ${credited.name}`, MAX_DESCRIPTION);
    lines.push({ ...codes.codes, description, quantity: ONE, unitPrice: amount, amount });
  }
  if (lines.length === 0) return { outcome: "empty" };
  const customer = findCustomerName(invoice, terms.format);
  if (customer.outcome === "refuse") return customer;
  return {
    outcome: "document",
    document: {
      kind: "credit_note",
      sourceId: note.id,
      number: documentNumber(note.id, terms.numberPrefix),
      customer: customer.name,
      currency: creditType.currency.code,
      issuedOn: note.issuedOn,
      dueOn: note.issuedOn,
      lines,
      total: toWholeUnits(fromMinor(note.amountMinor, creditType), creditType),
    },
  };
}
