import { Type } from "typebox";
import { invalid } from "../../errors.ts";
import {
  removeProviderKey,
  replaceProviderKey,
  setProviderKey,
} from "../../operations/connect-provider.ts";
import { readConnections } from "../../operations/read-connections.ts";
import { setWebhookSecret } from "../../operations/webhook-secret.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { operationOf } from "../request-context.ts";
import { IdField, ObjectField, TextField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";
import { toDeliveryMethodView } from "../views/billing-configuration.ts";

const tags = ["settings"];
const PROVIDER = "stripe";
const PAGE_SIZE = 100;
const unsupported = { anrok_api_key: null };
const KeyField = () => TextField({ max: 300 });

/** What holds for the whole environment: the Stripe account and the secret of webhooks. */
export function addClientSettingRoutes(http: CoreServer): void {
  const url = "/v1/client/billing-config/stripe";
  http.route({
    method: "POST",
    url,
    schema: {
      tags,
      summary: "Connect a Stripe account by its key",
      body: ObjectField({ stripe_api_key: KeyField() }, { unsupported }),
    },
    handler: async (request) =>
      setProviderKey(operationOf(request), {
        provider: PROVIDER,
        name: "Stripe",
        credential: { api_key: request.body.stripe_api_key },
      }),
  });
  http.route({
    method: "PATCH",
    url,
    schema: {
      tags,
      summary: "Replace the key of the connected Stripe account",
      body: ObjectField({ stripe_api_key: Type.Optional(KeyField()) }, { unsupported }),
    },
    handler: async (request) => {
      const { stripe_api_key: key } = request.body;
      const credential = key === undefined ? undefined : { api_key: key };
      await replaceProviderKey(operationOf(request), PROVIDER, credential);
    },
  });
  http.route({
    method: "DELETE",
    url,
    schema: { tags, summary: "Disconnect the Stripe account" },
    handler: async (request) => removeProviderKey(operationOf(request), PROVIDER),
  });
  http.route({
    method: "POST",
    url: "/v1/client/config/webhook_secret",
    schema: {
      tags,
      summary: "Set the secret that signs outgoing webhooks",
      body: ObjectField({ webhook_secret: TextField({ max: 256 }) }),
    },
    handler: async (request) => setWebhookSecret(operationOf(request), request.body.webhook_secret),
  });
  addProviderList(http);
}

function addProviderList(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/listConfiguredBillingProviders",
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "List the connected accounts as means of delivery",
      body: ObjectField({ next_page: Type.Optional(NullableField(IdField())) }),
    },
    handler: async (request) => {
      const connections = await readConnections(operationOf(request));
      const { next_page: after } = request.body;
      const start = connections.findIndex(({ id }) => id === after) + 1;
      if (typeof after === "string" && start === 0) {
        throw invalid("next_page is not a token of this list", "next_page");
      }
      const page = connections.slice(start, start + PAGE_SIZE);
      const more = connections.length > start + PAGE_SIZE;
      return {
        data: page.map(toDeliveryMethodView),
        next_page: more ? (page.at(-1)?.id ?? null) : null,
      };
    },
  });
}
