import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import { findTaxFacts } from "../../store/invoice-lines.ts";

/**
 * Looks at the taxes of a draft's lines after a request changed them: they are computed here or elsewhere, on
 * one invoice not both, and what is included in a line is not more than the line (Stripe docs: `tax_amounts`
 * of an invoice line). `param` names what the request changed. Throws 400.
 */
export async function checkTaxes(
  scope: Scope,
  invoice: { readonly id: string; readonly default_tax_rates: readonly string[] },
  param: string,
): Promise<void> {
  const { hasFixed, hasRates, isBeyond } = await findTaxFacts(scope, invoice.id);
  if (hasFixed && (hasRates || invoice.default_tax_rates.length > 0)) {
    throw refused(
      "invalid_argument",
      "An invoice has either tax_amounts on its lines or tax rates (default_tax_rates, tax_rates of lines), not both.",
      param,
    );
  }
  if (isBeyond) {
    throw refused(
      "invalid_argument",
      "The inclusive tax_amounts of a line come to more than the line.",
      param,
    );
  }
}
