import type Stripe from "stripe";
import type { ExternalState, NamedRequest, Step } from "../delivery-step.ts";
import type { StripeDocument, StripeLine } from "./document.ts";
import { type FoundInvoice, includesPath } from "./observed.ts";
import { toDraftLine } from "./to-draft.ts";
import { LINE_KEY } from "./to-requests.ts";

/**
 * The lines whose prices get metadata. A line that is sent as a plain amount has no price at Stripe
 * that could have any (Stripe docs: "Invoice line item", `pricing.price_details` is optional).
 */
export const pricedLines = (document: StripeDocument): StripeLine[] =>
  document.lines.filter(
    (line) =>
      Object.keys(line.priceMetadata).length > 0 && "price_data" in toDraftLine(document, line),
  );

/** Writes the metadata of the price behind a line. */
export const toPriceUpdate = (
  document: StripeDocument,
  line: StripeLine,
  price: string,
): NamedRequest => ({
  name: `price-${document.lines.indexOf(line)}`,
  request: {
    method: "POST",
    path: `/v1/prices/${price}`,
    params: { metadata: line.priceMetadata },
  },
});

function priceOf({ pricing }: Stripe.InvoiceLineItem): string | undefined {
  const price = pricing?.price_details?.price;
  return typeof price === "object" ? price.id : price;
}

/** The metadata of prices that was not written yet, one price after the other; undefined: all is there. */
export function namePrices(
  document: StripeDocument,
  { lines, known }: FoundInvoice,
  external: ExternalState,
): Step | undefined {
  const standing = new Map(lines.map((line) => [line.metadata[LINE_KEY], line]));
  const updates: NamedRequest[] = [];
  for (const line of pricedLines(document)) {
    const found = standing.get(line.key);
    const price = found && priceOf(found);
    if (price === undefined) {
      const message = `The line "${line.productName}" of ${external.externalId} has no price at Stripe, so its price cannot have the metadata that the mapping rules ask for. Remove the rules or look at the invoice, then retry.`;
      return { step: "refuse", code: "price_missing", message, external };
    }
    const update = toPriceUpdate(document, line, price);
    if (!includesPath(known.accepted, update.request.path)) updates.push(update);
  }
  const [first, ...more] = updates;
  return first && { step: "write", ...first, more };
}
