import type { CoreTransaction } from "../db/database.ts";
import { getCreditType } from "../domain/credit-type.ts";
import { decideWriteBack, findBrokenAmount } from "../domain/invoices/write-back.ts";
import { type Instant, instant, instantText, isAfter, Temporal } from "../domain/time.ts";
import { conflict, invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { listDeliveriesOfInvoice, lockRun } from "../store/integration-runs.ts";
import { type FrozenInvoice, getInvoice, isFrozen } from "../store/invoices.ts";
import { updateRun, updateRunObservation } from "../store/run-changes.ts";
import { writesBack } from "./await-write-back.ts";
import { concludeRun } from "./conclude-run.ts";
import {
  type InvoiceWriteBack,
  toConclusion,
  toDetails,
  type WrittenDocument,
} from "./conclude-write-back.ts";
import type { OperationContext } from "./context.ts";

/** Clocks differ a little; what is of a later time than this would overtake all that is to come. */
const CLOCK_SKEW = { minutes: 5 };

function refuseFuture(occurredAt: Instant | null, now: Instant): void {
  if (occurredAt === null || !isAfter(occurredAt, now.add(CLOCK_SKEW))) return;
  throw invalid(
    "occurred_at must not lie in the future, by the real clock also in the sandbox",
    "occurred_at",
  );
}

/** The run that waits for write-backs, held until the transaction ends. Throws conflict when there is none. */
async function lockAwaited(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoiceId: string,
): Promise<IntegrationRun> {
  const runs = await listDeliveriesOfInvoice(tx, invoiceId);
  const found = runs.findLast((run) => writesBack(ctx, run));
  if (found !== undefined) return lockRun(tx, found.id);
  const [other] = runs;
  if (other === undefined) {
    throw conflict(
      `Invoice ${invoiceId} is sent nowhere: nothing was routed to a custom system when it was finalized`,
      "not_delivered",
    );
  }
  throw conflict(
    `Invoice ${invoiceId} is delivered to ${other.provider} by us: only invoices that go to a custom system are written back`,
    "delivered_by_us",
  );
}

/**
 * Takes over what a system that fetches invoices says became of one: the id, status and amounts of its
 * document, or why there is none. Telling the same twice is telling it once, and what is of an earlier time
 * than the newest that was told changes nothing. Answers whether it counted. Throws not_found, invalid and
 * conflict, which change nothing.
 */
export const writeBackInvoice = (
  ctx: OperationContext,
  invoiceId: string,
  told: InvoiceWriteBack,
): Promise<boolean> =>
  inTransaction(ctx.db, async (tx) => {
    const now = Temporal.Now.instant();
    refuseFuture(told.occurredAt, now);
    const invoice = await getInvoice(tx, ctx.environment.id, invoiceId);
    if (!isFrozen(invoice)) {
      throw conflict(
        `Invoice ${invoiceId} is a draft: nothing of it can stand elsewhere yet`,
        "invoice_draft",
      );
    }
    const run = await lockAwaited(tx, ctx, invoiceId);
    const creditType = getCreditType(invoice.creditTypeId);
    const broken = findBrokenAmount({ total: told.total, tax: told.tax }, creditType);
    if (broken !== undefined) throw invalid(broken.message, broken.field);
    const decision = decideWriteBack(
      {
        externalId: run.externalId,
        externalStatus: run.externalStatus,
        toldAt: run.externalObservedAt === null ? null : instant(run.externalObservedAt),
        waits: run.status === "QUEUED" || run.status === "RUNNING",
      },
      told,
    );
    if (decision.outcome === "invalid") throw invalid(decision.message, decision.field);
    if (decision.outcome === "conflict") throw conflict(decision.message, "document_stands");
    if (decision.outcome !== "apply") return false;
    const observedAt = instantText(told.occurredAt ?? now);
    const { externalId } = decision;
    const details = toDetails(run, externalId, told, creditType);
    await save(tx, ctx, { run, invoice, told, observedAt, external: { externalId, details } });
    return true;
  });

interface Accepted {
  readonly run: IntegrationRun;
  readonly invoice: FrozenInvoice;
  readonly told: InvoiceWriteBack;
  readonly observedAt: string;
  readonly external: WrittenDocument;
}

async function save(
  tx: CoreTransaction,
  ctx: OperationContext,
  { run, invoice, told, observedAt, external }: Accepted,
): Promise<void> {
  const updatedAt = instantText(ctx.now);
  const observed = { externalObservedAt: observedAt, updatedAt };
  if (told.status === "QUEUED") {
    const reason = told.error ?? "The system has taken it up";
    await updateRun(tx, run.id, { ...observed, waiting: { since: updatedAt, reason } });
    return;
  }
  await updateRun(tx, run.id, observed);
  const conclusion = toConclusion(invoice, told, external, observedAt);
  await concludeRun({ ...ctx, db: tx }, run, invoice.customerId, conclusion);
  if (conclusion.status !== "FAILED" || conclusion.external === undefined) return;
  // A refusal keeps no details by itself: here they say what differs.
  const { externalId, details } = conclusion.external;
  await updateRunObservation(tx, run.id, {
    externalId,
    status: null,
    details,
    observedAt,
    updatedAt,
  });
}
