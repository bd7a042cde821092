import { instantText, isAfter } from "../../domain/time.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { RouteOptions } from "../provider-connection.ts";
import { MAX_CUSTOM_FIELDS, MAX_METADATA_KEYS } from "./check-mappings.ts";
import type { StripeDocument, StripeLine, StripePendingItems, StripeTax } from "./document.ts";
import { type MappingRule, mapInvoice } from "./map-fields.ts";
import { maxLengthOf } from "./mapping-target.ts";
import type { StripeSettings } from "./settings.ts";
import { toMetadata } from "./to-payment.ts";

/** Why an invoice is not sent as its account's settings and its route want it. */
export interface Refusal {
  readonly outcome: "refuse";
  readonly code: string;
  readonly message: string;
}

export const refuse = (code: string, message: string): Refusal => ({
  outcome: "refuse",
  code,
  message,
});

/** Part of a document, or why there is none. */
type Made<Part> = { readonly made: Part } | Refusal;

const textOf = (options: RouteOptions, name: string): string | undefined => {
  const value = options[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** Whether the lines are left for an invoice that is made at Stripe. What is collected at once never is. */
export function toPendingItems(
  { collection }: DeliverableInvoice,
  options: RouteOptions,
): StripePendingItems | undefined {
  if (options.create_invoice !== false || collection !== undefined) return undefined;
  return { subscription: textOf(options, "stripe_subscription_id") };
}

/** An existing product for the lines that neither an external mapping nor a mapping rule gives one. */
export const productIdOf = (options: RouteOptions): string | undefined =>
  textOf(options, "price_data_product_id");

/**
 * How tax gets onto the invoice. What is collected at once cannot wait for any: its gate names its tax. What
 * was calculated elsewhere is of a final invoice, and not of a draft.
 */
export function toTax(
  settings: StripeSettings,
  { collection, stage, taxes }: DeliverableInvoice,
): StripeTax {
  const { tax_mode: mode } = settings;
  if (mode === "none" || collection !== undefined) return { mode: "none" };
  const { tax_wait_minutes: waitMinutes, on_tax_timeout: onTimeout } = settings;
  if (mode !== "precalculated") return { mode, waitMinutes, onTimeout };
  if (stage === "draft") return { mode: "none" };
  return { mode, isStated: taxes !== undefined, waitMinutes, onTimeout };
}

/** Why tax that was stated, or is to be, cannot go with the invoice; undefined: it can. */
export function findUnfitTax(
  tax: StripeTax,
  { id, collection, taxes = [] }: DeliverableInvoice,
  lines: readonly StripeLine[],
  pendingItems: StripePendingItems | undefined,
): Refusal | undefined {
  const isCharged = taxes.some(({ amountMinor }) => amountMinor > 0n);
  if (tax.mode !== "precalculated") {
    return taxes.length === 0
      ? undefined
      : refuse(
          "tax_not_taken",
          collection === undefined
            ? `Tax was stated for the invoice, which takes none (tax_mode ${tax.mode}). Set tax_mode to precalculated, or take the tax back (DELETE /v1/invoices/${id}/tax); then retry.`
            : `Tax was stated for an invoice that a payment gate collects, whose tax the gate itself names. Take it back (DELETE /v1/invoices/${id}/tax), then retry.`,
        );
  }
  if (pendingItems !== undefined) {
    return refuse(
      "items_take_no_tax",
      "Pending items take no tax that was calculated elsewhere: change the tax mode, or let an invoice be created.",
    );
  }
  if (isCharged && lines.every(({ amountMinor }) => amountMinor <= 0n)) {
    return refuse(
      "tax_without_charge",
      `Tax was stated for an invoice that charges nothing. Take it back (DELETE /v1/invoices/${id}/tax), then retry.`,
    );
  }
  return undefined;
}

type Collecting = Pick<StripeDocument, "collectionMethod" | "daysUntilDue" | "dueDate" | "sends">;

/** How the invoice is collected, and by when it is to be paid where Stripe sends it. */
export function toCollecting(
  { collection, dueAt, finalizedAt }: DeliverableInvoice,
  options: RouteOptions,
  settings: StripeSettings,
): Made<Collecting> {
  if (collection !== undefined || options.stripe_collection_method !== "send_invoice") {
    const method = "charge_automatically";
    const made = { collectionMethod: method, daysUntilDue: undefined, dueDate: undefined } as const;
    return { made: { ...made, sends: false } };
  }
  const sent = { collectionMethod: "send_invoice", sends: true } as const;
  if (options.send_due_date !== true || dueAt === null) {
    return { made: { ...sent, daysUntilDue: settings.days_until_due, dueDate: undefined } };
  }
  // Not compared with the present: a delivery that is taken up again must come to the same end.
  if (!isAfter(dueAt, finalizedAt)) {
    return refuse(
      "due_date_past",
      `The bill is due ${instantText(dueAt)}, not after it was finalized (${instantText(finalizedAt)}); Stripe takes only due dates to come. Give the account or the contract more days, or switch the due date off, then retry.`,
    );
  }
  const dueDate = Math.trunc(dueAt.epochMilliseconds / 1000);
  return { made: { ...sent, daysUntilDue: undefined, dueDate } };
}

type Labels = Pick<StripeDocument, "customFields" | "metadata">;

/** What is written on the invoice: by mapping rules, by the payment gate, by the route, and by us. */
export function toLabels(
  invoice: DeliverableInvoice,
  options: RouteOptions,
  rules: readonly MappingRule[],
): Made<Labels> {
  const fields = new Map(mapInvoice(rules, invoice, "custom_field"));
  const orderField = textOf(options, "po_number_custom_field");
  const { purchaseOrderNumber: order } = invoice;
  if (orderField !== undefined && order !== null && order !== "" && !fields.has(orderField)) {
    const most = maxLengthOf({ on: "invoice", as: "custom_field", name: orderField });
    if (order.length > most) {
      return refuse(
        "purchase_order_number_too_long",
        `The purchase order number has ${order.length} characters; Stripe takes ${most} in a custom field.`,
      );
    }
    fields.set(orderField, order);
  }
  if (fields.size > MAX_CUSTOM_FIELDS) {
    return refuse(
      "too_many_custom_fields",
      `Mapping rules and the purchase order number make ${fields.size} custom fields of the invoice (${[...fields.keys()].join(", ")}); Stripe takes ${MAX_CUSTOM_FIELDS}.`,
    );
  }
  const metadata = {
    ...Object.fromEntries(mapInvoice(rules, invoice, "metadata")),
    ...toMetadata(invoice),
  };
  const keys = Object.keys(metadata).length;
  if (keys > MAX_METADATA_KEYS) {
    return refuse(
      "too_much_metadata",
      `Mapping rules and the payment gate make ${keys} keys of metadata; Stripe takes ${MAX_METADATA_KEYS}.`,
    );
  }
  const customFields = [...fields].map(([name, value]) => ({ name, value }));
  return { made: { customFields, metadata } };
}

/** Why options contradict each other: an invoice that is not made carries nothing. */
export function findContradiction(options: RouteOptions): string | undefined {
  const wanted = [
    textOf(options, "po_number_custom_field") === undefined ? [] : ["a purchase order number"],
    options.send_due_date === true ? ["a due date"] : [],
  ].flat();
  if (options.create_invoice !== false || wanted.length === 0) return undefined;
  return `No invoice is made, so that it cannot carry ${wanted.join(" and ")}. Let the integration create invoices, or leave that out.`;
}
