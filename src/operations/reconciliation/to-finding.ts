import { uuidV5 } from "../../domain/invoices/invoice-id.ts";
import { FINDING_SEVERITIES } from "../../domain/reconciliation/finding-class.ts";
import { instantText } from "../../domain/time.ts";
import type { Discrepancy, Repair } from "../../providers/reconciliation.ts";
import type { NewFinding, StoredRepair } from "../../store/reconciliation-findings.ts";
import type { OperationContext } from "../context.ts";

/** What was found, wherever it was found, and what would be done about it. */
export interface Found extends Discrepancy {
  readonly connectionId: string | null;
  readonly runId: string | null;
  readonly invoiceId: string | null;
  readonly externalId: string | null;
  readonly repair: Repair;
  /** The writes that follow when the core delivers anew. */
  readonly further: StoredRepair["requests"];
}

const BY_HAND = "manual";

/** What is shown of a repair before anything is done. */
function toStoredRepair({ repair, further }: Pick<Found, "repair" | "further">): StoredRepair {
  if (repair.outcome === "refuse") {
    return { action: BY_HAND, description: repair.reason, requests: [] };
  }
  const { action, description, writes } = repair;
  const requests = [...writes.map(({ request }) => request), ...further];
  return { action, description, requests };
}

/** A finding as it is kept. The same thing found twice by one comparison has one id. */
export function toFinding(
  ctx: OperationContext,
  reconciliationId: string,
  found: Found,
): NewFinding {
  const { repair } = found;
  const { runId, externalId, connectionId, subject } = found;
  const name = [found.class, runId, externalId, connectionId, subject].join("/");
  return {
    id: uuidV5(reconciliationId, name),
    reconciliationId,
    class: found.class,
    severity: FINDING_SEVERITIES[found.class],
    connectionId: found.connectionId,
    runId: found.runId,
    invoiceId: found.invoiceId,
    externalId: found.externalId,
    subject: found.subject,
    expected: found.expected,
    found: found.found,
    repair: toStoredRepair(found),
    state: repair.outcome === "refuse" ? "REFUSED" : "PROPOSED",
    reason: repair.outcome === "refuse" ? repair.reason : null,
    createdAt: instantText(ctx.now),
  };
}
