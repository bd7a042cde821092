import { toRunWord } from "../../domain/integrations/run-word.ts";
import type { ReadRun } from "../../operations/read-integration-runs.ts";

/** A run as the integrations API shows it, in m3ter's shape and with what m3ter lacks. */
export const toIntegrationRunView = ({ run, rule, url, billUrl }: ReadRun) => ({
  id: run.id,
  entityType: "Bill",
  entityId: run.invoiceId,
  destination: rule?.destination ?? run.provider.toUpperCase(),
  /** The account at the provider. */
  destinationId: run.connectionId,
  status: toRunWord(run),
  dtStarted: run.startedAt,
  dtCompleted: run.concludedAt,
  error: run.errorMessage,
  errorCode: run.errorCode,
  externalId: run.externalId,
  url,
  billUrl,
  /** The run that delivers the bill to the same account. */
  parentIntegrationRunId: run.duplicateOfRunId,
  configurationId: run.configurationId,
  configurationName: rule?.name ?? null,
  /** Tries so far, the present one included. */
  attempts: run.attempts + 1,
  billTotal: run.billTotal,
  sentTotal: run.sentTotal,
  dtCreated: run.createdAt,
  dtLastModified: run.updatedAt,
});
