import { instant, instantText, isBefore } from "../../domain/time.ts";
import { invalid, unsupported } from "../../errors.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { enqueueJob } from "../../platform/jobs/enqueue.ts";
import { getLiveConnection } from "../../store/connections.ts";
import { listRunsOfInvoices } from "../../store/reconciled-runs.ts";
import { getReconciliationSettings } from "../../store/reconciliation-settings.ts";
import {
  insertReconciliation,
  type NewReconciliation,
  type Reconciliation,
  type ReconciliationFilter,
} from "../../store/reconciliations.ts";
import type { OperationContext } from "../context.ts";

const MAX_ATTEMPTS = 12;

export interface ReconciliationRequest {
  readonly filter: ReconciliationFilter;
  /** undefined: those of the settings. */
  readonly automaticClasses: NewReconciliation["automaticClasses"] | undefined;
  /** Given where the same one must not begin twice. */
  readonly id?: string;
}

async function check(ctx: OperationContext, filter: ReconciliationFilter): Promise<void> {
  const { connectionId, provider, startingOn, endingBefore, invoiceIds } = filter;
  const { providers } = ctx.services;
  if (provider !== undefined && !Object.hasOwn(providers, provider)) {
    const names = Object.keys(providers)
      .filter((name) => providers[name]?.reconciler !== undefined)
      .join(", ");
    throw invalid(`provider must be one of ${names}`, "provider");
  }
  const connection =
    connectionId === undefined
      ? undefined
      : await getLiveConnection(ctx.db, ctx.environment.id, connectionId);
  if (connection !== undefined && provider !== undefined && connection.provider !== provider) {
    throw invalid(`connection_id must name a ${provider} connection`, "connection_id");
  }
  const named = connection?.provider ?? provider;
  if (named !== undefined && providers[named]?.reconciler === undefined) {
    throw unsupported(`Reconciliation with ${named}`);
  }
  if (
    startingOn !== undefined &&
    endingBefore !== undefined &&
    !isBefore(instant(startingOn), instant(endingBefore))
  ) {
    throw invalid("ending_before must be after starting_on", "ending_before");
  }
  if (invoiceIds !== undefined) {
    const found = await listRunsOfInvoices(ctx.db, ctx.environment.id, invoiceIds);
    const unknown = invoiceIds.findIndex((id) => !found.has(id));
    if (unknown >= 0) {
      const field = `invoice_ids[${unknown}]`;
      throw invalid(`${field} names no invoice of this environment`, field);
    }
  }
}

/**
 * Asks for a comparison, which a worker makes. Answers undefined when the one of that id was asked for
 * before. Throws AppError when what it names does not exist.
 */
export async function requestReconciliation(
  ctx: OperationContext,
  { filter, automaticClasses, id }: ReconciliationRequest,
): Promise<Reconciliation | undefined> {
  await check(ctx, filter);
  return inTransaction(ctx.db, async (tx) => {
    const settings = await getReconciliationSettings(tx, ctx.environment.id);
    const createdAt = instantText(ctx.now);
    const added = await insertReconciliation(tx, {
      id,
      environmentId: ctx.environment.id,
      filter,
      automaticClasses: automaticClasses ?? settings.automaticClasses,
      createdAt,
      createdBy: ctx.actor,
    });
    if (added === undefined) return undefined;
    await enqueueJob(tx, "core_jobs", {
      clock: ctx.environment.name,
      kind: "reconcile",
      key: added.id,
      payload: { reconciliationId: added.id },
      dueAt: createdAt,
      maxAttempts: MAX_ATTEMPTS,
    });
    return added;
  });
}
