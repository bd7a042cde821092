import { Type } from "typebox";
import { EVENT_LIFE_DAYS, INTEGRATION_EVENTS } from "../../../domain/integrations/event-name.ts";
import { instantText } from "../../../domain/time.ts";
import { invalid } from "../../../errors.ts";
import { actionEvent } from "../../../operations/action-event.ts";
import type { OperationContext } from "../../../operations/context.ts";
import { getIntegrationEvent, listIntegrationEvents } from "../../../store/integration-events.ts";
import {
  ORGANIZATION,
  organizationOf,
  orgIdParams,
  orgPageQuery,
  orgParams,
  readPageQuery,
  toTokenPage,
} from "../../organization/organization.ts";
import { toPage } from "../../pagination.ts";
import { IdField, ObjectField, TextField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";
import { toIntegrationEventView } from "../../views/integration-event.ts";

const tags = ["integrations: events"];
const BASE = `${ORGANIZATION}/events`;

/** What every event carries, with the kind of its value. */
const FIELDS: Readonly<Record<string, string>> = {
  accountId: "String",
  billId: "String",
  integrationRunId: "String",
  integrationConfigId: "String",
  connectionId: "String",
  "error.code": "String",
  "error.message": "String",
  "remedy.action": "String",
  "remedy.link": "String",
};

const notBefore = ({ now }: OperationContext): string =>
  instantText(now.subtract({ hours: 24 * EVENT_LIFE_DAYS }));

function readName(name: string | undefined): string | undefined {
  if (name === undefined || (INTEGRATION_EVENTS as readonly string[]).includes(name)) return name;
  throw invalid(`eventName must be one of ${INTEGRATION_EVENTS.join(", ")}`, "eventName");
}

/** What went wrong with integrations, and what a person does about it. */
export function addIntegrationEventRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: BASE,
    schema: {
      tags,
      summary: "Events of the last 28 days, oldest first",
      params: ObjectField(orgParams),
      querystring: ObjectField({
        ...orgPageQuery,
        accountId: Type.Optional(IdField()),
        resourceId: Type.Optional(IdField()),
        eventName: Type.Optional(TextField({ max: 100 })),
        includeActioned: Type.Optional(Type.Boolean()),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { accountId, resourceId, eventName, includeActioned } = request.query;
      const { after, limit } = readPageQuery(request.query);
      const rows = await listIntegrationEvents(ctx.db, ctx.environment.id, {
        customerId: accountId,
        resourceId,
        name: readName(eventName),
        includeActioned,
        notBefore: notBefore(ctx),
        after,
        limit,
      });
      return toTokenPage(toPage(rows, limit), toIntegrationEventView);
    },
  });
  http.route({
    method: "GET",
    url: `${BASE}/types`,
    schema: { tags, summary: "The names of events", params: ObjectField(orgParams) },
    handler: async (request) => {
      organizationOf(request);
      return { events: INTEGRATION_EVENTS };
    },
  });
  http.route({
    method: "GET",
    url: `${BASE}/fields`,
    schema: {
      tags,
      summary: "What events carry, by their names",
      params: ObjectField(orgParams),
      querystring: ObjectField({ eventName: Type.Optional(TextField({ max: 100 })) }),
    },
    handler: async (request) => {
      organizationOf(request);
      const name = readName(request.query.eventName);
      const names = name === undefined ? INTEGRATION_EVENTS : [name];
      return { events: Object.fromEntries(names.map((each) => [each, FIELDS])) };
    },
  });
  http.route({
    method: "GET",
    url: `${BASE}/:id`,
    schema: { tags, summary: "One event", params: ObjectField(orgIdParams) },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { id } = request.params;
      return toIntegrationEventView(
        await getIntegrationEvent(ctx.db, ctx.environment.id, id, notBefore(ctx)),
      );
    },
  });
  http.route({
    method: "PUT",
    url: `${BASE}/:id/action`,
    schema: { tags, summary: "Mark an event as dealt with", params: ObjectField(orgIdParams) },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toIntegrationEventView(await actionEvent(ctx, request.params.id, notBefore(ctx)));
    },
  });
}
