import type { NamedRequest } from "../delivery-step.ts";
import { toPay } from "./collect-step.ts";
import { toBatches } from "./compare-invoice.ts";
import type { StripeDocument, StripePayment } from "./document.ts";
import { toFinalize } from "./next-step.ts";
import { PAY, toCreatePayment } from "./payment-step.ts";
import { createItem } from "./pending-items-step.ts";
import { pricedLines, toPriceUpdate } from "./price-step.ts";
import { toFollowUp, toSend } from "./send-step.ts";
import { addLines, createDraft } from "./to-draft.ts";

const PLACEHOLDER = "{invoice.id}";
const METHOD = "{customer.invoice_settings.default_payment_method}";

const pricePlaceholder = (key: string): string => `{lines.${key}.price.id}`;

/** What comes after the draft is complete. */
function rehearseEnd(document: StripeDocument): NamedRequest[] {
  const { collection, sends, leaveAsDraft } = document;
  if (leaveAsDraft) return [];
  return [
    { name: "finalize", request: toFinalize(PLACEHOLDER, document) },
    // An invoice of nothing is paid once it is finalized: there is nothing to follow up on.
    ...(sends && collection === undefined
      ? [toSend(PLACEHOLDER), ...(document.totalMinor > 0n ? [toFollowUp(PLACEHOLDER)] : [])]
      : []),
    ...(collection === undefined
      ? []
      : [{ name: PAY, request: toPay(PLACEHOLDER, collection.isOnSession) }]),
  ];
}

/**
 * The writes of a first delivery, exactly as they would be sent when nobody meddles, tax comes in
 * time and the customer's balance pays for nothing. Pure.
 */
export function rehearseDelivery(document: StripeDocument | StripePayment): NamedRequest[] {
  if (document.kind === "payment") {
    return [{ name: PAY, request: toCreatePayment(document, METHOD) }];
  }
  if (document.pendingItems !== undefined) {
    return document.lines.map((line) => createItem(document, line));
  }
  return [
    createDraft(document),
    ...toBatches(document.lines).map((batch) => addLines(document, PLACEHOLDER, batch)),
    ...pricedLines(document).map((line) =>
      toPriceUpdate(document, line, pricePlaceholder(line.key)),
    ),
    ...rehearseEnd(document),
  ];
}
