import type { ProviderRequest } from "../provider.ts";
import { toPay } from "./collect-step.ts";
import type { StripeDocument, StripePayment } from "./document.ts";
import { toAddLines, toBatches, toCreate, toFinalize } from "./next-step.ts";
import { PAY, toCreatePayment } from "./payment-step.ts";

const PLACEHOLDER = "{invoice.id}";
const METHOD = "{customer.invoice_settings.default_payment_method}";

/** The writes of a first delivery, exactly as they would be sent. Pure. */
export function rehearseDelivery(
  document: StripeDocument | StripePayment,
): { name: string; request: ProviderRequest }[] {
  if (document.kind === "payment") {
    return [{ name: PAY, request: toCreatePayment(document, METHOD) }];
  }
  const { collection } = document;
  const batches = toBatches(document.lines).map((batch) => {
    const first = batch[0];
    return {
      name: `lines-${first === undefined ? 0 : document.lines.indexOf(first)}`,
      request: toAddLines(PLACEHOLDER, batch, document.currency),
    };
  });
  return [
    { name: "create", request: toCreate(document) },
    ...batches,
    ...(document.leaveAsDraft
      ? []
      : [{ name: "finalize", request: toFinalize(PLACEHOLDER, collection === undefined) }]),
    ...(collection === undefined
      ? []
      : [{ name: PAY, request: toPay(PLACEHOLDER, collection.isOnSession) }]),
  ];
}
