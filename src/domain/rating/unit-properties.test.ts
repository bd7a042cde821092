import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  flat,
  row,
  segment,
  snapshot,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { dec, sum, toText, ZERO } from "../decimal.ts";
import { canonicalText } from "../invoices/canonical.ts";
import { rateInvoices } from "./rate-invoices.ts";

const hour = fc
  .integer({ min: 0, max: 60 * 24 - 1 })
  .map((hours) => at("2024-01-01").add({ hours }).toString());
const amount = fc.integer({ min: 0, max: 5000 }).map((n) => toText(dec(`${n}e-2`)));
const creditType = fc.constantFrom("tokens", "calls", USD_CREDIT_TYPE_ID);

const UNITS = ["tokens", "calls"];
const PRODUCTS = ["a", "b", "c"];

const usage = fc.array(
  fc.record({ hour, value: amount }).map((r) => row(r.hour, r.value)),
  { maxLength: 8 },
);
const commits = fc.array(
  fc.record({
    type: fc.constantFrom("PREPAID" as const, "CREDIT" as const, "POSTPAID" as const),
    creditTypeId: creditType,
    amount,
    window: fc.uniqueArray(hour, { minLength: 2, maxLength: 2 }),
    products: fc.constantFrom(null, ["a"], ["b", "c"]),
  }),
  { maxLength: 6 },
);

/** Three products, each in a unit or in cents, and commits in any of them, over two months. */
const snapshots = fc
  .record({
    usage: fc.tuple(usage, usage, usage),
    prices: fc.tuple(amount, amount, amount),
    types: fc.tuple(creditType, creditType, creditType),
    rates: fc.tuple(amount, amount),
    commits,
  })
  .map((draft) =>
    snapshot({
      products: PRODUCTS.map((id) => usageProduct(id)),
      rates: PRODUCTS.map((id, n) =>
        flat(id, draft.prices[n] ?? "0", "2020-01-01", {
          creditTypeId: draft.types[n] ?? USD_CREDIT_TYPE_ID,
        }),
      ),
      conversions: UNITS.map((id, n) => ({
        unit: { id, name: id },
        fiatPerUnit: dec(draft.rates[n] ?? "0"),
      })),
      rollups: PRODUCTS.map((id, n) => used(id, ...(draft.usage[n] ?? []))),
      commits: draft.commits
        // A postpaid commit is paid in money, so it is never in a unit.
        .filter(({ type, creditTypeId: id }) => type !== "POSTPAID" || id === USD_CREDIT_TYPE_ID)
        .map(({ type, creditTypeId, amount: granted, window, products }, i) => {
          const [from = "", to = ""] = [...window].sort();
          const terms = { creditTypeId, applicableProductIds: products };
          return commit(`c${i}`, type, [segment(granted, from, to)], terms);
        }),
      requests: [
        usageInvoice("2024-01-01", "2024-02-01"),
        usageInvoice("2024-02-01", "2024-03-01"),
      ],
    }),
  );

const options = { numRuns: 200 };

describe("whatever is priced in units", () => {
  test("totals are money only, and a unit counts by its conversion", () => {
    fc.assert(
      fc.property(snapshots, (input) => {
        for (const { lines, total, subtotal } of rateInvoices(input).invoices) {
          const money = lines.filter((line) => line.creditTypeId === USD_CREDIT_TYPE_ID);
          const isOffset = ({ type }: (typeof lines)[number]) =>
            type === "applied_commit_or_credit";
          const due = money.filter((l) => !(isOffset(l) && l.commit?.type === "POSTPAID"));
          expect(toText(sum(due.map((line) => line.total)))).toBe(toText(total));
          const sold = money.filter((line) => !isOffset(line));
          expect(toText(sum(sold.map((line) => line.total)))).toBe(toText(subtotal));
          expect(new Set(lines.map(({ lineKey }) => lineKey)).size).toBe(lines.length);
          for (const [n, unitId] of UNITS.entries()) {
            const left = sum(
              lines.filter((line) => line.creditTypeId === unitId).map((line) => line.total),
            );
            const conversions = lines.filter(
              ({ type, lineKey }) =>
                type === "cpu_conversion" && lineKey.startsWith(`cpu_conversion/${unitId}`),
            );
            const converted = sum(conversions.map(({ quantity }) => quantity ?? ZERO));
            expect(toText(converted)).toBe(toText(left));
            const price = input.rateCards[0]?.conversions?.[n]?.fiatPerUnit ?? ZERO;
            expect(toText(sum(conversions.map((line) => line.total)))).toBe(
              toText(left.times(price)),
            );
            expect(conversions.filter(({ commit: payer }) => payer === null).length).toBeLessThan(
              2,
            );
          }
        }
      }),
      options,
    );
  });

  test("granted = used + remaining in each credit type, and draw-downs are what offsets show", () => {
    fc.assert(
      fc.property(snapshots, (input) => {
        const { invoices, balances } = rateInvoices(input);
        const lines = invoices.flatMap((invoice) => invoice.lines);
        for (const { segmentId, commitId, granted, used: gone, remaining } of balances) {
          expect(toText(gone.plus(remaining))).toBe(toText(granted));
          expect(gone.gte(ZERO) && remaining.gte(ZERO)).toBe(true);
          const drawn = invoices
            .flatMap(({ drawDowns }) => drawDowns)
            .filter((drawDown) => drawDown.segmentId === segmentId);
          expect(toText(sum(drawn.map((drawDown) => drawDown.amount)))).toBe(toText(gone));
          const offsets = lines.filter(
            (line) => line.quantity === null && line.commit?.segmentId === segmentId,
          );
          expect(toText(sum(offsets.map(({ total }) => total)))).toBe(toText(ZERO.minus(gone)));
          const { creditTypeId } = input.commits.find(({ id }) => id === commitId) ?? {};
          expect(offsets.every((line) => line.creditTypeId === creditTypeId)).toBe(true);
        }
      }),
      options,
    );
  });

  test("the order of the inputs changes nothing", () => {
    fc.assert(
      fc.property(snapshots, (input) => {
        const [card] = input.rateCards;
        const reversed = {
          ...input,
          commits: input.commits.toReversed(),
          products: input.products.toReversed(),
          rollups: input.rollups.toReversed(),
          rateCards:
            card === undefined
              ? []
              : [
                  {
                    ...card,
                    rates: card.rates.toReversed(),
                    conversions: card.conversions?.toReversed() ?? [],
                  },
                ],
        };
        expect(canonicalText(rateInvoices(reversed))).toBe(canonicalText(rateInvoices(input)));
      }),
      options,
    );
  });
});
