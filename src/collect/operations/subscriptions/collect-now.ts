import { processorOf } from "../../domain/processor.ts";
import type { CollectError } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import type { InvoiceRow } from "../../store/invoices.ts";
import { advanceDraft, finalizeDraft } from "../finalize-invoice.ts";
import { chargeInvoice } from "../pay-invoice.ts";

/** How the first payment of an invoice is gone about (Stripe docs: `payment_behavior`). */
export type PaymentBehavior = "allow_incomplete" | "default_incomplete" | "error_if_incomplete";

export interface Collection {
  readonly behavior: PaymentBehavior;
  /** After a decline it is tried again by the schedule of retries. */
  readonly retries: boolean;
}

/** Finalizes a draft at once and asks for the money. What refused the payment is returned. */
export async function collectNow(
  scope: Scope,
  draft: InvoiceRow,
  { behavior, retries }: Collection,
): Promise<{ invoice: InvoiceRow; refusal: CollectError | undefined }> {
  if (draft.collection_method === "send_invoice") {
    return { invoice: await advanceDraft(scope, draft, true), refusal: undefined };
  }
  const charges = behavior !== "default_incomplete" && processorOf(scope).collects;
  const invoice = await finalizeDraft(scope, draft, { autoAdvance: retries, charge: false });
  if (invoice.status !== "open" || !charges) return { invoice, refusal: undefined };
  const charged = await chargeInvoice(scope, invoice, retries);
  if (charged.refusal !== undefined && behavior === "error_if_incomplete") throw charged.refusal;
  return charged;
}
