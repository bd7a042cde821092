import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createUsageProduct,
  listInvoices,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Percentages of other products, and the kinds of rate that are our additions (docs/rates.md). */
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-20T00:00:00Z");
});

afterAll(async () => {
  await server.close();
});

const START = "2024-01-01T00:00:00Z";
const newCard = async () =>
  (await server.metronome.v1.contracts.rateCards.create({ name: "List prices" })).data.id;

type RateBody = Parameters<
  TestServer["metronome"]["v1"]["contracts"]["rateCards"]["rates"]["add"]
>[0];

/** Adds a rate; the official client passes on fields that it does not know. */
async function addRate(cardId: string, productId: string, terms: object) {
  const body = { rate_card_id: cardId, product_id: productId, starting_at: START, entitled: true };
  const { data } = await server.metronome.v1.contracts.rateCards.rates.add({
    ...body,
    ...terms,
  } as RateBody);
  return data;
}

async function ratesOf(cardId: string) {
  const page = await server.metronome.v1.contracts.rateCards.rates.list({
    rate_card_id: cardId,
    at: "2024-01-10T00:00:00Z",
  });
  return page.data.map(({ rate }) => rate);
}

/** The lines of January's draft for a customer on the card who used these quantities. */
async function draftLines(cardId: string, used: readonly (readonly [string, string, number])[]) {
  const { metronome } = server;
  const customer = await createCustomer(metronome);
  await createContract(metronome, customer, cardId, { starting_at: START });
  for (const [product, day, value] of used) {
    await use(metronome, customer, product, `2024-01-${day}T10:00:00Z`, value);
  }
  const [january] = await listInvoices(metronome, customer, { status: "DRAFT" });
  return { lines: (january?.line_items ?? []).map(showLine), january };
}

describe("a product priced by one of our rates", () => {
  const volume = {
    rate_type: "TIERED",
    tier_mode: "VOLUME",
    tiers: [
      { size: 100, price: 10 },
      { price: 5, flat_fee: 30 },
    ],
  };
  const graduated = {
    rate_type: "TIERED",
    tiers: [
      { size: 100, price: 1, flat_fee: 50 },
      { price: 2, flat_fee: 30 },
    ],
  };
  const packages = { rate_type: "FLAT", price: 50, package_size: 1000 };
  const limits = { rate_type: "FLAT", price: 10, minimum_amount: 500, maximum_amount: 900 };
  const [p, few, many] = ["widgets", 60, 150];

  test.each<[string, object, number, string[]]>([
    // All 150 are beyond 100, so each costs 5; the tier's fee is due once.
    ["volume tiers", volume, many, [`${p}: 150 x 5 = 750`, `${p}: 1 x 30 = 30`]],
    ["volume tiers", volume, few, [`${p}: 60 x 10 = 600`]],
    // 100 x 1 + 50, then 50 x 2 + 30.
    [
      "fees of graduated tiers",
      graduated,
      many,
      [`${p}: 100 x 1 = 100`, `${p}: 1 x 50 = 50`, `${p}: 50 x 2 = 100`, `${p}: 1 x 30 = 30`],
    ],
    // 2001 units begin a third block of 1000.
    ["blocks", packages, 2001, [`${p}: 3 x 50 = 150`]],
    // 20 x 10 = 200, 300 short of 500; 60 x 10 = 600 is between; 150 x 10 = 1500 is 600 too much.
    ["a minimum", limits, 20, [`${p}: 20 x 10 = 200`, `${p}: 1 x 300 = 300`]],
    ["neither limit", limits, few, [`${p}: 60 x 10 = 600`]],
    ["a maximum", limits, many, [`${p}: 90 x 10 = 900`, `${p}: 60 x 0 = 0`]],
  ])("%s: %o, %d used", async (_name, terms, quantity, lines) => {
    const card = await newCard();
    const added = await addRate(card, await createUsageProduct(server.metronome, p), terms);
    expect(added).toMatchObject(terms);
    expect((await ratesOf(card))[0]).toMatchObject(terms);
    const draft = await draftLines(card, [[p, "05", quantity]]);
    expect(draft.lines).toEqual(lines);
  });
});

describe("a COMPOSITE product", () => {
  let compute: string;
  let storage: string;

  beforeAll(async () => {
    compute = await createUsageProduct(server.metronome, "compute");
    storage = await createUsageProduct(server.metronome, "storage");
  });

  const newComposite = async (parts: object) => {
    const { data } = await server.metronome.v1.contracts.products.create({
      name: "support",
      type: "COMPOSITE",
      ...parts,
    });
    return data.id;
  };

  test("is shown with what it is made of", async () => {
    const parts = { composite_product_ids: [compute], composite_tags: ["infra"] };
    const id = await newComposite({ ...parts, exclude_free_usage: true });
    await server.metronome.v1.contracts.products.update({
      product_id: id,
      starting_at: "2024-02-01T00:00:00Z",
      composite_product_ids: [storage],
    });
    const { data } = await server.metronome.v1.contracts.products.retrieve({ id });
    expect(data.type).toBe("COMPOSITE");
    expect(data.current).toMatchObject({ ...parts, exclude_free_usage: true });
    expect(data.updates).toMatchObject([{ composite_product_ids: [storage] }]);
  });

  test("costs its fraction of what its products cost", async () => {
    const card = await newCard();
    const support = await newComposite({ composite_product_ids: [compute, storage] });
    await addRate(card, compute, { rate_type: "FLAT", price: 100 });
    await addRate(card, storage, { rate_type: "FLAT", price: 10 });
    const rate = await addRate(card, support, { rate_type: "PERCENTAGE", price: 0.1 });
    expect(rate).toMatchObject({ rate_type: "PERCENTAGE", price: 0.1 });
    expect(rate).not.toHaveProperty("credit_type");
    // 10% of 7 x 100 + 8 x 10 = 780.
    const { lines, january } = await draftLines(card, [
      ["compute", "05", 7],
      ["storage", "06", 8],
    ]);
    expect(lines).toEqual([
      "compute: 7 x 100 = 700",
      "storage: 8 x 10 = 80",
      "support: 780 x 0.1 = 78",
    ]);
    expect(january?.line_items[2]).toMatchObject({
      type: "usage",
      product_id: support,
      product_type: "CompositeProductListItem",
    });
    expect(january?.total).toBe(858);
  });

  test.each<[string, object, string]>([
    ["nothing in it", {}, "composite_product_ids or composite_tags is required"],
    ["a metric", { composite_tags: ["x"], pricing_group_key: ["a"] }, "only for USAGE products"],
  ])("with %s is refused", async (_name, parts, message) => {
    await expect(newComposite(parts)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(message),
    });
  });

  test("of a composite is refused", async () => {
    const inner = await newComposite({ composite_tags: ["x"] });
    await expect(newComposite({ composite_product_ids: [inner] })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining("composite_product_ids[0] must be of a USAGE product"),
    });
  });
});

describe("a rate that fits no rule is refused, and nothing is added", () => {
  const tiers = [{ size: 10, price: 2 }, { price: 1 }];
  test.each<[string, object, string]>([
    ["a percentage of a usage product", { rate_type: "PERCENTAGE", price: 0.1 }, "COMPOSITE"],
    ["more than all", { rate_type: "PERCENTAGE", price: 1.1 }, "price must be at most 1"],
    ["blocks of nothing", { rate_type: "FLAT", price: 1, package_size: 0 }, "package_size"],
    ["a mode without tiers", { rate_type: "FLAT", price: 1, tier_mode: "VOLUME" }, "tier_mode"],
    ["another mode", { rate_type: "TIERED", tiers, tier_mode: "STAIRS" }, "tier_mode"],
    ["a negative fee", { rate_type: "TIERED", tiers: [{ price: 1, flat_fee: -1 }] }, "flat_fee"],
    [
      "a maximum below the minimum",
      { rate_type: "FLAT", price: 1, minimum_amount: 10, maximum_amount: 9 },
      "maximum_amount must not be less than minimum_amount",
    ],
  ])("%s", async (_name, terms, message) => {
    const card = await newCard();
    const product = await createUsageProduct(server.metronome, "gadgets");
    await expect(addRate(card, product, terms)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(message),
    });
    expect(await ratesOf(card)).toEqual([]);
  });
});
