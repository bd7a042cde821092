import type Stripe from "stripe";
import { instantText, Temporal } from "../../domain/time.ts";
import type { ActingStep, ExternalState, Known, NamedRequest } from "../delivery-step.ts";
import type { StripeDocument, StripeLine } from "./document.ts";
import { toExternalStatus } from "./status.ts";
import { LINE_DIGEST, type Params, toDraftLine } from "./to-draft.ts";
import { LINE_KEY } from "./to-requests.ts";

/** Our items at Stripe, pending or on an invoice, and the invoice that took them. */
export interface PendingObserved {
  readonly items: readonly Stripe.InvoiceItem[];
  readonly invoice: Stripe.Invoice | undefined;
  readonly known: Known;
}

export const ITEMS_PATH = "/v1/invoiceitems";
/** In the metadata of the item whose id stands for all of them. */
export const FIRST_ITEM = "ledgerline_first_item";

type PriceData = Params & { readonly product?: string; readonly product_data?: unknown };

/**
 * How an item is priced: unlike a line it takes a price only for a product that is there, and says its
 * currency when it has none (Stripe docs: "Create an invoice item").
 */
function toPricing({ price_data, amount, quantity, quantity_decimal }: Params, currency: string) {
  if (price_data === undefined) return { amount, currency };
  const data = price_data as PriceData;
  const units = quantity === undefined ? { quantity_decimal } : { quantity };
  if (data.product !== undefined) return { ...units, price_data: data };
  const { unit_amount_decimal, tax_behavior } = data;
  const behavior = tax_behavior === undefined ? {} : { tax_behavior };
  return { ...units, currency, unit_amount_decimal, ...behavior };
}

const digestIn = (metadata: Stripe.Metadata | Params): unknown => metadata[LINE_DIGEST];

/** The parameters of one line as an item of its own. */
function toItemParams(document: StripeDocument, line: StripeLine): Params {
  const wanted = toDraftLine({ ...document, revises: true }, line);
  const { description, discountable, period, metadata } = wanted;
  const isFirst = document.lines[0] === line;
  const subscription = document.pendingItems?.subscription;
  return {
    customer: document.customer,
    ...(subscription === undefined ? {} : { subscription }),
    ...toPricing(wanted, document.currency),
    description,
    discountable,
    ...(period === undefined ? {} : { period }),
    metadata: {
      ...document.metadata,
      ...(metadata as Params),
      ...(isFirst ? { [FIRST_ITEM]: "1" } : {}),
    },
  };
}

/** Creates the item of a line; what it says is in its name, since a key knows one content only. */
export function createItem(document: StripeDocument, line: StripeLine): NamedRequest {
  const params = toItemParams(document, line);
  const digest = digestIn(params.metadata as Params);
  const name = `item-${document.lines.indexOf(line)}-${digest}`;
  return { name, request: { method: "POST", path: ITEMS_PATH, params } };
}

const deleteItem = ({ id }: Stripe.InvoiceItem): NamedRequest => ({
  name: `delete-${id}`,
  request: { method: "DELETE", path: `${ITEMS_PATH}/${id}`, params: {} },
});

/** The items as one document: named after the first, in the state of the invoice that took them. */
export function toItemsExternal(
  externalId: string,
  invoice: Stripe.Invoice | undefined,
): ExternalState {
  if (invoice === undefined) return { externalId, status: null, details: {} };
  const at = invoice.status_transitions.finalized_at ?? invoice.created;
  return {
    externalId,
    status: toExternalStatus(invoice),
    details: {
      external_invoice_id: invoice.id,
      number: invoice.number,
      pdf_url: invoice.invoice_pdf ?? null,
      hosted_url: invoice.hosted_invoice_url ?? null,
      issued_at: instantText(Temporal.Instant.fromEpochMilliseconds(at * 1000)),
      currency: invoice.currency,
    },
  };
}

const inOneStep = ([first, ...more]: readonly NamedRequest[]): ActingStep | undefined =>
  first && { step: "write", ...first, more };

const isAccepted =
  ({ accepted }: Known) =>
  ({ request }: NamedRequest): boolean =>
    accepted.some(
      ({ path, params }) =>
        path === request.path &&
        digestIn((params.metadata ?? {}) as Params) === digestIn(request.params.metadata as Params),
    );

/**
 * From whatever stands at Stripe to the items that wait for the next invoice. While they wait, those
 * that are not wanted any more are deleted and the wanted ones are made; what an invoice has taken
 * is never made again, and when it would have to change a person has to decide. Pure.
 */
export function nextItemStep(
  document: StripeDocument,
  { items, invoice, known }: PendingObserved,
): ActingStep {
  if (document.lines.some(({ taxes }) => taxes.length > 0)) {
    const message =
      "Pending items take no tax that was calculated elsewhere: change the tax mode, or let an invoice be created.";
    return { step: "refuse", code: "items_take_no_tax", message };
  }
  const [head] = document.lines;
  const wanted = new Map(document.lines.map((line) => [line.key, line]));
  const digests = new Map(
    document.lines.map((line) => [
      line.key,
      digestIn(toItemParams(document, line).metadata as Params),
    ]),
  );
  const keyOf = ({ metadata }: Stripe.InvoiceItem): string => metadata?.[LINE_KEY] ?? "";
  const seen = new Set<string>();
  const isRight = (item: Stripe.InvoiceItem): boolean => {
    const line = wanted.get(keyOf(item));
    if (line === undefined || seen.has(line.key)) return false;
    if (digestIn(item.metadata ?? {}) !== digests.get(line.key)) return false;
    if (BigInt(item.amount) !== line.amountMinor) return false;
    seen.add(line.key);
    return true;
  };
  const first = items.find((item) => keyOf(item) === head?.key) ?? items[0];
  const external = toItemsExternal(first?.id ?? known.externalId ?? "", invoice);
  const changed = items.filter((item) => item.invoice !== null).find((item) => !isRight(item));
  if (changed !== undefined) {
    const on = typeof changed.invoice === "string" ? changed.invoice : changed.invoice?.id;
    const message = `The item ${changed.id} is on the Stripe invoice ${on} already and cannot be changed any more. Correct it there, with a credit note or another item.`;
    return { step: "refuse", code: "items_already_invoiced", message, external };
  }
  const surplus = items.filter((item) => item.invoice === null).filter((item) => !isRight(item));
  const missing = document.lines
    .filter(({ key }) => !seen.has(key))
    .map((line) => createItem(document, line));
  const wereDeleted =
    items.length === 0 && known.externalId !== undefined && missing.every(isAccepted(known));
  if (wereDeleted && missing.length > 0) {
    return { step: "done", external: { ...external, status: "DELETED" } };
  }
  return inOneStep([...surplus.map(deleteItem), ...missing]) ?? { step: "done", external };
}
