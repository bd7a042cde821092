import { randomUUID } from "node:crypto";
import type { CoreTransaction } from "../db/database.ts";
import {
  consentEnd,
  consentWarning,
  fromWarningText,
  isConsentNews,
  toWarningText,
} from "../domain/consent-warning.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { instant, instantText, Temporal } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { ACCESS_CODES, isAccessCode, ProviderReadError } from "../providers/read-error.ts";
import type { Connection } from "../store/connection.ts";
import { failConnection } from "../store/connection-health.ts";
import { lockConsentWarning, noteConsentWarning } from "../store/connection-renewal.ts";
import type { IntegrationRule } from "../store/integration-rules.ts";
import { toStatusReason } from "./account-trouble.ts";
import type { OperationContext } from "./context.ts";
import { sendWebhook } from "./send-webhook.ts";

interface Issue {
  readonly id: string;
  /** The provider, as the API writes it. */
  readonly provider: string;
  readonly error: string;
  readonly code: string;
  /** Which of its connections or integrations it is. */
  readonly where: Readonly<Record<string, string>>;
}

const send = (
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, provider, error, code, where }: Issue,
): Promise<void> =>
  sendWebhook(tx, ctx, {
    id,
    type: "integration.issue",
    body: {
      properties: {
        integration: provider.toUpperCase(),
        error,
        error_code: code,
        timestamp: instantText(ctx.now),
        ...where,
      },
    },
  });

/**
 * The account of a connection shuts us out: it has failed from now on, with the reason, and the webhook
 * receivers are told. One that had failed already is not told of again: whether it is the one that
 * failed now is decided by its row, in this transaction, so that the message needs no id of the fact.
 */
export async function reportFailedConnection(
  tx: CoreTransaction,
  ctx: OperationContext,
  id: string,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<void> {
  const error = toStatusReason(code, message);
  const failed = await failConnection(tx, id, error);
  if (failed === undefined) return;
  const { provider } = failed;
  const where = whereOf({ ...failed, id });
  await send(tx, ctx, { id: randomUUID(), provider, error, code, where });
}

type ReportedConnection = Pick<Connection, "id" | "provider" | "name">;

const whereOf = ({ id, name }: ReportedConnection) => ({
  connection_id: id,
  connection_name: name,
});

/** The consent to a connection is over, and a person has to give it anew: told once, when that is found out. */
export const reportConsentOver = (
  tx: CoreTransaction,
  ctx: OperationContext,
  connection: ReportedConnection,
  reason: string,
): Promise<void> =>
  send(tx, ctx, {
    id: randomUUID(),
    provider: connection.provider,
    error: reason,
    code: ACCESS_CODES.refused,
    where: whereOf(connection),
  });

/**
 * Tells ahead that a connection's consent is about to end: 30 days before, 7 days before, and when it has
 * ended, each once. Nothing while its end is far, or it has none.
 */
export async function reportConsentEnd(
  ctx: OperationContext,
  connection: ReportedConnection & Pick<Connection, "consentIdleAt" | "consentHardAt">,
): Promise<void> {
  const [idleAt, hardAt] = [connection.consentIdleAt, connection.consentHardAt].map((at) =>
    at === null ? undefined : instant(at),
  );
  const end = consentEnd(idleAt, hardAt);
  const warning = consentWarning(end, Temporal.Now.instant());
  if (end === undefined || warning === undefined) return;
  const day = instantText(end).slice(0, 10);
  await inTransaction(ctx.db, async (tx) => {
    const given = fromWarningText(await lockConsentWarning(tx, connection.id));
    const next = { warning, endsAt: end };
    if (!isConsentNews(given, next)) return;
    await noteConsentWarning(tx, connection.id, toWarningText(next));
    await send(tx, ctx, {
      id: randomUUID(),
      provider: connection.provider,
      error: `Its consent ${warning === "ended" ? "ended" : "ends"} on ${day}: connect it anew (POST /v1/connections/${connection.id}/authorize, open the authorize_url).`,
      code: `consent_${warning}`,
      where: whereOf(connection),
    });
  });
}

/** An integration was switched off after errors, the last of them in this attempt of a run. */
export const reportDisabledIntegration = (
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, name, provider }: Pick<IntegrationRule, "id" | "name" | "provider">,
  run: { readonly runId: string; readonly attempts: number; readonly reason: string },
): Promise<void> =>
  send(tx, ctx, {
    id: uuidV5(run.runId, `integration.issue:${run.attempts}`),
    provider,
    error: run.reason,
    code: "integration_disabled",
    where: { integration_config_id: id, integration_config_name: name },
  });

/** Reads at the account of a connection; when it refuses the key, that is reported. Throws what `read` throws. */
export const reportingRefusal = <Result>(
  ctx: OperationContext,
  connectionId: string,
  read: Promise<Result>,
): Promise<Result> =>
  read.catch(async (error: unknown) => {
    if (error instanceof ProviderReadError && isAccessCode(error.code)) {
      await inTransaction(ctx.db, (tx) => reportFailedConnection(tx, ctx, connectionId, error));
    }
    throw error;
  });
