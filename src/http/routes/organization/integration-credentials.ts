import { Type } from "typebox";
import {
  addCredential,
  deleteCredential,
  replaceCredential,
} from "../../../operations/change-integration-credentials.ts";
import type { OperationContext, Services } from "../../../operations/context.ts";
import { getDestination, listUsableDestinations } from "../../../operations/find-destination.ts";
import { getLiveConnection, listConnectionPage } from "../../../store/connections.ts";
import {
  providerCredentialFields,
  toCredentialRequest,
} from "../../organization/credential-fields.ts";
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
import { ObjectField, TextField } from "../../schemas/fields.ts";
import { NullableField } from "../../schemas/nullable-field.ts";
import type { CoreServer } from "../../server.ts";
import {
  READ_ONLY_OF_CREDENTIAL,
  viewCredential,
  viewCredentials,
} from "../../views/integration-credential.ts";

const tags = ["integrations"];
const URL = `${ORGANIZATION}/integrationcredentials`;

const bodyFields = (services: Pick<Services, "providers">) => ({
  ...providerCredentialFields(services),
  type: TextField({ max: 64 }),
  destination: TextField({ max: 64 }),
  name: Type.Optional(NullableField(TextField({ max: 200 }))),
});

/** `status` changes by itself, without a new version: what was read of it may be old. */
const FIXED = ["version", "status", ...READ_ONLY_OF_CREDENTIAL] as const;

function toRequest(body: Readonly<Record<string, unknown>>) {
  const sent = Object.entries(body).filter(
    ([name]) => !(FIXED as readonly string[]).includes(name),
  );
  return toCredentialRequest(Object.fromEntries(sent), String(body.destination));
}

const providersOf = (ctx: OperationContext, destination: string | undefined): string[] =>
  destination === undefined
    ? listUsableDestinations(ctx).map(({ provider }) => provider)
    : [getDestination(ctx, destination).provider];

/** Named, write-only secrets: each is a connection to the provider of its destination. */
export function addIntegrationCredentialRoutes(
  http: CoreServer,
  { services }: { readonly services: Pick<Services, "providers"> },
): void {
  const fields = bodyFields(services);
  const params = ObjectField(orgIdParams);
  http.route({
    method: "POST",
    url: URL,
    schema: {
      tags,
      summary: "Create an integration credential",
      params: ObjectField(orgParams),
      body: ObjectField(fields),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return viewCredential(ctx, await addCredential(ctx, toRequest(request.body)));
    },
  });
  http.route({
    method: "GET",
    url: URL,
    schema: {
      tags,
      summary: "List the integration credentials, oldest first, without their secrets",
      params: ObjectField(orgParams),
      querystring: ObjectField({
        ...orgPageQuery,
        destination: Type.Optional(TextField({ max: 64 })),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { after, limit } = readPageQuery(request.query);
      const providers = providersOf(ctx, request.query.destination);
      const rows = await listConnectionPage(ctx.db, ctx.environment.id, {
        providers,
        after,
        limit,
      });
      const page = toPage(rows, limit);
      const views = await viewCredentials(ctx, page.rows);
      return toTokenPage({ rows: views, next: page.next }, (view) => view);
    },
  });
  http.route({
    method: "GET",
    url: `${URL}/:id`,
    schema: { tags, summary: "Get an integration credential, without its secrets", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { id } = request.params;
      return viewCredential(ctx, await getLiveConnection(ctx.db, ctx.environment.id, id));
    },
  });
  http.route({
    method: "PUT",
    url: `${URL}/:id`,
    schema: {
      tags,
      summary: "Rename an integration credential or replace its secrets",
      params,
      body: ObjectField({
        ...fields,
        version: Type.Integer({ minimum: 1 }),
        ...readOnlyFields(["status", ...READ_ONLY_OF_CREDENTIAL]),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { id } = request.params;
      const { version } = request.body;
      const present = await getLiveConnection(ctx.db, ctx.environment.id, id);
      if (version === present.version) {
        refuseChanged(await viewCredential(ctx, present), request.body, READ_ONLY_OF_CREDENTIAL);
      }
      const change = { ...toRequest(request.body), version };
      return viewCredential(ctx, await replaceCredential(ctx, id, change));
    },
  });
  http.route({
    method: "DELETE",
    url: `${URL}/:id`,
    schema: {
      tags,
      summary: "Delete an integration credential; its configurations are not connected any more",
      params,
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return viewCredential(ctx, await deleteCredential(ctx, request.params.id));
    },
  });
}
