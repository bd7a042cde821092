import { Type } from "typebox";
import { RUN_WORDS } from "../../../domain/integrations/run-word.ts";
import { invalid, notFound } from "../../../errors.ts";
import type { OperationContext } from "../../../operations/context.ts";
import { readRuns } from "../../../operations/read-integration-runs.ts";
import { retryAsAsked } from "../../../operations/retry-run.ts";
import { routeAgain } from "../../../operations/route-again.ts";
import { writeExact } from "../../../platform/json/exact-json.ts";
import type { IntegrationRun } from "../../../store/integration-run.ts";
import { listRunSteps } from "../../../store/integration-run-steps.ts";
import { getRun } from "../../../store/integration-runs.ts";
import { listLatestRuns, listRuns } from "../../../store/run-lists.ts";
import { listUnrouted, type UnroutedInvoice } from "../../../store/unrouted-invoices.ts";
import { withoutSecrets } from "../../audit/without-secrets.ts";
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
import {
  EnumField,
  IdField,
  ListField,
  ObjectField,
  splitList,
  TextField,
} from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";
import { toIntegrationRunView } from "../../views/integration-run.ts";

const tags = ["integrations: runs"];
const BASE = `${ORGANIZATION}/integrationruns`;
/** Only bills are sent anywhere. */
const EntityTypeField = () => EnumField(["BILL"] as const);
const MAX_IDS = 200;

const view = async (ctx: OperationContext, runs: readonly IntegrationRun[]) =>
  (await readRuns(ctx, runs)).map(toIntegrationRunView);

async function viewOne(ctx: OperationContext, run: IntegrationRun) {
  const [shown] = await view(ctx, [run]);
  return shown;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** An instant, or a day in UTC: from its beginning, or up to and with its end. */
function readBound(text: string | undefined, field: string, isEnd: boolean): string | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(DAY.test(text) ? `${text}T00:00:00Z` : text);
  const isDated = DAY.test(text) || /^\d{4}-\d{2}-\d{2}T.+(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  if (!isDated || Number.isNaN(at)) {
    throw invalid(`${field} must be a date or an RFC 3339 instant`, field);
  }
  const day = isEnd && DAY.test(text) ? 86_400_000 : 0;
  return new Date(at + day).toISOString();
}

function readIds(text: string): string[] {
  const ids = splitList(text).map((id) => id.trim().toLowerCase());
  if (ids.length === 0 || ids.length > MAX_IDS || !ids.every((id) => UUID.test(id))) {
    throw invalid(`ids must be 1 to ${MAX_IDS} ids of bills, joined by commas`, "ids");
  }
  return ids;
}

const toUnroutedView = (invoice: UnroutedInvoice) => ({
  entityType: "Bill",
  entityId: invoice.invoiceId,
  accountId: invoice.customerId,
  contractId: invoice.contractId,
  creditTypeId: invoice.creditTypeId,
  billTotal: invoice.total,
  startDateTimeUTC: invoice.startAt,
  endDateTimeUTC: invoice.endAt,
  issuedAt: invoice.issuedAt,
  dtCreated: invoice.notedAt,
});

/** Deliveries as the integrations API shows them. */
export function addIntegrationRunRoutes(http: CoreServer): void {
  addReads(http);
  addLists(http);
  addUnrouted(http);
  for (const again of [false, true]) {
    http.route({
      method: "POST",
      url: `${BASE}/:id/${again ? "replay" : "retry"}`,
      schema: {
        tags,
        summary: again
          ? "Go through a run again that has ended, however it ended"
          : "Try a failed run again, with its integration as it is now",
        params: ObjectField(orgIdParams),
      },
      handler: async (request) => {
        const ctx = organizationOf(request);
        return viewOne(ctx, await retryAsAsked(ctx, request.params.id, { again }));
      },
    });
  }
}

function addReads(http: CoreServer): void {
  http.route({
    method: "GET",
    url: `${BASE}/:id`,
    schema: { tags, summary: "One run", params: ObjectField(orgIdParams) },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return viewOne(ctx, await getRun(ctx.db, ctx.environment.id, request.params.id));
    },
  });
  http.route({
    method: "GET",
    url: `${BASE}/logs/:id`,
    schema: {
      tags,
      summary:
        "What a run was about to send and what came of it, as base64 of JSON, without secrets",
      params: ObjectField(orgIdParams),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const run = await getRun(ctx.db, ctx.environment.id, request.params.id);
      const log = {
        run: await viewOne(ctx, run),
        route: withoutSecrets(run.route),
        steps: withoutSecrets(await listRunSteps(ctx.db, run.id)),
      };
      return { Payload: Buffer.from(writeExact(log), "utf8").toString("base64") };
    },
  });
  http.route({
    method: "GET",
    url: `${BASE}/:entityType/latest/:id`,
    schema: {
      operationId: "getLatestOrganizationIntegrationrun",
      tags,
      summary: "The newest run of a bill",
      params: ObjectField({ ...orgIdParams, entityType: EntityTypeField() }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { id } = request.params;
      const [run] = await listLatestRuns(ctx.db, ctx.environment.id, [id]);
      if (run === undefined) throw notFound("run of bill", id);
      return viewOne(ctx, run);
    },
  });
  http.route({
    method: "GET",
    url: `${BASE}/:entityType/latest`,
    schema: {
      operationId: "getLatestOrganizationIntegrationruns",
      tags,
      summary: "The newest run of each of these bills",
      params: ObjectField({ ...orgParams, entityType: EntityTypeField() }),
      querystring: ObjectField({ ids: ListField() }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const ids = readIds(request.query.ids);
      return { data: await view(ctx, await listLatestRuns(ctx.db, ctx.environment.id, ids)) };
    },
  });
}

function addLists(http: CoreServer): void {
  http.route({
    method: "GET",
    url: `${BASE}/:entityType/:entityId`,
    schema: {
      operationId: "getOrganizationIntegrationrunsOfEntity",
      tags,
      summary: "The runs of a bill, oldest first",
      params: ObjectField({ ...orgParams, entityType: EntityTypeField(), entityId: IdField() }),
      querystring: ObjectField({
        ...orgPageQuery,
        startDate: Type.Optional(TextField({ max: 64 })),
        endDate: Type.Optional(TextField({ max: 64 })),
        status: Type.Optional(EnumField(RUN_WORDS)),
        order: Type.Optional(EnumField(["ASC", "DESC"] as const)),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { startDate, endDate, status, order } = request.query;
      const { after, limit } = readPageQuery(request.query);
      const rows = await listRuns(ctx.db, ctx.environment.id, {
        invoiceId: request.params.entityId,
        word: status,
        from: readBound(startDate, "startDate", false),
        before: readBound(endDate, "endDate", true),
        newestFirst: order === "DESC",
        after,
        limit,
      });
      const page = toPage(rows, limit);
      return { ...toTokenPage(page, () => null), data: await view(ctx, page.rows) };
    },
  });
  http.route({
    method: "GET",
    url: `${BASE}/destinations/:destinationId`,
    schema: {
      tags,
      summary: "The runs to one account at a provider, oldest first",
      params: ObjectField({ ...orgParams, destinationId: IdField() }),
      querystring: ObjectField(orgPageQuery),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { after, limit } = readPageQuery(request.query);
      const rows = await listRuns(ctx.db, ctx.environment.id, {
        connectionId: request.params.destinationId,
        after,
        limit,
      });
      const page = toPage(rows, limit);
      return { ...toTokenPage(page, () => null), data: await view(ctx, page.rows) };
    },
  });
}

function addUnrouted(http: CoreServer): void {
  http.route({
    method: "GET",
    url: `${BASE}/unrouted`,
    schema: {
      tags,
      summary: "Final bills that no route took, oldest first",
      params: ObjectField(orgParams),
      querystring: ObjectField(orgPageQuery),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { after, limit } = readPageQuery(request.query);
      const rows = await listUnrouted(ctx.db, ctx.environment.id, { after, limit });
      return toTokenPage(toPage(rows, limit), toUnroutedView);
    },
  });
  http.route({
    method: "POST",
    url: `${BASE}/unrouted/:id/route`,
    schema: {
      tags,
      summary: "Decide anew where a bill goes that no route took; answers its runs",
      params: ObjectField(orgIdParams),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return { data: await view(ctx, await routeAgain(ctx, request.params.id)) };
    },
  });
}
