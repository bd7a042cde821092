import type { Commit, CommitSegment, CommitType } from "../../src/domain/commits/commit.ts";
import type { Contract, ScheduleItem } from "../../src/domain/contracts/contract.ts";
import { type Conventions, DEFAULT_CONVENTIONS } from "../../src/domain/conventions.ts";
import { USD_CREDIT_TYPE_ID } from "../../src/domain/credit-type.ts";
import { dec, toText, ZERO } from "../../src/domain/decimal.ts";
import type { RatedInvoice } from "../../src/domain/invoices/invoice.ts";
import type { InvoiceLine } from "../../src/domain/invoices/line.ts";
import type { Aggregation, Metric } from "../../src/domain/metering/metric.ts";
import type { GroupValues, MetricRollups, Rollup } from "../../src/domain/metering/rollup.ts";
import type { Product, ProductVersion } from "../../src/domain/pricing/product.ts";
import type { FlatRate, TieredRate } from "../../src/domain/pricing/rate.ts";
import type { UnitConversion } from "../../src/domain/pricing-unit.ts";
import { rateInvoices } from "../../src/domain/rating/rate-invoices.ts";
import type {
  InvoiceRequest,
  RatingResult,
  RatingSnapshot,
} from "../../src/domain/rating/snapshot.ts";
import type { RecurringCommit } from "../../src/domain/recurring/recurring-commit.ts";
import type { Subscription } from "../../src/domain/subscriptions/subscription.ts";
import { type Instant, instant, instantText } from "../../src/domain/time.ts";

/** "2024-01-16", "2024-01-16T05" or a full instant. */
export function at(text: string): Instant {
  if (text.length === 10) return instant(`${text}T00:00:00Z`);
  return instant(text.length === 13 ? `${text}:00:00Z` : text);
}

/** A monthly contract on card "card" in US cents, open-ended from 2024. */
export const contract = (overrides: Partial<Contract> = {}): Contract => ({
  id: "contract",
  startingAt: at("2024-01-01"),
  endingBefore: null,
  rateCardId: "card",
  fiatCreditTypeId: USD_CREDIT_TYPE_ID,
  usageSchedule: {
    frequency: "MONTHLY",
    anchor: { day: "FIRST_OF_MONTH" },
    invoiceGenerationStartingAt: null,
  },
  scheduledChargesOnUsageInvoices: false,
  scheduledCharges: [],
  overrides: [],
  multiplierPrioritization: "LOWEST_MULTIPLIER",
  subscriptions: [],
  ...overrides,
});

/** A metric with the id of its product. */
export const metric = (id: string, aggregation: Aggregation = "SUM"): Metric => ({
  id,
  aggregation,
  aggregationKey: aggregation === "COUNT" ? null : "value",
  eventTypeFilter: null,
  propertyFilters: [],
  groupKeys: [],
});

export const usageProduct = (id: string, overrides: Partial<ProductVersion> = {}): Product => ({
  id,
  type: "USAGE",
  versions: [
    {
      startingAt: at("2020-01-01"),
      name: id,
      tags: [],
      metricId: id,
      quantityConversion: null,
      quantityRounding: null,
      pricingGroupKey: [],
      presentationGroupKey: [],
      ...overrides,
    },
  ],
});

export const fixedProduct = (id: string): Product => ({
  ...usageProduct(id, { metricId: null }),
  type: "FIXED",
});

export const subscriptionProduct = (id: string): Product => ({
  ...usageProduct(id, { metricId: null }),
  type: "SUBSCRIPTION",
});

/** One unit of product "seats" a month in arrears, prorated, with the contract's term. */
export const subscription = (overrides: Partial<Subscription> = {}): Subscription => ({
  id: "subscription",
  name: null,
  productId: "seats",
  billingFrequency: "MONTHLY",
  collectionSchedule: "ARREARS",
  isProrated: true,
  prorationRounding: null,
  invoicePlacement: "ON_USAGE_INVOICE",
  anchorAt: null,
  invoiceBehavior: "BILL_ON_NEXT_COLLECTION_DATE",
  startingAt: at("2024-01-01"),
  endingBefore: null,
  quantities: [{ id: "first", startingAt: at("2024-01-01"), quantity: dec("1") }],
  seats: null,
  invoicedChargeIds: new Set(),
  ...overrides,
});

const datedRate = (productId: string, from: string) => ({
  id: `${productId} from ${from}`,
  productId,
  startingAt: at(from),
  endingBefore: null,
  entitled: true,
  creditTypeId: USD_CREDIT_TYPE_ID,
  pricingGroupValues: {},
  billingFrequency: null,
  addedAt: at("2020-01-01"),
  commitRate: null,
});

export const flat = (
  productId: string,
  price: string,
  from = "2020-01-01",
  overrides: Partial<FlatRate> = {},
): FlatRate => ({ ...datedRate(productId, from), type: "FLAT", price: dec(price), ...overrides });

/** Tiers as [size, price]; null size for the last. */
export const tiered = (
  productId: string,
  tiers: readonly (readonly [string | null, string])[],
  from = "2020-01-01",
): TieredRate => ({
  ...datedRate(productId, from),
  type: "TIERED",
  tiers: tiers.map(([size, price]) => ({
    size: size === null ? null : dec(size),
    price: dec(price),
  })),
});

/** One reading of `value` in the hour, as each aggregation would see it. */
export const row = (hour: string, value: string, groupValues: GroupValues = {}): Rollup => ({
  hourStart: at(hour),
  groupValues,
  count: 1n,
  sum: dec(value),
  max: dec(value),
  latest: { value: dec(value), at: at(hour) },
});

export const used = (metricId: string, ...rows: Rollup[]): MetricRollups => ({ metricId, rows });

/** Amount and window of a segment. */
export const segment = (
  amount: string,
  from: string,
  to: string,
  id = "segment",
): CommitSegment => ({
  id,
  startingAt: at(from),
  endingBefore: at(to),
  amount: dec(amount),
  used: ZERO,
});

/** A free contract-level commit whose segments carry its id: "grant/0". */
export const commit = (
  id: string,
  type: CommitType,
  segments: readonly CommitSegment[],
  overrides: Partial<Commit> = {},
): Commit => ({
  id,
  type,
  name: id,
  productId: "fixed",
  creditTypeId: USD_CREDIT_TYPE_ID,
  contractId: "contract",
  applicableContractIds: null,
  applicableProductIds: null,
  applicableProductTags: null,
  specifiers: null,
  rateType: "LIST_RATE",
  priority: dec("100"),
  isRollover: false,
  recurring: null,
  invoiceContractId: null,
  invoiceSchedule: [],
  ...overrides,
  segments: segments.map((part, i) => ({ ...part, id: `${id}/${i}` })),
});

export const item = (on: string, amount: string, id = "item"): ScheduleItem => ({
  id,
  at: at(on),
  quantity: dec("1"),
  unitPrice: dec(amount),
  amount: dec(amount),
});

/** A usage invoice for [from, to). */
export const usageInvoice = (
  from: string,
  to: string,
  contractId = "contract",
): InvoiceRequest => ({
  type: "USAGE",
  contractId,
  period: { start: at(from), end: at(to) },
  generation: 0,
});

export const scheduledInvoice = (on: string): InvoiceRequest => ({
  type: "SCHEDULED",
  contractId: "contract",
  at: at(on),
  generation: 0,
});

export type Sample = Partial<Omit<RatingSnapshot, "rateCards">> & {
  readonly rates?: RatingSnapshot["rateCards"][number]["rates"];
  /** What custom pricing units cost on the card. */
  readonly conversions?: readonly UnitConversion[];
};

/** Fills in what a test does not care about. Products are ordered as given. */
export function snapshot({ rates = [], conversions, ...sample }: Sample): RatingSnapshot {
  const products = sample.products ?? [];
  return {
    environmentId: "environment",
    customerId: "customer",
    now: at("2025-01-01"),
    conventions: DEFAULT_CONVENTIONS,
    contracts: [contract()],
    metrics: products.map(({ id }) => metric(id)),
    rollups: [],
    distinctCounts: [],
    commits: [],
    requests: [usageInvoice("2024-01-01", "2024-02-01")],
    ...sample,
    products: [...products, fixedProduct("fixed")],
    rateCards: [
      {
        id: "card",
        productOrder: products.map(({ id }) => id),
        rates,
        ...(conversions === undefined ? {} : { conversions }),
      },
    ],
  };
}

/** The defaults but for some. */
export const conventions = (chosen: Partial<Conventions>): Conventions => ({
  ...DEFAULT_CONVENTIONS,
  ...chosen,
});

/** Rates a sample. */
export const rate = (sample: Sample): RatingResult => rateInvoices(snapshot(sample));

/** Rates a sample that asks for one invoice. */
export function rateOne(sample: Sample): RatedInvoice {
  const [invoice] = rate(sample).invoices;
  if (invoice === undefined) throw new Error("No invoice was rated");
  return invoice;
}

/** One line as a person reads it: "tokens 50 x 100 = 5000 <- grant/0". */
export function showLine(line: InvoiceLine): string {
  const groups = { ...line.pricingGroupValues, ...line.presentationGroupValues };
  const product =
    line.quantity === null || line.unitPrice === null
      ? ""
      : ` ${toText(line.quantity)} x ${toText(line.unitPrice)}`;
  return [
    line.name,
    ...Object.entries(groups).map(([key, value]) => ` [${key}: ${value}]`),
    line.tier === null ? "" : ` (tier ${line.tier.level})`,
    product,
    ` = ${toText(line.total)}`,
    line.commit === null ? "" : ` <- ${line.commit.segmentId}`,
  ].join("");
}

export const showLines = (invoice: RatedInvoice): string[] => invoice.lines.map(showLine);

/** The window of a line, midnights as dates. */
export const showWindow = ({ startingAt, endingBefore }: InvoiceLine): string =>
  [startingAt, endingBefore]
    .map((edge) => (edge === null ? "" : instantText(edge).replace("T00:00:00Z", "")))
    .join("..");

/** A free recurring commit of 310 a month from 2024 on, counted with the contract's usage periods. */
export const recurringCommit = (overrides: Partial<RecurringCommit> = {}): RecurringCommit => ({
  id: "d2bb2a29-43e8-4a4e-8f4c-1f0a3f9f3d55",
  type: "COMMIT",
  access: { unitPrice: dec("310"), quantity: dec("1") },
  invoice: null,
  durationPeriods: 1,
  frequency: null,
  proration: "FIRST_AND_LAST",
  rateType: "LIST_RATE",
  startingAt: at("2024-01-01"),
  endingBefore: null,
  pool: null,
  ...overrides,
});
