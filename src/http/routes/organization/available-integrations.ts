import { Type } from "typebox";
import { BILL_OPTIONS } from "../../../domain/integrations/bill-options.ts";
import type { OperationContext } from "../../../operations/context.ts";
import {
  type Destination,
  getDestination,
  listDestinations,
} from "../../../operations/find-destination.ts";
import { listOptionValues } from "../../../operations/list-option-values.ts";
import { BILL, readEntityType } from "../../organization/entity-types.ts";
import {
  ORGANIZATION,
  organizationOf,
  orgPageQuery,
  orgParams,
  readPageQuery,
} from "../../organization/organization.ts";
import { IdField, ObjectField, TextField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";
import {
  toAuthViews,
  toAvailableView,
  toDestinationView,
  toOptionViews,
} from "../../views/available-integrations.ts";

const tags = ["integrations"];
const URL = `${ORGANIZATION}/integrationconfigs`;
const systemParams = { ...orgParams, system: TextField({ max: 64 }) };

/** Every destination, or the one that was asked for. */
const chosen = (ctx: OperationContext, systemName: string | undefined): Destination[] =>
  systemName === undefined
    ? listDestinations(ctx.services.providers)
    : [getDestination(ctx, systemName, "systemName")];

/** A list that is never long enough for a second page. */
const whole = <View>(data: readonly View[]) => ({ data, nextToken: null });

/** What can be configured, described so that a page can render any destination. */
export function addAvailableIntegrationRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: `${URL}/available`,
    schema: {
      tags,
      summary: "What integrations can be configured, with every option",
      params: ObjectField(orgParams),
      querystring: ObjectField({
        systemName: Type.Optional(TextField({ max: 64 })),
        entityType: Type.Optional(TextField({ max: 64 })),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { systemName, entityType } = request.query;
      if (entityType !== undefined) readEntityType(entityType);
      return toAvailableView(ctx, chosen(ctx, systemName));
    },
  });
  http.route({
    method: "GET",
    url: `${URL}/available/systems`,
    schema: { tags, summary: "The systems that bills can go to", params: ObjectField(orgParams) },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return whole(chosen(ctx, undefined).map(toDestinationView(ctx)));
    },
  });
  http.route({
    method: "GET",
    url: `${URL}/available/:system/entities`,
    schema: { tags, summary: "What a system takes", params: ObjectField(systemParams) },
    handler: async (request) => {
      getDestination(organizationOf(request), request.params.system, "system");
      return whole([{ entityType: BILL, entityConfigurationOptions: toOptionViews(BILL_OPTIONS) }]);
    },
  });
  http.route({
    method: "GET",
    url: `${URL}/available/:system/auth/:entityType`,
    schema: {
      tags,
      summary: "How a credential for a system is given",
      params: ObjectField({ ...systemParams, entityType: TextField({ max: 64 }) }),
    },
    handler: async (request) => {
      const { system, entityType } = request.params;
      const destination = getDestination(organizationOf(request), system, "system");
      readEntityType(entityType);
      return whole(toAuthViews(destination));
    },
  });
  addValueRoutes(http);
}

/** Where a page of values begins stands in the token as it is: some are a provider's own ids. */
const toToken = (next: string | undefined): string | null =>
  next === undefined ? null : Buffer.from(next, "utf8").toString("base64url");

const fromToken = (token: string | undefined): string | undefined =>
  token === undefined ? undefined : Buffer.from(token, "base64url").toString("utf8");

function addValueRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: `${URL}/values/:system/:configOption`,
    schema: {
      tags,
      summary: "What can be chosen for an option",
      params: ObjectField({ ...systemParams, configOption: TextField({ max: 64 }) }),
      querystring: ObjectField({
        ...orgPageQuery,
        integrationCredentialsId: Type.Optional(IdField()),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { system, configOption: option } = request.params;
      const { integrationCredentialsId: credentialId, nextToken, pageSize } = request.query;
      const { limit } = readPageQuery({ pageSize });
      const page = await listOptionValues(ctx, getDestination(ctx, system, "system"), {
        option,
        credentialId,
        after: fromToken(nextToken),
        limit,
      });
      return { data: page.values, nextToken: toToken(page.next) };
    },
  });
}
