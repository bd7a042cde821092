import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isUnchanged } from "../../src/store/freeze-invoice.ts";
import { createBilledCustomer, listProviderInvoices } from "../support/billed-customer.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** The settings of docs/conventions.md through the API; figures are derived by hand. */
const URL = "/v1/settings/invoicing";
const DEFAULTS = {
  period_end: "exclusive",
  proration_basis: "time",
  zero_usage_tier_fee: "not_charged",
  tier_bound: "lower_tier",
  rounding_mode: "half_away_from_zero",
  invoice_rounding: "sum_then_round",
};

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2023-02-01T00:00:00Z");
});
afterAll(() => server?.close());

const choose = (settings: Partial<Record<keyof typeof DEFAULTS, string>>) =>
  server.send("PATCH", URL, settings);
const settings = async () => (await server.send("GET", URL)).body.data;

/** Invoices show the conventions they are made with; the official client passes them on. */
const conventionsOf = (invoice: Invoice | undefined) =>
  (invoice as unknown as { conventions: typeof DEFAULTS }).conventions;

describe("the settings", () => {
  test("are the defaults until they are chosen, and change one by one", async () => {
    expect(await settings()).toEqual({
      grace_period_hours: 24,
      finalization: "automatic",
      late_usage: "report",
      ...DEFAULTS,
      seller: null,
    });
    const { status, body } = await choose({ rounding_mode: "HALF_EVEN" });
    expect([status, body.data]).toEqual([
      200,
      expect.objectContaining({ ...DEFAULTS, rounding_mode: "half_even", grace_period_hours: 24 }),
    ]);
    expect(await settings()).toEqual(body.data);
    await choose({ rounding_mode: "half_away_from_zero" });
  });

  test("are those of one environment", async () => {
    await choose({ tier_bound: "upper_tier" });
    const response = await fetch(`${server.url}${URL}`, {
      headers: { authorization: `Bearer ${server.productionToken}` },
    });
    expect(await response.json()).toMatchObject({ data: { tier_bound: "lower_tier" } });
    await choose({ tier_bound: "lower_tier" });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ period_end: "open" }, "period_end must be one of exclusive, inclusive"],
    [
      { proration_basis: "actual/365" },
      "proration_basis must be one of time, days, thirty_day_months",
    ],
    [{ zero_usage_tier_fee: true }, "zero_usage_tier_fee must be string"],
    [{ tier_bound: "" }, "tier_bound must be one of lower_tier, upper_tier"],
    [
      { rounding_mode: "ceiling" },
      "rounding_mode must be one of half_away_from_zero, half_even, away_from_zero, toward_zero",
    ],
    [{ rounding_mode: null }, "rounding_mode must be string"],
    [{ invoice_rounding: ["round_then_sum"] }, "invoice_rounding must be string"],
    [{ rounding: "half_even" }, "unknown field rounding"],
    [
      { grace_period_hours: 5, tier_bound: "both" },
      "tier_bound must be one of lower_tier, upper_tier",
    ],
    [{ grace_period_hours: -1, tier_bound: "upper_tier" }, "grace_period_hours must be >= 0"],
  ])("%j is refused: %s", async (body, message) => {
    const refused = await server.send("PATCH", URL, body);
    expect(refused.status).toBe(400);
    expect(refused.body.message).toContain(message);
    expect(await settings()).toMatchObject({ ...DEFAULTS, grace_period_hours: 24 });
  });
});

describe("February, from its 15th, $28 a month, 10 calls at 5 and then 2 each", () => {
  let calls: string;
  let card: string;
  let seats: string;

  beforeAll(async () => {
    await server.setClock("2023-02-15T00:00:00Z");
    const { metronome } = server;
    calls = await createUsageProduct(metronome, "calls");
    card = await createRateCard(metronome, []);
    const { data } = await metronome.v1.contracts.products.create({
      name: "Seat",
      type: "SUBSCRIPTION",
    });
    seats = data.id;
    const rates = metronome.v1.contracts.rateCards.rates;
    await rates.add({
      rate_card_id: card,
      product_id: seats,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 2800,
      billing_frequency: "MONTHLY",
    });
    // Our additions to a rate: the client passes them on.
    const volume = {
      rate_card_id: card,
      product_id: calls,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "TIERED" as const,
      tier_mode: "VOLUME",
      tiers: [
        { size: 10, price: 5, flat_fee: 100 },
        { price: 2, flat_fee: 100 },
      ],
    };
    await rates.add(volume);
  });

  const subscribe = async (customerId: string) =>
    createContract(server.metronome, customerId, card, {
      starting_at: "2023-02-15T00:00:00Z",
      ending_before: "2023-03-01T00:00:00Z",
      subscriptions: [
        {
          subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
          collection_schedule: "ARREARS",
          proration: {
            is_prorated: true,
            invoice_behavior: "BILL_ON_NEXT_COLLECTION_DATE",
          },
          initial_quantity: 1,
        },
      ],
    });

  test("drafts follow at once; what is finalized stays, and says how it was made", async () => {
    const payer = await createBilledCustomer(server);
    const { id: customer } = payer;
    const idle = await createCustomer(server.metronome);
    await subscribe(customer);
    await subscribe(idle);
    await use(server.metronome, customer, "calls", "2023-02-15T01:00:00Z", 10);
    const only = async (customerId: string) => {
      const [invoice, ...more] = await listInvoices(server.metronome, customerId);
      expect(more).toEqual([]);
      return invoice;
    };
    const totals = async () => [(await only(customer))?.total, (await only(idle))?.total];

    // 10 x 5 + 100 + 14/28 of 2800; without calls the half month alone.
    expect(await totals()).toEqual([1550, 1400]);
    await choose({ proration_basis: "thirty_day_months" });
    // 16/30 of 2800 = 1493.333333333333.
    expect(await totals()).toEqual([1643.333333333333, 1493.333333333333]);
    await choose({ tier_bound: "upper_tier" });
    // 10 is in the second tier: 10 x 2 + 100.
    expect(await totals()).toEqual([1613.333333333333, 1493.333333333333]);
    await choose({ zero_usage_tier_fee: "charged" });
    expect(await totals()).toEqual([1613.333333333333, 1593.333333333333]);
    await choose({ rounding_mode: "away_from_zero", period_end: "inclusive" });
    const draft = await only(customer);
    expect(draft?.end_timestamp).toBe("2023-03-01T00:00:00Z");
    const chosen = {
      period_end: "inclusive",
      proration_basis: "thirty_day_months",
      zero_usage_tier_fee: "charged",
      tier_bound: "upper_tier",
      rounding_mode: "away_from_zero",
      invoice_rounding: "sum_then_round",
    };
    expect(conventionsOf(draft)).toEqual(chosen);

    await server.setClock("2023-03-02T00:00:00Z");
    const finalized = await only(customer);
    expect(finalized).toMatchObject({ status: "FINALIZED", total: 1613.333333333333 });
    expect(conventionsOf(finalized)).toEqual(chosen);

    // 1613.33 is 1614 away from zero, in Stripe's document as well, whose periods end in February.
    const [theirs] = await listProviderInvoices(server.stripe, payer.payer);
    expect(theirs?.total).toBe(1614);
    const ends = theirs?.lines.data.map(({ period }) => new Date(period.end * 1000).toISOString());
    expect(new Set(ends)).toEqual(new Set(["2023-02-28T23:59:59.000Z"]));
    expect(finalized?.external_invoice).toMatchObject({ invoiced_total: 1614 });

    await choose(DEFAULTS);
    expect(await only(customer)).toEqual(finalized);
    expect(await isUnchanged(server.db, finalized?.id ?? "")).toBe(true);
    expect((await only(idle))?.total).toBe(1593.333333333333);
  });

  test("the hash of a finalized invoice covers its conventions", async () => {
    const { db } = server;
    const { id } = await db
      .selectFrom("invoices")
      .select("id")
      .where("status", "=", "FINALIZED")
      .limit(1)
      .executeTakeFirstOrThrow();
    const { conventions } = await db
      .selectFrom("invoices")
      .select("conventions")
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    const write = (value: object | null) =>
      db
        .updateTable("invoices")
        .set({ conventions: value === null ? null : JSON.stringify(value) })
        .where("id", "=", id)
        .execute();
    await write({ ...conventions, roundingMode: "half_even" });
    expect(await isUnchanged(db, id)).toBe(false);
    await write(null);
    expect(await isUnchanged(db, id)).toBe(false);
    await write(conventions);
    expect(await isUnchanged(db, id)).toBe(true);
  });
});

test("a period of a recurring credit follows the basis until it begins", async () => {
  await server.setClock("2023-04-01T00:00:00Z");
  const { metronome } = server;
  const customer = await createCustomer(metronome);
  const product = await createFixedProduct(metronome, "Included usage");
  await createContract(metronome, customer, await createRateCard(metronome, []), {
    starting_at: "2023-04-01T00:00:00Z",
    ending_before: "2023-05-16T00:00:00Z",
    recurring_credits: [
      {
        product_id: product,
        access_amount: {
          unit_price: 3100,
          quantity: 1,
          credit_type_id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2",
        },
        priority: 1,
        commit_duration: { value: 1 },
        starting_at: "2023-04-01T00:00:00Z",
      },
    ],
  });
  const granted = async () => {
    const { data } = await metronome.v1.contracts.listBalances({
      customer_id: customer,
      include_contract_balances: true,
    });
    return data.flatMap(({ access_schedule: access }) =>
      (access?.schedule_items ?? []).map(({ amount }) => amount),
    );
  };
  const changeAt = async (instant: string, basis: string) => {
    await choose({ proration_basis: basis });
    // Everything that the change calls for is done when the clock answers.
    await server.setClock(instant);
  };
  // April whole; of May 15 of 31 days.
  expect(await granted()).toEqual([3100, 1500]);
  await changeAt("2023-04-01T00:00:00Z", "thirty_day_months");
  expect(await granted()).toEqual([3100, 1550]);
  await changeAt("2023-04-01T00:00:00Z", "days");
  expect(await granted()).toEqual([3100, 1500]);
  await changeAt("2023-04-01T00:00:00Z", "thirty_day_months");
  await server.setClock("2023-05-01T00:00:00Z");
  await changeAt("2023-05-01T00:00:00Z", "time");
  expect(await granted()).toEqual([3100, 1550]);
});
