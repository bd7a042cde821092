import type Stripe from "stripe";
import { dec, toText } from "../../domain/decimal.ts";
import type { CreditNoteLineRow, CreditNoteRow } from "../store/credit-notes.ts";
import type { TaxRateRow } from "../store/tax-rates.ts";
import { toUnix, toUnixOrNull, toWireAmount, type Wire } from "../wire.ts";
import { toTaxRates } from "./to-tax-rate.ts";
import { toDiscountAmounts, toPretaxCredits, toTaxes } from "./to-totals.ts";

const sumOf = (values: readonly { readonly amount: string }[]): bigint =>
  values.reduce((sum, { amount }) => sum + BigInt(amount), 0n);

type Rates = ReadonlyMap<string, TaxRateRow>;

/** The tax rates that a line's taxes are of. */
export const ratesOf = (row: CreditNoteLineRow): string[] =>
  row.taxes.map(({ taxRate }) => taxRate);

/** A line of a credit note as Stripe's API shows it, with its tax rates. */
export function toCreditNoteLine(row: CreditNoteLineRow, rates: Rates) {
  const unit = row.unit_amount === null ? null : toText(dec(row.unit_amount));
  return {
    id: row.id,
    object: "credit_note_line_item",
    amount: toWireAmount(row.amount_minor),
    description: row.description,
    discount_amount: toWireAmount(sumOf(row.discount_amounts)),
    discount_amounts: toDiscountAmounts(row.discount_amounts),
    ...(row.invoice_line === null ? {} : { invoice_line_item: row.invoice_line }),
    livemode: row.livemode,
    metadata: { ...row.metadata },
    pretax_credit_amounts: toPretaxCredits(row.discount_amounts),
    quantity: row.quantity === null ? null : toWireAmount(row.quantity),
    tax_rates: toTaxRates(ratesOf(row), rates),
    taxes: toTaxes(row.taxes),
    type: row.invoice_line === null ? "custom_line_item" : "invoice_line_item",
    unit_amount: unit !== null && /^\d+$/.test(unit) ? Number(unit) : null,
    unit_amount_decimal: unit,
  } satisfies Wire<Stripe.CreditNoteLineItem>;
}

/** Lines that are shown inside of a note; the rest is read from its `lines.url`. */
const EMBEDDED_LINES = 10;

const typeOf = ({ before_payment_minor: before, total_minor: total }: CreditNoteRow) =>
  before === total ? "pre_payment" : before === 0n ? "post_payment" : "mixed";

/** A credit note as Stripe's API shows it. */
export function toCreditNote(
  row: CreditNoteRow,
  lines: readonly CreditNoteLineRow[],
  rates: Rates,
  publicUrl: string,
) {
  const taxes = row.taxes;
  const included = sumOf(taxes.filter(({ inclusive }) => inclusive));
  return {
    id: row.id,
    object: "credit_note",
    amount: toWireAmount(row.total_minor),
    amount_shipping: 0,
    created: toUnix(row.created_at),
    currency: row.currency,
    customer: row.customer,
    customer_account: null,
    customer_balance_transaction: row.balance_transaction,
    discount_amount: toWireAmount(sumOf(row.discount_amounts)),
    discount_amounts: toDiscountAmounts(row.discount_amounts),
    effective_at: toUnixOrNull(row.effective_at),
    invoice: row.invoice,
    lines: {
      object: "list" as const,
      data: lines.slice(0, EMBEDDED_LINES).map((line) => toCreditNoteLine(line, rates)),
      has_more: lines.length > EMBEDDED_LINES,
      url: `/v1/credit_notes/${row.id}/lines`,
    },
    livemode: row.livemode,
    memo: row.memo,
    metadata: { ...row.metadata },
    number: row.number,
    out_of_band_amount: row.out_of_band_minor === 0n ? null : toWireAmount(row.out_of_band_minor),
    pdf: `${publicUrl}/i/notes/${row.link_token}/pdf`,
    post_payment_amount: toWireAmount(row.total_minor - row.before_payment_minor),
    pre_payment_amount: toWireAmount(row.before_payment_minor),
    pretax_credit_amounts: toPretaxCredits(row.discount_amounts),
    reason: row.reason,
    refunds: row.refunds.map(({ refund, amount }) => ({
      amount_refunded: toWireAmount(BigInt(amount)),
      payment_record_refund: null,
      refund,
      type: "refund" as const,
    })),
    shipping_cost: null,
    status: row.status,
    subtotal: toWireAmount(row.subtotal_minor),
    subtotal_excluding_tax: toWireAmount(row.subtotal_minor - included),
    total: toWireAmount(row.total_minor),
    total_excluding_tax: toWireAmount(row.total_minor - sumOf(taxes)),
    total_taxes: toTaxes(taxes),
    type: typeOf(row),
    voided_at: toUnixOrNull(row.voided_at),
  } satisfies Wire<Stripe.CreditNote>;
}
