import { earlier, type Instant, instant, instantText, later, Temporal } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { DeliverableInvoice } from "../providers/deliverable-invoice.ts";
import type {
  NamedRequest,
  ProviderRequest,
  Step,
  WriteResult,
} from "../providers/delivery-step.ts";
import type { AnyProvider } from "../providers/provider.ts";
import type { ProviderConnection } from "../providers/provider-connection.ts";
import { findConnection } from "../store/connections.ts";
import { isSuperseded } from "../store/draft-runs.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { insertRunStep, listRunSteps, updateRunStep } from "../store/integration-run-steps.ts";
import { getRun, lockRun } from "../store/integration-runs.ts";
import { getInvoice } from "../store/invoices.ts";
import type { JournalStep } from "../store/journal-steps.ts";
import { updateRun } from "../store/run-changes.ts";
import { awaitWriteBack } from "./await-write-back.ts";
import { beginWriting } from "./begin-writing.ts";
import { concludeRun, type RunConclusion } from "./conclude-run.ts";
import type { OperationContext } from "./context.ts";
import { DeliveryInterrupted } from "./delivery-interrupted.ts";
import { type DeliveryLooks, openLooks } from "./delivery-looks.ts";
import { getRunContent } from "./get-deliverable-invoice.ts";
import { learnFields } from "./learn-fields.ts";
import { openConnection } from "./open-connection.ts";
import { planDocument } from "./plan-document.ts";
import { prepareDelivery, whyBarred } from "./prepare-delivery.ts";
import { usedUpKeys } from "./used-up-keys.ts";
import { withCurrentFields } from "./with-current-fields.ts";
import { withdrawLeftDraft } from "./withdraw-draft.ts";

/** An invoice of 250 lines takes five; a delivery that needs more than this goes in circles. */
const MAX_STEPS = 30;
/** Keys of one step that may be used up before a person has to look. */
const MAX_KEYS = 4;

const realNow = (): string => instantText(Temporal.Now.instant());

type Write = Extract<Step, { step: "write" }>;

/** A delivery that waits for somebody at the provider: when to look again, in the environment's time. */
export interface Waiting {
  readonly lookAt: Instant;
  readonly reason: string;
}

interface Delivery {
  readonly ctx: OperationContext;
  readonly run: IntegrationRun;
  readonly invoice: DeliverableInvoice;
  readonly provider: AnyProvider;
  readonly connection: ProviderConnection;
}

/** The key of a step: the same for the same invoice, version and step, whoever asks and whenever. */
export const idempotencyKey = (
  invoice: { readonly id: string; readonly version: number },
  step: string,
  generation: number,
): string => `ledgerline-${invoice.id}-${invoice.version}-${step}-${generation}`;

const toRequest = ({ intent }: JournalStep): ProviderRequest => ({
  method: intent.method === "DELETE" ? "DELETE" : "POST",
  path: String(intent.path),
  params: intent.params as ProviderRequest["params"],
});

/** A delivery whose document is decided. */
interface Begun extends Delivery {
  readonly looks: DeliveryLooks;
}

/** Journals the intent, makes the call, journals the result. Dying anywhere loses nothing. */
async function perform(
  { ctx, run, invoice, looks }: Begun,
  { name, request }: NamedRequest,
  journal: readonly JournalStep[],
): Promise<WriteResult> {
  const position = journal.length;
  const keyGeneration = usedUpKeys(journal, name);
  const key = idempotencyKey(invoice, name, keyGeneration);
  const intent = { ...request, idempotency_key: key };
  const begun = { position, step: name, keyGeneration, intent };
  if (position > 0) await insertRunStep(ctx.db, run.id, begun);
  else await beginWriting(ctx, run.id, invoice, begun);
  const result = await looks.execute(request, key);
  await inTransaction(ctx.db, async (tx) => {
    await updateRunStep(tx, run.id, position, {
      outcome: result.outcome,
      result: { ...result },
      finishedAt: realNow(),
    });
    const made = result.outcome === "accepted" && request.method === "POST";
    const created = made && run.externalId === null ? result.externalId : undefined;
    if (created !== undefined) {
      await updateRun(tx, run.id, { externalId: created, updatedAt: instantText(ctx.now) });
    }
  });
  return result;
}

/** Makes a step's writes in order, up to the first that is not accepted. Answers how that one ended. */
async function performAll(
  delivery: Begun,
  step: Write,
  journal: readonly JournalStep[],
): Promise<RunConclusion | undefined> {
  const { ctx, run, looks } = delivery;
  await learnFields(ctx, step.learned ?? []);
  let before = journal;
  for (const write of [step, ...(step.more ?? [])]) {
    const result = await perform(delivery, write, before);
    if (result.outcome === "accepted") {
      if (step.more !== undefined) before = await listRunSteps(ctx.db, run.id);
      continue;
    }
    if (result.outcome === "retry") {
      throw new DeliveryInterrupted(result.message, result.afterSeconds, result.throttled);
    }
    const usedUp = usedUpKeys(before, write.name);
    if (step.mayBeDeclined && usedUp === 0) return undefined;
    if (result.replayed && usedUp < MAX_KEYS) return undefined;
    if (write === step && (await looks.leadsElsewhere(step))) return undefined;
    return { status: "FAILED", code: result.code, message: result.message };
  }
  return undefined;
}

const LOOK_EVERY = { first: { minutes: 5 }, last: { minutes: 60 } };

/** The next look at what is waited for: soon at first, then less and less often, and at the deadline. */
function lookAt(now: Instant, since: Instant, until: Instant): Instant {
  const waited = now.since(since).total("minutes");
  const soon = now.add({ minutes: Math.round(waited / 4) });
  const next = earlier(later(soon, now.add(LOOK_EVERY.first)), now.add(LOOK_EVERY.last));
  return earlier(next, until);
}

/** Writes down that the delivery waits, from when on and for what, so that everybody can see it. */
async function wait(
  { ctx, run }: Delivery,
  { until, reason }: Extract<Step, { step: "wait" }>,
): Promise<Waiting> {
  const since = run.waitingSince === null ? ctx.now : instant(run.waitingSince);
  await updateRun(ctx.db, run.id, {
    waiting: { since: instantText(since), reason },
    updatedAt: instantText(ctx.now),
  });
  return { lookAt: lookAt(ctx.now, since, until), reason };
}

/** One look and one step. Answers how the delivery ended or what it waits for; undefined: it goes on. */
async function advance(
  delivery: Begun,
  document: unknown,
): Promise<RunConclusion | Waiting | undefined> {
  const { ctx, run, provider, looks } = delivery;
  const journal = await listRunSteps(ctx.db, run.id);
  const { observed, observedAt } = await looks.look({
    externalId: run.externalId ?? undefined,
    begun: journal.map(toRequest),
    accepted: journal.filter(({ outcome }) => outcome === "accepted").map(toRequest),
    refused: journal
      .filter(({ outcome }) => outcome === "rejected")
      .map((step) => ({ ...toRequest(step), code: String(step.result?.code) })),
    now: ctx.now,
    waitingSince: run.waitingSince === null ? undefined : instant(run.waitingSince),
  });
  const step = provider.nextStep(document, observed);
  switch (step.step) {
    case "done":
      return { status: "SENT", external: step.external, observedAt };
    case "refuse":
      return { status: "FAILED", ...step };
    case "wait":
      return wait(delivery, step);
    case "write":
      return performAll(delivery, step, journal);
  }
}

async function open(
  ctx: OperationContext,
  run: IntegrationRun,
  invoice: DeliverableInvoice,
): Promise<Delivery | RunConclusion> {
  const provider = ctx.services.providers[run.provider];
  const connection =
    run.connectionId === null
      ? undefined
      : await findConnection(ctx.db, ctx.environment.id, run.connectionId);
  if (provider === undefined || connection === undefined || connection.archivedAt !== null) {
    return {
      status: "FAILED",
      code: "connection_missing",
      message: `There is no ${run.provider} connection to deliver over. Connect one, then retry the run.`,
    };
  }
  const opened = openConnection(ctx, connection, ctx.environment.name);
  const current = await withCurrentFields(ctx, provider, invoice, run.configurationId ?? undefined);
  return { ctx, run, invoice: current, provider, connection: opened };
}

/** From whatever stands at the provider to the end of the delivery. */
async function converge(delivery: Delivery): Promise<RunConclusion | Waiting> {
  const { ctx, invoice, provider, connection } = delivery;
  const plan = planDocument(provider, invoice, delivery.run.route.options, connection);
  if (plan.outcome === "skip") return { status: "SKIPPED", reason: plan.reason };
  if (plan.outcome === "refuse") return { status: "FAILED", ...plan, refused: true };
  const looks = openLooks(provider, connection, plan.document);
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const run = await getRun(ctx.db, ctx.environment.id, delivery.run.id);
    const end = await advance({ ...delivery, looks, run }, plan.document);
    if (end !== undefined) return end;
  }
  return {
    status: "FAILED",
    code: "does_not_converge",
    message: `The delivery did not come to an end within ${MAX_STEPS} steps.`,
  };
}

const hasEnded = ({ status }: IntegrationRun): boolean =>
  status === "SENT" || status === "SKIPPED" || status === "FAILED";

/**
 * From here on the invoice cannot be put on hold. False: it is on hold, and its release asks again; or
 * somebody has written back meanwhile what became of it.
 */
const beginDelivery = (ctx: OperationContext, runId: string): Promise<boolean> =>
  inTransaction(ctx.db, async (tx) => {
    const run = await lockRun(tx, runId);
    if (hasEnded(run)) return false;
    const { invoiceId, startedAt } = run;
    const { status, review } = await getInvoice(tx, ctx.environment.id, invoiceId);
    if (review.hold !== null && status !== "VOID") return false;
    const at = instantText(ctx.now);
    await updateRun(tx, runId, {
      status: "RUNNING",
      waitsFor: null,
      updatedAt: at,
      ...(startedAt === null ? { startedAt: at } : {}),
    });
    return true;
  });

/** Set where the other side fetches the invoice, and nothing is left to do for us. */
const hoursToWriteBack = ({ provider, connection }: Delivery): number | undefined =>
  provider.writesBack?.(connection);

const SUPERSEDED = "A later version of the invoice is sent in its place";

/** What is left at the provider is nobody's bill: a draft that is not finalized. */
const voidedReason = ({ externalId }: IntegrationRun): string =>
  `The invoice was voided before it was delivered${externalId === null ? "" : `; ${externalId} is left as it is`}`;

/**
 * Delivers one run, resuming from any point: looks at the provider, takes the next step, until the
 * provider's document is what the invoice says. Answers what it waits for when somebody at the
 * provider has to act first. Throws what is worth another attempt later.
 */
export async function deliverInvoice(
  ctx: OperationContext,
  runId: string,
): Promise<Waiting | undefined> {
  const run = await getRun(ctx.db, ctx.environment.id, runId);
  if (hasEnded(run)) return undefined;
  const { status, customerId } = await getInvoice(ctx.db, ctx.environment.id, run.invoiceId);
  if (!(await beginDelivery(ctx, runId))) return undefined;
  if (status === "VOID") {
    await concludeRun(ctx, run, customerId, { status: "SKIPPED", reason: voidedReason(run) });
    return undefined;
  }
  const invoice = (await isSuperseded(ctx.db, run)) ? undefined : await getRunContent(ctx, run);
  if (invoice === undefined) {
    await concludeRun(ctx, run, customerId, { status: "SKIPPED", reason: SUPERSEDED });
    return undefined;
  }
  const barred = await whyBarred(ctx, run);
  if (barred !== undefined) {
    await concludeRun(ctx, run, customerId, barred);
    return undefined;
  }
  const opened = await open(ctx, run, invoice);
  const prepared = "status" in opened ? opened : await prepareDelivery(ctx, opened);
  const hours = "status" in prepared ? undefined : hoursToWriteBack(prepared);
  if (hours !== undefined) {
    await awaitWriteBack(ctx, run.id, hours);
    return undefined;
  }
  const end = "status" in prepared ? prepared : await converge(prepared);
  if ("lookAt" in end) return end;
  // What an earlier version left there is nobody's bill any more.
  if (end.status === "SKIPPED") await withdrawLeftDraft(ctx, run, customerId);
  await concludeRun(ctx, run, customerId, end);
  return undefined;
}
