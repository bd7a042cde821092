import type { Outgoing } from "../../platform/network/outgoing.ts";
import type { Endpoint } from "./endpoint.ts";
import { balanceTransactionEndpoints } from "./routes/balance-transactions.ts";
import { customerEndpoints } from "./routes/customers.ts";
import { eventEndpoints } from "./routes/events.ts";
import { paymentMethodEndpoints } from "./routes/payment-methods.ts";
import { priceEndpoints } from "./routes/prices.ts";
import { productEndpoints } from "./routes/products.ts";
import { webhookEndpointEndpoints } from "./routes/webhook-endpoints.ts";

/** Every endpoint that Collect answers; a fixed path wins over a parameter in the same place. */
export const createEndpoints = ({ outgoing }: { outgoing: Outgoing }): readonly Endpoint[] => [
  ...customerEndpoints,
  ...balanceTransactionEndpoints,
  ...paymentMethodEndpoints,
  ...productEndpoints,
  ...priceEndpoints,
  ...eventEndpoints,
  ...webhookEndpointEndpoints(outgoing),
];
