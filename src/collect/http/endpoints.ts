import type { Outgoing } from "../../platform/network/outgoing.ts";
import type { Endpoint } from "./endpoint.ts";
import { accountEndpoints } from "./routes/accounts.ts";
import { balanceTransactionEndpoints } from "./routes/balance-transactions.ts";
import { couponEndpoints } from "./routes/coupons.ts";
import { creditNoteEndpoints } from "./routes/credit-notes.ts";
import { customerEndpoints } from "./routes/customers.ts";
import { eventEndpoints } from "./routes/events.ts";
import { invoiceActionEndpoints } from "./routes/invoice-actions.ts";
import { invoiceItemEndpoints } from "./routes/invoice-items.ts";
import { invoiceLineEndpoints } from "./routes/invoice-lines.ts";
import { invoiceEndpoints } from "./routes/invoices.ts";
import { paymentIntentEndpoints } from "./routes/payment-intents.ts";
import { paymentMethodEndpoints } from "./routes/payment-methods.ts";
import { paymentRecordEndpoints } from "./routes/payment-records.ts";
import { paymentEndpoints } from "./routes/payments.ts";
import { planEndpoints } from "./routes/plans.ts";
import { priceEndpoints } from "./routes/prices.ts";
import { productEndpoints } from "./routes/products.ts";
import { refundEndpoints } from "./routes/refunds.ts";
import { subscriptionItemEndpoints } from "./routes/subscription-items.ts";
import { subscriptionEndpoints } from "./routes/subscriptions.ts";
import { taxRateEndpoints } from "./routes/tax-rates.ts";
import { testClockEndpoints } from "./routes/test-clocks.ts";
import { webhookEndpointEndpoints } from "./routes/webhook-endpoints.ts";

/** Every endpoint that Collect answers; a fixed path wins over a parameter in the same place. */
export const createEndpoints = ({ outgoing }: { outgoing: Outgoing }): readonly Endpoint[] => [
  ...accountEndpoints,
  ...customerEndpoints,
  ...balanceTransactionEndpoints,
  ...paymentMethodEndpoints,
  ...productEndpoints,
  ...priceEndpoints,
  ...planEndpoints,
  ...couponEndpoints,
  ...taxRateEndpoints,
  ...subscriptionEndpoints,
  ...subscriptionItemEndpoints,
  ...invoiceItemEndpoints,
  ...invoiceEndpoints,
  ...invoiceLineEndpoints,
  ...invoiceActionEndpoints,
  ...paymentEndpoints,
  ...paymentIntentEndpoints,
  ...paymentRecordEndpoints,
  ...refundEndpoints,
  ...creditNoteEndpoints,
  ...testClockEndpoints,
  ...eventEndpoints,
  ...webhookEndpointEndpoints(outgoing),
];
