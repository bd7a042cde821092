import type { Resource } from "./resource.ts";
import { balanceTransactionResource } from "./routes/balance-transactions.ts";
import { couponResource, discountResource } from "./routes/coupons.ts";
import { creditNoteResource } from "./routes/credit-notes.ts";
import { customerResource } from "./routes/customers.ts";
import { invoiceItemResource } from "./routes/invoice-items.ts";
import { lineItemResource } from "./routes/invoice-lines.ts";
import { invoiceResource } from "./routes/invoices.ts";
import { paymentMethodResource } from "./routes/payment-methods.ts";
import { paymentRecordResource } from "./routes/payment-records.ts";
import { paymentResources } from "./routes/payments.ts";
import { planResource } from "./routes/plans.ts";
import { priceResource } from "./routes/prices.ts";
import { productResource } from "./routes/products.ts";
import { refundResource } from "./routes/refunds.ts";
import { subscriptionItemResource } from "./routes/subscription-items.ts";
import { subscriptionResource } from "./routes/subscriptions.ts";
import { taxRateResource } from "./routes/tax-rates.ts";
import { testClockResource } from "./routes/test-clocks.ts";

const ALL: readonly Resource[] = [
  balanceTransactionResource,
  couponResource,
  creditNoteResource,
  customerResource,
  discountResource,
  invoiceItemResource,
  invoiceResource,
  lineItemResource,
  paymentMethodResource,
  ...paymentResources,
  paymentRecordResource,
  planResource,
  priceResource,
  productResource,
  refundResource,
  subscriptionItemResource,
  subscriptionResource,
  taxRateResource,
  testClockResource,
];

/** Every kind of object that can be expanded, or expanded into, by its name. */
export const resources: ReadonlyMap<string, Resource> = new Map(
  ALL.map((resource) => [resource.object, resource]),
);
