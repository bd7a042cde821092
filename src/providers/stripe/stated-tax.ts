import { spread } from "../../domain/spread.ts";
import { instantText, isBefore } from "../../domain/time.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import { type Known, type Step, TAX_MISSING } from "../delivery-step.ts";
import type { StripeDocument, StripeLine, StripeLineTax } from "./document.ts";

/**
 * Puts each tax on the lines that charge something, in proportion to what they charge, by largest remainder:
 * together the parts are the tax to the unit. Credits carry none. Pure.
 */
export function putTaxes(
  lines: readonly StripeLine[],
  taxes: NonNullable<DeliverableInvoice["taxes"]>,
): StripeLine[] {
  const weights = lines.map(({ amountMinor }) => (amountMinor > 0n ? amountMinor : 0n));
  const parts = taxes.map(({ amountMinor }) => spread(amountMinor, weights));
  return lines.map((line, index) => ({
    ...line,
    taxes: taxes.flatMap(({ name, percentage }, of): StripeLineTax[] =>
      line.amountMinor > 0n
        ? [
            {
              name,
              percentage,
              amountMinor: parts[of]?.[index] ?? 0n,
              taxableAmountMinor: line.amountMinor,
            },
          ]
        : [],
    ),
  }));
}

/** What all lines carry together, in minor units. */
export const statedTaxOf = ({ lines }: Pick<StripeDocument, "lines">): bigint =>
  lines.flatMap(({ taxes }) => taxes).reduce((total, { amountMinor }) => total + amountMinor, 0n);

/**
 * Waits until somebody says the tax, up to a deadline; nothing is sent until then, so that it is on the lines
 * from the start. undefined: it was said, or is not waited for any more. Pure.
 */
export function awaitStatedTax(document: StripeDocument, known: Known): Step | undefined {
  const { tax, invoiceId } = document;
  if (tax.mode !== "precalculated" || tax.isStated) return undefined;
  const until = (known.waitingSince ?? known.now).add({ minutes: tax.waitMinutes });
  if (isBefore(known.now, until)) {
    const reason = `Waits for the tax of invoice ${invoiceId} (PUT /v1/invoices/${invoiceId}/tax), until ${instantText(until)} at most.`;
    return { step: "wait", until, reason };
  }
  if (tax.onTimeout === "finalize") return undefined;
  const message = `Nobody stated the tax of invoice ${invoiceId} within ${tax.waitMinutes} minutes, and nothing was sent. State it (PUT /v1/invoices/${invoiceId}/tax): the delivery then goes on.`;
  return { step: "refuse", code: TAX_MISSING, message };
}
