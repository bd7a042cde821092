import type Stripe from "stripe";
import { isBeforeGate } from "../api-version.ts";
import type { BilledTo } from "../db/invoicing-tables.ts";
import {
  type AutomaticallyTaxed,
  automaticTaxStatus,
  TAXES_FAILED,
} from "../domain/automatic-tax.ts";
import { processorOf } from "../domain/processor.ts";
import { settle } from "../domain/settlement.ts";
import type { AccountRow } from "../store/accounts.ts";
import type { CustomerRow } from "../store/customers.ts";
import type { InvoiceItemRow } from "../store/invoice-items.ts";
import type { InvoiceRow } from "../store/invoices.ts";
import type { TaxRateRow } from "../store/tax-rates.ts";
import { toUnix, toUnixOrNull, toWireAmount, type Wire } from "../wire.ts";
import { toInvoiceLine } from "./to-invoice-line.ts";
import { toTaxRates } from "./to-tax-rate.ts";
import { toDiscountAmounts, toPretaxCredits, toTaxes } from "./to-totals.ts";

export interface InvoiceParts {
  readonly row: InvoiceRow;
  readonly customer: CustomerRow;
  /** The first lines, in order; the row knows how many there are. */
  readonly firstLines: readonly InvoiceItemRow[];
  /** At least those that it names. */
  readonly taxRates: ReadonlyMap<string, TaxRateRow>;
  /** Decides whether the fields of old versions are shown beside today's. */
  readonly apiVersion: string;
  /** The seller. */
  readonly account: AccountRow;
  readonly publicUrl: string;
}

/** What an invoice says about its customer: frozen once finalized, the customer's own until then. */
export const toBilledTo = (customer: CustomerRow): BilledTo => ({
  address: customer.address,
  email: customer.email,
  name: customer.name,
  phone: customer.phone,
  shipping: customer.shipping,
  taxExempt: customer.tax_exempt,
});

/** Balances and amounts: fixed once finalized, and until then what finalizing now would give. */
function toAmounts({ row, customer }: InvoiceParts) {
  const draft = row.amount_due_minor === null;
  const projected = settle({
    total: row.total_minor,
    balance: customer.balance_minor,
    currency: row.currency,
  });
  const due = row.amount_due_minor ?? projected.amountDue;
  const starting = row.starting_balance_minor ?? customer.balance_minor;
  const ending = draft ? null : row.ending_balance_minor;
  return {
    amount_due: toWireAmount(due),
    amount_overpaid: toWireAmount(row.amount_overpaid_minor),
    amount_paid: toWireAmount(row.amount_paid_minor),
    amount_remaining: toWireAmount(due > row.amount_paid_minor ? due - row.amount_paid_minor : 0n),
    ending_balance: ending === null ? null : toWireAmount(ending),
    starting_balance: toWireAmount(starting),
    subtotal: toWireAmount(row.subtotal_minor),
    subtotal_excluding_tax: toWireAmount(row.subtotal_excluding_tax_minor),
    total: toWireAmount(row.total_minor),
    total_excluding_tax: toWireAmount(row.total_excluding_tax_minor),
  };
}

const toLines = ({ row, firstLines }: InvoiceParts) => ({
  object: "list" as const,
  data: firstLines.map(toInvoiceLine),
  has_more: row.line_count > firstLines.length,
  total_count: row.line_count,
  url: `/v1/invoices/${row.id}/lines`,
});

/** Fields that `status` and `auto_advance` replaced (Stripe docs: API upgrades, 2018-11-08). */
const toOldFields = ({ row, apiVersion }: InvoiceParts) =>
  isBeforeGate(apiVersion, "invoiceStatus")
    ? {
        closed: row.status === "draft" || row.status === "open" ? !row.auto_advance : true,
        forgiven: row.status === "uncollectible",
        paid: row.status === "paid",
      }
    : {};

/** Where the customer finds the invoice, once it is finalized. */
const linkOf = ({ row, publicUrl }: InvoiceParts, page: string): string | null =>
  row.link_token === null ? null : `${publicUrl}/i/${row.link_token}${page}`;

/** A draft that is charged by itself is charged as soon as it is finalized. */
const nextAttemptAt = (row: InvoiceRow): string | null =>
  row.status === "draft" &&
  row.auto_advance &&
  row.collection_method === "charge_automatically" &&
  processorOf(row).collects
    ? row.automatically_finalizes_at
    : row.next_payment_attempt_at;

/** Tax that a tax app is to put on the lines; none of ours. */
const toAutomaticTax = ({ row, customer }: InvoiceParts) => ({
  disabled_reason: null,
  enabled: row.automatic_tax,
  liability: row.automatic_tax ? { type: "self" as const } : null,
  provider: null,
  status: automaticTaxStatus(toTaxed(row, customer)),
});

/** What decides about its automatic tax. */
export const toTaxed = (row: InvoiceRow, customer: CustomerRow): AutomaticallyTaxed => ({
  enabled: row.automatic_tax,
  hasTaxes: row.taxes.length > 0,
  hasLines: row.line_count > 0,
  totalMinor: row.total_minor,
  country: customer.shipping?.address?.country ?? customer.address?.country ?? null,
  hasFailed: row.last_finalization_error?.code === TAXES_FAILED,
});

/** An invoice as Stripe's API shows it, in today's shape. */
export function toInvoice(parts: InvoiceParts) {
  const { row, customer } = parts;
  const billedTo = row.billed_to ?? toBilledTo(customer);
  return {
    id: row.id,
    object: "invoice",
    account_country: parts.account.country,
    account_name: parts.account.business_name,
    account_tax_ids: null,
    ...toAmounts(parts),
    ...(row.amount_off_minor > 0n
      ? { amount_paid_off_stripe: toWireAmount(row.amount_off_minor) }
      : {}),
    amount_shipping: 0,
    application: null,
    attempt_count: row.attempt_count,
    attempted: row.attempted,
    auto_advance: row.auto_advance,
    automatic_tax: toAutomaticTax(parts),
    automatically_finalizes_at: toUnixOrNull(row.automatically_finalizes_at),
    billing_reason: row.billing_reason,
    collection_method: row.collection_method,
    created: toUnix(row.created_at),
    currency: row.currency,
    custom_fields: row.custom_fields === null ? null : [...row.custom_fields],
    customer: row.customer,
    customer_account: null,
    customer_address: billedTo.address,
    customer_email: billedTo.email,
    customer_name: billedTo.name,
    customer_phone: billedTo.phone,
    customer_shipping: billedTo.shipping,
    customer_tax_exempt: billedTo.taxExempt,
    customer_tax_ids: [],
    default_payment_method: row.default_payment_method,
    default_source: null,
    default_tax_rates: toTaxRates(row.default_tax_rates, parts.taxRates),
    description: row.description,
    discounts: [...row.discounts],
    due_date: toUnixOrNull(row.due_at),
    effective_at: toUnixOrNull(row.effective_at ?? row.finalized_at),
    footer: row.footer,
    from_invoice: null,
    hosted_invoice_url: linkOf(parts, ""),
    invoice_pdf: linkOf(parts, "/pdf"),
    issuer: { type: "self" },
    last_finalization_error: row.last_finalization_error,
    latest_revision: null,
    lines: toLines(parts),
    livemode: row.livemode,
    metadata: { ...row.metadata },
    next_payment_attempt: toUnixOrNull(nextAttemptAt(row)),
    number: row.number,
    on_behalf_of: null,
    parent:
      row.subscription === null
        ? null
        : {
            quote_details: null,
            subscription_details: {
              metadata: row.subscription_metadata,
              subscription: row.subscription,
              ...(row.subscription_proration_at === null
                ? {}
                : { subscription_proration_date: toUnix(row.subscription_proration_at) }),
            },
            type: "subscription_details",
          },
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: null,
    },
    period_end: toUnix(row.period_end_at),
    period_start: toUnix(row.period_start_at),
    post_payment_credit_notes_amount: toWireAmount(row.credited_after_minor),
    pre_payment_credit_notes_amount: toWireAmount(row.credited_before_minor),
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    statement_descriptor: row.statement_descriptor,
    status: row.status,
    status_transitions: {
      finalized_at: toUnixOrNull(row.finalized_at),
      marked_uncollectible_at: toUnixOrNull(row.marked_uncollectible_at),
      paid_at: toUnixOrNull(row.paid_at),
      voided_at: toUnixOrNull(row.voided_at),
    },
    test_clock: customer.test_clock,
    total_discount_amounts: toDiscountAmounts(row.discount_amounts),
    total_pretax_credit_amounts: toPretaxCredits(row.discount_amounts),
    total_taxes: toTaxes(row.taxes),
    webhooks_delivered_at: toUnixOrNull(row.webhooks_delivered_at),
    ...toOldFields(parts),
  } satisfies Wire<Stripe.Invoice>;
}

export type WireInvoice = ReturnType<typeof toInvoice>;
