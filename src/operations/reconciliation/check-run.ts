import { ProviderReadError } from "../../providers/read-error.ts";
import type { Repair } from "../../providers/reconciliation.ts";
import type { IntegrationRun } from "../../store/integration-run.ts";
import { getInvoice } from "../../store/invoices.ts";
import { isDeliveryAwaited } from "../../store/reconciled-runs.ts";
import type { OperationContext } from "../context.ts";
import { loadDelivery, type OpenAccount, openAccount } from "./load-delivery.ts";
import type { Found } from "./to-finding.ts";

/** Lets a delivery that stopped go on. */
export const GO_ON: Repair = {
  outcome: "act",
  action: "retry_run",
  description: "Let the delivery go on: it looks at what stands there first.",
  writes: [],
  after: "retry",
};

/** An account that cannot be read: one finding, whatever number of deliveries went over it. */
export const unreadable = (connectionId: string | null, message: string): Found => ({
  class: "unreadable",
  subject: "",
  connectionId,
  runId: null,
  invoiceId: null,
  externalId: null,
  expected: {},
  found: { message },
  repair: {
    outcome: "refuse",
    reason: `Nothing there could be compared: ${message} Mend the connection, then compare again.`,
  },
  further: [],
});

/** A delivery that never ended: it was refused, or nobody works on it any more. */
function unsent(run: IntegrationRun): Found {
  const found =
    run.errorCode === null
      ? { status: run.status }
      : { status: run.status, code: run.errorCode, message: run.errorMessage };
  return {
    class: "unsent",
    subject: "",
    connectionId: run.connectionId,
    runId: run.id,
    invoiceId: run.invoiceId,
    externalId: null,
    expected: { status: "SENT" },
    found,
    repair: GO_ON,
    further: [],
  };
}

/** Everything about a document that is not as it should be, each with what would be done about it. */
async function compareDocument(
  ctx: OperationContext,
  account: OpenAccount,
  run: IntegrationRun,
  externalId: string,
): Promise<Found[]> {
  const { provider, reconciler, connection } = account;
  const delivered = await loadDelivery(ctx, account, run, externalId);
  const observed = await reconciler.inspect(connection, externalId, delivered.notes);
  return reconciler.compare(delivered, observed).map((discrepancy) => {
    const repair = reconciler.repair(discrepancy, delivered, observed);
    const deliversAnew = repair.outcome === "act" && repair.after === "redeliver";
    const further =
      deliversAnew && delivered.document !== undefined
        ? provider.rehearse(delivered.document).map(({ request }) => request)
        : [];
    return {
      ...discrepancy,
      connectionId: run.connectionId,
      runId: run.id,
      invoiceId: run.invoiceId,
      externalId,
      repair,
      further,
    };
  });
}

/**
 * Compares one delivery with what stands at its provider. A draft of ours is no delivery that could be
 * compared, nor is one on hold. Throws ProviderReadError when it is worth trying again.
 */
export async function checkRun(ctx: OperationContext, run: IntegrationRun): Promise<Found[]> {
  const invoice = await getInvoice(ctx.db, ctx.environment.id, run.invoiceId);
  if (invoice.status === "DRAFT") return [];
  if (run.status === "QUEUED" || run.status === "RUNNING") {
    if (invoice.review.hold !== null || invoice.status === "VOID") return [];
    const isAwaited = await isDeliveryAwaited(ctx.db, ctx.environment.name, run.id);
    return isAwaited ? [] : [unsent(run)];
  }
  if (run.externalId === null) return invoice.status === "VOID" ? [] : [unsent(run)];
  const account = await openAccount(ctx, run.connectionId);
  if (account === undefined) return [unreadable(run.connectionId, "It is not connected any more.")];
  try {
    return await compareDocument(ctx, account, run, run.externalId);
  } catch (error) {
    if (!(error instanceof ProviderReadError) || !error.permanent) throw error;
    return [unreadable(run.connectionId, error.message)];
  }
}
