import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  flat,
  row,
  segment,
  snapshot,
  subscription,
  subscriptionProduct,
  tiered,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { CONVENTION_VALUES, type Conventions, DEFAULT_CONVENTIONS } from "../conventions.ts";
import { getCreditType, USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { type Decimal, dec, sum, toText, ZERO } from "../decimal.ts";
import { allocateMinor } from "../money.ts";
import { priceCharges } from "../pricing/price-charges.ts";
import type { TieredPrice, TieredRate } from "../pricing/rate.ts";
import { tierRules } from "../pricing/tier-rules.ts";
import { rateInvoices } from "./rate-invoices.ts";
import type { RatingSnapshot } from "./snapshot.ts";

const { prorationBasis, zeroUsageTierFee, tierBound, roundingMode, invoiceRounding } =
  CONVENTION_VALUES;

/** What decides inside rating, in every combination. */
const RATED: readonly Conventions[] = prorationBasis.flatMap((basis) =>
  zeroUsageTierFee.flatMap((fee) =>
    tierBound.map((bound) => ({
      ...DEFAULT_CONVENTIONS,
      prorationBasis: basis,
      zeroUsageTierFee: fee,
      tierBound: bound,
    })),
  ),
);
/** What decides when an invoice is handed on. */
const ROUNDED = roundingMode.flatMap((mode) =>
  invoiceRounding.map((order) => ({ roundingMode: mode, invoiceRounding: order })),
);

const name = ({ prorationBasis: basis, zeroUsageTierFee: fee, tierBound: bound }: Conventions) =>
  `${basis}, ${fee}, ${bound}`;

const usd = getCreditType(USD_CREDIT_TYPE_ID);
const hour = fc.integer({ min: 0, max: 24 * 60 - 1 });
const hourText = hour.map((n) => at("2024-01-01").add({ hours: n }).toString());
const price = fc.integer({ min: 0, max: 900 }).map((n) => toText(dec(`${n}e-2`)));
/** Small and whole, so that bounds of tiers are met often; a few take something back. */
const quantity = fc.integer({ min: -3, max: 6 }).map(String);
const team = fc.constantFrom("red", "blue");

const rows = fc.array(
  fc.tuple(hourText, quantity, team).map(([from, value, own]) => row(from, value, { team: own })),
  { maxLength: 12 },
);

/** Tiers to 3, to 8 and on, each perhaps with a fee; perhaps in blocks, perhaps with limits. */
const tieredRates = fc
  .record({
    from: hourText,
    prices: fc.tuple(price, price, price),
    fees: fc.tuple(...[0, 1, 2].map(() => fc.option(price, { nil: undefined }))),
    mode: fc.constantFrom(undefined, "VOLUME" as const),
    packageSize: fc.constantFrom(undefined, "2"),
    minimum: fc.constantFrom(undefined, "40"),
    maximum: fc.constantFrom(undefined, "90"),
  })
  .map((draft): TieredRate => {
    const [first, second, third] = draft.prices;
    const listed = tiered(
      "a",
      [
        ["3", first],
        ["5", second],
        [null, third],
      ],
      draft.from,
    );
    const tiers = listed.tiers.map((tier, n) => {
      const fee = draft.fees[n];
      return fee === undefined ? tier : { ...tier, flatFee: dec(fee) };
    });
    return {
      ...listed,
      tiers,
      ...(draft.mode === undefined ? {} : { mode: draft.mode }),
      ...(draft.packageSize === undefined ? {} : { packageSize: dec(draft.packageSize) }),
      ...(draft.minimum === undefined ? {} : { minimum: dec(draft.minimum) }),
      ...(draft.maximum === undefined ? {} : { maximum: dec(draft.maximum) }),
    };
  });

const rates = fc
  .uniqueArray(tieredRates, { selector: ({ startingAt }) => String(startingAt), maxLength: 2 })
  .chain((changes) =>
    tieredRates.map((base) => [{ ...base, id: "base", startingAt: at("2020-01-01") }, ...changes]),
  );

const commits = fc.array(
  fc
    .tuple(
      fc.uniqueArray(hourText, { minLength: 2, maxLength: 2 }),
      fc.integer({ max: 60, min: 1 }),
    )
    .map(([edges, amount]) => ({ edges: edges.sort(), amount: String(amount) })),
  { maxLength: 3 },
);

/** A short month and a whole one, tiers that change, half a seat, windows that open and close. */
const snapshots = fc
  .record({ rows, rates, commits, startsAt: fc.integer({ min: 0, max: 24 * 30 }) })
  .map((draft) => {
    const startingAt = at("2024-01-01").add({ hours: draft.startsAt });
    const quantities = [{ id: "first", startingAt, quantity: dec("3") }];
    return snapshot({
      contracts: [
        contract({ startingAt, subscriptions: [subscription({ startingAt, quantities })] }),
      ],
      products: [
        usageProduct("a", { presentationGroupKey: ["team"] }),
        subscriptionProduct("seats"),
      ],
      rates: [...draft.rates, flat("seats", "1000", "2020-01-01", { billingFrequency: "MONTHLY" })],
      rollups: [used("a", ...draft.rows)],
      commits: draft.commits.map(({ edges, amount }, i) =>
        commit(`c${i}`, i === 0 ? "POSTPAID" : "PREPAID", [
          segment(amount, edges[0] ?? "", edges[1] ?? ""),
        ]),
      ),
      requests: [
        usageInvoice(startingAt.toString(), "2024-02-01"),
        usageInvoice("2024-02-01", "2024-03-01"),
      ],
    });
  });

const totalOf = (amounts: Iterable<Decimal>): string => toText(sum(amounts));

describe.each(RATED.map((conventions) => [name(conventions), conventions] as const))(
  "%s",
  (_name, conventions) => {
    const options = { numRuns: 40 };

    test("lines add up to the total, and to what a provider is sent", () => {
      fc.assert(
        fc.property(snapshots, (input) => {
          for (const { lines, total, subtotal } of rateInvoices({ ...input, conventions })
            .invoices) {
            const due = lines.filter(
              ({ type, commit: paid }) =>
                !(type === "applied_commit_or_credit" && paid?.type === "POSTPAID"),
            );
            expect(totalOf(due.map((line) => line.total))).toBe(toText(total));
            const sold = lines.filter(({ type }) => type !== "applied_commit_or_credit");
            expect(totalOf(sold.map((line) => line.total))).toBe(toText(subtotal));
            expect(new Set(lines.map(({ lineKey }) => lineKey)).size).toBe(lines.length);
            for (const rounding of ROUNDED) {
              const sent = allocateMinor(
                due.map((line) => line.total),
                usd,
                rounding,
              );
              expect(sent.amountsMinor.reduce((a, b) => a + b, 0n)).toBe(sent.totalMinor);
            }
          }
        }),
        options,
      );
    });

    test("cutting a period anywhere changes no sum of what is sold", () => {
      fc.assert(
        fc.property(snapshots, (input) => {
          const sold = (some: RatingSnapshot) =>
            rateInvoices({ ...some, conventions }).invoices.map(({ subtotal }) => toText(subtotal));
          expect(sold(input)).toEqual(sold({ ...input, commits: [] }));
        }),
        options,
      );
    });

    test("graduated prices only grow with use, by units as well as by windows", () => {
      const bounded = tieredRates.map(({ tiers }): TieredPrice => ({ type: "TIERED", tiers }));
      const uses = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 });
      const cost = (listed: TieredPrice, from: Decimal, to: Decimal, owes: boolean) =>
        sum(priceCharges(listed, from, to, to, tierRules(conventions, owes)).map((c) => c.amount));
      fc.assert(
        fc.property(bounded, uses, (listed, points) => {
          // Quarters, so that bounds are met, missed closely and passed.
          const edges = points.sort((a, b) => a - b).map((n) => dec(String(n)).times(dec("0.25")));
          let [before, spent] = [ZERO, ZERO];
          for (const [n, after] of edges.entries()) {
            const whole = cost(listed, ZERO, after, true);
            const part = cost(listed, before, after, n === 0);
            expect(part.gte(ZERO)).toBe(true);
            spent = spent.plus(part);
            expect(toText(spent)).toBe(toText(whole));
            before = after;
          }
        }),
        options,
      );
    });
  },
);
