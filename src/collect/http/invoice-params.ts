import { mergeMetadata } from "../domain/metadata.ts";
import { refused } from "../errors.ts";
import type { InvoiceRequest } from "../operations/create-invoice.ts";
import type { InvoiceUpdate } from "../operations/update-invoice.ts";
import { none } from "./item-params.ts";
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

const MAX_DAYS_UNTIL_DUE = 3650;

/** What a draft is given at its creation and can be given later. */
const shared = {
  auto_advance: optional(flag()),
  automatic_tax: optional(hash({ enabled: flag() })),
  automatically_finalizes_at: optional(timestamp()),
  collection_method: optional(choice("charge_automatically", "send_invoice")),
  custom_fields: optional(unsettable(listOf(hash({ name: text(40), value: text(140) }), 4))),
  days_until_due: optional(integer(0, MAX_DAYS_UNTIL_DUE)),
  default_payment_method: optional(objectId()),
  default_tax_rates: none(),
  description: optional(text(1500)),
  discounts: none(),
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
};

/** Parameters of `POST /v1/invoices/:invoice`. */
export const updateParams = shared;

/** Tax is not computed here; asking for it is an error and not an invoice without tax. */
function refuseTax(tax: ParamsOf<typeof shared>["automatic_tax"]): void {
  if (tax?.enabled === true) {
    throw refused(
      "stripe_tax_inactive",
      "Automatic tax is not available on this server; send automatic_tax[enabled]=false and taxes as lines.",
      "automatic_tax[enabled]",
    );
  }
}

/** Throws 400 for what cannot be created. */
export function toCreation(params: ParamsOf<typeof creationParams>): InvoiceRequest {
  refuseTax(params.automatic_tax);
  return {
    customer: params.customer,
    currency: params.currency,
    autoAdvance: params.auto_advance,
    automaticallyFinalizesAt: params.automatically_finalizes_at,
    collectionMethod: params.collection_method ?? "charge_automatically",
    daysUntilDue: params.days_until_due,
    dueAt: params.due_date,
    pendingItems: params.pending_invoice_items_behavior,
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

/** Throws 400 for what cannot be set. */
export function toUpdate(params: ParamsOf<typeof updateParams>): InvoiceUpdate {
  refuseTax(params.automatic_tax);
  return {
    metadata: params.metadata,
    autoAdvance: params.auto_advance,
    defaultPaymentMethod: params.default_payment_method,
    terms: {
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
