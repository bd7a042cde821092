import type { JournalStep } from "../../store/journal-steps.ts";
import type { Finding, FindingCount } from "../../store/reconciliation-findings.ts";
import type { ReconciliationSettings } from "../../store/reconciliation-settings.ts";
import type { Reconciliation } from "../../store/reconciliations.ts";

/** Sums of findings by one of their facts. */
const sumBy = (
  counts: readonly FindingCount[],
  of: (count: FindingCount) => string,
): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const each of counts) sums[of(each)] = (sums[of(each)] ?? 0) + each.count;
  return sums;
};

/** A comparison with how far it has come and what it has found, by class and by state. */
export const toReconciliationView = (
  reconciliation: Reconciliation,
  counts: readonly FindingCount[],
) => ({
  id: reconciliation.id,
  status: reconciliation.status,
  connection_id: reconciliation.filter.connectionId ?? null,
  provider: reconciliation.filter.provider ?? null,
  starting_on: reconciliation.filter.startingOn ?? null,
  ending_before: reconciliation.filter.endingBefore ?? null,
  invoice_ids: reconciliation.filter.invoiceIds ?? null,
  automatic: reconciliation.automaticClasses,
  total: reconciliation.total,
  checked: reconciliation.checked,
  documents: reconciliation.documents,
  finding_counts: {
    total: counts.reduce((sum, { count }) => sum + count, 0),
    by_class: sumBy(counts, (count) => count.class),
    by_state: sumBy(counts, ({ state }) => state),
  },
  error: reconciliation.error,
  created_at: reconciliation.createdAt,
  created_by: reconciliation.createdBy,
  started_at: reconciliation.startedAt,
  completed_at: reconciliation.completedAt,
});

/** A finding with its proposed repair, and every request that was made for it. */
export const toFindingView = (finding: Finding, steps: readonly JournalStep[]) => ({
  id: finding.id,
  class: finding.class,
  severity: finding.severity,
  connection_id: finding.connectionId,
  run_id: finding.runId,
  invoice_id: finding.invoiceId,
  external_id: finding.externalId,
  subject: finding.subject === "" ? null : finding.subject,
  expected: finding.expected,
  found: finding.found,
  repair: finding.repair,
  state: finding.state,
  reason: finding.reason,
  approved_by: finding.approvedBy,
  steps: steps.map((step) => ({
    step: step.step,
    request: step.intent,
    outcome: step.outcome,
    result: step.result,
    started_at: step.startedAt,
    finished_at: step.finishedAt,
  })),
  created_at: finding.createdAt,
  updated_at: finding.updatedAt,
});

export const toReconciliationSettingsView = (settings: ReconciliationSettings) => ({
  schedule: settings.schedule,
  automatic_classes: settings.automaticClasses,
});
