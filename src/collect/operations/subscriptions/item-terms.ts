import type { Scope } from "../../scope.ts";
import { type ItemTermsRequest, resolveItemTerms } from "../totals/resolve-item-terms.ts";

interface ItemHolder {
  readonly customer: string;
  readonly subscription: string;
  readonly itemId: string;
  readonly currency: string;
}

/** The columns of a subscription's item that its discounts and tax rates decide. Throws 400. */
export async function resolveSubscriptionItemTerms(
  scope: Scope,
  terms: ItemTermsRequest,
  { customer, subscription, itemId, currency }: ItemHolder,
): Promise<{ readonly discounts?: string; readonly tax_rates?: string }> {
  const holder = { customer, subscription, subscriptionItem: itemId, currency };
  const { discounts, tax_rates } = await resolveItemTerms(scope, terms, holder);
  return {
    ...(discounts === undefined ? {} : { discounts }),
    ...(tax_rates === undefined ? {} : { tax_rates }),
  };
}
