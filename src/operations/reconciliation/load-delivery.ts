import { assert } from "../../errors.ts";
import type { ProviderRequest } from "../../providers/delivery-step.ts";
import type { AnyProvider } from "../../providers/provider.ts";
import type { ProviderConnection } from "../../providers/provider-connection.ts";
import type { Delivered, DeliveredNote, Reconciler } from "../../providers/reconciliation.ts";
import { findConnection } from "../../store/connections.ts";
import { listNoteDeliveries } from "../../store/credit-note-deliveries.ts";
import { listCreditNotes } from "../../store/credit-notes.ts";
import type { IntegrationRun } from "../../store/integration-run.ts";
import { listRunSteps } from "../../store/integration-run-steps.ts";
import { getInvoice } from "../../store/invoices.ts";
import type { OperationContext } from "../context.ts";
import { getRunContent } from "../get-deliverable-invoice.ts";
import { openConnection } from "../open-connection.ts";
import { planDocument } from "../plan-document.ts";
import { shapeInvoice } from "../shape-lines.ts";
import { withCurrentFields } from "../with-current-fields.ts";

// biome-ignore lint/suspicious/noExplicitAny: the core hands back what the provider observed.
type AnyReconciler = Reconciler<any, any>;

/** An account whose documents can be compared. */
export interface OpenAccount {
  readonly provider: AnyProvider;
  readonly reconciler: AnyReconciler;
  readonly connection: ProviderConnection;
}

/** Opens an account; undefined: it is not connected any more, or its provider compares nothing. */
export async function openAccount(
  ctx: OperationContext,
  connectionId: string | null,
): Promise<OpenAccount | undefined> {
  if (connectionId === null) return undefined;
  const found = await findConnection(ctx.db, ctx.environment.id, connectionId);
  if (found === undefined || found.archivedAt !== null) return undefined;
  const provider = ctx.services.providers[found.provider];
  if (provider?.reconciler === undefined) return undefined;
  const connection = openConnection(ctx, found, ctx.environment.name);
  return { provider, reconciler: provider.reconciler, connection };
}

/** More notes than this no invoice has: each gives back at least a cent of a line. */
const MAX_NOTES = 1000;

/** The credit notes that go over this delivery. */
async function loadNotes(ctx: OperationContext, run: IntegrationRun): Promise<DeliveredNote[]> {
  const notes = await listCreditNotes(ctx.db, {
    environmentId: ctx.environment.id,
    invoiceId: run.invoiceId,
    customerId: undefined,
    status: undefined,
    after: undefined,
    limit: MAX_NOTES,
  });
  const deliveries = await listNoteDeliveries(
    ctx.db,
    notes.map(({ id }) => id),
  );
  return notes.flatMap(({ id, status }): DeliveredNote[] => {
    const delivery = deliveries.get(id)?.find(({ runId }) => runId === run.id);
    if (delivery === undefined || delivery.status === "SKIPPED") return [];
    const { amountMinor, externalId } = delivery;
    const note = { id, externalId, amountMinor };
    if (status === "VOID" && delivery.status !== "QUEUED") return [{ ...note, wanted: "void" }];
    return [{ ...note, wanted: delivery.status === "SENT" ? "issued" : "pending" }];
  });
}

const isBegun = (outcome: string | null): boolean => outcome !== "rejected";

/** What we know of a delivery whose document is `externalId`: what was to be sent, and what was noted. */
export async function loadDelivery(
  ctx: OperationContext,
  { provider, connection }: OpenAccount,
  run: IntegrationRun,
  externalId: string,
): Promise<Delivered> {
  const { status } = await getInvoice(ctx.db, ctx.environment.id, run.invoiceId);
  const whole = await getRunContent(ctx, run);
  assert(whole !== undefined, `run ${run.id} sends a final invoice`);
  const shaped = await shapeInvoice(ctx, whole, run.route.shape);
  const invoice = await withCurrentFields(ctx, provider, shaped, run.configurationId ?? undefined);
  const plan = planDocument(provider, invoice, run.route.options, connection);
  const steps = await listRunSteps(ctx.db, run.id);
  const sent = steps
    .filter(({ outcome }) => isBegun(outcome))
    .map(({ intent }): ProviderRequest => {
      const params = intent.params as ProviderRequest["params"];
      const method = intent.method === "DELETE" ? "DELETE" : "POST";
      return { method, path: String(intent.path), params };
    });
  return {
    document: plan.outcome === "send" ? plan.document : undefined,
    externalId,
    sent,
    notedStatus: run.externalStatus,
    notedDetails: run.externalDetails,
    delivery: run.status === "SENT" ? "SENT" : "FAILED",
    isVoid: status === "VOID",
    notes: await loadNotes(ctx, run),
  };
}
