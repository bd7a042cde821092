import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type NewContract,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Terms that cannot be are refused with the field and the rule, before anything changes. */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const NOWHERE = "00000000-0000-4000-8000-000000000000";
const JANUARY = "2024-01-01T00:00:00Z";
const JUNE = "2024-06-01T00:00:00Z";
const NEXT_YEAR = "2025-01-01T00:00:00Z";

let server: TestServer;
let fixed: string;
let calls: string;
let unlisted: string;
let card: string;
let customer: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-10T00:00:00Z");
  fixed = await createFixedProduct(server.metronome, "fee");
  calls = await createUsageProduct(server.metronome, "calls");
  unlisted = await createUsageProduct(server.metronome, "unlisted");
  card = await createRateCard(server.metronome, [[calls, 100]]);
  customer = await createCustomer(server.metronome);
});

afterAll(async () => {
  await server.close();
});

const TABLES = [
  "contracts",
  "commits",
  "commit_segments",
  "commit_invoice_items",
  "contract_overrides",
  "scheduled_charges",
  "scheduled_charge_items",
  "products",
  "rates",
  "invoices",
];

/** Rows of everything that terms could leave behind. */
async function rowCounts(): Promise<string[]> {
  const counts = TABLES.map(async (table) => {
    const { rows } = await sql<{ count: string }>`select count(*) from ${sql.table(table)}`.execute(
      server.db,
    );
    return `${table} ${rows[0]?.count}`;
  });
  return Promise.all(counts);
}

let before: string[];
beforeEach(async () => {
  before = await rowCounts();
});

async function expectRefused(ask: Promise<unknown>, message: string): Promise<void> {
  await expect(ask).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining(message),
  });
  expect(await rowCounts()).toEqual(before);
}

/** The official client passes on what it does not know. */
type Any = Record<string, unknown>;

const tooMany = <T>(item: T): T[] => Array<T>(10_000).fill(item);

test.each<[string, Any, string]>([
  ["a negative price", { price: -1 }, "price must be at least 0"],
  ["a price that is no number", { price: "NaN" }, "price must be a decimal number"],
  ["an infinite price", { price: "Infinity" }, "price must be a decimal number"],
  ["a huge price", { price: "1e400" }, "price must have at most 18 digits before and 18 after"],
  ["a thousand digits", { price: "1".repeat(1000) }, "price must be a decimal number"],
  ["no price", {}, "price is required for FLAT rates"],
  [
    "a start off the hour",
    { price: 1, starting_at: "2024-02-01T00:30:00Z" },
    "starting_at must be on the hour",
  ],
  [
    "a day that is none",
    { price: 1, starting_at: "2024-02-30T00:00:00Z" },
    "starting_at must be an RFC 3339 instant",
  ],
  [
    "an end before its start",
    { price: 1, ending_before: JANUARY },
    "ending_before must be after starting_at",
  ],
  ["no tiers", { rate_type: "TIERED" }, "tiers is required for TIERED rates"],
  [
    "an open tier that is not last",
    tiers({ price: 1 }, { size: 5, price: 2 }),
    "tiers[0].size must be greater than 0",
  ],
  ["a last tier that ends", tiers({ size: 5, price: 2 }), "tiers[0].size must be left out"],
  [
    "a tier of nothing",
    tiers({ size: 0, price: 2 }, { price: 1 }),
    "tiers[0].size must be greater than 0",
  ],
  [
    "a tier of less than nothing",
    tiers({ size: -5, price: 2 }, { price: 1 }),
    "tiers[0].size must be at least 0",
  ],
  [
    "a tier below zero",
    tiers({ size: 5, price: -2 }, { price: 1 }),
    "tiers[0].price must be at least 0",
  ],
  [
    "a fee below zero",
    tiers({ size: 5, price: 2, flat_fee: -1 }, { price: 1 }),
    "tiers[0].flat_fee must be at least 0",
  ],
  [
    "ten thousand tiers",
    tiers(...tooMany({ size: 1, price: 1 })),
    "tiers must NOT have more than 1000 items",
  ],
  ["tiers of a flat price", { price: 1, tiers: [{ price: 1 }] }, "tiers is only for TIERED rates"],
  [
    "a percentage of nothing",
    { rate_type: "PERCENTAGE", price: 0.1 },
    "rate_type PERCENTAGE is for COMPOSITE products",
  ],
  ["blocks of nothing", { price: 1, package_size: 0 }, "package_size must be greater than 0"],
  [
    "a minimum above its maximum",
    { price: 1, minimum_amount: 5, maximum_amount: 1 },
    "maximum_amount must not be less than minimum_amount",
  ],
  [
    "a negative commit rate",
    { price: 1, commit_rate: { rate_type: "FLAT", price: -1 } },
    "commit_rate.price must be at least 0",
  ],
  [
    "groups that the product has not",
    { price: 1, pricing_group_values: { model: "a" } },
    "pricing_group_values must have no value",
  ],
])("a rate with %s is refused", async (_what, terms, message) => {
  const rate = {
    product_id: calls,
    starting_at: "2024-02-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT" as const,
  };
  const { rates } = server.metronome.v1.contracts.rateCards;
  await expectRefused(rates.add({ rate_card_id: card, ...rate, ...terms }), message);
  // Among good ones as well: all or nothing.
  await expectRefused(
    rates.addMany({
      rate_card_id: card,
      rates: [
        { ...rate, price: 1 },
        { ...rate, ...terms },
      ],
    }),
    `rates[1].${message}`,
  );
});

function tiers(...some: Any[]): Any {
  return { rate_type: "TIERED", tiers: some };
}

test.each<[string, Any, string]>([
  [
    "a conversion by 0",
    { quantity_conversion: { conversion_factor: 0, operation: "DIVIDE" } },
    "quantity_conversion.conversion_factor must be greater than 0",
  ],
  [
    "half a decimal place",
    { quantity_rounding: { decimal_places: 0.5, rounding_method: "ROUND_UP" } },
    "quantity_rounding.decimal_places must be integer",
  ],
  [
    "a thousand decimal places",
    { quantity_rounding: { decimal_places: 1000, rounding_method: "ROUND_UP" } },
    "quantity_rounding.decimal_places must be <= 18",
  ],
])("a product with %s is refused", async (_what, terms, message) => {
  const product = { name: "odd", type: "USAGE" as const, billable_metric_id: NOWHERE, ...terms };
  await expectRefused(server.metronome.v1.contracts.products.create(product), message);
});

const create = (terms: Any) =>
  server.metronome.v1.contracts.create({
    customer_id: customer,
    rate_card_id: card,
    starting_at: JANUARY,
    ...(terms as Partial<NewContract>),
  });

test.each<[string, Any, string]>([
  [
    "an end before its start",
    { ending_before: "2023-12-01T00:00:00Z" },
    "ending_before must be after starting_at",
  ],
  ["an end at its start", { ending_before: JANUARY }, "ending_before must be after starting_at"],
  [
    "a start off the hour",
    { starting_at: "2024-01-01T00:00:01Z" },
    "starting_at must be on the hour",
  ],
  [
    "a start in the year 1",
    { starting_at: "0001-01-01T00:00:00Z" },
    "starting_at must be in the years 1900 to 9998",
  ],
])("a contract with %s is refused", (_what, terms, message) =>
  expectRefused(create(terms), message),
);

const segment = (amount: unknown, starting_at = JANUARY, ending_before = NEXT_YEAR) => ({
  amount,
  starting_at,
  ending_before,
});
const access = (...schedule_items: unknown[]) => ({
  access_schedule: { credit_type_id: USD, schedule_items },
});
const sold = (...amounts: unknown[]) => ({
  invoice_schedule: {
    credit_type_id: USD,
    schedule_items: amounts.map((amount) => ({ timestamp: "2024-02-01T00:00:00Z", amount })),
  },
});

test.each<[string, Any, string]>([
  [
    "a negative grant",
    access(segment(-1)),
    "access_schedule.schedule_items[0].amount must be at least 0",
  ],
  [
    "a grant that is no number",
    access(segment("NaN")),
    "access_schedule.schedule_items[0].amount must be a decimal number",
  ],
  [
    "a huge grant",
    access(segment("1e40")),
    "access_schedule.schedule_items[0].amount must have at most 18 digits",
  ],
  [
    "windows that overlap",
    access(segment(1), segment(2, JUNE, "2025-06-01T00:00:00Z")),
    "access_schedule.schedule_items[1] must not overlap commits[0].access_schedule.schedule_items[0]",
  ],
  [
    "the same window twice",
    access(segment(1), segment(1)),
    "access_schedule.schedule_items[1] must not overlap",
  ],
  [
    "a window inside a later one",
    access(segment(1, JUNE, NEXT_YEAR), segment(1, JANUARY, NEXT_YEAR)),
    "access_schedule.schedule_items[0] must not overlap commits[0].access_schedule.schedule_items[1]",
  ],
  [
    "a window that ends before it begins",
    access(segment(1, NEXT_YEAR, JANUARY)),
    "access_schedule.schedule_items[0].ending_before must be after starting_at",
  ],
  [
    "a window off the hour",
    access(segment(1, "2024-01-01T00:30:00Z")),
    "access_schedule.schedule_items[0].starting_at must be on the hour",
  ],
  ["no window", access(), "access_schedule.schedule_items must NOT have fewer than 1 items"],
  [
    "ten thousand windows",
    access(...tooMany(segment(1))),
    "access_schedule.schedule_items must NOT have more than 1000 items",
  ],
  [
    "ten thousand invoices",
    sold(...tooMany(1)),
    "invoice_schedule.schedule_items must NOT have more than 1000 items",
  ],
  ["a negative invoice", sold(-5), "invoice_schedule.schedule_items[0].amount must be at least 0"],
  ["a priority that is no number", { priority: "high" }, "priority must be a decimal number"],
  [
    "a postpaid promise larger than its schedule",
    { type: "POSTPAID", ...sold(999) },
    "invoice_schedule of a POSTPAID commit must be of the amount of its access",
  ],
  [
    "a postpaid promise without a date",
    { type: "POSTPAID" },
    "invoice_schedule of a POSTPAID commit must have exactly one date",
  ],
  [
    "a product that is not FIXED",
    { product_id: () => calls },
    "product_id must be of a FIXED product",
  ],
  [
    "products and specifiers",
    { applicable_product_tags: ["a"], specifiers: [{ product_tags: ["b"] }] },
    "specifiers cannot be used with applicable_product_ids or applicable_product_tags",
  ],
  ["a specifier of nothing", { specifiers: [{}] }, "specifiers[0] names nothing"],
])("a commit with %s is refused", (_what, terms, message) => {
  const named = { product_id: fixed, name: "Promise" };
  const commit = { type: "PREPAID", ...named, ...access(segment(1000)), ...resolved(terms) };
  return expectRefused(create({ commits: [commit] }), `commits[0].${message}`);
});

/** Ids are known only once the server has started: a function gives one. */
const resolved = (terms: Any): Any =>
  Object.fromEntries(
    Object.entries(terms).map(([key, value]) => [
      key,
      typeof value === "function" ? value() : value,
    ]),
  );

const item = (fields: Any) => ({ timestamp: "2024-02-01T00:00:00Z", ...fields });
const monthly = (fields: Any) => ({
  recurring_schedule: {
    starting_at: JANUARY,
    ending_before: NEXT_YEAR,
    frequency: "MONTHLY",
    amount_distribution: "EACH",
    amount: 1,
    ...fields,
  },
});

test.each<[string, Any, string]>([
  [
    "a quantity below zero",
    { schedule_items: [item({ unit_price: 5, quantity: -1 })] },
    ".schedule_items[0].quantity must be at least 0",
  ],
  [
    "a negative amount",
    { schedule_items: [item({ amount: -5 })] },
    ".schedule_items[0].amount must be at least 0",
  ],
  [
    "an amount and a price",
    { schedule_items: [item({ amount: 5, unit_price: 5, quantity: 1 })] },
    ".schedule_items[0] must have either amount or both unit_price and quantity",
  ],
  [
    "a quantity alone",
    { schedule_items: [item({ quantity: 1 })] },
    ".schedule_items[0] must have either amount or both unit_price and quantity",
  ],
  ["no dates", {}, " must have either schedule_items or recurring_schedule"],
  [
    "two kinds of dates",
    { schedule_items: [item({ amount: 1 })], ...monthly({}) },
    " must have either schedule_items or recurring_schedule",
  ],
  [
    "ten thousand dates",
    { schedule_items: tooMany(item({ amount: 1 })) },
    ".schedule_items must NOT have more than 1000 items",
  ],
  [
    "weeks for ever",
    monthly({ frequency: "WEEKLY", ending_before: "9000-01-01T00:00:00Z" }),
    ".recurring_schedule has more than 1000 dates",
  ],
  [
    "an end before its start",
    monthly({ ending_before: "2023-01-01T00:00:00Z" }),
    ".recurring_schedule.ending_before must be after starting_at",
  ],
  [
    "a date in the year 9999",
    { schedule_items: [item({ amount: 1, timestamp: "9999-12-31T23:00:00Z" })] },
    ".schedule_items[0].timestamp must be in the years 1900 to 9998",
  ],
])("a scheduled charge with %s is refused", (_what, schedule, message) =>
  expectRefused(
    create({ scheduled_charges: [{ product_id: fixed, name: "Fee", schedule }] }),
    `scheduled_charges[0].schedule${message}`,
  ),
);

test.each<[string, Any, string]>([
  [
    "a product that is not on the card",
    { override_specifiers: () => [{ product_id: unlisted }] },
    "override_specifiers[0].product_id must be of a product on the contract's rate card",
  ],
  ["a negative multiplier", { multiplier: -1 }, "multiplier must be at least 0"],
  ["a multiplier that is no number", { multiplier: "NaN" }, "multiplier must be a decimal number"],
  ["a huge multiplier", { multiplier: 1e30 }, "multiplier must have at most 18 digits"],
  [
    "nothing to change",
    { override_specifiers: [] },
    "override_specifiers or product_id or applicable_product_tags must be given",
  ],
  [
    "a start off the hour",
    { starting_at: "2024-01-01T00:10:00Z" },
    "starting_at must be on the hour",
  ],
  [
    "an end before its start",
    { ending_before: "2023-01-01T00:00:00Z" },
    "ending_before must be after starting_at",
  ],
  [
    "a negative price",
    { type: "OVERWRITE", multiplier: undefined, overwrite_rate: { rate_type: "FLAT", price: -4 } },
    "overwrite_rate.price must be at least 0",
  ],
  [
    "a last tier that ends",
    { type: "OVERWRITE", multiplier: undefined, overwrite_rate: tiers({ size: 4, price: 1 }) },
    "overwrite_rate.tiers[0].size must be left out",
  ],
  [
    "a commit that the contract has not",
    {
      is_commit_specific: true,
      override_specifiers: () => [{ product_id: calls, commit_ids: ["nope"] }],
    },
    "override_specifiers[0].commit_ids has nope",
  ],
])("an override with %s is refused", (_what, terms, message) => {
  const specifiers = { override_specifiers: [{ product_id: calls }] };
  const override = { starting_at: JANUARY, type: "MULTIPLIER", multiplier: 0.5, ...specifiers };
  return expectRefused(
    create({ overrides: [{ ...override, ...resolved(terms) }] }),
    `overrides[0].${message}`,
  );
});

test("tiers of multipliers out of order are refused", () =>
  expectRefused(
    create({
      multiplier_override_prioritization: "EXPLICIT",
      overrides: [
        {
          starting_at: JANUARY,
          type: "TIERED",
          priority: 1,
          override_specifiers: [{ product_id: calls }],
          tiers: [{ multiplier: 1 }, { size: 5, multiplier: 1 }],
        },
      ],
    }),
    "overrides[0].tiers[0].size must be greater than 0",
  ));

test("one bad part among good ones leaves nothing of the others", () =>
  expectRefused(
    create({
      scheduled_charges: [
        { product_id: fixed, name: "Fee", schedule: { schedule_items: [item({ amount: 1 })] } },
      ],
      commits: [{ type: "PREPAID", product_id: fixed, name: "Good", ...access(segment(10)) }],
      credits: [{ product_id: fixed, name: "Bad", ...access(segment(1), segment(1)) }],
    }),
    "credits[0].access_schedule.schedule_items[1] must not overlap",
  ));
