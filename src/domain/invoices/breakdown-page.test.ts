import fc from "fast-check";
import { expect, test } from "vitest";
import { at } from "../../../test/support/sample-snapshot.ts";
import {
  type BreakdownCursor,
  type BreakdownQuery,
  breakdownPage,
  type InvoiceSpan,
} from "./breakdown-page.ts";

const START = at("2024-01-01");
const hour = fc.integer({ min: 0, max: 24 * 50 });
const spans: fc.Arbitrary<InvoiceSpan[]> = fc
  .array(fc.tuple(hour, fc.integer({ min: 1, max: 24 * 45 })), { maxLength: 4 })
  .map((drafts) =>
    drafts.map(([from, hours], n) => {
      const start = START.add({ hours: from });
      return {
        id: `invoice ${n}`,
        position: BigInt(n),
        span: { start, end: start.add({ hours }) },
      };
    }),
  );

const SIZES = { HOUR: [1, 24], DAY: [24, 35] } as const;

/** Every window of the range in which there is an invoice, one after the other. */
function allEntries(invoices: readonly InvoiceSpan[], { size, range }: BreakdownQuery): string[] {
  const [hours] = SIZES[size];
  const entries: string[] = [];
  // Far enough before and after, on midnight.
  for (
    let start = at("2023-12-01");
    start.epochMilliseconds < at("2024-06-01").epochMilliseconds;
  ) {
    const end = start.add({ hours });
    const isInside =
      start.epochMilliseconds >= range.start.epochMilliseconds &&
      end.epochMilliseconds <= range.end.epochMilliseconds;
    for (const { id, span } of isInside ? invoices : []) {
      const isThere =
        span.start.epochMilliseconds < end.epochMilliseconds &&
        span.end.epochMilliseconds > start.epochMilliseconds;
      if (isThere) entries.push(`${start} ${id}`);
    }
    start = end;
  }
  return entries;
}

test("the pages are all windows with invoices, in order, and none is too long", () => {
  fc.assert(
    fc.property(
      spans,
      fc.constantFrom("HOUR" as const, "DAY" as const),
      fc.tuple(hour, fc.integer({ min: 1, max: 24 * 60 })),
      fc.boolean(),
      fc.integer({ min: 1, max: 100 }),
      (invoices, size, [from, hours], newestFirst, limit) => {
        const start = START.add({ hours: from - 100 }).add({ minutes: 7 });
        const range = { start, end: start.add({ hours }) };
        const query: BreakdownQuery = { size, range, newestFirst, limit };
        const found: string[] = [];
        let after: BreakdownCursor | undefined;
        do {
          const { entries, next } = breakdownPage(invoices, { ...query, after });
          expect(entries.length).toBeLessThanOrEqual(limit);
          const windows = new Set(entries.map(({ window }) => window.start.epochMilliseconds));
          expect(windows.size).toBeLessThanOrEqual(SIZES[size][1]);
          if (next !== undefined) expect(entries.length).toBeGreaterThan(0);
          found.push(...entries.map(({ window, invoiceId }) => `${window.start} ${invoiceId}`));
          after = next;
        } while (after !== undefined);
        const all = allEntries(invoices, query);
        expect(found).toEqual(newestFirst ? all.toReversed() : all);
      },
    ),
    { numRuns: 100 },
  );
});
