import { Type } from "typebox";
import { invalid } from "../../../errors.ts";
import {
  addWebhookDestination,
  deleteWebhookDestination,
  replaceWebhookDestination,
  switchWebhookDestination,
  type WebhookDestinationRequest,
} from "../../../operations/change-webhook-destinations.ts";
import { getWebhookEndpoint, listWebhookEndpoints } from "../../../store/webhook-endpoints.ts";
import {
  ORGANIZATION,
  organizationOf,
  orgIdParams,
  orgPageQuery,
  orgParams,
  readPageQuery,
  toTokenPage,
} from "../../organization/organization.ts";
import { readOnlyFields, refuseChanged } from "../../organization/read-only.ts";
import { toPage } from "../../pagination.ts";
import { EnumField, ObjectField, TextField } from "../../schemas/fields.ts";
import { NullableField } from "../../schemas/nullable-field.ts";
import type { CoreServer } from "../../server.ts";
import {
  READ_ONLY_OF_DESTINATION,
  SIGNED_REQUEST,
  toDestinationView,
} from "../../views/webhook-destination.ts";

const tags = ["webhooks"];
const URL = `${ORGANIZATION}/integrationdestinations/webhooks`;
/** It goes out in a header. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

const CredentialsField = () =>
  ObjectField({
    type: EnumField([SIGNED_REQUEST]),
    apiKey: Type.Optional(TextField({ max: 256 })),
    secret: Type.Optional(TextField({ max: 256 })),
    empty: Type.Optional(Type.Boolean()),
  });

const fields = {
  name: TextField({ max: 200 }),
  description: TextField({ min: 0, max: 1000 }),
  code: Type.Optional(NullableField(TextField({ max: 80 }))),
  active: Type.Optional(Type.Boolean()),
  url: TextField({ max: 2048 }),
  credentials: CredentialsField(),
};

interface Body {
  readonly name: string;
  readonly description: string;
  readonly code?: string | null;
  readonly active?: boolean;
  readonly url: string;
  readonly credentials: {
    readonly apiKey?: string;
    readonly secret?: string;
    readonly empty?: boolean;
  };
}

function readCredentials({ credentials: { apiKey, secret, empty = false } }: Body) {
  const given = [apiKey, secret].filter((each) => each !== undefined).length;
  if (given === 0) return undefined;
  if (empty) throw invalid("credentials.empty cannot stand beside a secret", "credentials.empty");
  if (secret === undefined) throw invalid("credentials.secret is required", "credentials.secret");
  if (apiKey === undefined) throw invalid("credentials.apiKey is required", "credentials.apiKey");
  if (HEADER_TEXT.test(apiKey)) return { apiKey, secret };
  throw invalid("credentials.apiKey must be text without blanks", "credentials.apiKey");
}

const toRequest = (body: Body): WebhookDestinationRequest => ({
  name: body.name,
  description: body.description,
  code: body.code ?? null,
  active: body.active ?? true,
  url: body.url,
  credentials: readCredentials(body),
});

/** The webhook endpoints, named and with a switch. */
export function addWebhookDestinationRoutes(http: CoreServer): void {
  const params = ObjectField(orgIdParams);
  http.route({
    method: "POST",
    url: URL,
    schema: {
      tags,
      summary: "Add a webhook destination",
      params: ObjectField(orgParams),
      body: ObjectField(fields),
    },
    handler: async (request) => {
      const made = toRequest(request.body);
      if (made.credentials === undefined) {
        throw invalid("credentials.apiKey and credentials.secret are required", "credentials");
      }
      return toDestinationView(await addWebhookDestination(organizationOf(request), made));
    },
  });
  http.route({
    method: "GET",
    url: URL,
    schema: {
      tags,
      summary: "List the webhook destinations, oldest first",
      params: ObjectField(orgParams),
      querystring: ObjectField(orgPageQuery),
    },
    handler: async (request) => {
      const { db, environment } = organizationOf(request);
      const { after, limit } = readPageQuery(request.query);
      const rows = await listWebhookEndpoints(db, environment.id, after, limit);
      return toTokenPage(toPage(rows, limit), toDestinationView);
    },
  });
  http.route({
    method: "GET",
    url: `${URL}/:id`,
    schema: { tags, summary: "Get a webhook destination", params },
    handler: async (request) => {
      const { db, environment } = organizationOf(request);
      return toDestinationView(await getWebhookEndpoint(db, environment.id, request.params.id));
    },
  });
  http.route({
    method: "PUT",
    url: `${URL}/:id`,
    schema: {
      tags,
      summary: "Replace a webhook destination",
      params,
      body: ObjectField({
        ...fields,
        version: Type.Integer({ minimum: 1 }),
        ...readOnlyFields(READ_ONLY_OF_DESTINATION),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { id } = request.params;
      const present = await getWebhookEndpoint(ctx.db, ctx.environment.id, id);
      refuseChanged(toDestinationView(present), request.body, READ_ONLY_OF_DESTINATION);
      const change = { ...toRequest(request.body), version: request.body.version };
      return toDestinationView(await replaceWebhookDestination(ctx, id, change));
    },
  });
  http.route({
    method: "PUT",
    url: `${URL}/:id/active`,
    schema: {
      tags,
      summary: "Switch a webhook destination on or off",
      params,
      querystring: ObjectField({ active: Type.Boolean() }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { active } = request.query;
      return toDestinationView(await switchWebhookDestination(ctx, request.params.id, active));
    },
  });
  http.route({
    method: "DELETE",
    url: `${URL}/:id`,
    schema: { tags, summary: "Delete a webhook destination", params },
    handler: async (request) =>
      toDestinationView(await deleteWebhookDestination(organizationOf(request), request.params.id)),
  });
}
