import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

const USD = { id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2", name: "USD (cents)" };
const EUR = "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c";
const NOWHERE = "00000000-0000-4000-8000-000000000000";
const PRODUCTS = "/v1/contract-pricing/products";
const CARDS = "/v1/contract-pricing/rate-cards";

let server: TestServer;
let metricId: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-03-01T00:00:00Z");
  const metric = await server.metronome.v1.billableMetrics.create({
    name: "Tokens",
    aggregation_type: "SUM",
    aggregation_key: "tokens",
    property_filters: [
      { name: "tokens", exists: true },
      { name: "region", exists: true },
      { name: "model", exists: true },
    ],
    group_keys: [["region"], ["region", "model"]],
  });
  metricId = metric.data.id;
});
afterAll(() => server.close());

const contracts = () => server.metronome.v1.contracts;
const createProduct = async (fields: object = {}): Promise<string> => {
  const { data } = await contracts().products.create({
    name: "Tokens",
    type: "USAGE",
    billable_metric_id: metricId,
    ...fields,
  });
  return data.id;
};
const createCard = async (fields: object = {}): Promise<string> =>
  (await contracts().rateCards.create({ name: "List prices", ...fields })).data.id;
const addRate = (rate_card_id: string, product_id: string, fields: object = {}) =>
  contracts().rateCards.rates.add({
    rate_card_id,
    product_id,
    starting_at: "2024-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 2.5,
    ...fields,
  });

describe("products", () => {
  test("a product is shown as created, now and with each change", async () => {
    const id = await createProduct({
      tags: ["ai"],
      pricing_group_key: ["region"],
      quantity_conversion: { conversion_factor: 1000, operation: "divide", name: "thousands" },
      quantity_rounding: { decimal_places: 2, rounding_method: "ROUND_UP" },
    });
    await contracts().products.update({
      product_id: id,
      starting_at: "2024-05-01T00:00:00Z",
      name: "Later",
    });
    await contracts().products.update({
      product_id: id,
      starting_at: "2024-02-01T00:00:00Z",
      name: "Words",
      quantity_rounding: null,
    });
    const { data } = await contracts().products.retrieve({ id });
    expect(data).toMatchObject({
      id,
      type: "USAGE",
      archived_at: null,
      custom_fields: {},
      initial: {
        name: "Tokens",
        tags: ["ai"],
        billable_metric_id: metricId,
        pricing_group_key: ["region"],
        quantity_conversion: { conversion_factor: 1000, operation: "DIVIDE", name: "thousands" },
        quantity_rounding: { decimal_places: 2, rounding_method: "ROUND_UP" },
        created_at: "2024-03-01T00:00:00Z",
      },
      current: { name: "Words", starting_at: "2024-02-01T00:00:00Z", quantity_rounding: null },
    });
    expect(
      data.updates.map((update) => [update.starting_at, update.name, update.quantity_rounding]),
    ).toEqual([
      ["2024-05-01T00:00:00Z", "Later", undefined],
      ["2024-02-01T00:00:00Z", "Words", null],
    ]);
  });

  test("lists page by page, without archived ones unless asked", async () => {
    const kept = await createProduct({ name: "Kept" });
    const gone = await createProduct({ name: "Gone" });
    await contracts().products.archive({ product_id: gone });
    await contracts().products.archive({ product_id: gone });
    const ids = async (archive_filter?: "ARCHIVED" | "ALL") => {
      const found: string[] = [];
      const pages = contracts().products.list({
        limit: 1,
        ...(archive_filter && { archive_filter }),
      });
      for await (const product of pages) found.push(product.id);
      return found;
    };
    expect(await ids()).toContain(kept);
    expect(await ids()).not.toContain(gone);
    expect(await ids("ARCHIVED")).toEqual([gone]);
    expect(await ids("ALL")).toEqual(expect.arrayContaining([kept, gone]));
    expect((await server.send("POST", `${PRODUCTS}/list`)).status).toBe(200);
  });

  test.each<[string, object, string]>([
    ["usage without a metric", { billable_metric_id: undefined }, "billable_metric_id is required"],
    [
      "a fixed product with a metric",
      { type: "FIXED" },
      "billable_metric_id is only for USAGE products",
    ],
    [
      "a type we do not do",
      { type: "PRO_SERVICE" },
      "A product of type PRO_SERVICE is not supported",
    ],
    ["an unknown type", { type: "GADGET" }, "type must be one of"],
    [
      "a field of another type",
      { composite_tags: ["a"] },
      "composite_tags is only for COMPOSITE products",
    ],
    ["an unknown field", { colour: "red" }, "unknown field colour"],
    [
      "a group key the metric lacks",
      { pricing_group_key: ["model"] },
      "must be one group key of the billable metric",
    ],
    [
      "a factor of nothing",
      { quantity_conversion: { conversion_factor: 0, operation: "DIVIDE" } },
      "must be greater than 0",
    ],
    [
      "a factor that is no number",
      { quantity_conversion: { conversion_factor: "NaN", operation: "DIVIDE" } },
      "must be a decimal number",
    ],
    [
      "half a decimal place",
      { quantity_rounding: { decimal_places: 1.5, rounding_method: "ROUND_UP" } },
      "must be integer",
    ],
    ["a key that was not added", { custom_fields: { sku: "1" } }, "was not added"],
    ["a lone surrogate", { name: "\ud800" }, "lone surrogate"],
    [
      "a megabyte of name",
      { name: "n".repeat(1_000_000) },
      "name must NOT have more than 1024 characters",
    ],
    ["a wrong type of name", { name: 7 }, "name must be string"],
  ])("%s is refused", async (_what, fields, message) => {
    const body = { name: "X", type: "USAGE", billable_metric_id: metricId, ...fields };
    const before = await server.send("POST", `${PRODUCTS}/list`, { archive_filter: "ALL" });
    const reply = await server.send("POST", `${PRODUCTS}/create`, body);
    expect(reply).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(message) },
    });
    const after = await server.send("POST", `${PRODUCTS}/list`, { archive_filter: "ALL" });
    expect(after.body.data.length).toBe(before.body.data.length);
  });

  test("defaults of unsupported fields pass", async () => {
    await createProduct({ is_refundable: true, composite_tags: null, exclude_free_usage: false });
  });

  test("a change must be on the hour, of a known product, and leave usage readable", async () => {
    const id = await createProduct({ pricing_group_key: ["region"] });
    const update = (fields: object) =>
      server.send("POST", `${PRODUCTS}/update`, {
        product_id: id,
        starting_at: "2024-04-01T00:00:00Z",
        ...fields,
      });
    expect((await update({ starting_at: "2024-04-01T00:30:00Z" })).body.message).toContain(
      "on the hour",
    );
    expect((await update({ starting_at: "1969-01-01T00:00:00Z", name: "X" })).status).toBe(400);
    expect((await update({})).body.message).toBe("The update changes nothing");
    expect((await update({ product_id: NOWHERE, name: "X" })).status).toBe(404);
    expect((await update({ presentation_group_key: ["tokens"] })).status).toBe(400);
    expect((await update({ presentation_group_key: ["model"] })).status).toBe(200);
  });

  test("the other environment's products do not exist", async () => {
    const id = await createProduct();
    await expect(server.production.v1.contracts.products.retrieve({ id })).rejects.toMatchObject({
      status: 404,
    });
    await expect(
      server.production.v1.contracts.products.create({
        name: "X",
        type: "USAGE",
        billable_metric_id: metricId,
      }),
    ).rejects.toMatchObject({ status: 404 });
  });
});

describe("rate cards", () => {
  test("a card is shown with its names and currency", async () => {
    const id = await createCard({
      description: "2024",
      aliases: [{ name: "standard", starting_at: "2024-01-01T00:00:00Z" }],
    });
    const { data } = await contracts().rateCards.retrieve({ id });
    expect(data).toEqual({
      id,
      name: "List prices",
      description: "2024",
      fiat_credit_type: USD,
      credit_type_conversions: [],
      aliases: [{ name: "standard", starting_at: "2024-01-01T00:00:00Z" }],
      custom_fields: {},
      created_at: "2024-03-01T00:00:00Z",
      created_by: expect.any(String),
    });
    await contracts().rateCards.update({ rate_card_id: id, name: "Renamed", aliases: [] });
    const renamed = await contracts().rateCards.retrieve({ id });
    expect(renamed.data).toMatchObject({ name: "Renamed", description: "2024", aliases: [] });
    await contracts().rateCards.archive({ id });
    const listed: string[] = [];
    for await (const card of contracts().rateCards.list({ limit: 2 })) listed.push(card.id);
    expect(listed).not.toContain(id);
    expect((await contracts().rateCards.retrieve({ id })).data.id).toBe(id);
  });

  test.each<[string, object, string]>([
    ["a currency that is none", { fiat_credit_type_id: NOWHERE }, "not a currency"],
    [
      "a conversion without its price",
      { credit_type_conversions: [{ custom_credit_type_id: NOWHERE }] },
      "credit_type_conversions[0].fiat_per_custom_credit is required",
    ],
    [
      "an alias off the hour",
      { aliases: [{ name: "a", starting_at: "2024-01-01T00:00:01Z" }] },
      "on the hour",
    ],
    [
      "an alias from before all time",
      { aliases: [{ name: "a", starting_at: "1969-01-01T00:00:00Z" }] },
      "aliases[0]: 1969-01-01T00:00:00Z is not between",
    ],
    [
      "an alias that ends before it starts",
      {
        aliases: [
          { name: "a", starting_at: "2024-02-01T00:00:00Z", ending_before: "2024-02-01T00:00:00Z" },
        ],
      },
      "aliases[0].ending_before must be after starting_at",
    ],
    [
      "overlapping aliases",
      {
        aliases: [
          { name: "a", ending_before: "2024-02-01T00:00:00Z" },
          { name: "a", starting_at: "2024-01-01T00:00:00Z" },
        ],
      },
      "aliases[1] overlaps aliases[0]",
    ],
  ])("%s is refused", async (_what, fields, message) => {
    const reply = await server.send("POST", `${CARDS}/create`, { name: "X", ...fields });
    expect(reply).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(message) },
    });
  });

  test("a later rate takes over at its start, and only then", async () => {
    const [card, product] = [await createCard(), await createProduct({ tags: ["ai"] })];
    const added = await addRate(card, product);
    expect(added.data).toEqual({ rate_type: "FLAT", price: 2.5, credit_type: USD });
    await addRate(card, product, {
      starting_at: "2024-02-01T00:00:00Z",
      rate_type: "TIERED",
      price: undefined,
      tiers: [{ size: 5, price: 0 }, { price: "1.000000000000000001" }],
    });
    const at = async (instant: string) =>
      (await contracts().rateCards.rates.list({ rate_card_id: card, at: instant })).data;
    expect(await at("2023-12-31T23:59:59Z")).toEqual([]);
    expect(await at("2024-01-31T23:59:59Z")).toEqual([
      {
        product_id: product,
        product_name: "Tokens",
        product_tags: ["ai"],
        product_custom_fields: {},
        entitled: true,
        starting_at: "2024-01-01T00:00:00Z",
        ending_before: "2024-02-01T00:00:00Z",
        rate: { rate_type: "FLAT", price: 2.5, credit_type: USD },
      },
    ]);
    expect((await at("2024-02-01T00:00:00Z"))[0]).toMatchObject({
      starting_at: "2024-02-01T00:00:00Z",
      rate: { rate_type: "TIERED", tiers: [{ size: 5, price: 0 }, { price: 1 }] },
    });
    const raw = await fetch(`${server.url}${CARDS}/getRates`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${server.sandboxToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ rate_card_id: card, at: "2024-02-01T00:00:00Z" }),
    });
    expect(await raw.text()).toContain('"price":1.000000000000000001');
    const schedule = await contracts().rateCards.retrieveRateSchedule({
      rate_card_id: card,
      starting_at: "2024-01-15T00:00:00Z",
    });
    expect(schedule.data.map((line) => line.rate.rate_type)).toEqual(["FLAT", "TIERED"]);
  });

  test("rates of one product by region are selected and paged", async () => {
    const [card, product] = [
      await createCard(),
      await createProduct({ pricing_group_key: ["region"] }),
    ];
    const rate = (region: string, price: number) => ({
      product_id: product,
      starting_at: "2024-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT" as const,
      price,
      pricing_group_values: { region },
    });
    await contracts().rateCards.rates.addMany({
      rate_card_id: card,
      rates: [rate("eu", 3), rate("us", 2)],
    });
    const query = { rate_card_id: card, at: "2024-01-01T00:00:00Z" };
    const prices: (number | undefined)[] = [];
    for await (const line of contracts().rateCards.rates.list({ ...query, limit: 1 }))
      prices.push(line.rate.price);
    expect(prices).toEqual([3, 2]);
    const selected = await contracts().rateCards.rates.list({
      ...query,
      selectors: [{ product_id: product, partial_pricing_group_values: { region: "us" } }],
    });
    expect(selected.data.map((line) => line.pricing_group_values)).toEqual([{ region: "us" }]);
    const none = await contracts().rateCards.rates.list({
      ...query,
      selectors: [{ product_tags: ["none"] }],
    });
    expect(none.data).toEqual([]);
  });

  test("one bad rate refuses all, and is named", async () => {
    const [card, product] = [await createCard(), await createProduct()];
    const good = {
      product_id: product,
      starting_at: "2024-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 1,
    };
    const cases: [object, string][] = [
      [{ price: -1 }, "rates[1].price must be at least 0"],
      [{ price: undefined }, "rates[1].price is required"],
      [{ price: 1e40 }, "rates[1].price must have at most 18 digits"],
      [{ tiers: [{ price: 1 }] }, "rates[1].tiers is only for TIERED rates"],
      [
        { rate_type: "TIERED", price: undefined, tiers: [{ size: 1, price: 1 }] },
        "rates[1].tiers[0].size must be left out",
      ],
      [
        { rate_type: "TIERED", price: undefined, tiers: [{ price: 1 }, { price: 2 }] },
        "rates[1].tiers[0].size must be greater than 0",
      ],
      [
        { rate_type: "TIERED", price: undefined, tiers: [] },
        "rates[1].tiers must have at least one tier",
      ],
      [{ rate_type: "CUSTOM" }, "rates[1].rate_type CUSTOM is not supported"],
      [{ rate_type: "PERCENTAGE", price: 0.1 }, "rates[1].rate_type PERCENTAGE is for COMPOSITE"],
      [{ commit_rate: { rate_type: "FLAT" } }, "rates[1].commit_rate.price is required"],
      [
        { commit_rate: { rate_type: "TIERED", tiers: [{ size: 1, price: 1 }] } },
        "rates[1].commit_rate.tiers[0].size must be left out",
      ],
      [
        { commit_rate: { rate_type: "PERCENTAGE", price: 0.5 } },
        "rates[1].commit_rate.rate_type must be FLAT or TIERED",
      ],
      [{ credit_type_id: EUR }, "rates[1].credit_type_id must be the rate card's currency"],
      [
        { pricing_group_values: { region: "eu" } },
        "rates[1].pricing_group_values must have no value",
      ],
      [
        { starting_at: "1969-01-01T00:00:00Z" },
        "rates[1].starting_at: 1969-01-01T00:00:00Z is not between",
      ],
      [{ ending_before: "2200-12-31T23:00:00-05:00" }, "is not between the years"],
      [{ starting_at: "2024-01-01T00:00:30Z" }, "rates[1].starting_at must be on the hour"],
      [
        { ending_before: "2024-01-01T00:00:00Z" },
        "rates[1].ending_before must be after starting_at",
      ],
    ];
    for (const [fields, message] of cases) {
      const rates = [good, { ...good, ...fields }];
      const reply = await server.send("POST", `${CARDS}/addRates`, { rate_card_id: card, rates });
      expect(reply).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(message) },
      });
    }
    const listed = await contracts().rateCards.rates.list({
      rate_card_id: card,
      at: "2024-06-01T00:00:00Z",
    });
    expect(listed.data).toEqual([]);
    await expect(addRate(card, NOWHERE)).rejects.toMatchObject({ status: 404 });
    await expect(addRate(NOWHERE, product)).rejects.toMatchObject({ status: 404 });
    const fixed = (await contracts().products.create({ name: "Fee", type: "FIXED" })).data.id;
    await expect(addRate(card, fixed)).rejects.toMatchObject({ status: 400 });
  });

  test("products stand in the order of their rates until they are moved", async () => {
    const card = await createCard();
    const [a, b, c] = [await createProduct(), await createProduct(), await createProduct()];
    for (const product of [a, b, c]) await addRate(card, product);
    const order = async () => {
      const rates = await contracts().rateCards.rates.list({
        rate_card_id: card,
        at: "2024-01-01T00:00:00Z",
      });
      return rates.data.map((rate) => rate.product_id);
    };
    const { productOrders } = contracts().rateCards;
    expect(await order()).toEqual([a, b, c]);
    await productOrders.set({ rate_card_id: card, product_order: [c, a] });
    expect(await order()).toEqual([c, a, b]);
    await productOrders.update({
      rate_card_id: card,
      product_moves: [
        { product_id: b, position: 0 },
        { product_id: c, position: 99 },
      ],
    });
    expect(await order()).toEqual([b, a, c]);
    await expect(
      productOrders.set({ rate_card_id: card, product_order: [await createProduct()] }),
    ).rejects.toMatchObject({ status: 400 });
  });
});
