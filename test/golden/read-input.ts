import type { Commit } from "../../src/domain/commits/commit.ts";
import type { Contract } from "../../src/domain/contracts/contract.ts";
import { DEFAULT_CONVENTIONS } from "../../src/domain/conventions.ts";
import { dec } from "../../src/domain/decimal.ts";
import type { GroupValues } from "../../src/domain/metering/rollup.ts";
import type { Product, ProductVersion } from "../../src/domain/pricing/product.ts";
import type { Rate } from "../../src/domain/pricing/rate.ts";
import type { RatingSnapshot } from "../../src/domain/rating/snapshot.ts";
import type { Subscription } from "../../src/domain/subscriptions/subscription.ts";
import { instant } from "../../src/domain/time.ts";
import {
  at,
  commit,
  contract,
  flat,
  metric,
  row,
  subscription,
  usageProduct,
  used,
} from "../support/sample-snapshot.ts";

const DECIMALS = new Set(
  "price size amount used quantity unitPrice priority factor sum max value multiplier packageSize minimum maximum flatFee fraction fiatPerUnit".split(
    " ",
  ),
);
const INSTANTS = new Set(
  "now at start end hourStart startingAt endingBefore addedAt invoiceGenerationStartingAt".split(
    " ",
  ),
);
const INTEGERS = new Set(["count", "position"]);

/** JSON has neither decimals nor instants nor big integers: all are texts, told by their keys. */
function revive(key: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (DECIMALS.has(key)) return dec(value);
  if (INSTANTS.has(key)) return value.length <= 13 ? at(value) : instant(value);
  return INTEGERS.has(key) ? BigInt(value) : value;
}

/**
 * What a scenario's input.json holds: a snapshot, of which only what matters is said. The rest is
 * as in the samples of unit tests: a monthly contract from 2024, one card, US cents, free commits.
 */
interface Input extends Partial<Omit<RatingSnapshot, "commits" | "contracts" | "products">> {
  readonly contracts?: readonly Partial<TermsInput>[];
  readonly commits?: readonly (Partial<Commit> & Pick<Commit, "id" | "type" | "segments">)[];
  readonly products: readonly ProductInput[];
  /** Rates of the card "card", instead of `rateCards`. */
  readonly rates?: readonly (Partial<Rate> & Pick<Rate, "productId">)[];
  /** Readings by metric, instead of `rollups`: hour, value, group values. */
  readonly usage?: Readonly<Record<string, readonly [string, string, GroupValues?][]>>;
}

interface TermsInput extends Omit<Contract, "subscriptions"> {
  readonly subscriptions: readonly Partial<Subscription>[];
}

interface ProductInput extends Partial<ProductVersion> {
  readonly id: string;
  readonly type: Product["type"];
  readonly versions?: readonly Partial<ProductVersion>[];
}

/** Reads a scenario's input. */
export function readInput(json: string): RatingSnapshot {
  const { rates = [], usage = {}, ...input }: Input = JSON.parse(json, revive);
  const products = input.products.map(toProduct);
  return {
    environmentId: "environment",
    customerId: "customer",
    now: at("2025-01-01"),
    distinctCounts: [],
    metrics: products.filter(({ type }) => type === "USAGE").map(({ id }) => metric(id)),
    rollups: Object.entries(usage).map(([metricId, readings]) =>
      used(metricId, ...readings.map(([hour, value, groups]) => row(hour, value, groups))),
    ),
    rateCards: [
      { id: "card", productOrder: products.map(({ id }) => id), rates: rates.map(toRate) },
    ],
    requests: [],
    ...input,
    conventions: { ...DEFAULT_CONVENTIONS, ...input.conventions },
    contracts: (input.contracts ?? [{}]).map(toContract),
    commits: (input.commits ?? []).map(toCommit),
    products,
  };
}

const toContract = ({
  subscriptions = [],
  overrides = [],
  ...terms
}: Partial<TermsInput>): Contract =>
  contract({
    ...terms,
    subscriptions: subscriptions.map((some) => subscription(some)),
    overrides: overrides.map(toOverride),
  });

/** Specifiers say only what they name. */
const toOverride = (override: Contract["overrides"][number]): Contract["overrides"][number] => ({
  ...override,
  specifiers: override.specifiers.map((named) => ({
    ...{ productId: null, productTags: [], billingFrequency: null, commitIds: null },
    ...{ pricingGroupValues: {}, presentationGroupValues: {} },
    ...named,
  })),
});

/** Segments have the ids that are given, else "commit/0" and so on. */
function toCommit({ id, type, segments, ...terms }: NonNullable<Input["commits"]>[number]): Commit {
  const whole = commit(id, type, segments, terms);
  return {
    ...whole,
    segments: whole.segments.map((filled, n) => ({ ...filled, used: dec("0"), ...segments[n] })),
  };
}

function toProduct({ id, type, versions = [{}], ...version }: ProductInput): Product {
  const metricId = type === "USAGE" ? id : null;
  const fill = (some: Partial<ProductVersion>) =>
    usageProduct(id, { metricId, ...version, ...some }).versions;
  return { id, type, versions: versions.flatMap(fill) };
}

function toRate(given: Partial<Rate> & Pick<Rate, "productId">, place: number): Rate {
  const { price: _, type: __, ...dated } = flat(given.productId, "0");
  return { ...dated, id: `${given.productId} ${place}`, type: "FLAT", ...given } as Rate;
}
