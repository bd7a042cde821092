import { faultPoint } from "../../../platform/fault-points.ts";
import type { CreditNoteReason, NotedRefund } from "../../db/money-tables.ts";
import type { StoredDiscountAmount, StoredTax } from "../../db/totals-tables.ts";
import { newLinkToken } from "../../domain/link-token.ts";
import { refused } from "../../errors.ts";
import { newId } from "../../ids.ts";
import type { Scope } from "../../scope.ts";
import { insertBalanceTransaction } from "../../store/balance-transactions.ts";
import { type ChargeRow, lockCharge } from "../../store/charges.ts";
import {
  type CreditNoteLineRow,
  insertCreditNote,
  listLinesOfNotes,
} from "../../store/credit-notes.ts";
import { lockCustomerOrDeleted } from "../../store/customers.ts";
import { listPaymentsOfInvoices } from "../../store/invoice-payments.ts";
import { type InvoiceRow, lockInvoice, updateInvoice } from "../../store/invoices.ts";
import { lockPaymentIntent } from "../../store/payment-intents.ts";
import { changeCustomer } from "../change-customer.ts";
import { discarding } from "../discarding.ts";
import { lowerPayment, remainingOf } from "../invoice-payment.ts";
import { recordEvent } from "../record-event.ts";
import { recordInvoiceChange } from "../record-invoice-change.ts";
import { refundCharge } from "../refund-charge.ts";
import { renderInvoice } from "../render-invoice.ts";
import { followSettled } from "../subscriptions/follow-invoice.ts";
import { type NoteLine, type NoteLineRequest, toNoteLines } from "./note-lines.ts";
import { renderCreditNote, type WireCreditNote } from "./render-credit-note.ts";

export interface CreditNoteRequest {
  readonly invoice: string;
  /** What the note comes to; alone it is a line of its own, with lines it must be their total. */
  readonly amountMinor?: bigint | undefined;
  readonly lines: readonly NoteLineRequest[];
  readonly reason: CreditNoteReason | undefined;
  readonly memo: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly effectiveAt: string | undefined;
  /** Three ways for what was paid already. */
  readonly refundMinor: bigint;
  readonly creditMinor: bigint;
  readonly outOfBandMinor: bigint;
}

const sumOf = (values: readonly bigint[]): bigint => values.reduce((all, one) => all + one, 0n);

function mergeDiscounts(lines: readonly NoteLine[]): StoredDiscountAmount[] {
  const sums = new Map<string, bigint>();
  for (const { discount, amount } of lines.flatMap((line) => line.discounts)) {
    sums.set(discount, (sums.get(discount) ?? 0n) + BigInt(amount));
  }
  return [...sums].map(([discount, amount]) => ({ discount, amount: amount.toString() }));
}

function mergeTaxes(lines: readonly NoteLine[]): StoredTax[] {
  const groups = Map.groupBy(
    lines.flatMap((line) => line.taxes),
    ({ taxRate, inclusive, reason }) => `${taxRate}/${inclusive}/${reason}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const amount = sumOf(group.map((tax) => BigInt(tax.amount))).toString();
    const taxable = sumOf(group.map((tax) => BigInt(tax.taxable))).toString();
    return [{ ...first, amount, taxable }];
  });
}

/** A note of an amount alone is one line of that amount. */
function linesOf({ amountMinor, lines, memo }: CreditNoteRequest): readonly NoteLineRequest[] {
  if (lines.length > 0) return lines;
  if (amountMinor === undefined) {
    throw refused("parameter_missing", "Give the amount of the note, or its lines.", "amount");
  }
  const paramOf = (name: string) => (name === "unit_amount" ? "amount" : name);
  const unitAmount = amountMinor.toString();
  return [
    {
      unitAmount,
      quantity: 1n,
      taxRates: [],
      description: memo ?? "Credit",
      metadata: {},
      paramOf,
    },
  ];
}

/** Throws 400 where the parts do not fit: the invoice, its notes so far, and what was paid. */
function checkTotals(
  invoice: InvoiceRow,
  request: CreditNoteRequest,
  total: bigint,
  afterMinor: bigint,
): void {
  const { amountMinor, refundMinor, creditMinor, outOfBandMinor } = request;
  if (amountMinor !== undefined && amountMinor !== total) {
    throw refused(
      "invalid_argument",
      `The lines come to ${total}, not to ${amountMinor}.`,
      "amount",
    );
  }
  if (total <= 0n) {
    throw refused("invalid_argument", "A credit note must come to more than 0.", "lines");
  }
  const noted = invoice.credited_before_minor + invoice.credited_after_minor;
  if (noted + total > invoice.total_minor) {
    throw refused(
      "invalid_argument",
      `The credit notes of this invoice would come to ${noted + total}, more than its total of ${invoice.total_minor}.`,
      "amount",
    );
  }
  const given = refundMinor + creditMinor + outOfBandMinor;
  if (given === afterMinor) return;
  throw refused(
    "invalid_argument",
    `Of this credit note ${afterMinor} were paid already: refund_amount, credit_amount and out_of_band_amount must add up to that, not to ${given}.`,
    "refund_amount",
  );
}

/** Gives money back of the charges that paid the invoice. Throws 400 when they do not hold as much. */
async function refundPayments(
  scope: Scope,
  invoice: InvoiceRow,
  amountMinor: bigint,
  reason: CreditNoteReason | undefined,
): Promise<NotedRefund[]> {
  if (amountMinor === 0n) return [];
  const refunds: NotedRefund[] = [];
  let left = amountMinor;
  for (const charge of await lockChargesOf(scope, invoice)) {
    const holds = charge.amount_minor - charge.refunded_minor;
    const part = holds < left ? holds : left;
    if (part === 0n) continue;
    const refund = await refundCharge(scope, {
      charge: charge.id,
      amountMinor: part,
      reason: reason === "duplicate" || reason === "fraudulent" ? reason : "requested_by_customer",
      metadata: {},
    });
    refunds.push({ refund: refund.id, amount: part.toString() });
    left -= part;
  }
  if (left === 0n) return refunds;
  throw refused(
    "invalid_argument",
    `The charges that paid this invoice hold ${amountMinor - left}: give the rest back elsewhere and say out_of_band_amount.`,
    "refund_amount",
  );
}

/** The charges that paid an invoice, locked. */
async function lockChargesOf(scope: Scope, invoice: InvoiceRow): Promise<ChargeRow[]> {
  const payments = (await listPaymentsOfInvoices(scope, [invoice.id])).get(invoice.id) ?? [];
  const charges: ChargeRow[] = [];
  for (const { status, payment_intent: id } of payments) {
    if (status !== "paid" || id === null) continue;
    const intent = await lockPaymentIntent(scope, id);
    if (intent.latest_charge !== null) charges.push(await lockCharge(scope, intent.latest_charge));
  }
  return charges;
}

async function creditCustomer(
  scope: Scope,
  invoice: InvoiceRow,
  noteId: string,
  amountMinor: bigint,
): Promise<string | null> {
  if (amountMinor === 0n) return null;
  const customer = await lockCustomerOrDeleted(scope, invoice.customer);
  const ending = customer.balance_minor - amountMinor;
  await changeCustomer(scope, customer, { balance_minor: ending });
  const { id } = await insertBalanceTransaction(scope, {
    customer: customer.id,
    amountMinor: -amountMinor,
    endingBalanceMinor: ending,
    currency: invoice.currency,
    type: "credit_note",
    invoice: invoice.id,
    creditNote: noteId,
  });
  return id;
}

/** What the note does to its invoice: less to pay, perhaps nothing. */
async function lowerInvoice(
  scope: Scope,
  invoice: InvoiceRow,
  before: bigint,
  after: bigint,
): Promise<void> {
  const shown = await renderInvoice(scope, invoice);
  const isPaid = before > 0n && before === remainingOf(invoice);
  const row = await updateInvoice(scope, invoice.id, {
    amount_due_minor: (invoice.amount_due_minor ?? 0n) - before,
    credited_before_minor: invoice.credited_before_minor + before,
    credited_after_minor: invoice.credited_after_minor + after,
    next_note_sequence: invoice.next_note_sequence + 1,
    ...(isPaid
      ? {
          status: "paid",
          auto_advance: false,
          next_payment_attempt_at: null,
          paid_at: scope.nowAt,
        }
      : {}),
  });
  if (before > 0n) await lowerPayment(scope, row);
  await recordInvoiceChange(scope, shown, row, isPaid ? ["invoice.paid"] : []);
  if (isPaid) await followSettled(scope, row);
}

/**
 * Takes back a part of a finalized invoice, or all of it (Stripe docs: Credit notes). What is still to
 * be paid goes down first; what was paid goes back as a refund, to the customer's balance, or elsewhere.
 * The notes of an invoice never come to more than its total. Throws 400 and changes nothing.
 */
export async function createCreditNote(
  scope: Scope,
  request: CreditNoteRequest,
): Promise<WireCreditNote> {
  return (await makeCreditNote(scope, request)).object;
}

interface MadeNote {
  readonly object: WireCreditNote;
  readonly lines: readonly CreditNoteLineRow[];
}

async function makeCreditNote(scope: Scope, request: CreditNoteRequest): Promise<MadeNote> {
  const invoice = await lockInvoice(scope, request.invoice, "invoice");
  if (invoice.status !== "open" && invoice.status !== "paid") {
    throw refused(
      "invalid_argument",
      `Credit notes are for open and paid invoices; this one is ${invoice.status}.`,
      "invoice",
    );
  }
  const lines = await toNoteLines(scope, invoice, linesOf(request));
  const total = sumOf(lines.map((line) => line.total));
  const left = invoice.status === "open" ? remainingOf(invoice) : 0n;
  const before = total < left ? total : left;
  checkTotals(invoice, request, total, total - before);
  const id = newId("cn");
  const refunds = await refundPayments(scope, invoice, request.refundMinor, request.reason);
  faultPoint("collect/credit-note/refunded");
  const row = await insertCreditNote(
    scope,
    {
      id,
      invoice: invoice.id,
      customer: invoice.customer,
      number: `${invoice.number}-CN-${String(invoice.next_note_sequence).padStart(2, "0")}`,
      currency: invoice.currency,
      status: "issued",
      reason: request.reason ?? null,
      memo: request.memo ?? null,
      metadata: JSON.stringify(request.metadata),
      effective_at: request.effectiveAt ?? scope.nowAt,
      subtotal_minor: sumOf(lines.map((line) => line.amount)),
      total_minor: total,
      before_payment_minor: before,
      credited_minor: request.creditMinor,
      out_of_band_minor: request.outOfBandMinor,
      refunds: JSON.stringify(refunds),
      balance_transaction: await creditCustomer(scope, invoice, id, request.creditMinor),
      discount_amounts: JSON.stringify(mergeDiscounts(lines)),
      taxes: JSON.stringify(mergeTaxes(lines)),
      voided_at: null,
      link_token: newLinkToken(),
    },
    lines.map((line) => line.row),
  );
  const object = await renderCreditNote(scope, row);
  recordEvent(scope, { type: "credit_note.created", object });
  faultPoint("collect/credit-note/issued");
  await lowerInvoice(scope, invoice, before, total - before);
  return { object, lines: (await listLinesOfNotes(scope, [id])).get(id) ?? [] };
}

/** The note that a request would make, with all of its lines, without making it. Throws as createCreditNote does. */
export const previewCreditNote = (scope: Scope, request: CreditNoteRequest): Promise<MadeNote> =>
  discarding(scope, (now) => makeCreditNote(now, request));
