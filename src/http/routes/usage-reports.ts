import { Type } from "typebox";
import { resolveUsageReport, retryUsageReport } from "../../operations/resolve-usage-report.ts";
import {
  getReport,
  listReports,
  REPORT_STATUSES,
  type UsageReport,
} from "../../store/usage-reports.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField, pageQuery } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const DEFAULT_LIMIT = 100;
const tags = ["usage reports"];
const params = ObjectField({ id: IdField() });

const toReportView = (report: UsageReport) => ({
  id: report.id,
  customer_id: report.customerId,
  billing_provider_configuration_id: report.configurationId,
  connection_id: report.connectionId,
  provider: report.provider,
  starting_at: report.windowStart,
  ending_before: report.windowEnd,
  quantity: report.quantity,
  /** What of which invoice, in cents: together the quantity. */
  invoices: report.parts.map(({ invoiceId, amountMinor }) => ({
    invoice_id: invoiceId,
    amount: amountMinor,
  })),
  /** As it is sent, each time the same. */
  record: report.record,
  status: report.status,
  record_id: report.recordId,
  deadline: report.deadlineAt,
  attempts: report.attempts,
  error:
    report.errorCode === null ? null : { code: report.errorCode, message: report.errorMessage },
  sent_at: report.sentAt,
  created_at: report.createdAt,
  updated_at: report.updatedAt,
});

/** What is reported to providers that bill by usage, and what became of it. */
export function addUsageReportRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/usage-reports",
    schema: {
      tags,
      summary: "List reports of usage to marketplaces, oldest first",
      querystring: ObjectField({
        ...pageQuery,
        status: Type.Optional(EnumField(REPORT_STATUSES)),
        customer_id: Type.Optional(IdField()),
      }),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page, status, customer_id: customerId } = request.query;
      const rows = await listReports(db, {
        environmentId: environment.id,
        status,
        customerId,
        after: fromPageToken(next_page),
        limit,
      });
      const page = toPage(rows, limit);
      return { data: page.rows.map(toReportView), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/usage-reports/:id",
    schema: { tags, summary: "One report of usage", params },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      return { data: toReportView(await getReport(db, environment.id, request.params.id)) };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/usage-reports/:id/retry",
    schema: { tags, summary: "Send a report that waits for another attempt now", params },
    handler: async (request) => ({
      data: toReportView(await retryUsageReport(operationOf(request), request.params.id)),
    }),
  });
  http.route({
    method: "POST",
    url: "/v1/usage-reports/:id/resolve",
    schema: {
      tags,
      summary: "Say whether a report of unknown outcome was taken",
      params,
      body: ObjectField({ accepted: Type.Boolean() }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { accepted } = request.body;
      return { data: toReportView(await resolveUsageReport(ctx, request.params.id, accepted)) };
    },
  });
}
