import type { Outgoing } from "../../platform/network/outgoing.ts";
import type { Endpoint } from "./endpoint.ts";
import { accountEndpoints } from "./routes/accounts.ts";
import { balanceTransactionEndpoints } from "./routes/balance-transactions.ts";
import { couponEndpoints } from "./routes/coupons.ts";
import { customerEndpoints } from "./routes/customers.ts";
import { eventEndpoints } from "./routes/events.ts";
import { invoiceActionEndpoints } from "./routes/invoice-actions.ts";
import { invoiceItemEndpoints } from "./routes/invoice-items.ts";
import { invoiceLineEndpoints } from "./routes/invoice-lines.ts";
import { invoiceEndpoints } from "./routes/invoices.ts";
import { paymentIntentEndpoints } from "./routes/payment-intents.ts";
import { paymentMethodEndpoints } from "./routes/payment-methods.ts";
import { paymentEndpoints } from "./routes/payments.ts";
import { priceEndpoints } from "./routes/prices.ts";
import { productEndpoints } from "./routes/products.ts";
import { subscriptionItemEndpoints } from "./routes/subscription-items.ts";
import { subscriptionEndpoints } from "./routes/subscriptions.ts";
import { taxRateEndpoints } from "./routes/tax-rates.ts";
import { webhookEndpointEndpoints } from "./routes/webhook-endpoints.ts";

/** Every endpoint that Collect answers; a fixed path wins over a parameter in the same place. */
export const createEndpoints = ({ outgoing }: { outgoing: Outgoing }): readonly Endpoint[] => [
  ...accountEndpoints,
  ...customerEndpoints,
  ...balanceTransactionEndpoints,
  ...paymentMethodEndpoints,
  ...productEndpoints,
  ...priceEndpoints,
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
  ...eventEndpoints,
  ...webhookEndpointEndpoints(outgoing),
];
