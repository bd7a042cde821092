import type { CoreTransaction } from "../../db/database.ts";
import { instant, instantText } from "../../domain/time.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import { fewAtATime } from "../../platform/few-at-a-time.ts";
import { ProviderReadError } from "../../providers/read-error.ts";
import { listConnections } from "../../store/connections.ts";
import {
  countReconciledRuns,
  findFirstCreation,
  listReconciledRuns,
} from "../../store/reconciled-runs.ts";
import { insertFindings, type NewFinding } from "../../store/reconciliation-findings.ts";
import {
  getReconciliation,
  type Reconciliation,
  type ReconciliationChanges,
  updateReconciliation,
} from "../../store/reconciliations.ts";
import type { OperationContext } from "../context.ts";
import { checkDocuments } from "./check-documents.ts";
import { checkRun, unreadable } from "./check-run.ts";
import { enqueueRepair } from "./enqueue-repair.ts";
import { type OpenAccount, openAccount } from "./load-delivery.ts";
import { type Found, toFinding } from "./to-finding.ts";

/** Deliveries whose findings are kept together. */
const PAGE = 20;
/** Documents that are read at a time; the connection's rate holds beside it. */
const AT_ONCE = 4;

/** Keeps what a page found with how far the comparison has come, and lets repairs begin by themselves. */
async function keep(
  ctx: OperationContext,
  { id, automaticClasses }: Reconciliation,
  found: readonly Found[],
  changes: ReconciliationChanges,
): Promise<void> {
  faultPoint("reconcile/looked");
  const findings = found.map((each) => toFinding(ctx, id, each));
  await inTransaction(ctx.db, async (tx) => {
    const added = await insertFindings(tx, findings);
    const automatic = new Set(automaticClasses);
    for (const finding of findings) {
      if (added.has(finding.id) && automatic.has(finding.class)) await approve(tx, ctx, finding);
    }
    await updateReconciliation(tx, id, changes);
  });
  faultPoint("reconcile/kept");
}

async function approve(
  tx: CoreTransaction,
  ctx: OperationContext,
  finding: NewFinding,
): Promise<void> {
  if (finding.state === "PROPOSED") await enqueueRepair(tx, ctx, finding, "automatic");
}

/** The next page of deliveries. False: there are no more. */
async function checkDeliveries(ctx: OperationContext, before: Reconciliation): Promise<boolean> {
  const { id, filter, cursor, checked } = before;
  const runs = await listReconciledRuns(ctx.db, ctx.environment.id, filter, {
    after: cursor.after,
    limit: PAGE,
  });
  const last = runs.at(-1);
  if (last === undefined) {
    const connectionIds = await listAccounts(ctx, before);
    await updateReconciliation(ctx.db, id, { cursor: { connectionIds } });
    return false;
  }
  const found = await fewAtATime(AT_ONCE, runs, (run) => checkRun(ctx, run));
  await keep(ctx, before, found.flat(), {
    checked: checked + runs.length,
    cursor: { after: last.position.toString() },
  });
  return true;
}

/** The connected accounts whose documents are listed. */
async function listAccounts(
  ctx: OperationContext,
  { filter: { connectionId, provider } }: Reconciliation,
): Promise<string[]> {
  const connections = await listConnections(ctx.db, ctx.environment.id, provider);
  return connections
    .filter(({ id }) => connectionId === undefined || id === connectionId)
    .filter((each) => ctx.services.providers[each.provider]?.reconciler !== undefined)
    .map(({ id }) => id);
}

const DAY = { hours: 24 };

/**
 * When documents were created that are looked at. An account outside of PRODUCTION that is not our own
 * keeps real time, which the sandbox's clock tells nothing about.
 */
async function rangeOf(
  ctx: OperationContext,
  { filter }: Reconciliation,
  { connection }: OpenAccount,
): Promise<{ since: string | undefined; until: string | undefined }> {
  if (ctx.environment.name !== "PRODUCTION" && !connection.builtIn) {
    return { since: undefined, until: undefined };
  }
  const { startingOn, endingBefore, invoiceIds } = filter;
  const first =
    invoiceIds === undefined
      ? undefined
      : await findFirstCreation(ctx.db, ctx.environment.id, invoiceIds);
  const created = first && instantText(instant(first).subtract(DAY));
  return { since: startingOn ?? created, until: endingBefore };
}

/** The next page of an account's documents. False: there is no account left. */
async function checkAccount(ctx: OperationContext, before: Reconciliation): Promise<boolean> {
  const { filter, cursor, documents } = before;
  const [connectionId, ...rest] = cursor.connectionIds ?? [];
  if (connectionId === undefined) return false;
  const account = await openAccount(ctx, connectionId);
  if (account === undefined) {
    await keep(ctx, before, [], { cursor: { connectionIds: rest } });
    return true;
  }
  try {
    const { reconciler, connection } = account;
    const range = await rangeOf(ctx, before, account);
    const page = await reconciler.listDocuments(connection, range, cursor.page);
    const asked = filter.invoiceIds && new Set(filter.invoiceIds);
    const listed = page.documents.filter(({ invoiceId }) => asked?.has(invoiceId) ?? true);
    const found = await checkDocuments(ctx, account, listed);
    await keep(ctx, before, found, {
      documents: documents + listed.length,
      cursor:
        page.next === undefined
          ? { connectionIds: rest }
          : { connectionIds: [connectionId, ...rest], page: page.next },
    });
  } catch (error) {
    if (!(error instanceof ProviderReadError) || !error.permanent) throw error;
    const found = [unreadable(connectionId, error.message)];
    await keep(ctx, before, found, { cursor: { connectionIds: rest } });
  }
  return true;
}

/**
 * Compares every delivery of the request with its provider, and every document there that carries our
 * metadata with our deliveries. Goes on where it was, page by page. Throws ProviderReadError when it is
 * worth trying again.
 */
export async function reconcile(ctx: OperationContext, id: string): Promise<void> {
  for (;;) {
    const current = await getReconciliation(ctx.db, ctx.environment.id, id);
    const { status, cursor, filter } = current;
    const at = instantText(ctx.now);
    if (status === "COMPLETED" || status === "FAILED") return;
    if (status === "QUEUED") {
      const total = await countReconciledRuns(ctx.db, ctx.environment.id, filter);
      await updateReconciliation(ctx.db, id, { status: "RUNNING", total, startedAt: at });
    } else if (cursor.connectionIds === undefined) {
      await checkDeliveries(ctx, current);
    } else if (!(await checkAccount(ctx, current))) {
      return updateReconciliation(ctx.db, id, { status: "COMPLETED", completedAt: at });
    }
  }
}

/** Writes down that a comparison could not be ended, and why. */
export const failReconciliation = (
  ctx: OperationContext,
  id: string,
  error: { readonly code: string; readonly message: string },
): Promise<void> =>
  updateReconciliation(ctx.db, id, {
    status: "FAILED",
    error,
    completedAt: instantText(ctx.now),
  });
