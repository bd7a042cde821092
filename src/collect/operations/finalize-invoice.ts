import { instant, instantText, Temporal } from "../../domain/time.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import { automaticTaxStatus, TAXES_FAILED } from "../domain/automatic-tax.ts";
import { assertInvoiceTotal } from "../domain/invoice-limits.ts";
import { invoiceNumber } from "../domain/invoice-number.ts";
import { assertAllowed } from "../domain/invoice-status.ts";
import { newLinkToken } from "../domain/link-token.ts";
import { settle } from "../domain/settlement.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { toBilledTo, toTaxed } from "../serializers/to-invoice.ts";
import { takeAccountSequence } from "../store/accounts.ts";
import { insertBalanceTransaction } from "../store/balance-transactions.ts";
import { type CustomerRow, getCustomer, lockCustomerOrDeleted } from "../store/customers.ts";
import { hasNumber, type InvoiceRow, lockInvoice, updateInvoice } from "../store/invoices.ts";
import { changeCustomer } from "./change-customer.ts";
import { enqueueCharge, enqueueOverdue, isCharged } from "./charge-schedule.ts";
import { endUsedDiscounts } from "./discounts/end-discounts.ts";
import { openPayment } from "./invoice-payment.ts";
import { refreshTotals } from "./invoice-totals.ts";
import { announceSent } from "./mail-invoice.ts";
import { recordInvoiceChange } from "./record-invoice-change.ts";
import { renderInvoice } from "./render-invoice.ts";
import { followSettled } from "./subscriptions/follow-invoice.ts";

/** The next free number of the account's own sequence. */
async function nextAccountNumber(scope: Scope): Promise<string> {
  const { tx, account, livemode } = scope;
  for (;;) {
    const sequence = await takeAccountSequence(tx, account.id, livemode);
    const number = invoiceNumber(account.invoice_prefix ?? DEFAULT_PREFIX, sequence);
    if (!(await hasNumber(scope, number))) return number;
  }
}

/**
 * The next free number: of a locked customer's sequence, or of the account's, as its settings say.
 * Numbers that were given by hand are passed over.
 */
async function nextNumber(scope: Scope, customer: CustomerRow) {
  if (scope.account.invoice_number_scheme === "account") {
    return { number: await nextAccountNumber(scope), following: customer.next_invoice_sequence };
  }
  let sequence = customer.next_invoice_sequence;
  while (await hasNumber(scope, invoiceNumber(customer.invoice_prefix, sequence))) sequence += 1;
  return { number: invoiceNumber(customer.invoice_prefix, sequence), following: sequence + 1 };
}

/** Of an account that numbers its invoices and has no prefix. */
const DEFAULT_PREFIX = "INV";

const addDays = (at: string, days: number): string =>
  instantText(instant(at).add(Temporal.Duration.from({ hours: days * 24 })));

/** An invoice that is to be taxed is never finalized without. Throws 400. */
async function assertTaxed(scope: Scope, draft: InvoiceRow): Promise<void> {
  if (!draft.automatic_tax) return;
  const taxed = toTaxed(draft, await getCustomer(scope, draft.customer));
  const status = automaticTaxStatus(taxed);
  if (status === "complete") return;
  if (status === "requires_location_inputs") {
    throw refused(
      "customer_tax_location_invalid",
      "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
    );
  }
  throw refused(
    TAXES_FAILED,
    "No tax app put tax on this invoice: it computes none itself. Add tax_amounts to its lines, or send automatic_tax[enabled]=false.",
  );
}

export interface Finalization {
  readonly autoAdvance: boolean;
  /** False when the caller itself is about to collect the money. */
  readonly charge: boolean;
}

/**
 * Finalizes a locked draft: the customer's balance is applied, the number is given, amounts and
 * address are frozen. What needs no payment is paid at once; with `charge` a job that is due at once
 * collects the rest. Throws 400 when the invoice is no draft or its total too large, before anything
 * is written.
 */
export async function finalizeDraft(
  scope: Scope,
  found: InvoiceRow,
  { autoAdvance, charge }: Finalization,
): Promise<InvoiceRow> {
  assertAllowed("finalize", found.status);
  // Whether the customer is taxed may have changed since.
  const draft = found.taxes.length === 0 ? found : await refreshTotals(scope, found);
  assertInvoiceTotal(draft.total_minor, draft.currency);
  await assertTaxed(scope, draft);
  const before = await renderInvoice(scope, found);
  await endUsedDiscounts(scope, draft);
  const customer = await lockCustomerOrDeleted(scope, draft.customer);
  const { amountDue, startingBalance, endingBalance, moves } = settle({
    total: draft.total_minor,
    balance: customer.balance_minor,
    currency: draft.currency,
  });
  assertInvoiceTotal(amountDue, draft.currency);
  const taken = draft.number === null ? await nextNumber(scope, customer) : undefined;
  await changeCustomer(scope, customer, {
    balance_minor: endingBalance,
    ...(taken === undefined ? {} : { next_invoice_sequence: taken.following }),
  });
  for (const move of moves) {
    await insertBalanceTransaction(scope, {
      customer: customer.id,
      amountMinor: move.amount,
      endingBalanceMinor: move.endingBalance,
      currency: draft.currency,
      type: move.type,
      invoice: draft.id,
    });
  }
  faultPoint("collect/finalize/settled");
  const paid = amountDue === 0n;
  const advancing = { ...draft, status: "open", auto_advance: autoAdvance } as const;
  const row = await updateInvoice(scope, draft.id, {
    status: paid ? "paid" : "open",
    number: draft.number ?? taken?.number ?? null,
    auto_advance: paid ? false : autoAdvance,
    automatically_finalizes_at: null,
    starting_balance_minor: startingBalance,
    ending_balance_minor: endingBalance,
    amount_due_minor: amountDue,
    billed_to: JSON.stringify(toBilledTo(customer)),
    finalized_at: scope.nowAt,
    link_token: newLinkToken(),
    last_finalization_error: null,
    ...(paid ? { attempted: true, paid_at: scope.nowAt } : {}),
    ...(!paid && charge && isCharged(scope, advancing)
      ? { next_payment_attempt_at: scope.nowAt }
      : {}),
    ...(draft.days_until_due === null
      ? {}
      : { due_at: addDays(scope.nowAt, draft.days_until_due) }),
  });
  faultPoint("collect/finalize/frozen");
  if (!paid) await openPayment(scope, row);
  faultPoint("collect/finalize/payable");
  const happened = paid ? (["invoice.paid", "invoice.payment_succeeded"] as const) : [];
  await recordInvoiceChange(scope, before, row, ["invoice.finalized", ...happened]);
  if (paid) await followSettled(scope, row);
  faultPoint("collect/finalize/announced");
  enqueueCharge(scope, row);
  enqueueOverdue(scope, row);
  return row;
}

/**
 * Finalizes a draft. With `autoAdvance` (by default the invoice's own) it also goes on its way: it is
 * charged, or recorded as sent.
 */
export async function finalizeInvoice(
  scope: Scope,
  id: string,
  autoAdvance?: boolean,
): Promise<InvoiceRow> {
  const draft = await lockInvoice(scope, id);
  return advanceDraft(scope, draft, autoAdvance ?? draft.auto_advance);
}

/** Like `finalizeInvoice`, for a draft that is locked already. */
export async function advanceDraft(
  scope: Scope,
  draft: InvoiceRow,
  autoAdvance: boolean,
): Promise<InvoiceRow> {
  const row = await finalizeDraft(scope, draft, { autoAdvance, charge: true });
  if (autoAdvance && row.collection_method === "send_invoice") {
    await announceSent(scope, row);
  }
  return row;
}
