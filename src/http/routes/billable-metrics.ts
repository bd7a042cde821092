import { Type } from "typebox";
import type { OperationContext } from "../../operations/context.ts";
import { createBillableMetric } from "../../operations/create-billable-metric.ts";
import {
  archiveBillableMetric,
  renameBillableMetric,
} from "../../operations/update-billable-metric.ts";
import { getMetric, listMetrics, type MetricRecord } from "../../store/billable-metrics.ts";
import { listCustomFields } from "../../store/custom-field-values.ts";
import { getCustomer } from "../../store/customers.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { CreateMetricBody, fromCreateMetricBody } from "../schemas/billable-metric.ts";
import { IdField, ObjectField, pageQuery, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toBillableMetricView } from "../views/billable-metric.ts";

const tags = ["billable metrics"];
const IdPath = ObjectField({ billable_metric_id: IdField() });
const listFields = { ...pageQuery, include_archived: Type.Optional(Type.Boolean()) };

/** What turns events into quantities: create, read, rename and archive metrics. */
export function addBillableMetricRoutes(http: CoreServer): void {
  addMetricWrites(http);
  http.route({
    method: "GET",
    url: "/v1/billable-metrics/:billable_metric_id",
    schema: { tags, summary: "Get a billable metric", params: IdPath },
    handler: async (request) => {
      const ctx = operationOf(request);
      const metric = await getMetric(ctx.db, ctx.environment.id, request.params.billable_metric_id);
      return { data: (await toViews(ctx, [metric]))[0] };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/billable-metrics",
    schema: { tags, summary: "List billable metrics", querystring: ObjectField(listFields) },
    handler: (request) => listPage(operationOf(request), request.query),
  });
  http.route({
    method: "GET",
    url: "/v1/customers/:customer_id/billable-metrics",
    schema: {
      tags,
      summary: "List the billable metrics that meter a customer",
      params: ObjectField({ customer_id: IdField() }),
      querystring: ObjectField(listFields, { unsupported: { on_current_plan: "false" } }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      await getCustomer(ctx.db, ctx.environment.id, request.params.customer_id);
      return listPage(ctx, request.query);
    },
  });
}

function addMetricWrites(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/billable-metrics/create",
    schema: { tags, summary: "Create a billable metric", body: CreateMetricBody },
    handler: async (request) => {
      const metric = fromCreateMetricBody(request.body);
      return { data: { id: await createBillableMetric(operationOf(request), metric) } };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/billable-metrics/archive",
    schema: { tags, summary: "Archive a billable metric", body: ObjectField({ id: IdField() }) },
    handler: async (request) => {
      await archiveBillableMetric(operationOf(request), request.body.id);
      return { data: { id: request.body.id } };
    },
  });
  http.route({
    method: "PUT",
    url: "/v1/billable-metrics/:billable_metric_id",
    schema: {
      tags,
      summary: "Rename a billable metric",
      params: IdPath,
      body: ObjectField({ name: TextField({ max: 1024 }) }),
    },
    handler: async (request) => {
      const id = request.params.billable_metric_id;
      await renameBillableMetric(operationOf(request), id, request.body.name);
      return { data: { id } };
    },
  });
}

interface ListQuery {
  readonly limit?: number;
  readonly next_page?: string;
  readonly include_archived?: boolean;
}

const DEFAULT_LIMIT = 100;

async function listPage(ctx: OperationContext, query: ListQuery) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const metrics = await listMetrics(ctx.db, {
    environmentId: ctx.environment.id,
    includeArchived: query.include_archived ?? false,
    after: fromPageToken(query.next_page),
    limit: limit + 1,
  });
  const page = toPage(metrics, limit);
  return { data: await toViews(ctx, page.rows), next_page: toPageToken(page.next) };
}

async function toViews(ctx: OperationContext, metrics: readonly MetricRecord[]) {
  const ids = metrics.map(({ id }) => id);
  const fields = await listCustomFields(ctx.db, ctx.environment.id, "billable_metric", ids);
  return metrics.map((metric) => toBillableMetricView(metric, fields.get(metric.id) ?? {}));
}
