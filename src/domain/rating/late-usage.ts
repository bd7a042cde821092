import { giveBack } from "../commits/give-back.ts";
import { addDrawDowns, type BilledUsage } from "../invoices/billed-usage.ts";
import type { DrawDown, RatedInvoice } from "../invoices/invoice.ts";
import { type InvoiceLine, NO_LINE_DETAILS } from "../invoices/line.ts";
import { correctUsage } from "../invoices/usage-correction.ts";
import { lateUsage, type UsageInput, usageInputs } from "../invoices/usage-inputs.ts";
import type { Interval } from "../time.ts";
import { type DetailedResult, rateInDetail } from "./rate-invoices.ts";
import type { InvoiceRequest, RatingSnapshot } from "./snapshot.ts";
import { type Totals, totalsOf } from "./totals.ts";

/** A final invoice, and what it and its corrections bill of its period's usage. */
export interface BilledInvoice {
  readonly invoiceId: string;
  readonly contractId: string;
  readonly generation: number;
  readonly creditTypeId: string;
  readonly period: Interval;
  readonly billed: BilledUsage;
  /** What people's credit notes gave back to commits of what it took. */
  readonly returned: readonly DrawDown[];
}

/** A billed invoice whose usage is another one now. */
export interface LateInvoice extends BilledInvoice {
  readonly usageInputs: readonly UsageInput[];
}

/** What true-ups have billed of each segment, so far. */
export type TrueUps = ReadonlyMap<string, DrawDown>;

/** What late usage changes about one invoice. */
export interface RatedCorrection extends Totals {
  readonly late: LateInvoice;
  /** What is billed of the period's usage with it. */
  readonly billed: BilledUsage;
  /** Differences; empty: nothing is billed otherwise. */
  readonly lines: readonly InvoiceLine[];
  /** By segment; a negative amount is given back. */
  readonly drawDowns: readonly DrawDown[];
  /** What true-ups bill more, or less, because usage burned their commit after all. */
  readonly trueUps: readonly DrawDown[];
}

/** Those of the invoices whose usage has changed since it was billed last. */
export const findLate = (
  snapshot: RatingSnapshot,
  invoices: readonly BilledInvoice[],
): LateInvoice[] =>
  invoices.flatMap((invoice) => {
    const current = usageInputs(snapshot, invoice.contractId, invoice.period);
    const late = lateUsage(invoice.billed.usageInputs, current);
    return late.length === 0 ? [] : [{ ...invoice, usageInputs: current }];
  });

/** The request that rates a period's usage once more. */
export const toRerating = (invoice: BilledInvoice): InvoiceRequest => ({
  type: "USAGE",
  contractId: invoice.contractId,
  generation: invoice.generation,
  period: invoice.period,
  meteredOnly: true,
});

/**
 * Rates invoices together with earlier periods whose usage has changed: those have what they took of
 * commits, and what true-ups billed of them, given back first, and burn in the order of time as if
 * they had never been final. Pure.
 */
export function rateWithLate(
  snapshot: RatingSnapshot,
  requests: readonly InvoiceRequest[],
  late: readonly LateInvoice[],
  trueUps: TrueUps,
): { readonly result: DetailedResult; readonly corrections: readonly RatedCorrection[] } {
  const restored = giveBack(snapshot.commits, [
    ...late.flatMap(({ billed, returned }) => [...billed.drawDowns, ...returned.map(negated)]),
    ...(late.length === 0 ? [] : trueUps.values()),
  ]);
  const result = rateInDetail({
    ...snapshot,
    commits: restored,
    requests: [...requests, ...late.map(toRerating)],
  });
  const rated = new Map(result.detailed.map(({ invoice }) => [invoice.id, invoice]));
  const corrections = late.flatMap((invoice) => {
    const found = rated.get(invoice.invoiceId);
    return found === undefined ? [] : [toCorrection(snapshot, invoice, found, trueUps)];
  });
  const ids = new Set(late.map(({ invoiceId }) => invoiceId));
  const detailed = result.detailed.filter(({ invoice }) => !ids.has(invoice.id));
  return { result: { ...result, detailed }, corrections };
}

/** What has been given back already is not given back once more. */
const negated = (one: DrawDown): DrawDown => ({ ...one, amount: one.amount.neg() });

function toCorrection(
  snapshot: RatingSnapshot,
  late: LateInvoice,
  { lines, drawDowns }: RatedInvoice,
  trueUps: TrueUps,
): RatedCorrection {
  const { invoiceId, period, creditTypeId } = late;
  const change = correctUsage(late.billed, { lines, drawDowns }, { id: invoiceId, ...period });
  const settled = change.drawDowns
    .filter(({ commitType, segmentId }) => commitType === "POSTPAID" && trueUps.has(segmentId))
    .map((drawDown) => ({ ...drawDown, amount: drawDown.amount.neg() }));
  const all = [...change.lines, ...settled.map((trueUp) => toTrueUpLine(snapshot, late, trueUp))];
  return {
    late,
    billed: { lines, drawDowns, usageInputs: late.usageInputs },
    lines: all,
    drawDowns: change.drawDowns,
    trueUps: settled,
    ...totalsOf(all, creditTypeId),
  };
}

/** Usage that burned a commit after its true-up was billed leaves less of it to pay. */
function toTrueUpLine(
  { commits, products }: RatingSnapshot,
  { invoiceId, creditTypeId }: LateInvoice,
  { commitId, segmentId, amount }: DrawDown,
): InvoiceLine {
  const commit = commits.find(({ id }) => id === commitId);
  const product = products.find(({ id }) => id === commit?.productId);
  return {
    ...NO_LINE_DETAILS,
    lineKey: `late/${invoiceId}/true-up/${segmentId}`,
    type: "commit_purchase",
    name: `${commit?.name ?? "Commit"} true-up, late usage`,
    creditTypeId,
    total: amount,
    quantity: null,
    unitPrice: null,
    productId: product?.id ?? null,
    productType: product?.type ?? null,
    productTags: [],
    purchasedCommitId: commitId,
    commit: { commitId, segmentId, type: "POSTPAID" },
    trace: [
      {
        step: "correction",
        invoiceId,
        billed: amount.neg(),
        due: amount.minus(amount),
        amount,
      },
    ],
  };
}

/** An invoice with corrections of earlier ones on it: their lines come last, dated as they are. */
export const withCorrections = (
  rated: RatedInvoice,
  corrections: readonly RatedCorrection[],
): RatedInvoice => {
  if (corrections.length === 0) return rated;
  const lines = [...rated.lines, ...corrections.flatMap((correction) => correction.lines)];
  return {
    ...rated,
    lines,
    ...totalsOf(lines, rated.creditTypeId),
    drawDowns: addDrawDowns([
      ...rated.drawDowns,
      ...corrections.flatMap((correction) => correction.drawDowns),
    ]),
    trueUps: addDrawDowns([
      ...rated.trueUps,
      ...corrections.flatMap((correction) => correction.trueUps),
    ]),
  };
};
