import type { Resource } from "./resource.ts";
import { balanceTransactionResource } from "./routes/balance-transactions.ts";
import { customerResource } from "./routes/customers.ts";
import { paymentMethodResource } from "./routes/payment-methods.ts";
import { priceResource } from "./routes/prices.ts";
import { productResource } from "./routes/products.ts";

const ALL: readonly Resource[] = [
  balanceTransactionResource,
  customerResource,
  paymentMethodResource,
  priceResource,
  productResource,
];

/** Every kind of object that can be expanded, or expanded into, by its name. */
export const resources: ReadonlyMap<string, Resource> = new Map(
  ALL.map((resource) => [resource.object, resource]),
);
