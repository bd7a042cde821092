import type { CoreDb } from "../db/database.ts";
import { breakDown, type DatedLine } from "../domain/invoices/breakdown.ts";
import {
  type BreakdownCursor,
  type BreakdownEntry,
  type BreakdownSize,
  breakdownPage,
} from "../domain/invoices/breakdown-page.ts";
import { lineCourses, linesAtOnce } from "../domain/rating/line-courses.ts";
import { type Instant, type Interval, instant, Temporal } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getCustomer } from "../store/customers.ts";
import { listInvoiceSpans, listInvoicesById } from "../store/invoice-spans.ts";
import { type InvoiceRecord, isFrozen } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { periodOf } from "./period-of.ts";
import { rateAnew } from "./rate-anew.ts";
import { burnsAt, rateDrafts } from "./rate-drafts.ts";
import { contentsOf, type DraftContent, detailRated, type InvoiceDetail } from "./read-invoices.ts";

export interface BreakdownFilter {
  readonly customerId: string;
  readonly status: "DRAFT" | "FINALIZED" | undefined;
  readonly creditTypeId: string | undefined;
  readonly size: BreakdownSize;
  /** Canonical instants: only windows that lie in [startingOn, endingBefore). */
  readonly startingOn: string;
  readonly endingBefore: string;
  readonly newestFirst: boolean;
  readonly after: BreakdownCursor | undefined;
  readonly limit: number;
}

/** An invoice with the lines and totals of one window. */
export interface DetailedBreakdown {
  readonly invoice: InvoiceDetail;
  readonly window: Interval;
}

/**
 * A page of a customer's invoices, broken down into the windows of a range. Drafts are rated now, and
 * final ones too: usage that came too late for an invoice is in its breakdowns. Whatever the number of
 * windows, each kind of data is read once.
 */
export async function listBreakdowns(
  ctx: OperationContext,
  filter: BreakdownFilter,
): Promise<{ breakdowns: DetailedBreakdown[]; next: BreakdownCursor | undefined }> {
  const { customerId, startingOn, endingBefore } = filter;
  const environmentId = ctx.environment.id;
  const read = async (db: CoreDb) => {
    await getCustomer(db, environmentId, customerId);
    const spans = await listInvoiceSpans(db, { ...filter, environmentId });
    const range = { start: instant(startingOn), end: instant(endingBefore) };
    const { entries, next } = breakdownPage(spans, { ...filter, range });
    const breakdowns = await breakDownEntries({ ...ctx, db }, customerId, entries);
    return { breakdowns, next };
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

async function breakDownEntries(
  ctx: OperationContext,
  customerId: string,
  entries: readonly BreakdownEntry[],
): Promise<DetailedBreakdown[]> {
  const found = await listInvoicesById(ctx.db, [...new Set(entries.map((one) => one.invoiceId))]);
  const records = [...found.values()];
  const { lines, drafts } = await dateLines(ctx, customerId, records, edgesOf(entries));
  const details = await detailRated(ctx, records, drafts);
  const byId = new Map(details.map((detail) => [detail.record.id, detail]));
  return entries.flatMap(({ invoiceId, window }) => {
    const [dated, detail] = [lines.get(invoiceId), byId.get(invoiceId)];
    if (dated === undefined || detail === undefined) return [];
    const { creditTypeId } = detail.record;
    const part = breakDown(dated, window, { creditTypeId, now: ctx.now });
    // What was billed elsewhere is known of the whole invoice alone.
    const record = { ...detail.record, billedTotal: null };
    return part === undefined ? [] : [{ invoice: { ...detail, ...part, record }, window }];
  });
}

/** Where windows begin and end, ascending. */
function edgesOf(entries: readonly BreakdownEntry[]): Instant[] {
  const edges = entries.flatMap(({ window: { start, end } }) => [start, end]);
  const unique = new Map(edges.map((edge) => [edge.epochMilliseconds, edge]));
  return [...unique.values()].sort(Temporal.Instant.compare);
}

interface DatedInvoices {
  /** By invoice. */
  readonly lines: ReadonlyMap<string, readonly DatedLine[]>;
  /** What drafts say as a whole, by invoice. */
  readonly drafts: ReadonlyMap<string, DraftContent>;
}

async function dateLines(
  ctx: OperationContext,
  customerId: string,
  records: readonly InvoiceRecord[],
  courseAt: readonly Instant[],
): Promise<DatedInvoices> {
  const frozen = records.filter(isFrozen);
  const metered = frozen.filter(({ type }) => type === "USAGE");
  const anew = await rateAnew(ctx.db, ctx, customerId, metered, courseAt);
  const rated =
    frozen.length === records.length
      ? { drafts: [], snapshot: undefined, rollovers: undefined }
      : await rateDrafts(ctx, customerId, { courseAt });
  const detailed = new Map([
    ...anew,
    ...rated.drafts.map((draft) => [draft.record.id, draft.detailed] as const),
  ]);
  const lines = records.map((record): [string, DatedLine[]] => {
    const own = detailed.get(record.id);
    if (own !== undefined) return [record.id, lineCourses(own)];
    const period = record.type === "USAGE" ? periodOf(record) : null;
    const place = { period, dueAt: burnsAt(record) };
    return [record.id, linesAtOnce(place, record.content?.lines ?? [])];
  });
  return { lines: new Map(lines), drafts: contentsOf(rated) };
}
