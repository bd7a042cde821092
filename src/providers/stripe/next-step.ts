import type { ProviderRequest, Step } from "../delivery-step.ts";
import { collect, takeBack } from "./collect-step.ts";
import { findDifference, findForeign, findMissing } from "./compare-invoice.ts";
import { findUnfitPayer } from "./customer-currency.ts";
import type { StripeDocument } from "./document.ts";
import type { StripeObserved } from "./observed.ts";
import { namePrices } from "./price-step.ts";
import { revise } from "./revise-step.ts";
import { send } from "./send-step.ts";
import { awaitStatedTax, statedTaxOf } from "./stated-tax.ts";
import { toExternalState } from "./status.ts";
import { addedTax, awaitTax, totalBeforeTax } from "./tax-step.ts";
import { addLines, createDraft } from "./to-draft.ts";

export { CREATE_PATH, LINE_KEY, toAddLines, toCreate } from "./to-requests.ts";

/**
 * Lets Stripe collect by its own schedule, unless it is paid explicitly, or mailed first: neither is
 * to happen twice.
 */
export const toFinalize = (
  id: string,
  { collection, sends }: Pick<StripeDocument, "collection" | "sends">,
): ProviderRequest => ({
  method: "POST",
  path: `/v1/invoices/${id}/finalize`,
  params: { auto_advance: collection === undefined && !sends },
});

/**
 * From whatever stands at Stripe to the next step: create the draft, add the lines that are missing,
 * compare exactly, name the prices, wait for tax, finalize, mail. A draft that differs is kept and
 * reported, never finalized, unless the document may revise it; one that somebody deleted stays
 * deleted.
 */
export function nextStep(document: StripeDocument, observed: StripeObserved): Step {
  if (observed.state === "none") {
    const { payer } = observed;
    const unfit = payer === undefined ? undefined : findUnfitPayer(payer ?? undefined, document);
    if (unfit !== undefined) return { step: "refuse", ...unfit };
    const untaxed = awaitStatedTax(document, observed.known);
    if (untaxed !== undefined) return untaxed;
    return { step: "write", ...createDraft(document) };
  }
  if (observed.state === "deleted") {
    const { externalId } = observed;
    return { step: "done", external: { externalId, status: "DELETED", details: {} } };
  }
  const { invoice, lines } = observed;
  const external = toExternalState(invoice);
  if (document.collection?.wanted === "canceled") return takeBack(invoice, external);
  const untaxed =
    document.revises && invoice.status === "draft"
      ? awaitStatedTax(document, observed.known)
      : undefined;
  if (untaxed !== undefined) return untaxed;
  const kept = `The Stripe invoice ${external.externalId} was kept as it is`;
  const foreign = findForeign(document, invoice);
  const revision = foreign === undefined ? revise(document, observed) : undefined;
  if (revision !== undefined) return revision;
  const difference = foreign ?? findDifference(document, lines);
  if (difference !== undefined) {
    const message = `${kept}: ${difference}. Delete the draft or put it right, then retry.`;
    return { step: "refuse", code: "provider_invoice_differs", message, external };
  }
  const rest = findMissing(document, lines);
  if (rest !== undefined && invoice.status === "draft") {
    return { step: "write", ...addLines(document, external.externalId, rest.missing) };
  }
  const totalMinor = totalBeforeTax(document, observed);
  if (rest !== undefined || totalMinor !== document.totalMinor) {
    const message = `${kept}: it comes to ${totalMinor} instead of ${document.totalMinor} minor units.`;
    return { step: "refuse", code: "provider_total_differs", message, external };
  }
  if (document.tax.mode === "precalculated") {
    const [is, should] = [BigInt(addedTax(invoice)), statedTaxOf(document)];
    if (is !== should) {
      const message = `${kept}: its tax comes to ${is} instead of ${should} minor units.`;
      return { step: "refuse", code: "provider_tax_differs", message, external };
    }
  }
  const prices = namePrices(document, observed, external);
  if (prices !== undefined) return prices;
  if (invoice.status === "draft" && !document.leaveAsDraft) {
    const request = toFinalize(external.externalId, document);
    return awaitTax(document, observed, external) ?? { step: "write", name: "finalize", request };
  }
  return send(document, observed) ?? collect(document, invoice, external);
}
