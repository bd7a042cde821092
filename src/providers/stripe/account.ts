import type Stripe from "stripe";
import type { AccountAccess } from "../account.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { identifyAccount } from "./identify.ts";
import { listEvents } from "./list-events.ts";
import { retireEndpoints, rotateSecret, unsubscribe } from "./subscription.ts";
import { testAccount } from "./test-account.ts";
import { givenSecrets, ownEndpoints } from "./webhooks.ts";

/** The account behind a connection. */
export const stripeAccount = (open: (connection: ProviderConnection) => Stripe): AccountAccess => ({
  identify: async (connection) => identifyAccount(open(connection)),
  test: async (connection, url) => testAccount(() => open(connection), connection, url),
  listEvents: (connection, range) => listEvents(open(connection), connection, range),
  webhookMeans: (connection) => {
    const [newest] = ownEndpoints(connection);
    return { endpointId: newest?.id, hasGivenSecret: givenSecrets(connection).length > 0 };
  },
  rotate: (connection, url) => rotateSecret(open(connection), connection, url),
  retire: (connection) => retireEndpoints(open(connection), connection),
  unsubscribe: (connection) => unsubscribe(open(connection), connection),
});
