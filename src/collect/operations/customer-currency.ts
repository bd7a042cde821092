import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type CustomerRow, hasOpenBilling } from "../store/customers.ts";
import { changeCustomer } from "./change-customer.ts";

/**
 * Makes sure that a locked customer can be billed in a currency: the first billing object sets it,
 * and while something is pending, unpaid or on the balance another is refused with 400 (Stripe docs:
 * Customers, currency). Returns the customer as it is then.
 */
export async function claimCurrency(
  scope: Scope,
  customer: CustomerRow,
  currency: string,
): Promise<CustomerRow> {
  if (customer.currency === currency) return customer;
  if (customer.currency !== null) {
    if (customer.balance_minor !== 0n || (await hasOpenBilling(scope, customer.id))) {
      throw refused(
        "invalid_argument",
        `You cannot combine currencies on a single customer. This customer has an invoice, an invoice item or a balance with currency ${customer.currency}`,
        "currency",
      );
    }
  }
  return changeCustomer(scope, customer, { currency });
}
