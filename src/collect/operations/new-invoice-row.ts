import { instant, instantText, type Temporal } from "../../domain/time.ts";
import { isBeforeGate } from "../api-version.ts";
import type { CustomField } from "../db/foundation-tables.ts";
import type { BillingReason, CollectionMethod } from "../db/invoicing-tables.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import type { CustomerRow } from "../store/customers.ts";
import type { InvoiceInsert } from "../store/invoices.ts";

export interface InvoiceRequest {
  readonly customer: string;
  readonly currency?: string | undefined;
  readonly autoAdvance?: boolean | undefined;
  /** A tax app is to tax it; by default nobody is. */
  readonly automaticTax?: boolean | undefined;
  readonly automaticallyFinalizesAt?: string | undefined;
  readonly collectionMethod: CollectionMethod;
  readonly daysUntilDue?: number | undefined;
  readonly dueAt?: string | undefined;
  readonly pendingItems?: "include" | "exclude" | undefined;
  /** Takes the pending items of this subscription only. */
  readonly subscription?: string | undefined;
  readonly customFields?: readonly CustomField[] | undefined;
  readonly defaultPaymentMethod?: string | undefined;
  readonly description?: string | undefined;
  readonly footer?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly number?: string | undefined;
  readonly effectiveAt?: string | undefined;
  readonly statementDescriptor?: string | undefined;
  /** Ids, in order. */
  readonly discounts?: readonly string[] | undefined;
  readonly defaultTaxRates?: readonly string[] | undefined;
}

/** Why an invoice is made by something else than a request for one, and for which subscription. */
export interface InvoiceOrigin {
  readonly reason: BillingReason;
  readonly subscription: string | null;
  readonly subscriptionMetadata: Readonly<Record<string, string>> | null;
  readonly prorationAt?: string | undefined;
  /** What time it bills; absent: the moment of its creation. */
  readonly period?: { readonly startAt: string; readonly endAt: string } | undefined;
}

const BY_REQUEST: InvoiceOrigin = {
  reason: "manual",
  subscription: null,
  subscriptionMetadata: null,
};

const after = (at: string, duration: Temporal.DurationLike): string =>
  instantText(instant(at).add(duration));

/** The row of a new draft. What the request leaves open follows the API version. */
export function toInvoiceRow(
  scope: Scope,
  request: InvoiceRequest,
  customer: CustomerRow,
  currency: string,
  origin: InvoiceOrigin = BY_REQUEST,
): InvoiceInsert {
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
    automatic_tax: request.automaticTax ?? false,
    automatically_finalizes_at: autoAdvance
      ? (request.automaticallyFinalizesAt ??
        after(scope.nowAt, { hours: scope.account.invoice_grace_hours }))
      : null,
    finalization_is_fixed: request.automaticallyFinalizesAt !== undefined,
    billing_reason: origin.reason,
    subscription: origin.subscription,
    subscription_metadata:
      origin.subscriptionMetadata === null ? null : JSON.stringify(origin.subscriptionMetadata),
    subscription_proration_at: origin.prorationAt ?? null,
    discounts: JSON.stringify(request.discounts ?? []),
    default_tax_rates: JSON.stringify(request.defaultTaxRates ?? []),
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
    period_start_at: origin.period?.startAt ?? scope.nowAt,
    period_end_at: origin.period?.endAt ?? scope.nowAt,
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
  };
}
