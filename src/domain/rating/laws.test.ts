import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyTerms, MONTHS } from "../../../test/support/arbitrary-terms.ts";
import type { Commit } from "../commits/commit.ts";
import type { Contract } from "../contracts/contract.ts";
import { dec, sum, toText, ZERO } from "../decimal.ts";
import { canonicalText } from "../invoices/canonical.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { rateInvoices } from "./rate-invoices.ts";
import type { RatingResult, RatingSnapshot } from "./snapshot.ts";

const options = { numRuns: 80 };

/** Overrides, tiers, blocks, limits, composites, subscriptions, commits and charges, all at once. */
describe("whatever is agreed", () => {
  test("lines add up to subtotal and total, and no two have one key", () => {
    check(({ invoices }) => {
      for (const { lines, subtotal, total } of invoices) {
        const [sold, offsets] = [lines.filter((line) => !isOffset(line)), lines.filter(isOffset)];
        const prepaid = offsets.filter(({ commit }) => commit?.type !== "POSTPAID");
        expect(toText(totalOf(sold))).toBe(toText(subtotal));
        expect(toText(totalOf(sold).plus(totalOf(prepaid)))).toBe(toText(total));
        expect(new Set(lines.map(({ lineKey }) => lineKey)).size).toBe(lines.length);
      }
    });
  });

  test("what usage costs is quantity x price, but for what quotients lose in the 12th decimal", () => {
    check(({ invoices }) => {
      for (const { lines } of invoices) {
        for (const line of lines) {
          if (line.quantity === null || line.unitPrice === null || line.type !== "usage") continue;
          // Each part that a commit covers has its quantity from a quotient, rounded by at most half of
          // the 12th decimal, and what a maximum cuts off has; who takes the rest of the line has lost
          // what all of them have.
          const whole = wholeKeyOf(line);
          const parts = lines.filter((part) => !isOffset(part) && wholeKeyOf(part) === whole);
          const covered = parts.filter(({ commit }) => commit !== null).length;
          const quotients = covered + line.trace.filter(({ step }) => step === "maximum").length;
          const difference = line.quantity.times(line.unitPrice).minus(line.total).abs();
          const most = line.unitPrice.abs().times(dec(`${5 * Math.max(2, quotients)}e-13`));
          expect(difference.lte(most)).toBe(true);
        }
      }
    });
  });

  test("each draw-down is one covered part and the offset that takes it away", () => {
    check(({ invoices }) => {
      for (const { lines, drawDowns } of invoices) {
        const paid = lines.filter(
          ({ commit, type }) => commit !== null && type !== "commit_purchase",
        );
        expect(paid.filter(isOffset).length * 2).toBe(paid.length);
        for (const { segmentId, amount } of drawDowns) {
          const own = paid.filter(({ commit }) => commit?.segmentId === segmentId);
          const [offsets, covered] = [own.filter(isOffset), own.filter((line) => !isOffset(line))];
          expect(toText(totalOf(covered))).toBe(toText(amount));
          expect(toText(ZERO.minus(totalOf(offsets)))).toBe(toText(amount));
        }
      }
    });
  });

  test("granted = used + remaining, never negative; used is what was drawn down and trued up", () => {
    check(({ invoices, balances }) => {
      const burned = invoices.flatMap(({ drawDowns }) => drawDowns);
      for (const { segmentId, granted, used, remaining } of balances) {
        expect(toText(used.plus(remaining))).toBe(toText(granted));
        expect(used.gte(ZERO) && remaining.gte(ZERO)).toBe(true);
        const own = burned.filter((drawDown) => drawDown.segmentId === segmentId);
        expect(toText(sum(own.map(({ amount }) => amount)))).toBe(toText(used));
      }
      for (const { segmentId, amount } of invoices.flatMap(({ trueUps }) => trueUps)) {
        const open = balances.find((balance) => balance.segmentId === segmentId)?.remaining;
        expect(open && toText(open)).toBe(toText(amount));
      }
    });
  });

  test("no commit pays for more than the line costs, or outside its window", () => {
    check(({ invoices }, { commits }) => {
      const segments = new Map(
        commits.flatMap((commit) => commit.segments.map((segment) => [segment.id, segment])),
      );
      for (const line of invoices.flatMap(({ lines }) => lines)) {
        const segment = segments.get(line.commit?.segmentId ?? "");
        if (segment === undefined || line.type !== "usage" || line.startingAt === null) continue;
        expect(line.total.gte(ZERO)).toBe(true);
        expect(String(line.startingAt) >= String(segment.startingAt)).toBe(true);
        expect(String(line.endingBefore) <= String(segment.endingBefore)).toBe(true);
      }
    });
  });

  test("the order of the inputs changes no byte, nor does a metric whose rows come in two lists", () => {
    fc.assert(
      fc.property(anyTerms, fc.integer(), (terms, seed) => {
        expect(canonicalText(rateInvoices(shuffled(terms, seed)))).toBe(
          canonicalText(rateInvoices(terms)),
        );
      }),
      options,
    );
  });

  test("two months in two runs cost what they cost in one", () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const [january, ...later] = MONTHS;
        const first = rateInvoices({ ...terms, requests: january === undefined ? [] : [january] });
        const second = rateInvoices({
          ...terms,
          requests: later,
          commits: terms.commits.map((commit) => burnedBy(first, commit)),
        });
        const whole = rateInvoices(terms);
        expect(canonicalText([...first.invoices, ...second.invoices])).toBe(
          canonicalText(whole.invoices),
        );
        expect(canonicalText(second.balances)).toBe(canonicalText(whole.balances));
      }),
      options,
    );
  });

  test("usage that is recorded in two parts costs what it costs in one", () => {
    fc.assert(
      fc.property(anyTerms, fc.integer({ min: 0, max: 10 }), (terms, tenths) => {
        const share = dec(`${tenths}e-1`);
        const split = terms.rollups.map(({ metricId, rows }) => ({
          metricId,
          rows: rows.flatMap((row) => {
            const part = row.sum.times(share);
            return [
              { ...row, sum: part },
              { ...row, sum: row.sum.minus(part) },
            ];
          }),
        }));
        expect(amountsOf(rateInvoices({ ...terms, rollups: split }))).toEqual(
          amountsOf(rateInvoices(terms)),
        );
      }),
      options,
    );
  });

  test("additions to a contract commute: whatever comes first, the invoice is the same", () => {
    fc.assert(
      fc.property(anyTerms, fc.integer(), (terms, seed) => {
        const bare: RatingSnapshot = {
          ...terms,
          commits: [],
          contracts: terms.contracts.map((contract) => ({ ...contract, scheduledCharges: [] })),
        };
        const additions = additionsOf(terms);
        const played = (order: readonly Addition[]) =>
          canonicalText(rateInvoices(order.reduce((to, add) => add(to), bare)));
        expect(played(mixed(additions, seed))).toBe(played(additions));
        expect(played(additions)).toBe(canonicalText(rateInvoices(terms)));
      }),
      options,
    );
  });
});

/** The key of the line that was there before commits paid parts of it. */
const wholeKeyOf = ({ lineKey }: InvoiceLine): string =>
  lineKey.replace(/\/by\/[^/]+$/, "").replace(/\/own price[^/]*$/, "");

function check(law: (result: RatingResult, terms: RatingSnapshot) => void): void {
  fc.assert(
    fc.property(anyTerms, (terms) => law(rateInvoices(terms), terms)),
    options,
  );
}

const isOffset = ({ type }: InvoiceLine): boolean => type === "applied_commit_or_credit";
const totalOf = (lines: readonly InvoiceLine[]) => sum(lines.map(({ total }) => total));

/** What is billed, without how many events it took. */
const amountsOf = ({ invoices }: RatingResult) =>
  invoices.map(({ lines, total }) => [
    toText(total),
    ...lines
      .filter((line) => !line.total.eq(ZERO))
      .map(({ lineKey, quantity, total: amount }) =>
        [lineKey, quantity && toText(quantity), toText(amount)].join(" "),
      ),
  ]);

/** The commit after the invoices of a run have become final. */
const burnedBy = ({ invoices }: RatingResult, commit: Commit): Commit => ({
  ...commit,
  segments: commit.segments.map((segment) => {
    const own = invoices
      .flatMap(({ drawDowns }) => drawDowns)
      .filter(({ segmentId }) => segmentId === segment.id);
    return { ...segment, used: segment.used.plus(sum(own.map(({ amount }) => amount))) };
  }),
});

type Addition = (to: RatingSnapshot) => RatingSnapshot;

/** Each commit and each scheduled charge as an addition of its own. */
function additionsOf({ commits, contracts: [contract] }: RatingSnapshot): Addition[] {
  const change = (to: RatingSnapshot, by: (known: Contract) => Partial<Contract>) => ({
    ...to,
    contracts: to.contracts.map((known) => ({ ...known, ...by(known) })),
  });
  return [
    ...commits.map(
      (commit): Addition =>
        (to) => ({ ...to, commits: [...to.commits, commit] }),
    ),
    ...(contract?.scheduledCharges ?? []).map(
      (charge): Addition =>
        (to) =>
          change(to, ({ scheduledCharges }) => ({
            scheduledCharges: [...scheduledCharges, charge],
          })),
    ),
  ];
}

/** The same members in an order that the seed decides. */
function mixed<T>(list: readonly T[], seed: number): T[] {
  return list
    .map((member, n) => ({ member, place: Math.imul(seed + n, 2_654_435_761) >>> 0 }))
    .sort((a, b) => a.place - b.place)
    .map(({ member }) => member);
}

function shuffled(terms: RatingSnapshot, seed: number): RatingSnapshot {
  const mix = <T>(list: readonly T[]): T[] => mixed(list, seed);
  return {
    ...terms,
    products: mix(terms.products),
    metrics: mix(terms.metrics),
    commits: mix(terms.commits).map((commit) => ({ ...commit, segments: mix(commit.segments) })),
    requests: mix(terms.requests),
    rollups: mix(
      terms.rollups.flatMap(({ metricId, rows }) =>
        [0, 1].map((half) => ({ metricId, rows: mix(rows.filter((_, n) => n % 2 === half)) })),
      ),
    ),
    rateCards: terms.rateCards.map((card) => ({ ...card, rates: mix(card.rates) })),
    contracts: terms.contracts.map((contract) => ({
      ...contract,
      overrides: mix(contract.overrides),
      scheduledCharges: mix(contract.scheduledCharges),
    })),
  };
}
