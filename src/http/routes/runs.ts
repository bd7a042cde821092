import { Type } from "typebox";
import type { CoreDb } from "../../db/database.ts";
import { rehearseDelivery } from "../../operations/rehearse-delivery.ts";
import { retryAsAsked } from "../../operations/retry-run.ts";
import {
  type ExternalStatusChange,
  listStatusChanges,
} from "../../store/external-status-changes.ts";
import type { IntegrationRun } from "../../store/integration-run.ts";
import { listRunSteps } from "../../store/integration-run-steps.ts";
import { getRun } from "../../store/integration-runs.ts";
import { listCustomersOfInvoices } from "../../store/invoice-customers.ts";
import type { JournalStep } from "../../store/journal-steps.ts";
import { listRuns } from "../../store/run-lists.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField, pageQuery, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const DEFAULT_LIMIT = 100;
const RUN_STATUSES = ["QUEUED", "RUNNING", "SENT", "SKIPPED", "FAILED"] as const;

const toRunView = (run: IntegrationRun, customers: ReadonlyMap<string, string>) => ({
  id: run.id,
  invoice_id: run.invoiceId,
  customer_id: customers.get(run.invoiceId) ?? null,
  invoice_version: run.invoiceVersion,
  is_draft: run.isDraft,
  connection_id: run.connectionId,
  provider: run.provider,
  /** The integration configuration that sends it; null: a billing configuration does. */
  configuration_id: run.configurationId,
  /** The run that delivers the invoice over the same connection: this one is skipped. */
  duplicate_of_run_id: run.duplicateOfRunId,
  bill_total: run.billTotal,
  sent_total: run.sentTotal,
  status: run.status,
  external_id: run.externalId,
  external_status: run.externalStatus,
  error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage },
  attempts: run.attempts,
  /** By when the system that fetches the invoice should write back; null: nobody waits for that. */
  write_back_due_at: run.writeBackDueAt,
  waiting: run.waitingSince === null ? null : { since: run.waitingSince, reason: run.waitingFor },
  delivered_at: run.deliveredAt,
  created_at: run.createdAt,
  updated_at: run.updatedAt,
});

async function viewRuns(db: CoreDb, runs: readonly IntegrationRun[]) {
  const customers = await listCustomersOfInvoices(
    db,
    runs.map(({ invoiceId }) => invoiceId),
  );
  return runs.map((run) => toRunView(run, customers));
}

const viewRun = async (db: CoreDb, run: IntegrationRun) => (await viewRuns(db, [run]))[0];

const toStepView = (step: JournalStep) => ({
  step: step.step,
  request: step.intent,
  outcome: step.outcome,
  result: step.result,
  started_at: step.startedAt,
  finished_at: step.finishedAt,
});

const toChangeView = (change: ExternalStatusChange) => ({
  status: change.status,
  changed_at: change.changedAt,
  observed_at: change.observedAt,
  details_hash: change.detailsHash,
  source_event_id: change.sourceEventId,
});

const tags = ["integration runs"];
const params = ObjectField({ id: IdField() });

/** Deliveries to providers: what was sent, what came of it, and trying again. */
export function addRunRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/runs",
    schema: {
      tags,
      summary: "List integration runs, oldest first",
      querystring: ObjectField({
        ...pageQuery,
        status: Type.Optional(EnumField(RUN_STATUSES)),
        invoice_id: Type.Optional(IdField()),
        connection_id: Type.Optional(IdField()),
        configuration_id: Type.Optional(IdField()),
        provider: Type.Optional(TextField({ max: 64 })),
      }),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page, status, invoice_id, connection_id } = request.query;
      const { configuration_id: configurationId, provider } = request.query;
      const rows = await listRuns(db, environment.id, {
        status,
        invoiceId: invoice_id,
        connectionId: connection_id,
        configurationId,
        provider: provider?.toLowerCase(),
        after: fromPageToken(next_page),
        limit,
      });
      const page = toPage(rows, limit);
      return { data: await viewRuns(db, page.rows), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/runs/:id",
    schema: { tags, summary: "One run with its journal", params },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const run = await getRun(db, environment.id, request.params.id);
      const steps = await listRunSteps(db, run.id);
      const changes = await listStatusChanges(db, run.id);
      return {
        data: {
          ...(await viewRun(db, run)),
          steps: steps.map(toStepView),
          status_history: changes.map(toChangeView),
        },
      };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/runs/:id/retry",
    schema: { tags, summary: "Try a failed run again", params },
    handler: async (request) => {
      const ctx = operationOf(request);
      return { data: await viewRun(ctx.db, await retryAsAsked(ctx, request.params.id)) };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/invoices/:id/provider-requests",
    schema: {
      tags,
      summary: "The exact writes of a first delivery; nothing is sent",
      params,
      body: ObjectField({ connection_id: Type.Optional(IdField()) }),
    },
    preValidation: makeBodyOptional,
    handler: async (request) => {
      const { connection_id: connectionId } = request.body;
      const requests = await rehearseDelivery(
        operationOf(request),
        request.params.id,
        connectionId,
      );
      return {
        data: requests.map(({ idempotencyKey, ...rest }) => ({
          ...rest,
          idempotency_key: idempotencyKey,
        })),
      };
    },
  });
}
