import type { CreditType } from "../../domain/credit-type.ts";
import { assert } from "../../errors.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { Plan } from "../delivery-step.ts";
import type { StripePayment } from "./document.ts";
import { minimumCharge } from "./limits.ts";

const MAX_DESCRIPTION = 1000;

/** Why so little cannot be collected at once: an invoice would be marked paid without any money. */
export function findTooSmall(totalMinor: bigint, creditType: CreditType): string | undefined {
  const minimum = minimumCharge(creditType);
  if (totalMinor >= minimum) return undefined;
  return `The total of ${totalMinor} minor units is below the ${minimum} that can be charged at once.`;
}

/** What tells our documents at Stripe from others, with what the caller wants to stand there. */
export const toMetadata = ({
  id,
  environment,
  collection,
}: DeliverableInvoice): Record<string, string> => ({
  ...collection?.metadata,
  metronome_id: id,
  ledgerline_invoice_id: id,
  ledgerline_environment: environment,
});

/** The PaymentIntent that collects an invoice which does not stand at Stripe itself. */
export function toPayment(paying: {
  readonly invoice: DeliverableInvoice;
  readonly customer: string;
  readonly creditType: CreditType;
  readonly totalMinor: bigint;
  readonly description: string;
}): Plan<StripePayment> {
  const { invoice, customer, creditType, totalMinor, description } = paying;
  assert(invoice.collection !== undefined, `invoice ${invoice.id} is collected at once`);
  return {
    outcome: "send",
    document: {
      kind: "payment",
      invoiceId: invoice.id,
      customer,
      currency: creditType.currency.code.toLowerCase(),
      amountMinor: totalMinor,
      description: [...description].slice(0, MAX_DESCRIPTION).join(""),
      metadata: toMetadata(invoice),
      collection: invoice.collection,
    },
  };
}
