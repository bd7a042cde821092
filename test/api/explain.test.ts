import type Metronome from "@metronome/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { BILLED_FROM_FEBRUARY, importJanuary } from "../support/import-january.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * How an amount came about. In January 7 tokens are used, 4 and then 3: the first 5 cost 100 cents each,
 * the rest 40, so 580; a balance of 450 pays for 4.5 of the first.
 */
const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";

interface Step extends Record<string, unknown> {
  readonly step: string;
  readonly text: string;
  readonly amount?: number;
}
interface Line {
  readonly line_key: string;
  readonly type: string;
  readonly total: number;
  readonly steps: readonly Step[];
}

let server: TestServer;
let metronome: Metronome;
let tokens: string;
let card: string;
let customer: string;
let invoice: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock("2024-01-25T00:00:00Z");
  tokens = await createUsageProduct(metronome, "tokens");
  const { data } = await metronome.v1.contracts.rateCards.create({ name: "Tiers" });
  card = data.id;
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: tokens,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "TIERED",
    tiers: [{ size: 5, price: 100 }, { price: 40 }],
  });
  customer = await createCustomer(metronome);
  await use(metronome, customer, "tokens", "2024-01-10T00:00:00Z", 4);
  await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 3);
  await createContract(metronome, customer, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
    commits: [
      {
        type: "PREPAID",
        product_id: await createFixedProduct(metronome, "Balance"),
        access_schedule: {
          schedule_items: [
            {
              amount: 450,
              starting_at: "2024-01-01T00:00:00Z",
              ending_before: "2024-02-01T00:00:00Z",
            },
          ],
        },
      },
    ],
  });
  invoice = (await listInvoices(metronome, customer))[0]?.id ?? "";
});
afterAll(() => server.close());

const explain = async (id = invoice, query = "") => {
  const { status, body } = await server.send("GET", `/v1/invoices/${id}/explain${query}`);
  expect(status, body.message).toBe(200);
  return body.data as {
    status: string;
    content_hash: string | null;
    total: number;
    line_items: readonly Line[];
  };
};

const texts = (lines: readonly Line[]) =>
  lines.map(({ type, total, steps }) => [type, total, steps.map(({ text }) => text)]);

/** Ids are made anew by each run. */
const withoutIds = (text: string): string => text.replace(/[0-9a-f]{8}-[-0-9a-f]{27}/g, "ID");

test("each line says how it came about, as a draft and, the same, when it is final", async () => {
  const draft = await explain();
  expect([draft.status, draft.content_hash, draft.total]).toEqual(["DRAFT", null, 130]);
  const used = "SUM of usage from 2024-01-01T00:00:00Z to 2024-02-01T00:00:00Z: 7 (2 events)";
  const rate = "Rate ID of the rate card, TIERED, in force since 2020-01-01T00:00:00Z";
  const first = "Tier 1, of 5, begins at 0: the period's quantity from 0 to 5 falls into it";
  expect(JSON.parse(withoutIds(JSON.stringify(texts(draft.line_items))))).toEqual([
    [
      "usage",
      450,
      [
        used,
        rate,
        first,
        "5 x 100 = 500",
        "The part that a commit covers: 4.5 of 5, 450 of 500",
        "Commit ID pays 450: its balance goes from 450 to 0",
      ],
    ],
    ["applied_commit_or_credit", -450, ["Commit ID pays 450: its balance goes from 450 to 0"]],
    [
      "usage",
      50,
      [used, rate, first, "5 x 100 = 500", "The rest that no commit covers: 0.5 of 5, 50 of 500"],
    ],
    [
      "usage",
      80,
      [
        used,
        rate,
        "Tier 2, without end, begins at 5: the period's quantity from 5 to 7 falls into it",
        "2 x 40 = 80",
      ],
    ],
  ]);
  await server.setClock("2024-02-03T00:00:00Z");
  const final = await explain();
  expect(final.status).toBe("FINALIZED");
  expect(final.content_hash).toMatch(/^[0-9a-f]{64}$/);
  expect(final.line_items).toEqual(draft.line_items);
});

test("numbers are numbers, and the last amount of a line is its total", async () => {
  const { line_items: lines } = await explain();
  expect(lines[3]?.steps[0]).toEqual({
    step: "usage",
    metric_id: expect.any(String),
    aggregation: "SUM",
    window_start: "2024-01-01T00:00:00Z",
    window_end: "2024-02-01T00:00:00Z",
    value_at_start: 0,
    value_at_end: 7,
    event_count: 2,
    text: expect.any(String),
    events_url: expect.stringContaining(`/v1/invoices/${invoice}/events?line_key=`),
  });
  for (const { total, steps } of lines) {
    const amounts = steps.flatMap(({ amount }) => (amount === undefined ? [] : [amount]));
    expect(Math.abs(total)).toBe(amounts.at(-1));
  }
});

test("one line alone, by its key", async () => {
  const { line_items: all } = await explain();
  const key = all[3]?.line_key ?? "";
  const { line_items: one } = await explain(invoice, `?line_key=${encodeURIComponent(key)}`);
  expect(one).toEqual([all[3]]);
  const { status, body } = await server.send("GET", `/v1/invoices/${invoice}/explain?line_key=x`);
  expect([status, body.message]).toEqual([404, "Invoice line x not found"]);
});

test("an imported line says what was stated", async () => {
  const owner = await createCustomer(metronome, "Imported");
  const contract = await createContract(metronome, owner, card, BILLED_FROM_FEBRUARY);
  const owned = { customer: owner, contract, product: tokens };
  const { data } = await importJanuary(metronome, owned, 2);
  const { line_items: lines } = await explain(data[0]?.id);
  expect(lines[0]?.steps[0]?.text).toBe(
    "Imported quantity from 2024-01-01T00:00:00Z to 2024-02-01T00:00:00Z: 2",
  );
});

test("of an invoice that there is not, and one of the other environment", async () => {
  expect((await server.send("GET", `/v1/invoices/${NOBODY}/explain`)).status).toBe(404);
  const authorization = `Bearer ${server.productionToken}`;
  const { status } = await server.send("GET", `/v1/invoices/${invoice}/explain`, undefined, {
    authorization,
  });
  expect(status).toBe(404);
});
