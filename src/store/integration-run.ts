import type { Selectable } from "kysely";
import type { IntegrationRunsTable } from "../db/tables/integration-runs.ts";
import type { LineShape } from "../domain/integrations/shape-lines.ts";

export type RunStatus = IntegrationRunsTable["status"];

/** How an invoice reaches a customer at the provider, in the provider's own words. */
export interface RunRoute {
  /** The billing configuration or the integration configuration that sends it. */
  readonly configurationId: string;
  /** Of an integration configuration: empty until the payer is known. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Of an integration configuration: which lines are sent, as it was when the payer was found. */
  readonly shape?: LineShape;
  /** Why nothing is sent, decided before anything was. */
  readonly refusal?: { readonly code: string; readonly message: string };
}

/** The delivery of one version of an invoice over one connection. */
export interface IntegrationRun {
  readonly id: string;
  readonly environmentId: string;
  readonly invoiceId: string;
  readonly invoiceVersion: number;
  /** null: there was no connection to deliver over. */
  readonly connectionId: string | null;
  readonly provider: string;
  readonly route: RunRoute;
  readonly status: RunStatus;
  /** The integration configuration that sends it; null: a billing configuration does. */
  readonly configurationId: string | null;
  /** It sends what the invoice was while it was a draft: a calculation's version of it. */
  readonly isDraft: boolean;
  /** Another run delivers the same invoice to the same account: this one is skipped. */
  readonly duplicateOfRunId: string | null;
  /** Between two attempts: what the next one waits for. */
  readonly waitsFor: "retry" | "rate_limit" | null;
  /** Exact decimal text in the wire's unit: what the invoice comes to, and the part that is sent. */
  readonly billTotal: string | null;
  readonly sentTotal: string | null;
  readonly startedAt: string | null;
  readonly concludedAt: string | null;
  readonly externalId: string | null;
  readonly externalStatus: string | null;
  readonly externalDetails: Readonly<Record<string, unknown>>;
  readonly deliveredAt: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly attempts: number;
  /** Since when, by the environment's clock, it waits for somebody at the provider; null: it does not. */
  readonly waitingSince: string | null;
  readonly waitingFor: string | null;
  /** By when the system that fetches the invoice should have written back; null: nobody waits for that. */
  readonly writeBackDueAt: string | null;
  /** Of when the newest state is that is known of the document, on the real clock. */
  readonly externalObservedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly position: bigint;
}

export const fromRunRow = (row: Selectable<IntegrationRunsTable>): IntegrationRun => ({
  id: row.id,
  environmentId: row.environment_id,
  invoiceId: row.invoice_id,
  invoiceVersion: row.invoice_version,
  connectionId: row.connection_id,
  provider: row.provider,
  route: row.route as unknown as RunRoute,
  status: row.status,
  configurationId: row.configuration_id,
  isDraft: row.is_draft,
  duplicateOfRunId: row.duplicate_of_run_id,
  waitsFor: row.waits_for,
  billTotal: row.bill_total,
  sentTotal: row.sent_total,
  startedAt: row.started_at,
  concludedAt: row.concluded_at,
  externalId: row.external_id,
  externalStatus: row.external_status,
  externalDetails: row.external_details,
  deliveredAt: row.delivered_at,
  errorCode: row.error_code,
  errorMessage: row.error_message,
  attempts: row.attempts,
  waitingSince: row.waiting_since,
  waitingFor: row.waiting_for,
  writeBackDueAt: row.write_back_due_at,
  externalObservedAt: row.external_observed_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  position: row.position,
});
