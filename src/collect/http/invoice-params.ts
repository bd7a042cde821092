import { isBeforeGate } from "../api-version.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { refused } from "../errors.ts";
import type { NewInvoice } from "../operations/create-invoice.ts";
import type { InvoiceUpdate } from "../operations/update-invoice.ts";
import type { Scope } from "../scope.ts";
import {
  choice,
  currency,
  flag,
  hash,
  integer,
  listOf,
  metadata,
  objectId,
  optional,
  type ParamsOf,
  text,
  timestamp,
  unsettable,
} from "./params.ts";
import { unknownParameter } from "./schema-node.ts";
import { discountsParam, taxRatesParam, toDiscountRequests } from "./totals-params.ts";

export const MAX_DAYS_UNTIL_DUE = 3650;

/** What a draft is given at its creation and can be given later. */
const shared = {
  auto_advance: optional(flag()),
  automatic_tax: optional(hash({ enabled: flag() })),
  automatically_finalizes_at: optional(timestamp()),
  collection_method: optional(choice("charge_automatically", "send_invoice")),
  custom_fields: optional(unsettable(listOf(hash({ name: text(40), value: text(140) }), 4))),
  days_until_due: optional(integer(0, MAX_DAYS_UNTIL_DUE)),
  default_payment_method: optional(objectId()),
  default_tax_rates: taxRatesParam(),
  description: optional(text(1500)),
  discounts: discountsParam(),
  due_date: optional(timestamp()),
  effective_at: optional(unsettable(timestamp())),
  footer: optional(text(5000)),
  metadata: optional(metadata()),
  number: optional(unsettable(text(26))),
  statement_descriptor: optional(text(22)),
};

/** Parameters of `POST /v1/invoices`. */
export const creationParams = {
  ...shared,
  currency: optional(currency()),
  customer: objectId(),
  pending_invoice_items_behavior: optional(choice("include", "exclude")),
  subscription: optional(objectId()),
};

/** Parameters of `POST /v1/invoices/:invoice`; the last two only before version 2018-11-08. */
export const updateParams = { ...shared, closed: optional(flag()), forgiven: optional(flag()) };

/** Throws 400 for what cannot be created. */
export function toCreation(params: ParamsOf<typeof creationParams>): NewInvoice {
  return {
    customer: params.customer,
    // Empty: the invoice is to have none, not those of its customer.
    discounts: params.discounts === null ? [] : (toDiscountRequests(params.discounts) ?? undefined),
    // Empty: none, not those of its subscription.
    defaultTaxRates: params.default_tax_rates === null ? [] : params.default_tax_rates,
    currency: params.currency,
    autoAdvance: params.auto_advance,
    automaticTax: params.automatic_tax?.enabled,
    automaticallyFinalizesAt: params.automatically_finalizes_at,
    collectionMethod: params.collection_method ?? "charge_automatically",
    daysUntilDue: params.days_until_due,
    dueAt: params.due_date,
    pendingItems: params.pending_invoice_items_behavior,
    subscription: params.subscription,
    customFields: params.custom_fields === null ? [] : params.custom_fields,
    defaultPaymentMethod: params.default_payment_method,
    description: params.description,
    footer: params.footer,
    metadata: mergeMetadata({}, params.metadata),
    number: params.number ?? undefined,
    effectiveAt: params.effective_at ?? undefined,
    statementDescriptor: params.statement_descriptor,
  };
}

/** `auto_advance`, in the words of the request's version: an invoice that is closed does not advance. */
function toAutoAdvance(
  { apiVersion }: Scope,
  { closed, auto_advance: autoAdvance }: ParamsOf<typeof updateParams>,
): boolean | undefined {
  if (closed === undefined) return autoAdvance;
  if (!isBeforeGate(apiVersion, "invoiceStatus")) throw unknownParameter("closed");
  if (autoAdvance !== undefined) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: auto_advance, closed.",
      "closed",
    );
  }
  return !closed;
}

/** Whether the update gives up on the invoice, as versions before 2018-11-08 say it. Throws 400. */
export function forgives(
  { apiVersion }: Scope,
  { forgiven }: ParamsOf<typeof updateParams>,
): boolean {
  if (forgiven === undefined) return false;
  if (!isBeforeGate(apiVersion, "invoiceStatus")) throw unknownParameter("forgiven");
  if (forgiven) return true;
  throw refused("invalid_argument", "An invoice that is forgiven stays forgiven.", "forgiven");
}

/** Throws 400 for what cannot be set. */
export function toUpdate(scope: Scope, params: ParamsOf<typeof updateParams>): InvoiceUpdate {
  return {
    metadata: params.metadata,
    autoAdvance: toAutoAdvance(scope, params),
    defaultPaymentMethod: params.default_payment_method,
    discounts: toDiscountRequests(params.discounts),
    defaultTaxRates: params.default_tax_rates,
    terms: {
      automaticTax: params.automatic_tax?.enabled,
      automaticallyFinalizesAt: params.automatically_finalizes_at,
      collectionMethod: params.collection_method,
      daysUntilDue: params.days_until_due,
      dueAt: params.due_date,
      customFields: params.custom_fields,
      description: params.description,
      footer: params.footer,
      number: params.number,
      effectiveAt: params.effective_at,
      statementDescriptor: params.statement_descriptor,
    },
  };
}
