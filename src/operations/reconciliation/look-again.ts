import { findRemaining } from "../../domain/reconciliation/find-remaining.ts";
import { instantText, Temporal } from "../../domain/time.ts";
import type { ExternalState } from "../../providers/delivery-step.ts";
import type { Repair } from "../../providers/reconciliation.ts";
import type { IntegrationRun } from "../../store/integration-run.ts";
import { getRun } from "../../store/integration-runs.ts";
import { getInvoice } from "../../store/invoices.ts";
import { isDeliveryAwaited } from "../../store/reconciled-runs.ts";
import type { Finding } from "../../store/reconciliation-findings.ts";
import type { OperationContext } from "../context.ts";
import { deliverInvoice } from "../deliver-invoice.ts";
import { judgeDocuments, repairStray } from "./check-documents.ts";
import { GO_ON } from "./check-run.ts";
import { loadDelivery, type OpenAccount, openAccount } from "./load-delivery.ts";

/** What a new look at a finding found. */
export type Look =
  | { readonly state: "gone"; readonly reason: string; readonly seen?: Seen }
  | { readonly state: "refused"; readonly reason: string }
  | {
      readonly state: "there";
      readonly repair: Repair;
      readonly account: OpenAccount | undefined;
      readonly run: IntegrationRun | undefined;
      readonly seen?: Seen;
    };

/** A document as it was seen. */
export interface Seen {
  readonly run: IntegrationRun;
  readonly external: ExternalState | undefined;
  readonly observedAt: string;
}

const DISCONNECTED: Look = {
  state: "refused",
  reason: "The account is not connected any more: connect it, then apply again.",
};

const isOnItsWay = ({ status }: IntegrationRun): boolean =>
  status === "QUEUED" || status === "RUNNING";

/** The delivery as it is when what is under way has ended. */
async function settledRun(ctx: OperationContext, runId: string): Promise<IntegrationRun> {
  const run = await getRun(ctx.db, ctx.environment.id, runId);
  if (!isOnItsWay(run)) return run;
  await deliverInvoice(ctx, runId);
  return getRun(ctx.db, ctx.environment.id, runId);
}

/** A delivery that did not end. */
async function lookAtDelivery(
  ctx: OperationContext,
  runId: string,
  hasBegun: boolean,
): Promise<Look> {
  const run = hasBegun
    ? await settledRun(ctx, runId)
    : await getRun(ctx.db, ctx.environment.id, runId);
  if (hasBegun && run.status === "FAILED") {
    return { state: "refused", reason: run.errorMessage ?? "The delivery failed." };
  }
  const { status } = await getInvoice(ctx.db, ctx.environment.id, run.invoiceId);
  if (status === "VOID") return { state: "gone", reason: "The invoice is void." };
  const isAwaited =
    isOnItsWay(run) && (await isDeliveryAwaited(ctx.db, ctx.environment.name, runId));
  if (isAwaited || run.status === "SENT" || run.status === "SKIPPED") {
    return { state: "gone", reason: `The delivery is ${run.status}.` };
  }
  return { state: "there", repair: GO_ON, account: undefined, run };
}

/** A document of a delivery. */
async function lookAtDocument(
  ctx: OperationContext,
  finding: Finding,
  runId: string,
  hasBegun: boolean,
): Promise<Look> {
  const run = await settledRun(ctx, runId);
  const { externalId } = run;
  if (externalId === null) {
    if (hasBegun && run.status === "FAILED") {
      return { state: "refused", reason: run.errorMessage ?? "The delivery failed." };
    }
    return { state: "gone", reason: "The delivery has no document now." };
  }
  const account = await openAccount(ctx, run.connectionId);
  if (account === undefined) return DISCONNECTED;
  const delivered = await loadDelivery(ctx, account, run, externalId);
  const { reconciler, connection } = account;
  const observedAt = instantText(Temporal.Now.instant());
  const observed = await reconciler.inspect(connection, externalId, delivered.notes);
  const seen = { run, external: reconciler.external(observed), observedAt };
  const found = reconciler.compare(delivered, observed);
  const left = findRemaining(finding, found, hasBegun);
  if (left === undefined) return { state: "gone", reason: "It is as it should be.", seen };
  const repair = reconciler.repair(left, delivered, observed);
  return { state: "there", repair, account, run, seen };
}

/** A document that no delivery knows. */
async function lookAtStray(
  ctx: OperationContext,
  finding: Finding,
  hasBegun: boolean,
): Promise<Look> {
  const { connectionId, externalId, invoiceId, runId } = finding;
  // What was adopted is delivered to its end first.
  const own = hasBegun && runId !== null ? await settledRun(ctx, runId) : undefined;
  if (own?.status === "FAILED" && own.externalId === externalId) {
    return { state: "refused", reason: own.errorMessage ?? "The delivery failed." };
  }
  const account = await openAccount(ctx, connectionId);
  if (account === undefined || externalId === null) return DISCONNECTED;
  const { reconciler, connection } = account;
  const observed = await reconciler.inspect(connection, externalId, []);
  const [judged] = await judgeDocuments(ctx, account, [
    {
      externalId,
      invoiceId: invoiceId ?? "",
      kind: reconciler.kind(observed),
      standing: reconciler.standing(observed),
    },
  ]);
  if (judged === undefined) {
    return { state: "gone", reason: "It is gone, or a delivery knows it." };
  }
  const { verdict } = judged;
  if (!hasBegun && verdict.class !== finding.class) {
    const reason = `It is ${verdict.class} by now: compare again, and decide about that.`;
    return { state: "refused", reason };
  }
  const repair = repairStray(account, externalId, verdict, observed);
  const run =
    verdict.remedy === "adopt" && verdict.runId !== null
      ? await getRun(ctx.db, ctx.environment.id, verdict.runId)
      : undefined;
  return { state: "there", repair, account, run };
}

const STRAYS: ReadonlySet<Finding["class"]> = new Set([
  "orphan_draft",
  "orphan_final",
  "orphan_payment",
  "duplicate_invoice",
]);

/** Documents that no delivery knows, whether they were found as one or as a second one. */
export const isStray = (finding: Pick<Finding, "class">): boolean => STRAYS.has(finding.class);

/**
 * Looks once more at what a finding is about, and decides once more what is to be done. `hasBegun`: its
 * repair may be between two writes. Throws ProviderReadError.
 */
export function lookAgain(
  ctx: OperationContext,
  finding: Finding,
  hasBegun: boolean,
): Promise<Look> {
  if (isStray(finding)) return lookAtStray(ctx, finding, hasBegun);
  if (finding.runId === null) {
    const reason = finding.repair.description;
    return Promise.resolve({ state: "refused", reason });
  }
  return finding.class === "unsent"
    ? lookAtDelivery(ctx, finding.runId, hasBegun)
    : lookAtDocument(ctx, finding, finding.runId, hasBegun);
}
