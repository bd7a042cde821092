import { instant, instantText, type Temporal } from "../../domain/time.ts";
import { isBeforeGate } from "../api-version.ts";
import type { CustomField } from "../db/foundation-tables.ts";
import type { CollectionMethod } from "../db/invoicing-tables.ts";
import { MAX_LINES } from "../domain/invoice-limits.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import type { WireInvoice } from "../serializers/to-invoice.ts";
import { type CustomerRow, lockCustomer } from "../store/customers.ts";
import { attachItems, listPendingItems } from "../store/invoice-items.ts";
import { hasNumber, type InvoiceRow, insertInvoice } from "../store/invoices.ts";
import { enqueueFinalization } from "./charge-schedule.ts";
import { DEFAULT_CURRENCY } from "./create-invoice-item.ts";
import { claimCurrency } from "./customer-currency.ts";
import { refreshTotals } from "./invoice-totals.ts";
import { requireAttached } from "./obtain-payment-method.ts";
import { recordEvent } from "./record-event.ts";
import { renderInvoice } from "./render-invoice.ts";

export interface InvoiceRequest {
  readonly customer: string;
  readonly currency?: string | undefined;
  readonly autoAdvance?: boolean | undefined;
  readonly automaticallyFinalizesAt?: string | undefined;
  readonly collectionMethod: CollectionMethod;
  readonly daysUntilDue?: number | undefined;
  readonly dueAt?: string | undefined;
  readonly pendingItems?: "include" | "exclude" | undefined;
  readonly customFields?: readonly CustomField[] | undefined;
  readonly defaultPaymentMethod?: string | undefined;
  readonly description?: string | undefined;
  readonly footer?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly number?: string | undefined;
  readonly effectiveAt?: string | undefined;
  readonly statementDescriptor?: string | undefined;
}

const after = (at: string, duration: Temporal.DurationLike): string =>
  instantText(instant(at).add(duration));

/** Throws 400 when a due time is given for what is charged, or none for what is sent. */
function checkDue({ collectionMethod, daysUntilDue, dueAt }: InvoiceRequest): void {
  const given = [daysUntilDue, dueAt].filter((value) => value !== undefined).length;
  const param = dueAt === undefined ? "days_until_due" : "due_date";
  if (collectionMethod === "charge_automatically" && given > 0) {
    throw refused(
      "invalid_argument",
      `You can only specify \`${param}\` if the collection method is 'send_invoice'.`,
      param,
    );
  }
  if (collectionMethod === "send_invoice" && given === 0) {
    throw refused(
      "parameter_missing",
      "You must specify `days_until_due` or `due_date` if the collection method is 'send_invoice'.",
      "days_until_due",
    );
  }
  if (given > 1) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: days_until_due, due_date.",
      "due_date",
    );
  }
}

/** Throws 400 when the number is another invoice's, or the payment method not the customer's. */
export async function checkReferences(
  scope: Scope,
  customer: string,
  request: {
    readonly number?: string | undefined;
    readonly defaultPaymentMethod?: string | undefined;
  },
): Promise<void> {
  const { number, defaultPaymentMethod } = request;
  if (number !== undefined && (await hasNumber(scope, number))) {
    throw refused("invalid_argument", `The number ${number} is already used.`, "number");
  }
  if (defaultPaymentMethod === undefined) return;
  await requireAttached(scope, customer, defaultPaymentMethod, "default_payment_method");
}

/** Puts the customer's pending items on a new invoice, newest first. */
async function takePendingItems(scope: Scope, invoice: InvoiceRow): Promise<InvoiceRow> {
  const items = await listPendingItems(scope, invoice.customer, invoice.currency, MAX_LINES);
  await attachItems(
    scope,
    invoice.id,
    items.map((item) => item.id),
    0,
  );
  return refreshTotals(scope, invoice);
}

/**
 * Creates a draft. What the request leaves open follows the API version: before 2018-11-08 it
 * advances by itself about an hour later; before 2022-08-01 it takes the customer's pending items, and
 * having none is a refusal.
 */
export async function createInvoice(scope: Scope, request: InvoiceRequest): Promise<WireInvoice> {
  checkDue(request);
  const customer = await lockCustomer(scope, request.customer, "customer");
  await checkReferences(scope, customer.id, request);
  const currency = request.currency ?? customer.currency ?? DEFAULT_CURRENCY;
  await claimCurrency(scope, customer, currency);
  const empty = await insertInvoice(scope, toRow(scope, request, customer, currency));
  const byDefault = isBeforeGate(scope.apiVersion, "pendingItemsExcluded") ? "include" : "exclude";
  const takes = (request.pendingItems ?? byDefault) === "include";
  const row = takes ? await takePendingItems(scope, empty) : empty;
  if (takes && request.pendingItems === undefined && row.line_count === 0) {
    throw refused("invoice_no_customer_line_items", "Nothing to invoice for customer", "customer");
  }
  await enqueueFinalization(scope, row);
  const object = await renderInvoice(scope, row);
  await recordEvent(scope, { type: "invoice.created", object });
  return object;
}

function toRow(scope: Scope, request: InvoiceRequest, customer: CustomerRow, currency: string) {
  const autoAdvance =
    request.autoAdvance ??
    (request.automaticallyFinalizesAt !== undefined ||
      isBeforeGate(scope.apiVersion, "invoiceStatus"));
  const fields = request.customFields ?? customer.invoice_custom_fields;
  const days = request.daysUntilDue;
  return {
    id: newId("in"),
    customer: customer.id,
    status: "draft",
    currency,
    collection_method: request.collectionMethod,
    auto_advance: autoAdvance,
    automatically_finalizes_at: autoAdvance
      ? (request.automaticallyFinalizesAt ?? after(scope.nowAt, { hours: 1 }))
      : null,
    billing_reason: "manual",
    number: request.number ?? null,
    description: request.description ?? null,
    footer: request.footer ?? customer.invoice_footer,
    statement_descriptor: request.statementDescriptor ?? null,
    custom_fields: fields === null || fields.length === 0 ? null : JSON.stringify(fields),
    metadata: JSON.stringify(request.metadata),
    default_payment_method: request.defaultPaymentMethod ?? null,
    days_until_due: days ?? null,
    due_at: request.dueAt ?? (days === undefined ? null : after(scope.nowAt, { hours: days * 24 })),
    effective_at: request.effectiveAt ?? null,
    period_start_at: scope.nowAt,
    period_end_at: scope.nowAt,
    starting_balance_minor: null,
    ending_balance_minor: null,
    amount_due_minor: null,
    next_payment_attempt_at: null,
    finalized_at: null,
    paid_at: null,
    voided_at: null,
    marked_uncollectible_at: null,
    billed_to: null,
    last_finalization_error: null,
    webhooks_delivered_at: null,
  } as const;
}
