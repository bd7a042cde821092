import type { FindingClass } from "../../domain/reconciliation/finding-class.ts";
import { conflict, invalid } from "../../errors.ts";
import { inTransaction } from "../../platform/database/database.ts";
import {
  type Finding,
  type FindingState,
  listFindings,
  lockFinding,
} from "../../store/reconciliation-findings.ts";
import { getReconciliation } from "../../store/reconciliations.ts";
import type { OperationContext } from "../context.ts";
import { enqueueRepair } from "./enqueue-repair.ts";

export interface Approval {
  readonly findingIds: readonly string[] | undefined;
  readonly classes: readonly FindingClass[] | undefined;
}

export interface Approved {
  /** Repairs that begin now. */
  readonly applying: number;
  /** Findings that are being repaired, or are done with. */
  readonly unchanged: number;
}

/** Most repairs that one request may begin. */
const MAX_AT_ONCE = 1000;

/** What was refused or failed may be tried again: the next look decides anew. */
const OPEN: ReadonlySet<FindingState> = new Set(["PROPOSED", "REFUSED", "FAILED"]);

async function choose(
  ctx: OperationContext,
  reconciliationId: string,
  { findingIds, classes }: Approval,
): Promise<Finding[]> {
  const chosen = await listFindings(ctx.db, reconciliationId, {
    ids: findingIds ?? [],
    classes: classes ?? [],
    limit: MAX_AT_ONCE,
  });
  const found = new Set(chosen.map(({ id }) => id));
  const unknown = (findingIds ?? []).findIndex((id) => !found.has(id));
  if (chosen.length > MAX_AT_ONCE) {
    throw invalid(`More than ${MAX_AT_ONCE} findings are chosen: name them by finding_ids`);
  }
  if (unknown >= 0) {
    const field = `finding_ids[${unknown}]`;
    throw invalid(`${field} names no finding of this reconciliation`, field);
  }
  return chosen;
}

/**
 * Lets the chosen findings be repaired, each by a job that looks again first. What is being repaired or
 * was repaired is left alone. Throws AppError: not_found, a conflict while it is still comparing, or
 * invalid when a finding is not one of it.
 */
export async function approveRepairs(
  ctx: OperationContext,
  reconciliationId: string,
  approval: Approval,
): Promise<Approved> {
  if (approval.findingIds === undefined && approval.classes === undefined) {
    throw invalid("give finding_ids, classes or both", "finding_ids");
  }
  const { status } = await getReconciliation(ctx.db, ctx.environment.id, reconciliationId);
  if (status === "QUEUED" || status === "RUNNING") {
    throw conflict(
      `Reconciliation ${reconciliationId} is still comparing`,
      "reconciliation_running",
    );
  }
  const chosen = await choose(ctx, reconciliationId, approval);
  return inTransaction(ctx.db, async (tx) => {
    let applying = 0;
    for (const { id } of chosen) {
      const finding = await lockFinding(tx, id);
      if (!OPEN.has(finding.state)) continue;
      await enqueueRepair(tx, ctx, finding, ctx.actor);
      applying += 1;
    }
    return { applying, unchanged: chosen.length - applying };
  });
}
