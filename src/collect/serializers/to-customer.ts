import type Stripe from "stripe";
import type { StoredDiscount } from "../db/foundation-tables.ts";
import type { CustomerRow } from "../store/customers.ts";
import { toUnix, toUnixOrNull, toWireAmount, type Wire } from "../wire.ts";
import { toDeleted } from "./to-deleted.ts";

const toCustomerDiscount = (
  customer: string,
  { id, coupon, startAt, endAt }: StoredDiscount,
): Wire<Stripe.Discount> => ({
  id,
  object: "discount",
  checkout_session: null,
  customer,
  customer_account: null,
  end: toUnixOrNull(endAt),
  invoice: null,
  invoice_item: null,
  promotion_code: null,
  source: { coupon, type: "coupon" },
  start: toUnix(startAt),
  subscription: null,
  subscription_item: null,
});

/** A customer as Stripe's API shows it; `toCustomerOrDeleted` for one that may be deleted. */
export const toCustomer = (row: CustomerRow): Wire<Stripe.Customer> => ({
  id: row.id,
  object: "customer",
  address: row.address,
  balance: toWireAmount(row.balance_minor),
  created: toUnix(row.created_at),
  currency: row.currency,
  customer_account: null,
  default_source: null,
  delinquent: row.delinquent,
  description: row.description,
  discount: row.discount === null ? null : toCustomerDiscount(row.id, row.discount),
  email: row.email,
  invoice_prefix: row.invoice_prefix,
  invoice_settings: {
    custom_fields: row.invoice_custom_fields === null ? null : [...row.invoice_custom_fields],
    default_payment_method: row.default_payment_method,
    footer: row.invoice_footer,
    rendering_options: null,
  },
  livemode: row.livemode,
  metadata: row.metadata,
  name: row.name,
  next_invoice_sequence: row.next_invoice_sequence,
  phone: row.phone,
  preferred_locales: [...row.preferred_locales],
  shipping: row.shipping,
  tax_exempt: row.tax_exempt,
  test_clock: row.test_clock,
});

/** A customer, or the little that stays of a deleted one. */
export const toCustomerOrDeleted = (row: CustomerRow) =>
  row.deleted ? toDeleted(row.id, "customer") : toCustomer(row);
