import type Metronome from "@metronome/sdk";
import fc from "fast-check";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  listProviderInvoices,
} from "../support/billed-customer.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  type NewContract,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startWebhookLog } from "../support/webhook-log.ts";

/**
 * Usage that arrives when its invoice is final. Contracts run through January and February 2024,
 * prices are in cents, and an invoice is final 24 hours after its period.
 */
const JANUARY = "2024-01-20T00:00:00Z";
const FEBRUARY = "2024-02-10T00:00:00Z";
/** January is final, and February is. */
const AFTER_JANUARY = "2024-02-03T00:00:00Z";
const AFTER_FEBRUARY = "2024-03-02T00:00:00Z";
/** No event of February counts any more. */
const SETTLED = "2024-04-05T00:00:00Z";

let server: TestServer;
let metronome: Metronome;
let fixed: string;
let card: string;
let customer: BilledCustomer;

beforeEach(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock("2024-01-31T00:00:00Z");
  fixed = await createFixedProduct(metronome, "Onboarding");
  card = await createRateCard(metronome, [[await createUsageProduct(metronome, "tokens"), 100]]);
  customer = await createBilledCustomer(server);
});
afterEach(() => server.close());

const choose = async (policy: string, more: Record<string, unknown> = {}) => {
  const { status } = await server.send("PATCH", "/v1/settings/invoicing", {
    late_usage: policy,
    ...more,
  });
  expect(status).toBe(200);
};

const sign = (terms: Partial<NewContract> = {}): Promise<string> =>
  createContract(metronome, customer.id, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-03-01T00:00:00Z",
    ...terms,
  });

const tokens = (at: string, value: number) => use(metronome, customer.id, "tokens", at, value);
const all = () => listInvoices(metronome, customer.id);
const shown = ({ status, line_items: lines, total }: Invoice) =>
  `${status}: ${lines.map(showLine).join(", ")}; ${total}`;
const prepaid = (amount: number): NonNullable<NewContract["commits"]>[number] => ({
  type: "PREPAID",
  product_id: fixed,
  name: "Balance",
  access_schedule: {
    schedule_items: [
      { amount, starting_at: "2024-01-01T00:00:00Z", ending_before: "2024-03-01T00:00:00Z" },
    ],
  },
});
const balance = async (id = customer.id): Promise<number> => {
  const { data } = await metronome.v1.contracts.getNetBalance({ customer_id: id });
  return Number(data.balance);
};
const corrections = async (id: string | undefined) =>
  (await server.send("GET", `/v1/invoices/${id}/corrections`)).body.data;
const LATE = "late usage 2024-01-01 to 2024-02-01";

test("reported only, unless something else is chosen", async () => {
  await tokens(JANUARY, 3);
  await sign();
  await server.setClock(AFTER_JANUARY);
  await tokens(JANUARY, 4);
  await server.setClock(SETTLED);
  const [january] = await all();
  expect((await all()).map(({ total }) => total)).toEqual([300, 0]);
  const { body } = await server.send("GET", `/v1/invoices/${january?.id}/late-usage`);
  expect(body.data).toMatchObject([{ invoiced_value: 3, current_value: 7 }]);
  expect(await corrections(january?.id)).toEqual([]);
});

describe("a supplementary invoice", () => {
  test("bills the difference when the next invoice is final, and says what it corrects", async () => {
    const log = await startWebhookLog(server);
    await choose("supplementary");
    await tokens(JANUARY, 3);
    await sign();
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 4);
    await server.setClock(AFTER_FEBRUARY);
    const [january, february, supplement] = await all();
    expect((await all()).map(shown)).toEqual([
      "FINALIZED: tokens: 3 x 100 = 300; 300",
      "FINALIZED: tokens: 0 x 100 = 0; 0",
      `FINALIZED: tokens, ${LATE}: 4 x 100 = 400; 400`,
    ]);
    expect(supplement).toMatchObject({
      corrected_invoice_id: january?.id,
      start_timestamp: january?.start_timestamp,
      end_timestamp: january?.end_timestamp,
      issued_at: AFTER_FEBRUARY,
      external_invoice: { external_status: "PAID" },
    });
    const theirs = await listProviderInvoices(server.stripe, customer.payer);
    expect(theirs.map(({ total }) => total).toSorted((a, b) => a - b)).toEqual([0, 300, 400]);
    const told = log.messages("invoice.finalized").map(({ properties }) => properties.invoice_id);
    // Messages of one instant arrive in any order.
    expect(told.toSorted()).toEqual([january?.id, february?.id, supplement?.id].toSorted());
    expect(await corrections(january?.id)).toMatchObject([
      { sequence: 1, policy: "supplementary", total: 400, invoice: { id: supplement?.id } },
    ]);
    // Nothing of January is late any more.
    const { body } = await server.send("GET", `/v1/invoices/${january?.id}/late-usage`);
    expect(body.data).toEqual([]);
    const { body: why } = await server.send("GET", `/v1/invoices/${supplement?.id}/explain`);
    expect(why.data.line_items[0].steps.at(-1).text).toBe(
      `Invoice ${january?.id} and corrections of it billed 300; with the usage that is known now it is 700: 400`,
    );
    await log.close();
  });

  test("again for what comes later still; never twice for the same", async () => {
    await choose("supplementary");
    await tokens("2024-01-31T00:00:00Z", 3);
    await sign();
    await server.setClock(AFTER_JANUARY);
    await tokens("2024-01-31T00:00:00Z", 4);
    await server.setClock(AFTER_FEBRUARY);
    await tokens("2024-01-31T00:00:00Z", 5);
    await server.setClock(SETTLED);
    const totals = async () => (await all()).map(({ total }) => total);
    expect(await totals()).toEqual([300, 0, 400, 500]);
    const [january] = await all();
    const again = await server.send("POST", `/v1/invoices/${january?.id}/correct`);
    expect(again.body).toEqual({ data: null });
    expect(await totals()).toEqual([300, 0, 400, 500]);
  });

  test("draws on the original period's commits", async () => {
    await choose("supplementary");
    await tokens(JANUARY, 3);
    await sign({ commits: [prepaid(500)] });
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 4);
    await server.setClock(FEBRUARY);
    await tokens(FEBRUARY, 1);
    await server.setClock(AFTER_FEBRUARY);
    // January took 300 and February 100 of 500. With its 300 back January has 400 for its 700, so
    // that 1 more is covered and 3 are not: 300, as if all had been there (700 + 100 - 500).
    expect((await all()).map(shown)).toEqual([
      "FINALIZED: tokens: 3 x 100 = 300, Balance applied = -300; 0",
      "FINALIZED: tokens: 1 x 100 = 100, Balance applied = -100; 0",
      `FINALIZED: tokens, ${LATE}: 1 x 100 = 100, Balance applied, ${LATE} = -100, tokens, ${LATE}: 3 x 100 = 300; 300`,
    ]);
    expect(await balance()).toBe(0);
  });

  test("of an archived contract there is none, and nothing is stuck", async () => {
    await choose("supplementary");
    await tokens(JANUARY, 3);
    const contract = await sign({ ending_before: "2024-02-01T00:00:00Z" });
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 4);
    await metronome.v1.contracts.archive({
      customer_id: customer.id,
      contract_id: contract,
      void_invoices: false,
    });
    await server.setClock(SETTLED);
    expect((await all()).map(({ total }) => total)).toEqual([300]);
    const { rows } = await sql`select id from core_jobs where kind = 'correct-usage'`.execute(
      server.db,
    );
    expect(rows).toEqual([]);
  });

  test("previewed: the same answer, and nothing is there", async () => {
    await tokens(JANUARY, 3);
    await sign({ commits: [prepaid(500)] });
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 4);
    const [january] = await all();
    const ask = (body: Record<string, unknown>) =>
      server.send("POST", `/v1/invoices/${january?.id}/correct`, body);
    const previewed = await ask({ policy: "supplementary", preview: true });
    expect(previewed.body.data).toMatchObject({ sequence: 1, total: 200 });
    expect(await all()).toHaveLength(2);
    expect(await balance()).toBe(200);
    const { body } = await ask({ policy: "supplementary" });
    expect(body.data).toEqual(previewed.body.data);
    expect(await balance()).toBe(0);
  });

  test("waits on hold where invoices are approved", async () => {
    await choose("supplementary");
    await tokens(JANUARY, 3);
    await sign();
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 4);
    await choose("supplementary", { finalization: "on_approval" });
    const [january] = await all();
    const { body } = await server.send("POST", `/v1/invoices/${january?.id}/correct`);
    const { id } = body.data.invoice;
    await server.setClock(AFTER_JANUARY);
    const supplement = async () => (await all()).find((one) => one.id === id);
    expect(await supplement()).toMatchObject({
      hold: { reason: "It bills late usage: release it to send it" },
      external_invoice: { external_status: "QUEUED" },
    });
    await server.send("POST", `/v1/invoices/${id}/release`);
    await server.setClock(AFTER_JANUARY);
    expect((await supplement())?.external_invoice?.external_status).toBe("PAID");
  });

  test("is void before what it corrects is; then the correction is made anew", async () => {
    await choose("supplementary");
    await tokens(JANUARY, 3);
    await sign({ commits: [prepaid(500)] });
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 4);
    const [january] = await all();
    const correct = () => server.send("POST", `/v1/invoices/${january?.id}/correct`);
    const { body } = await correct();
    const { id } = body.data.invoice;
    await expect(metronome.v1.invoices.void({ id: january?.id ?? "" })).rejects.toThrow(
      new RegExp(`is billed by invoice ${id}: void that one first`),
    );
    await metronome.v1.invoices.void({ id });
    await expect(metronome.v1.invoices.regenerate({ id })).rejects.toThrow(/correct that one/);
    expect(await balance()).toBe(200);
    expect((await corrections(january?.id))[0]).toHaveProperty("voided_at");
    expect((await correct()).body.data).toMatchObject({ sequence: 2, total: 200 });
    expect(await balance()).toBe(0);
  });
});

describe("on the next invoice", () => {
  test("as a dated line, which the draft shows as soon as the usage is there", async () => {
    await choose("next_invoice");
    await tokens(JANUARY, 3);
    await sign({ commits: [prepaid(500)] });
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 4);
    const [january] = await all();
    const lines = `tokens: 0 x 100 = 0, tokens, ${LATE}: 2 x 100 = 200, Balance applied, ${LATE} = -200, tokens, ${LATE}: 2 x 100 = 200; 200`;
    expect((await all()).map(shown)).toEqual([
      "FINALIZED: tokens: 3 x 100 = 300, Balance applied = -300; 0",
      `DRAFT: ${lines}`,
    ]);
    await server.setClock(SETTLED);
    const [, february] = await all();
    expect((await all()).map(shown)).toEqual([
      "FINALIZED: tokens: 3 x 100 = 300, Balance applied = -300; 0",
      `FINALIZED: ${lines}`,
    ]);
    expect(february?.line_items[1]).toMatchObject({
      starting_at: "2024-01-01T00:00:00Z",
      ending_before: "2024-02-01T00:00:00Z",
    });
    expect(await balance()).toBe(0);
    expect(await corrections(january?.id)).toMatchObject([
      { policy: "next_invoice", total: 200, invoice: { id: february?.id } },
    ]);
  });

  test("without a next one, by a supplementary invoice when no more can come", async () => {
    await choose("next_invoice");
    await server.setClock(FEBRUARY);
    await tokens(FEBRUARY, 1);
    await sign();
    await server.setClock(AFTER_FEBRUARY);
    await tokens(FEBRUARY, 2);
    await server.setClock("2024-04-03T23:59:59Z");
    expect((await all()).map(({ total }) => total)).toEqual([0, 100]);
    await server.setClock(SETTLED);
    expect((await all()).map(({ total }) => total)).toEqual([0, 100, 200]);
  });

  test("the next one is gone before it is final: a supplementary invoice bills it", async () => {
    await choose("next_invoice");
    await server.setClock(FEBRUARY);
    const contract = await sign({ ending_before: "2024-06-01T00:00:00Z" });
    await server.setClock(AFTER_FEBRUARY);
    await tokens("2024-02-20T00:00:00Z", 2);
    // Events of February count until April 3; then April's draft is there to carry it.
    await server.setClock("2024-03-25T00:00:00Z");
    const draft = (await all()).at(-1);
    expect([draft?.status, draft?.total]).toEqual(["DRAFT", 200]);
    await metronome.v1.contracts.updateEndDate({
      customer_id: customer.id,
      contract_id: contract,
      ending_before: "2024-03-01T00:00:00Z",
      allow_ending_before_finalized_invoice: true,
    });
    await server.setClock("2024-04-20T00:00:00Z");
    const billed = (await all()).map(({ status, total }) => `${status} ${total}`);
    expect(billed).toEqual(["FINALIZED 0", "FINALIZED 0", "FINALIZED 200"]);
  });

  test("void and made anew, the next invoice bills it again", async () => {
    await choose("next_invoice");
    await tokens(JANUARY, 3);
    await sign();
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 4);
    await server.setClock(AFTER_FEBRUARY);
    const [january, february] = await all();
    const id = february?.id ?? "";
    await expect(metronome.v1.invoices.void({ id: january?.id ?? "" })).rejects.toThrow(
      /void that one first/,
    );
    await metronome.v1.invoices.void({ id });
    await metronome.v1.invoices.regenerate({ id });
    expect((await all()).map(({ status, total }) => `${status} ${total}`)).toEqual([
      "FINALIZED 300",
      "VOID 400",
      "FINALIZED 400",
    ]);
  });
});

describe("a credit note", () => {
  /** What counts lower the later it is: the newest value of a day. */
  const lower = async () => {
    const { data: metric } = await metronome.v1.billableMetrics.create({
      name: "seats",
      aggregation_type: "LATEST",
      aggregation_key: "value",
      event_type_filter: { in_values: ["seats"] },
      property_filters: [{ name: "value", exists: true }],
    });
    const { data: product } = await metronome.v1.contracts.products.create({
      name: "seats",
      type: "USAGE",
      billable_metric_id: metric.id,
    });
    card = await createRateCard(metronome, [[product.id, 100]]);
  };
  const seats = (at: string, value: number) => use(metronome, customer.id, "seats", at, value);

  test("gives back what less usage costs less, and the commit has its part", async () => {
    const log = await startWebhookLog(server);
    await lower();
    await choose("credit_note");
    await seats(JANUARY, 7);
    await sign({ commits: [prepaid(500)] });
    await server.setClock(AFTER_JANUARY);
    // The last word of January was 4: all of it is covered, and 100 of the balance is left.
    await seats("2024-01-30T00:00:00Z", 4);
    await server.setClock(AFTER_FEBRUARY);
    const [january] = await all();
    expect(january).toMatchObject({ total: 200, credited_total: 200 });
    const [correction] = await corrections(january?.id);
    expect(correction).toMatchObject({ policy: "credit_note", total: -200, invoice: null });
    expect(correction.credit_notes).toMatchObject([
      { invoice_id: january?.id, status: "ISSUED", total: 200, reason: "late_usage" },
    ]);
    expect(log.messages("credit_note.issued")).toHaveLength(1);
    await log.close();
  });

  test("with more to pay, what was billed is credited and billed anew", async () => {
    await choose("credit_note");
    await tokens(JANUARY, 7);
    await sign({ commits: [prepaid(500)] });
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 2);
    const [january] = await all();
    await server.send("POST", `/v1/invoices/${january?.id}/correct`);
    const [, rebilled] = await all();
    // 700 less the balance was 200; 900 less the balance is 400. February has nothing yet.
    expect((await all()).map(({ total }) => total)).toEqual([200, 400, 0]);
    expect(shown(rebilled as Invoice)).toBe(
      "FINALIZED: tokens: 5 x 100 = 500, Balance applied = -500, tokens: 4 x 100 = 400; 400",
    );
    const { body } = await server.send("GET", `/v1/credit-notes?invoice_id=${january?.id}`);
    expect(body.data).toMatchObject([{ total: 200, reason: "late_usage" }]);
    expect(await balance()).toBe(0);
    // And once more, of the one that took its place.
    await tokens(JANUARY, 1);
    await server.setClock(AFTER_FEBRUARY);
    expect((await all()).map(({ total }) => total)).toEqual([200, 400, 0, 500]);
    const { body: again } = await server.send("GET", `/v1/credit-notes?invoice_id=${rebilled?.id}`);
    expect(again.data).toMatchObject([{ total: 400 }]);
    expect(await balance()).toBe(0);
  });
});

test("usage that burns a postpaid commit after its true-up leaves less of that to pay", async () => {
  await choose("supplementary");
  await server.setClock(FEBRUARY);
  await tokens(FEBRUARY, 3);
  await sign({
    commits: [
      {
        type: "POSTPAID",
        product_id: fixed,
        name: "Minimum",
        access_schedule: {
          schedule_items: [
            {
              amount: 1000,
              starting_at: "2024-01-01T00:00:00Z",
              ending_before: "2024-03-01T00:00:00Z",
            },
          ],
        },
        invoice_schedule: {
          schedule_items: [{ timestamp: "2024-03-01T00:00:00Z", unit_price: 1000, quantity: 1 }],
        },
      },
    ],
  });
  await server.setClock("2024-03-03T00:00:00Z");
  // 300 of usage, and 700 to the minimum of 1000.
  const totals = async () =>
    (await all()).map(({ total }) => Number(total)).toSorted((a, b) => a - b);
  expect(await totals()).toEqual([0, 300, 700]);
  await tokens(FEBRUARY, 4);
  await server.setClock(SETTLED);
  // 400 more of usage, 400 less of the true-up: 1000 in all.
  expect(await totals()).toEqual([0, 0, 300, 700]);
  expect(shown((await all()).at(-1) as Invoice)).toBe(
    "FINALIZED: tokens, late usage 2024-02-01 to 2024-03-01: 4 x 100 = 400, Minimum applied, late usage 2024-02-01 to 2024-03-01 = -400, Minimum true-up, late usage = -400; 0",
  );
});

describe("refused, and nothing changes:", () => {
  test("a draft, a scheduled one, one that corrects, and a policy that says nothing", async () => {
    await tokens(JANUARY, 3);
    await sign({
      scheduled_charges: [
        {
          product_id: fixed,
          schedule: {
            schedule_items: [{ timestamp: "2024-01-15T00:00:00Z", unit_price: 7, quantity: 1 }],
          },
        },
      ],
    });
    await server.setClock(AFTER_JANUARY);
    await tokens(JANUARY, 4);
    const found = await all();
    const of = (status: string, type: string) =>
      found.find((one) => one.status === status && one.type === type)?.id;
    const refusal = async (id: string | undefined, body: unknown) => {
      const reply = await server.send("POST", `/v1/invoices/${id}/correct`, body);
      return `${reply.status}: ${reply.body.message}`;
    };
    const january = of("FINALIZED", "USAGE");
    const policy = "supplementary";
    expect(await refusal(of("DRAFT", "USAGE"), { policy })).toMatch(/^400: .* is DRAFT/);
    expect(await refusal(of("FINALIZED", "SCHEDULED"), { policy })).toMatch(/^400: .* no usage/);
    expect(await refusal(january, {})).toMatch(/^400: late_usage of the contract is report/);
    expect(await refusal(january, { policy: "report" })).toMatch(/^400: policy must be one of/);
    expect(await refusal("6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11", { policy })).toMatch(/^404/);
    expect(await all()).toEqual(found);
    const { body } = await server.send("POST", `/v1/invoices/${january}/correct`, { policy });
    expect(await refusal(body.data.invoice.id, { policy })).toMatch(/^400: .* correct that one/);
  });
});

/** What happened, when, and when it arrived: in time, after January was final, after February was. */
interface Event {
  readonly product: "tiered" | "flat" | "peak";
  readonly day: number;
  readonly value: number;
  readonly arrival: 0 | 1 | 2;
}

describe("whatever arrives when, every policy bills what rating all at once would", () => {
  const POLICIES = ["next_invoice", "supplementary", "credit_note"];
  const anyEvent: fc.Arbitrary<Event> = fc.record({
    product: fc.constantFrom("tiered" as const, "flat" as const, "peak" as const),
    // Days from January 1; January has 31.
    day: fc.integer({ min: 0, max: 59 }),
    value: fc.integer({ min: 1, max: 9 }),
    arrival: fc.constantFrom(0 as const, 1 as const, 2 as const),
  });
  const atDay = (day: number) => new Date(Date.UTC(2024, 0, 1 + day, 5)).toISOString();
  /** When it arrives: in time, after January was final, in February's time, after February was final. */
  const phaseOf = ({ day, arrival }: Event): 0 | 1 | 2 | 3 => {
    if (day >= 31) return arrival === 2 ? 3 : 2;
    // On March 2 what is older than January 28 does not count any more.
    if (arrival === 2) return day >= 28 ? 3 : 1;
    return arrival;
  };

  const createProducts = async (): Promise<string> => {
    const peak = await metronome.v1.billableMetrics.create({
      name: "peak",
      aggregation_type: "MAX",
      aggregation_key: "value",
      event_type_filter: { in_values: ["peak"] },
      property_filters: [{ name: "value", exists: true }],
    });
    const peakProduct = await metronome.v1.contracts.products.create({
      name: "peak",
      type: "USAGE",
      billable_metric_id: peak.data.id,
    });
    const rates = await createRateCard(metronome, [
      [await createUsageProduct(metronome, "flat"), 30],
      [peakProduct.data.id, 200],
    ]);
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: rates,
      product_id: await createUsageProduct(metronome, "tiered"),
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "TIERED",
      tiers: [{ size: 5, price: 0 }, { size: 5, price: 100 }, { price: 150 }],
    });
    return rates;
  };

  const send = async (id: string, events: readonly Event[]) => {
    if (events.length === 0) return;
    await metronome.v1.usage.ingest({
      usage: events.map(({ product, day, value }, index) => ({
        transaction_id: `${id}/${index}/${crypto.randomUUID()}`,
        customer_id: id,
        event_type: product,
        timestamp: atDay(day),
        properties: { value },
      })),
    });
  };

  /** What a customer has to pay in all, and what is left of its balance. */
  const outcome = async (id: string) => {
    const { rows } = await sql<{ billed: string; credited: string }>`
      select (select coalesce(sum(total), 0) from invoices
          where customer_id = ${id} and status = 'FINALIZED') as billed,
        (select coalesce(sum(total), 0) from credit_notes
          where customer_id = ${id} and status = 'ISSUED') as credited`.execute(server.db);
    const [row] = rows;
    const { rows: used } = await sql<{ used: string }>`
      select coalesce(sum(entry.amount), 0) as used from commit_ledger_entries entry
      join commits on commits.id = entry.commit_id
      where commits.customer_id = ${id}`.execute(server.db);
    return {
      due: Number(row?.billed) - Number(row?.credited),
      used: Number(used[0]?.used),
    };
  };

  test("in the end", async () => {
    card = await createProducts();
    const seed = Math.floor(Math.random() * 1e9);
    const cases = fc.sample(fc.array(anyEvent, { minLength: 1, maxLength: 10 }), {
      numRuns: 8,
      seed,
    });
    const runs: { id: string; events: readonly Event[]; policy: string; group: number }[] = [];
    for (const [group, events] of cases.entries()) {
      for (const policy of ["all at once", ...POLICIES]) {
        const id = await createCustomer(metronome, `${policy} ${group}`);
        const contract = await createContract(metronome, id, card, {
          starting_at: "2024-01-01T00:00:00Z",
          ending_before: "2024-03-01T00:00:00Z",
          // Some have no balance, and some have more than they need.
          ...(group % 3 === 0 ? {} : { commits: [prepaid(group * 400)] }),
        });
        if (policy !== "all at once") {
          await server.send("PATCH", `/v1/contracts/${contract}/invoicing-settings`, {
            late_usage: policy,
          });
        }
        runs.push({ id, events, policy, group });
      }
    }
    const arriving = async (phase: 0 | 1 | 2 | 3) => {
      for (const { id, events, policy } of runs) {
        const inTime = (one: Event) => (one.day < 31 ? 0 : 2);
        const phaseIn = policy === "all at once" ? inTime : phaseOf;
        await send(
          id,
          events.filter((one) => phaseIn(one) === phase),
        );
      }
    };
    await arriving(0);
    await server.setClock(AFTER_JANUARY);
    await arriving(1);
    await server.setClock("2024-02-29T12:00:00Z");
    await arriving(2);
    await server.setClock(AFTER_FEBRUARY);
    await arriving(3);
    await server.setClock(SETTLED);
    for (const { id, policy, group, events } of runs) {
      const control = runs.find((run) => run.group === group && run.policy === "all at once");
      expect(await outcome(id), `${policy}, seed ${seed}: ${JSON.stringify(events)}`).toEqual(
        await outcome(control?.id ?? ""),
      );
    }
  }, 120_000);
});
