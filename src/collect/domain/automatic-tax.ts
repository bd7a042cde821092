/** The code of a refusal to finalize without the tax that was asked for (Stripe docs: "Error codes"). */
export const TAXES_FAILED = "taxes_calculation_failed";

/** What decides about the tax of an invoice that somebody else computes it for. */
export interface AutomaticallyTaxed {
  readonly enabled: boolean;
  /** Tax stands on it, be it of nothing. */
  readonly hasTaxes: boolean;
  readonly hasLines: boolean;
  readonly totalMinor: bigint;
  /** Where the customer is; null: not told. */
  readonly country: string | null;
  /** It could not be finalized for want of tax. */
  readonly hasFailed: boolean;
}

/**
 * How the tax of an invoice stands (Stripe docs: "The Invoice object", `automatic_tax.status`). Nothing
 * is computed here: a tax app puts `tax_amounts` on the lines of the draft. null: not computed yet.
 */
export function automaticTaxStatus(
  invoice: AutomaticallyTaxed,
): "complete" | "failed" | "requires_location_inputs" | null {
  if (!invoice.enabled) return null;
  if (invoice.hasTaxes || (invoice.hasLines && invoice.totalMinor <= 0n)) return "complete";
  if (invoice.country === null) return "requires_location_inputs";
  return invoice.hasFailed ? "failed" : null;
}
