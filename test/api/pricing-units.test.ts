import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

async function createUnit(name: string): Promise<string> {
  const { status, body } = await server.send("POST", "/v1/credit-types/create", { name });
  expect(status).toBe(200);
  return body.data.id;
}

async function listUnits() {
  const units = [];
  for await (const unit of server.metronome.v1.pricingUnits.list({ limit: 5 })) units.push(unit);
  return units;
}

describe("pricing units", () => {
  test("follow the currencies, page by page, until they are archived", async () => {
    const before = await listUnits();
    const tokens = await createUnit("Tokens");
    const calls = await createUnit("Calls");
    expect(await listUnits()).toEqual([
      ...before,
      { id: tokens, name: "Tokens", is_currency: false },
      { id: calls, name: "Calls", is_currency: false },
    ]);
    for (const _again of [1, 2]) {
      const archived = await server.send("POST", "/v1/credit-types/archive", { id: calls });
      expect(archived).toMatchObject({ status: 200, body: { data: { id: calls } } });
    }
    expect((await listUnits()).at(-1)?.id).toBe(tokens);
    const production = await server.production.v1.pricingUnits.list();
    expect(production.data.some(({ is_currency: isCurrency }) => !isCurrency)).toBe(false);
  });

  test.each([
    ["create", { name: "" }, 400, "name"],
    ["create", { name: "EUR" }, 400, "name is the name of a currency"],
    ["create", { name: "usd (cents)" }, 400, "name is the name of a currency"],
    ["create", { name: "tokens" }, 409, 'A pricing unit is called "tokens" already'],
    ["create", { name: "x", is_currency: false }, 400, "unknown field is_currency"],
    ["archive", { id: UNKNOWN }, 404, `Pricing unit ${UNKNOWN} not found`],
    ["archive", { id: USD }, 404, `Pricing unit ${USD} not found`],
  ])("%s %j is refused with %i: %s", async (verb, body, status, message) => {
    const before = await listUnits();
    const refused = await server.send("POST", `/v1/credit-types/${verb}`, body);
    expect(refused.status).toBe(status);
    expect(refused.body.message).toContain(message);
    expect(await listUnits()).toEqual(before);
  });

  test("a name is free again when its unit is archived", async () => {
    const old = await createUnit("Minutes");
    await server.send("POST", "/v1/credit-types/archive", { id: old });
    expect(await createUnit("Minutes")).not.toBe(old);
  });
});

describe("conversions of a rate card", () => {
  const cards = () => server.metronome.v1.contracts.rateCards;

  test("are shown as text, and more are added later", async () => {
    const [gold, silver] = [await createUnit("Gold"), await createUnit("Silver")];
    const { data: card } = await cards().create({
      name: "Metals",
      credit_type_conversions: [{ custom_credit_type_id: gold, fiat_per_custom_credit: 10.25 }],
    });
    await cards().update({
      rate_card_id: card.id,
      add_credit_type_conversions: [{ custom_credit_type_id: silver, fiat_per_custom_credit: 0 }],
    });
    const { data } = await cards().retrieve({ id: card.id });
    expect(data.credit_type_conversions).toEqual([
      { custom_credit_type: { id: gold, name: "Gold" }, fiat_per_custom_credit: "10.25" },
      { custom_credit_type: { id: silver, name: "Silver" }, fiat_per_custom_credit: "0" },
    ]);
  });

  test("are refused where they make no sense, and nothing is made", async () => {
    const [one, old] = [await createUnit("One"), await createUnit("Old")];
    await server.send("POST", "/v1/credit-types/archive", { id: old });
    const { data: card } = await cards().create({
      name: "Card",
      credit_type_conversions: [{ custom_credit_type_id: one, fiat_per_custom_credit: 1 }],
    });
    const count = async () => (await cards().list({ limit: 100 })).data.length;
    const before = await count();
    const conversion = (id: string, price: unknown = 1) => ({
      custom_credit_type_id: id,
      fiat_per_custom_credit: price,
    });
    const rows: [unknown[], string][] = [
      [[conversion(USD)], "[0].custom_credit_type_id must be a custom pricing unit"],
      [[conversion(UNKNOWN)], "[0].custom_credit_type_id is neither a currency nor a pricing unit"],
      [[conversion(old)], "[0].custom_credit_type_id is an archived pricing unit"],
      [[conversion(one, -1)], "fiat_per_custom_credit"],
      [[conversion(one), conversion(one, 2)], "[1].custom_credit_type_id has a conversion"],
    ];
    const path = "/v1/contract-pricing/rate-cards";
    for (const [conversions, message] of rows) {
      const body = { name: "Refused", credit_type_conversions: conversions };
      const refused = await server.send("POST", `${path}/create`, body);
      expect([refused.status, refused.body.message]).toEqual([
        400,
        expect.stringContaining(message),
      ]);
    }
    const again = { rate_card_id: card.id, add_credit_type_conversions: [conversion(one, 2)] };
    const refused = await server.send("POST", `${path}/update`, { ...again, name: "Renamed" });
    expect([refused.status, refused.body.message]).toEqual([
      400,
      expect.stringContaining("cannot be changed"),
    ]);
    expect(await count()).toBe(before);
    expect((await cards().retrieve({ id: card.id })).data).toMatchObject({
      name: "Card",
      credit_type_conversions: [{ fiat_per_custom_credit: "1" }],
    });
  });
});
