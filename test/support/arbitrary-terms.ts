import fc from "fast-check";
import type { Commit } from "../../src/domain/commits/commit.ts";
import type { Contract, ScheduledCharge } from "../../src/domain/contracts/contract.ts";
import { USD_CREDIT_TYPE_ID } from "../../src/domain/credit-type.ts";
import { type Decimal, dec } from "../../src/domain/decimal.ts";
import type { Rollup } from "../../src/domain/metering/rollup.ts";
import type { Override, PriceChange } from "../../src/domain/overrides/override.ts";
import type { Rate, RateLimits, RatePrice, Tier } from "../../src/domain/pricing/rate.ts";
import type { RatingSnapshot } from "../../src/domain/rating/snapshot.ts";
import type { Subscription } from "../../src/domain/subscriptions/subscription.ts";
import type { Instant } from "../../src/domain/time.ts";
import {
  at,
  commit,
  contract,
  flat,
  item,
  row,
  scheduledInvoice,
  segment,
  snapshot,
  subscription,
  subscriptionProduct,
  usageInvoice,
  usageProduct,
  used,
} from "./sample-snapshot.ts";

/** Terms of every kind for laws that hold whatever is agreed, in January and February 2024. */
const START = at("2024-01-01");
const HOURS = 60 * 24;

const hour = fc.integer({ min: 0, max: HOURS - 1 }).map((n) => START.add({ hours: n }));
const decimalBetween = (min: number, max: number, decimals: number) =>
  fc.integer({ min, max }).map((n) => dec(`${n}e-${decimals}`));
export const money: fc.Arbitrary<Decimal> = decimalBetween(0, 5000, 2);
const units = decimalBetween(0, 400_00, 2);

/** Two different hours, the earlier first; often January, so that terms meet. */
const anyStretch = fc
  .uniqueArray(fc.integer({ min: 0, max: HOURS - 1 }), { minLength: 2, maxLength: 2 })
  .map((hours) => hours.sort((a, b) => a - b).map((n) => START.add({ hours: n })))
  .map(([from = START, to = START]) => ({ startingAt: from, endingBefore: to }));
const january = fc.constant({ startingAt: START, endingBefore: at("2024-02-01") });
const stretch = fc.oneof(anyStretch, january);

const bounded = fc.array(
  fc.record(
    { size: decimalBetween(1, 200, 1), price: money, flatFee: money },
    { requiredKeys: ["size", "price"] },
  ),
  { maxLength: 3 },
);
const last = fc.record({ price: money, flatFee: money }, { requiredKeys: ["price"] });

/** Tiers of ascending bounds, the last open. */
export const tiers: fc.Arbitrary<Tier[]> = fc
  .tuple(bounded, last)
  .map(([some, end]) => [...some, { ...end, size: null }]);

const packageSize = decimalBetween(1, 50, 1);
const flatPrice: fc.Arbitrary<RatePrice> = fc.record(
  { type: fc.constant("FLAT" as const), price: money, packageSize },
  { requiredKeys: ["type", "price"] },
);
const tieredPrice = fc.record(
  { type: fc.constant("TIERED" as const), tiers, packageSize },
  { requiredKeys: ["type", "tiers"] },
);

/** Prices of usage whose cost depends on the running quantity alone. */
export const runningPrice: fc.Arbitrary<RatePrice> = fc.oneof(flatPrice, tieredPrice);

/** Prices of usage whose cost depends on the whole period's quantity. */
export const volumePrice: fc.Arbitrary<RatePrice> = tieredPrice.map((price) => ({
  ...price,
  mode: "VOLUME",
}));

function dated(productId: string, from: Instant, price: RatePrice, commitRate: RatePrice | null) {
  const { price: _, ...rate } = flat(productId, "0", from.toString(), { commitRate });
  return { ...rate, ...price };
}

const limits: fc.Arbitrary<RateLimits> = fc.record(
  { minimum: money, maximum: money.map((more) => more.plus(dec("50"))) },
  { requiredKeys: [] },
);

const rates: fc.Arbitrary<Rate[]> = fc
  .tuple(
    fc.uniqueArray(fc.tuple(hour, fc.oneof(runningPrice, volumePrice)), {
      selector: ([from]) => String(from),
      maxLength: 3,
    }),
    fc.option(money, { nil: null }),
    limits,
    decimalBetween(0, 100, 2),
  )
  .map(([changes, commitPrice, bounds, fraction]) => {
    const commitRate: RatePrice | null = commitPrice && { type: "FLAT", price: commitPrice };
    return [
      flat("a", "1.25", "2020-01-01", { commitRate }),
      ...changes.map(([from, price]) => dated("a", from, price, commitRate)),
      flat("b", "0.5", "2020-01-01", bounds),
      dated("mix", at("2020-01-01"), { type: "PERCENTAGE", price: fraction }, null),
      flat("seats", "30", "2020-01-01", { billingFrequency: "MONTHLY" }),
    ];
  });

const rows: fc.Arbitrary<Rollup[]> = fc.array(
  fc
    .tuple(hour, units, fc.constantFrom("red", "blue"))
    .map(([on, value, team]) => row(on.toString(), value.toFixed(), { team })),
  { maxLength: 12 },
);

const change: fc.Arbitrary<PriceChange> = fc.oneof(
  fc.oneof(runningPrice, volumePrice).map((price) => ({ type: "OVERWRITE" as const, price })),
  decimalBetween(0, 15, 1).map((multiplier) => ({ type: "MULTIPLIER" as const, multiplier })),
  fc.tuple(decimalBetween(1, 99, 1), decimalBetween(0, 9, 1)).map(([size, multiplier]) => ({
    type: "TIERED" as const,
    tiers: [
      { size, multiplier },
      { size: null, multiplier: dec("0.5") },
    ],
  })),
);

const overrides: fc.Arbitrary<Override[]> = fc
  .array(
    fc.record({
      window: stretch,
      change,
      productId: fc.constantFrom("a", "b"),
      isCommitSpecific: fc.boolean(),
      team: fc.constantFrom(null, "red"),
    }),
    { maxLength: 4 },
  )
  .map((drafts) =>
    drafts.map(({ window, productId, team, ...draft }, n) => ({
      ...window,
      ...draft,
      id: `override ${n}`,
      entitled: null,
      target: "LIST_RATE",
      priority: null,
      position: BigInt(n),
      specifiers: [
        {
          productId,
          productTags: [],
          pricingGroupValues: {},
          presentationGroupValues: team === null || productId !== "a" ? {} : { team },
          commitIds: null,
          billingFrequency: null,
        },
      ],
    })),
  );

const commits: fc.Arbitrary<Commit[]> = fc
  .array(
    fc.record({
      type: fc.constantFrom("PREPAID" as const, "CREDIT" as const, "POSTPAID" as const),
      grants: fc.array(fc.tuple(money, stretch), { minLength: 1, maxLength: 2 }),
      priority: fc.integer({ min: 1, max: 3 }),
      products: fc.constantFrom<string[] | null>(null, ["a"], ["b", "mix"], ["seats"]),
      team: fc.constantFrom(null, null, "blue"),
      rateType: fc.constantFrom("LIST_RATE" as const, "COMMIT_RATE" as const),
      price: money,
    }),
    { maxLength: 6 },
  )
  .map((drafts) => drafts.map(toCommit));

type CommitDraft = {
  type: Commit["type"];
  grants: [Decimal, { startingAt: Instant; endingBefore: Instant }][];
  priority: number;
  products: string[] | null;
  team: string | null;
  rateType: Commit["rateType"];
  price: Decimal;
};

function toCommit({ type, grants, team, ...draft }: CommitDraft, n: number): Commit {
  // A postpaid commit has one segment and is trued up when it ends.
  const own = (type === "POSTPAID" ? grants.slice(0, 1) : grants).map(([amount, window]) =>
    segment(amount.toFixed(), window.startingAt.toString(), window.endingBefore.toString()),
  );
  const isSold = type !== "CREDIT";
  const products = team === null ? draft.products : null;
  const made = commit(`commit ${n}`, type, own, {
    priority: dec(String(draft.priority)),
    rateType: draft.rateType,
    applicableProductIds: products,
    specifiers:
      team === null
        ? null
        : [
            {
              productId: "a",
              productTags: null,
              pricingGroupValues: null,
              presentationGroupValues: { team },
            },
          ],
    invoiceContractId: isSold ? "contract" : null,
    invoiceSchedule: isSold ? [item("2024-03-01", draft.price.toFixed(), `item ${n}`)] : [],
  });
  // As ids are: without a slash, which parts those of line keys.
  const segments = made.segments.map((part, index) => ({ ...part, id: `${made.id}.${index}` }));
  return { ...made, segments };
}

const charges: fc.Arbitrary<ScheduledCharge[]> = fc.array(money, { maxLength: 2 }).map((amounts) =>
  amounts.map((amount, n) => ({
    id: `charge ${n}`,
    name: null,
    productId: "fixed",
    creditTypeId: USD_CREDIT_TYPE_ID,
    items: [item("2024-03-01", amount.toFixed(), `charge item ${n}`)],
  })),
);

const subscriptions: fc.Arbitrary<Subscription[]> = fc
  .record({
    collectionSchedule: fc.constantFrom("ADVANCE" as const, "ARREARS" as const),
    isProrated: fc.boolean(),
    changes: fc.uniqueArray(fc.tuple(hour, fc.integer({ min: 0, max: 9 })), {
      selector: ([on]) => String(on),
      maxLength: 3,
    }),
  })
  .map(({ changes, ...terms }) => [
    subscription({
      ...terms,
      quantities: [
        { id: "first", startingAt: START, quantity: dec("2") },
        ...changes
          .filter(([on]) => on.epochMilliseconds > START.epochMilliseconds)
          .sort(([a], [b]) => a.epochMilliseconds - b.epochMilliseconds)
          .map(([on, n]) => ({ id: `at ${on}`, startingAt: on, quantity: dec(String(n)) })),
      ],
    }),
  ]);

export const MONTHS = [
  usageInvoice("2024-01-01", "2024-02-01"),
  usageInvoice("2024-02-01", "2024-03-01"),
  scheduledInvoice("2024-03-01"),
];

/** One contract with all of it, and usage by two teams. */
export const anyTerms: fc.Arbitrary<RatingSnapshot> = fc
  .record({ rates, rows, otherRows: rows, overrides, commits, charges, subscriptions })
  .map((draft) => {
    const terms: Partial<Contract> = {
      overrides: draft.overrides,
      scheduledCharges: draft.charges,
      subscriptions: draft.subscriptions,
    };
    return snapshot({
      contracts: [contract(terms)],
      products: [
        usageProduct("a", { presentationGroupKey: ["team"] }),
        usageProduct("b"),
        {
          ...usageProduct("mix", { metricId: null, compositeProductIds: ["a", "b"] }),
          type: "COMPOSITE",
        },
        subscriptionProduct("seats"),
      ],
      rates: draft.rates,
      rollups: [used("a", ...draft.rows), used("b", ...draft.otherRows)],
      commits: draft.commits,
      requests: MONTHS,
    });
  });
