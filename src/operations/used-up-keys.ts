import type { JournalStep } from "../store/journal-steps.ts";

/**
 * Keys of a step under which the provider would only repeat its answer: it refused, or it did what
 * has to be done once more because somebody undid it. A key of unknown outcome stays in use.
 */
export const usedUpKeys = (journal: readonly JournalStep[], step: string): number =>
  journal.filter(
    ({ step: name, outcome, result }) =>
      name === step &&
      (outcome === "rejected" || outcome === "accepted" || result?.newKey === true),
  ).length;
