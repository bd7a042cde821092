import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  flat,
  metric,
  row,
  segment,
  snapshot,
  tiered,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { dec, sum, toText, ZERO } from "../decimal.ts";
import { canonicalText } from "../invoices/canonical.ts";
import { rateInvoices } from "./rate-invoices.ts";
import type { RatingSnapshot } from "./snapshot.ts";

const hour = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((n) => at("2024-01-01").add({ hours: n }));
const hourText = hour.map((instant) => instant.toString());
const cents = fc.integer({ min: 0, max: 5000 }).map((n) => toText(dec(`${n}e-2`)));

const rows = fc.array(
  fc
    .record({ hour: hourText, value: cents, team: fc.constantFrom("red", "blue") })
    .map((r) => row(r.hour, r.value, { team: r.team })),
  { maxLength: 25 },
);
const rates = fc
  .uniqueArray(fc.record({ from: hourText, price: cents, isTiered: fc.boolean() }), {
    selector: ({ from }) => from,
    maxLength: 3,
  })
  .map((changes) => [
    flat("a", "1.25"),
    flat("b", "0.5"),
    ...changes.map(({ from, price, isTiered }) =>
      isTiered
        ? tiered(
            "a",
            [
              ["7.5", price],
              ["10", "1"],
              [null, "0.3"],
            ],
            from,
          )
        : flat("a", price, from),
    ),
  ]);
const commits = fc.array(
  fc
    .record({
      type: fc.constantFrom("PREPAID" as const, "CREDIT" as const, "POSTPAID" as const),
      amount: cents,
      window: fc.uniqueArray(hour, { minLength: 2, maxLength: 2, selector: String }),
      priority: fc.integer({ min: 1, max: 3 }),
      products: fc.constantFrom(null, ["a"], ["b"]),
    })
    .map((draft) => {
      const [from, to] = draft.window.map(String).sort();
      return { ...draft, from: from ?? "", to: to ?? "" };
    }),
  { maxLength: 6 },
);

/** Two months, two products, prices that change, tiers, windows that open and close. */
const snapshots = fc.record({ rows, otherRows: rows, rates, commits }).map((draft) =>
  snapshot({
    products: [usageProduct("a", { presentationGroupKey: ["team"] }), usageProduct("b")],
    rates: draft.rates,
    rollups: [used("a", ...draft.rows), used("b", ...draft.otherRows)],
    commits: draft.commits.map(({ type, amount, from, to, priority, products }, i) =>
      commit(`c${i}`, type, [segment(amount, from, to)], {
        priority: dec(String(priority)),
        applicableProductIds: products,
      }),
    ),
    requests: [usageInvoice("2024-01-01", "2024-02-01"), usageInvoice("2024-02-01", "2024-03-01")],
  }),
);

const options = { numRuns: 150 };

describe("whatever the terms and the usage", () => {
  test("lines add up to the totals and every unit is billed once", () => {
    fc.assert(
      fc.property(snapshots, (input) => {
        const { invoices } = rateInvoices(input);
        for (const { lines, total, subtotal } of invoices) {
          const isPostpaid = (line: (typeof lines)[number]) =>
            line.type === "applied_commit_or_credit" && line.commit?.type === "POSTPAID";
          const counted = lines.filter((line) => !isPostpaid(line));
          expect(toText(sum(counted.map((line) => line.total)))).toBe(toText(total));
          const sold = lines.filter(({ type }) => type === "usage").map((line) => line.total);
          expect(toText(sum(sold))).toBe(toText(subtotal));
          expect(new Set(lines.map(({ lineKey }) => lineKey)).size).toBe(lines.length);
        }
        for (const { metricId, rows: metered } of input.rollups) {
          const billed = invoices
            .flatMap(({ lines }) => lines)
            .filter(({ productId }) => productId === metricId)
            .map(({ quantity }) => quantity ?? ZERO);
          expect(toText(sum(billed))).toBe(toText(sum(metered.map((part) => part.sum))));
        }
      }),
      options,
    );
  });

  test("granted = used + remaining, nothing is negative, draw-downs are what lines show", () => {
    fc.assert(
      fc.property(snapshots, (input) => {
        const { invoices, balances } = rateInvoices(input);
        const drawn = invoices.flatMap(({ drawDowns }) => drawDowns);
        for (const { segmentId, granted, used: gone, remaining } of balances) {
          expect(toText(gone.plus(remaining))).toBe(toText(granted));
          expect(gone.gte(ZERO) && remaining.gte(ZERO)).toBe(true);
          const own = drawn.filter((drawDown) => drawDown.segmentId === segmentId);
          expect(toText(sum(own.map(({ amount }) => amount)))).toBe(toText(gone));
          const offsets = invoices
            .flatMap(({ lines }) => lines)
            .filter((line) => line.quantity === null && line.commit?.segmentId === segmentId);
          expect(toText(sum(offsets.map(({ total }) => total)))).toBe(toText(ZERO.minus(gone)));
        }
      }),
      options,
    );
  });

  test("the order of the inputs changes nothing", () => {
    fc.assert(
      fc.property(snapshots, (input) => {
        expect(canonicalText(rateInvoices(reversed(input)))).toBe(
          canonicalText(rateInvoices(input)),
        );
      }),
      options,
    );
  });

  test("commit edges cut lines but change neither quantity nor price", () => {
    fc.assert(
      fc.property(snapshots, (input) => {
        const total = (some: RatingSnapshot) =>
          toText(sum(rateInvoices(some).invoices.map(({ subtotal }) => subtotal)));
        expect(total(input)).toBe(total({ ...input, commits: [] }));
      }),
      options,
    );
  });
});

test("flat prices of SUM and COUNT: a period in two runs costs what it costs in one", () => {
  const aggregation = fc.constantFrom("SUM" as const, "COUNT" as const);
  fc.assert(
    fc.property(rows, aggregation, fc.integer({ min: 1, max: 743 }), (metered, kind, cut) => {
      const middle = at("2024-01-01").add({ hours: cut }).toString();
      const cost = (...edges: string[]) => {
        const requests = edges.slice(1).map((end, i) => usageInvoice(edges[i] ?? "", end));
        const { invoices } = rateInvoices(
          snapshot({
            products: [usageProduct("a")],
            metrics: [metric("a", kind)],
            rates: [flat("a", "1.25"), flat("a", "3", "2024-01-11")],
            rollups: [used("a", ...metered)],
            requests,
          }),
        );
        return toText(sum(invoices.map(({ total }) => total)));
      };
      expect(cost("2024-01-01", middle, "2024-02-01")).toBe(cost("2024-01-01", "2024-02-01"));
    }),
    options,
  );
});

function reversed(input: RatingSnapshot): RatingSnapshot {
  return {
    ...input,
    products: input.products.toReversed(),
    metrics: input.metrics.toReversed(),
    commits: input.commits.toReversed(),
    requests: input.requests.toReversed(),
    rollups: input.rollups
      .toReversed()
      .map(({ metricId, rows: metered }) => ({ metricId, rows: metered.toReversed() })),
    rateCards: input.rateCards.map((card) => ({ ...card, rates: card.rates.toReversed() })),
  };
}
