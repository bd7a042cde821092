import type { CoreTransaction } from "../../db/database.ts";
import type { FindingClass } from "../../domain/reconciliation/finding-class.ts";
import { instantText } from "../../domain/time.ts";
import { AppError, assert } from "../../errors.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { Repair } from "../../providers/reconciliation.ts";
import { getRun } from "../../store/integration-runs.ts";
import {
  type Finding,
  type FindingState,
  findFinding,
  lockFinding,
  updateFinding,
} from "../../store/reconciliation-findings.ts";
import { listRepairSteps } from "../../store/reconciliation-steps.ts";
import type { OperationContext } from "../context.ts";
import { deliverCreditNote } from "../deliver-credit-note.ts";
import { deliverInvoice } from "../deliver-invoice.ts";
import { DeliveryInterrupted } from "../delivery-interrupted.ts";
import { usedUpKeys } from "../used-up-keys.ts";
import { adopt, goOn, redeliver, resend } from "./deliver-again.ts";
import { isStray, type Look, lookAgain, type Seen } from "./look-again.ts";
import { makeRepairWrite } from "./repair-write.ts";
import { takeOver } from "./take-over.ts";

/** A repair is a few writes: more than this goes in circles. */
const MAX_LOOKS = 12;
/** Keys of one write that may be used up before a person has to look. */
const MAX_KEYS = 4;

type There = Extract<Look, { state: "there" }>;
type Act = Extract<Repair, { outcome: "act" }>;

/** How a repair ended. */
export interface RepairEnd {
  readonly state: FindingState;
  readonly reason: string | null;
}

/** Repairs of these change the document's own state, which we note. */
const CHANGES_STATE: ReadonlySet<FindingClass> = new Set(["void_here_open_there", "stuck_draft"]);

const NOT_VERIFIED: RepairEnd = {
  state: "FAILED",
  reason: "The repair was made, and what was found is still there.",
};

/** Notes that the core acts now. Throws when a worker that took over has done so: it goes on. */
async function markApplied(ctx: OperationContext, tx: CoreTransaction, id: string): Promise<void> {
  const { state } = await lockFinding(tx, id);
  if (state !== "APPLYING") throw new DeliveryInterrupted("Another worker goes on with it.");
  await updateFinding(tx, id, { state: "APPLIED", updatedAt: instantText(ctx.now) });
}

/**
 * What the core does when no write is left. Its decision and the mark that it was made commit together;
 * then the delivery is made at once, and once more by its own job if this process dies.
 */
async function follow(
  ctx: OperationContext,
  finding: Finding,
  { run, seen }: There,
  { after }: Act,
): Promise<RepairEnd | undefined> {
  assert(run !== undefined && after !== undefined, "what the core does is done to a delivery");
  if (after === "refresh") {
    assert(seen !== undefined, "a status is taken over from a document that was seen");
    await takeOver(ctx, seen.run, seen.external, seen.observedAt);
    await inTransaction(ctx.db, (tx) => markApplied(ctx, tx, finding.id));
    return undefined;
  }
  await inTransaction(ctx.db, async (tx) => {
    await markApplied(ctx, tx, finding.id);
    if (typeof after === "object") await resend(ctx, tx, after.resend, run);
    else if (after === "redeliver") await redeliver(ctx, tx, run.id);
    else if (isStray(finding)) await adopt(ctx, tx, run.id, finding.externalId ?? "");
    else await goOn(ctx, tx, run.id);
  });
  faultPoint("apply-repair/queued");
  if (typeof after === "object") {
    await deliverCreditNote(ctx, { creditNoteId: after.resend, runId: run.id });
    return undefined;
  }
  await deliverInvoice(ctx, run.id);
  const { status, errorMessage } = await getRun(ctx.db, ctx.environment.id, run.id);
  return status === "FAILED" ? { state: "FAILED", reason: errorMessage } : undefined;
}

/** One write; undefined: it was not made, because what it was decided from has changed: look again. */
async function write(
  ctx: OperationContext,
  { id }: Finding,
  { account }: There,
  next: Act["writes"][number],
): Promise<RepairEnd | "written" | undefined> {
  assert(account !== undefined, "a write goes to an account");
  const journal = (await listRepairSteps(ctx.db, [id])).get(id) ?? [];
  const result = await makeRepairWrite(ctx, account, id, next, journal);
  if (result.outcome === "accepted") return "written";
  if (result.outcome === "retry") {
    throw new DeliveryInterrupted(result.message, result.afterSeconds);
  }
  if (result.replayed && usedUpKeys(journal, next.name) < MAX_KEYS) return undefined;
  return { state: "FAILED", reason: `${result.message} (${result.code})` };
}

/** Looks, decides, does one thing, and looks again, until nothing is left of the finding. */
async function converge(ctx: OperationContext, finding: Finding): Promise<RepairEnd> {
  const journal = (await listRepairSteps(ctx.db, [finding.id])).get(finding.id) ?? [];
  const wasApplied = finding.state === "APPLIED";
  let hasBegun = wasApplied || journal.length > 0;
  let wasFollowed = wasApplied;
  const written = new Set<string>();
  for (let count = 0; count < MAX_LOOKS; count += 1) {
    const look = await lookAgain(ctx, finding, hasBegun);
    if (look.state === "refused") return refusal(hasBegun, look.reason);
    if (look.state === "gone") return ended(ctx, finding, hasBegun, look.reason, look.seen);
    const { repair } = look;
    if (repair.outcome === "refuse") return refusal(hasBegun, repair.reason);
    const [next] = repair.writes;
    if (next === undefined ? wasFollowed : written.has(next.name)) return NOT_VERIFIED;
    const end =
      next === undefined
        ? await follow(ctx, finding, look, repair)
        : await write(ctx, finding, look, next);
    if (end !== undefined && end !== "written") return orGone(ctx, finding, end);
    if (next === undefined) wasFollowed = true;
    else if (end === "written") written.add(next.name);
    hasBegun = true;
  }
  return { state: "FAILED", reason: `The repair did not end within ${MAX_LOOKS} looks.` };
}

/** What was refused because somebody did it meanwhile is done. */
async function orGone(ctx: OperationContext, finding: Finding, end: RepairEnd): Promise<RepairEnd> {
  const look = await lookAgain(ctx, finding, true);
  return look.state === "gone" ? ended(ctx, finding, true, look.reason, look.seen) : end;
}

const refusal = (hasBegun: boolean, reason: string): RepairEnd => ({
  state: hasBegun ? "FAILED" : "REFUSED",
  reason,
});

async function ended(
  ctx: OperationContext,
  finding: Finding,
  hasBegun: boolean,
  reason: string,
  seen: Seen | undefined,
): Promise<RepairEnd> {
  if (!hasBegun) return { state: "RESOLVED", reason };
  if (seen !== undefined && CHANGES_STATE.has(finding.class)) {
    await takeOver(ctx, seen.run, seen.external, seen.observedAt);
  }
  return { state: "VERIFIED", reason: null };
}

const isUnderWay = ({ state }: Finding): boolean => state === "APPLYING" || state === "APPLIED";

/**
 * Repairs an approved finding, resuming from any point: looks again, decides from what stands there now,
 * acts and looks once more. Doing it again does nothing twice. Answers how it ended, for endRepair;
 * undefined: it is over. Throws what is worth another attempt.
 */
export async function applyRepair(
  ctx: OperationContext,
  findingId: string,
): Promise<RepairEnd | undefined> {
  const finding = await findFinding(ctx.db, findingId);
  return finding !== undefined && isUnderWay(finding) ? convergeOrRefuse(ctx, finding) : undefined;
}

/** What our own rules forbid is an outcome, and no fault. */
async function convergeOrRefuse(ctx: OperationContext, finding: Finding): Promise<RepairEnd> {
  try {
    return await converge(ctx, finding);
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === "internal") throw error;
    return { state: "FAILED", reason: error.message };
  }
}

/** Writes down how a repair ended, unless another worker has the repair by now: it knows better. */
export const endRepair = (
  ctx: OperationContext,
  findingId: string,
  { state, reason }: RepairEnd,
  isHeld: (tx: CoreTransaction) => Promise<boolean>,
): Promise<void> =>
  inTransaction(ctx.db, async (tx) => {
    if (!(await isHeld(tx))) return;
    await updateFinding(tx, findingId, { state, reason, updatedAt: instantText(ctx.now) });
  });
