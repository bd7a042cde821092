import { type Instant, type Interval, instant, instantText, Temporal } from "../time.ts";

export type BreakdownSize = "HOUR" | "DAY";

const HOUR_MS = 3_600_000;
const STEP_MS = { HOUR: HOUR_MS, DAY: 24 * HOUR_MS } as const satisfies Record<
  BreakdownSize,
  number
>;
/** Metronome API, listBreakdowns: what one page holds at most. */
const MAX_WINDOWS = { HOUR: 24, DAY: 35 } as const satisfies Record<BreakdownSize, number>;

/** An invoice and the time that it covers; a scheduled one covers its instant. */
export interface InvoiceSpan {
  readonly id: string;
  /** The order of creation, which is the order in a window. */
  readonly position: bigint;
  readonly span: Interval;
}

/** Where a page ends: the start of a window, and the invoice in it. */
export interface BreakdownCursor {
  readonly at: string;
  readonly position: bigint;
}

export interface BreakdownQuery {
  readonly size: BreakdownSize;
  /** Only windows that lie in it. */
  readonly range: Interval;
  readonly newestFirst: boolean;
  readonly after?: BreakdownCursor | undefined;
  /** Of entries. */
  readonly limit: number;
}

/** One invoice in one window. */
export interface BreakdownEntry {
  readonly invoiceId: string;
  readonly window: Interval;
}

export interface BreakdownPage {
  readonly entries: readonly BreakdownEntry[];
  readonly next: BreakdownCursor | undefined;
}

interface Place {
  readonly ms: number;
  readonly invoice: InvoiceSpan;
}

/**
 * A page of the windows in which there are invoices: by time, and in a window by the order of the
 * invoices' creation, or all of it turned round. Windows are whole hours or days, in UTC.
 */
export function breakdownPage(
  invoices: readonly InvoiceSpan[],
  query: BreakdownQuery,
): BreakdownPage {
  const { size, limit } = query;
  const taken: Place[] = [];
  const windows = new Set<number>();
  let next: BreakdownCursor | undefined;
  for (const place of placesAfter(invoices, query)) {
    const isFull = !windows.has(place.ms) && windows.size === MAX_WINDOWS[size];
    const last = taken.at(-1);
    if (last !== undefined && (isFull || taken.length === limit)) {
      next = { at: instantText(toInstant(last.ms)), position: last.invoice.position };
      break;
    }
    taken.push(place);
    windows.add(place.ms);
  }
  const step = STEP_MS[size];
  const entries = taken.map(({ ms, invoice }) => ({
    invoiceId: invoice.id,
    window: { start: toInstant(ms), end: toInstant(ms + step) },
  }));
  return { entries, next };
}

const toInstant = (ms: number): Instant => Temporal.Instant.fromEpochMilliseconds(ms);

/** Windows without any invoice are stepped over, however many they are. */
function* placesAfter(
  invoices: readonly InvoiceSpan[],
  { size, range, newestFirst, after }: BreakdownQuery,
): Generator<Place> {
  const step = STEP_MS[size];
  const sign = newestFirst ? -1 : 1;
  const from = Math.ceil(range.start.epochMilliseconds / step) * step;
  const to = Math.floor(range.end.epochMilliseconds / step) * step - step;
  // The first and the last window of each invoice in the order of the list.
  const runs = invoices.flatMap((invoice) => {
    const first = Math.max(from, floorTo(step, invoice.span.start.epochMilliseconds));
    const last = Math.min(to, floorTo(step, invoice.span.end.epochMilliseconds - 1));
    if (first > last) return [];
    return [newestFirst ? { invoice, first: last, last: first } : { invoice, first, last }];
  });
  runs.sort((a, b) => sign * Number(a.invoice.position - b.invoice.position));
  const afterMs = after && instant(after.at).epochMilliseconds;
  let ms = afterMs;
  for (;;) {
    const at = ms;
    const open = runs.filter(({ last }) => at === undefined || sign * (last - at) >= 0);
    const starts = open.map(({ first }) => sign * first);
    if (starts.length === 0) return;
    const start = sign * Math.min(...starts);
    const current: number = at === undefined || sign * (start - at) > 0 ? start : at;
    for (const { invoice, first } of open) {
      if (sign * (first - current) > 0) continue;
      const isBehind =
        current === afterMs && sign * Number(invoice.position - (after?.position ?? 0n)) <= 0;
      if (!isBehind) yield { ms: current, invoice };
    }
    ms = current + sign * step;
  }
}

const floorTo = (step: number, ms: number): number => Math.floor(ms / step) * step;
