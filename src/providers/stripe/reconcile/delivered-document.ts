import type { Delivered } from "../../reconciliation.ts";
import type { StripeDocument, StripePayment } from "../document.ts";
import { asSent } from "./as-sent.ts";

export type DeliveredDocument = Delivered<StripeDocument | StripePayment>;

/** The invoice as it was sent; undefined: today it would be none, or was collected without one. */
export function wantedInvoice(delivered: DeliveredDocument): StripeDocument | undefined {
  const { document, externalId, sent, delivery } = delivered;
  if (document?.kind !== "invoice") return undefined;
  return asSent(document, externalId, sent, delivery === "SENT");
}
