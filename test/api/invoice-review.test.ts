import type Metronome from "@metronome/sdk";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  listProviderInvoices,
} from "../support/billed-customer.ts";
import {
  createContract,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  type NewContract,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * What people decide about invoices before they go out. Prices are in cents; today is noon of
 * February 1, 2024, so that January is over and its grace of 24 hours is not.
 */
const NOON = "2024-02-01T12:00:00Z";
const LATER = "2024-02-02T00:00:00Z";
const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";

let server: TestServer;
let metronome: Metronome;
let fixed: string;
let card: string;
let customer: BilledCustomer;

const settings = async (changes: Record<string, unknown>) => {
  const { status } = await server.send("PATCH", "/v1/settings/invoicing", changes);
  expect(status).toBe(200);
};

/** Asks for something about an invoice; what is answered is the invoice. */
const ask = (verb: string, id: string, body: unknown = {}) =>
  server.send("POST", `/v1/invoices/${id}/${verb}`, body);

const all = () => listInvoices(metronome, customer.id);
const first = async (): Promise<Invoice> => {
  const [found] = await all();
  if (found === undefined) throw new Error("no invoice");
  return found;
};
const state = async () => {
  const { status, total, external_invoice: external } = await first();
  return `${status} ${total}, ${external?.external_status ?? "not sent"}`;
};

const sign = async (terms: Partial<NewContract> = {}): Promise<string> =>
  createContract(metronome, customer.id, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
    ...terms,
  });

const january = (value: number) =>
  use(metronome, customer.id, "tokens", "2024-01-20T00:00:00Z", value);

/** Each test has a day of its own for its clock, which only goes forwards. */
const fresh = async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock(NOON);
  fixed = await createFixedProduct(metronome, "Onboarding");
  card = await createRateCard(metronome, [[await createUsageProduct(metronome, "tokens"), 100]]);
  customer = await createBilledCustomer(server);
};

describe("on approval", () => {
  beforeEach(async () => {
    await fresh();
    await settings({ finalization: "on_approval" });
    await january(3);
  });
  afterEach(() => server.close());

  test("nothing goes out before a person has approved it, however long that takes", async () => {
    await sign();
    const { id } = await first();
    expect(await first()).toMatchObject({ status: "DRAFT", approval: { status: "PENDING" } });
    await server.setClock("2024-02-05T00:00:00Z");
    expect(await state()).toBe("DRAFT 300, not sent");

    const approved = await ask("approve", id);
    expect(approved.body.data).toMatchObject({
      id,
      approval: { status: "APPROVED", approved_at: "2024-02-05T00:00:00Z" },
    });
    await server.setClock("2024-02-05T00:00:00Z");
    expect(await state()).toBe("FINALIZED 300, PAID");
    // It was due when its grace was over, and is dated so.
    expect(await first()).toMatchObject({ issued_at: LATER, approval: { status: "APPROVED" } });
  });

  test("what was approved in the grace is final when that is over", async () => {
    await sign();
    await ask("approve", (await first()).id);
    await server.setClock("2024-02-01T23:59:59Z");
    expect(await state()).toBe("DRAFT 300, not sent");
    await server.setClock(LATER);
    expect(await state()).toBe("FINALIZED 300, PAID");
  });

  test("usage that comes after the approval asks for another one", async () => {
    await sign();
    const { id } = await first();
    await ask("approve", id);
    await january(4);
    await server.setClock(LATER);
    expect(await first()).toMatchObject({
      status: "DRAFT",
      total: 700,
      approval: { status: "PENDING" },
    });
    await ask("approve", id);
    await server.setClock(LATER);
    expect(await state()).toBe("FINALIZED 700, PAID");
  });

  test("a contract may choose otherwise, and give its choice back", async () => {
    const contract = await sign();
    const url = `/v1/contracts/${contract}/invoicing-settings`;
    expect((await server.send("GET", url)).body).toEqual({
      data: { finalization: null, late_usage: null },
    });
    await server.setClock(LATER);
    const chosen = await server.send("PATCH", url, { finalization: "automatic" });
    expect(chosen.body).toEqual({ data: { finalization: "automatic", late_usage: null } });
    await server.setClock(LATER);
    expect(await state()).toBe("FINALIZED 300, PAID");
    const back = await server.send("PATCH", url, { finalization: null });
    expect(back.body.data.finalization).toBeNull();
  });

  test("what waited goes out when the environment asks for no approval any more", async () => {
    await sign();
    await server.setClock(LATER);
    expect(await state()).toBe("DRAFT 300, not sent");
    await settings({ finalization: "automatic" });
    await server.setClock(LATER);
    expect(await state()).toBe("FINALIZED 300, PAID");
  });

  test("all of a period at once; the list says what waits", async () => {
    const mine = customer.id;
    await sign();
    customer = await createBilledCustomer(server);
    await sign();
    // Its period still runs, so it is none of them.
    customer = await createBilledCustomer(server);
    await sign({ ending_before: "2024-03-01T00:00:00Z", starting_at: "2024-02-01T00:00:00Z" });
    const url = "/v1/invoices?review=awaiting_approval&ending_at=2024-02-01T00:00:00Z";
    const page = await server.send("GET", `${url}&limit=1`);
    expect(page.body.data).toMatchObject([{ customer_id: mine, total: 300 }]);
    const rest = await server.send("GET", `${url}&limit=1&next_page=${page.body.next_page}`);
    expect(rest.body).toMatchObject({ data: [{ total: 0 }], next_page: null });
    const ids = [page.body.data[0].id, rest.body.data[0].id];

    const { body } = await server.send("POST", "/v1/invoices/approve", {
      ending_at: "2024-02-01T00:00:00Z",
    });
    expect(body).toEqual({ data: { approved: ids, refused: [], remaining: 0 } });
    expect((await server.send("GET", url)).body.data).toEqual([]);
    const approved = await server.send("GET", "/v1/invoices?review=approved");
    expect(approved.body.data.map(({ id }: Invoice) => id)).toEqual(ids);
  });

  test("several: one that is refused stops no other", async () => {
    await sign();
    const { id } = await first();
    const { body } = await server.send("POST", "/v1/invoices/approve", { ids: [NOBODY, id] });
    expect(body.data).toEqual({
      approved: [id],
      refused: [{ id: NOBODY, reason: `Invoice ${NOBODY} not found` }],
      remaining: 0,
    });
  });

  test("a regenerated invoice waits for approval too", async () => {
    await sign();
    const { id } = await first();
    await ask("approve", id);
    await server.setClock(LATER);
    await metronome.v1.invoices.void({ id });
    const { data } = await metronome.v1.invoices.regenerate({ id });
    const [, again] = await all();
    expect(again).toMatchObject({ id: data?.id, status: "DRAFT", approval: { status: "PENDING" } });
    await ask("approve", data?.id ?? "");
    await server.setClock(LATER);
    expect((await all()).map(({ status }) => status)).toEqual(["VOID", "FINALIZED"]);
  });

  test("locked: final before its grace is over, and never void", async () => {
    await sign();
    const { id } = await first();
    expect((await ask("lock", id)).body).toMatchObject({
      message: `Invoice ${id} is a draft: approve it first`,
    });
    await ask("approve", id);
    const { status, body } = await ask("lock", id);
    expect([status, body.data.status, body.data.locked_at]).toEqual([200, "FINALIZED", NOON]);
    await january(5);
    await server.setClock(LATER);
    expect(await state()).toBe("FINALIZED 300, PAID");
    await expect(metronome.v1.invoices.void({ id })).rejects.toThrow(/was locked at/);
    expect((await ask("approve", id)).body.message).toBe(
      `Invoice ${id} is locked: it is final already`,
    );
    // Again: it is locked as it was.
    expect((await ask("lock", id)).body.data.locked_at).toBe(NOON);
  });

  test("a draft that has changed since its approval is not locked", async () => {
    await sign();
    const { id } = await first();
    await ask("approve", id);
    await january(1);
    const { status, body } = await ask("lock", id);
    expect([status, body.message]).toEqual([
      409,
      `Invoice ${id} has changed since it was approved, or one before it waits: approve it again`,
    ]);
    expect(await first()).toMatchObject({ status: "DRAFT", approval: { status: "APPROVED" } });
  });

  test("what the terms schedule for later is approved, and not locked before its day", async () => {
    const due = "2024-02-20T00:00:00Z";
    await sign({
      ending_before: "2024-03-01T00:00:00Z",
      scheduled_charges: [
        {
          product_id: fixed,
          schedule: { schedule_items: [{ timestamp: due, unit_price: 700, quantity: 1 }] },
        },
      ],
    });
    const scheduled = async () => {
      const found = (await all()).find(({ type }) => type === "SCHEDULED");
      if (found === undefined) throw new Error("no scheduled invoice");
      return found;
    };
    const { id } = await scheduled();
    await ask("approve", id);
    const { status, body } = await ask("lock", id);
    expect([status, body.message]).toEqual([
      409,
      `Invoice ${id} is scheduled for ${due}: lock it then, or give it an earlier issue date first`,
    ]);
    expect(await scheduled()).toMatchObject({
      status: "DRAFT",
      total: 700,
      approval: { status: "APPROVED" },
    });
    await server.setClock(due);
    expect(await scheduled()).toMatchObject({ status: "FINALIZED", total: 700, issued_at: due });
  });
});

describe("on hold", () => {
  beforeEach(async () => {
    await fresh();
    await january(3);
  });
  afterEach(() => server.close());

  test("a draft is not finalized until it is released", async () => {
    await sign();
    const { id } = await first();
    const { body } = await ask("hold", id, { reason: "The customer disputes January" });
    expect(body.data.hold).toMatchObject({
      reason: "The customer disputes January",
      held_at: NOON,
    });
    await server.setClock("2024-02-04T00:00:00Z");
    expect(await state()).toBe("DRAFT 300, not sent");
    const held = await server.send("GET", "/v1/invoices?review=held");
    expect(held.body.data.map((one: Invoice) => one.id)).toEqual([id]);
    await ask("release", id);
    await server.setClock("2024-02-04T00:00:00Z");
    expect(await state()).toBe("FINALIZED 300, PAID");
    expect(await first()).not.toHaveProperty("hold");
  });

  test("a later invoice goes on, and burns only what the held one leaves", async () => {
    const balance = {
      type: "PREPAID" as const,
      product_id: fixed,
      name: "Balance",
      access_schedule: {
        schedule_items: [
          {
            amount: 500,
            starting_at: "2024-01-01T00:00:00Z",
            ending_before: "2024-03-01T00:00:00Z",
          },
        ],
      },
    };
    await sign({ ending_before: "2024-03-01T00:00:00Z", commits: [balance] });
    const { id } = await first();
    await ask("hold", id, { reason: "A look first" });
    await server.setClock("2024-02-10T00:00:00Z");
    await use(metronome, customer.id, "tokens", "2024-02-10T00:00:00Z", 4);
    await server.setClock("2024-03-02T00:00:00Z");
    // January may take 300 of 500, so that February has 200 for its 400.
    expect((await all()).map(({ status, total }) => `${status} ${total}`)).toEqual([
      "DRAFT 0",
      "FINALIZED 200",
    ]);
    await ask("release", id);
    await server.setClock("2024-03-02T00:00:00Z");
    expect((await all()).map(({ status, total }) => `${status} ${total}`)).toEqual([
      "FINALIZED 0",
      "FINALIZED 200",
    ]);
  });

  test("a final one that no provider has seen is not delivered", async () => {
    await settings({ finalization: "on_approval" });
    await sign();
    const { id } = await first();
    await ask("approve", id);
    // Its delivery comes after earlier work of the customer, which cannot run yet.
    await sql`insert into core_jobs (clock, kind, key, subject, payload, due_at, not_before_at)
      values ('SANDBOX', 'settle-rollovers', 'earlier', ${customer.id},
        ${JSON.stringify({ customerId: customer.id })}::jsonb, '2024-01-01',
        now() + interval '1 hour')`.execute(server.db);
    await ask("lock", id);
    expect(await state()).toBe("FINALIZED 300, QUEUED");
    await ask("hold", id, { reason: "The address is wrong" });
    await sql`delete from core_jobs where key = 'earlier'`.execute(server.db);
    await server.setClock(LATER);
    expect(await state()).toBe("FINALIZED 300, QUEUED");
    expect(await listProviderInvoices(server.stripe, customer.payer)).toEqual([]);
    await ask("release", id);
    await server.setClock(LATER);
    expect(await state()).toBe("FINALIZED 300, PAID");
  });

  test("one that is on its way, or goes nowhere, is not held; a held draft is not locked", async () => {
    await sign();
    const { id } = await first();
    await ask("hold", id, { reason: "A look first" });
    expect((await ask("lock", id)).body.message).toBe(`Invoice ${id} is on hold: release it first`);
    await ask("release", id);
    await server.setClock(LATER);
    const late = await ask("hold", id, { reason: "Too late" });
    expect([late.status, late.body.message]).toEqual([
      409,
      `The delivery of invoice ${id} is SENT: it cannot be held any more`,
    ]);
    await metronome.v1.invoices.void({ id });
    expect((await ask("hold", id, { reason: "Void" })).body.message).toBe(
      `Invoice ${id} is void: it goes nowhere`,
    );
  });
});

describe("not billable", () => {
  beforeEach(fresh);
  afterEach(() => server.close());

  test("is computed, and goes nowhere: by the start of the period, or the date of issue", async () => {
    await january(3);
    await sign({ ending_before: "2024-03-01T00:00:00Z" });
    const reply = await server.send("POST", "/v1/customers/setBillableStatus", {
      customer_id: customer.id,
      billable_status: "unbillable",
      effective_at: "2024-02-01T00:00:00Z",
    });
    expect(reply.body).toEqual({
      data: { id: customer.id, current_billable_status: "unbillable" },
    });
    await server.setClock("2024-02-10T00:00:00Z");
    await use(metronome, customer.id, "tokens", "2024-02-10T00:00:00Z", 4);
    await server.setClock("2024-03-02T00:00:00Z");
    const shown = (await all()).map(
      ({ status, total, billable_status: billable, external_invoice: external }) =>
        `${status} ${total} ${billable} ${external?.external_status ?? "not sent"}`,
    );
    expect(shown).toEqual(["FINALIZED 300 billable PAID", "FINALIZED 400 unbillable not sent"]);
    expect(await listProviderInvoices(server.stripe, customer.payer)).toHaveLength(1);
  });
});

describe("another date of issue", () => {
  beforeEach(fresh);
  afterEach(() => server.close());

  const move = (id: string, date: string) =>
    server.send("POST", "/v1/contracts/updateInvoiceIssueDate", {
      invoice_id: id,
      issue_date: date,
    });

  const charge = (at: string) => ({
    product_id: fixed,
    schedule: { schedule_items: [{ timestamp: at, unit_price: 700, quantity: 1 }] },
  });

  test("later, and earlier: the draft is final then, with that date", async () => {
    await sign({
      ending_before: "2024-04-01T00:00:00Z",
      scheduled_charges: [charge("2024-02-10T00:00:00Z"), charge("2024-03-10T00:00:00Z")],
    });
    const scheduled = async () => (await all()).filter(({ type }) => type === "SCHEDULED");
    const [early, late] = await scheduled();
    await move(early?.id ?? "", "2024-02-20T00:00:00Z");
    await move(late?.id ?? "", "2024-02-15T00:00:00Z");
    await server.setClock("2024-02-16T00:00:00Z");
    const shown = async () =>
      (await scheduled()).map(({ status, issued_at: at }) => `${status} ${at ?? "-"}`);
    expect(await shown()).toEqual(["FINALIZED 2024-02-15T00:00:00Z", "DRAFT -"]);
    await server.setClock("2024-02-20T00:00:00Z");
    expect(await shown()).toEqual([
      "FINALIZED 2024-02-15T00:00:00Z",
      "FINALIZED 2024-02-20T00:00:00Z",
    ]);
    // Both have billed their charge once.
    await server.setClock("2024-03-12T00:00:00Z");
    expect((await scheduled()).map(({ total }) => total)).toEqual([700, 700]);
  });

  test("refused: before the period's end, after the contract's, and of what is final", async () => {
    await sign({ ending_before: "2024-04-01T00:00:00Z" });
    const [january, february] = await all();
    const refusal = async (id: string | undefined, date: string) => {
      const { status, body } = await move(id ?? "", date);
      return `${status}: ${body.message}`;
    };
    expect(await refusal(february?.id, "2024-02-20T00:00:00Z")).toBe(
      "400: issue_date must not be before the period's end, 2024-03-01T00:00:00Z",
    );
    expect(await refusal(february?.id, "2024-04-02T00:00:00Z")).toBe(
      "400: issue_date must not be after the contract's end, 2024-04-01T00:00:00Z",
    );
    await server.setClock(LATER);
    expect(await refusal(january?.id, "2024-02-20T00:00:00Z")).toMatch(/^400: .* is FINALIZED/);
    expect(await refusal(NOBODY, "2024-02-20T00:00:00Z")).toMatch(/^404/);
  });
});

describe("refused, and nothing changes:", () => {
  beforeAll(async () => {
    await fresh();
    await settings({ finalization: "on_approval" });
    await sign({ ending_before: "2024-03-01T00:00:00Z" });
  });
  afterAll(() => server.close());

  test.each([
    ["approve", {}, 400, /runs until 2024-03-01T00:00:00Z: approve it when its usage is known/],
    ["release", {}, 400, /is not on hold/],
    ["hold", {}, 400, /reason/],
    ["hold", { reason: "" }, 400, /reason/],
    ["lock", {}, 409, /is a draft: approve it first/],
  ])("%s %j of a draft whose period runs", async (verb, body, status, reason) => {
    const before = await all();
    const [, running] = before;
    const reply = await ask(verb, running?.id ?? "", body);
    expect(reply.status).toBe(status);
    expect(reply.body.message).toMatch(reason);
    expect(await all()).toEqual(before);
  });

  test.each(["approve", "hold", "release", "lock"])("%s of what is not there", async (verb) => {
    const body = verb === "hold" ? { reason: "None" } : {};
    expect((await ask(verb, NOBODY, body)).status).toBe(404);
    const { id } = await first();
    const foreign = await server.send("POST", `/v1/invoices/${id}/${verb}`, body, {
      authorization: `Bearer ${server.productionToken}`,
    });
    expect(foreign.status).toBe(404);
  });

  test("an approval of both, or of nothing; unknown values", async () => {
    for (const body of [{}, { ids: [NOBODY], ending_at: NOON }, { ids: [] }]) {
      expect((await server.send("POST", "/v1/invoices/approve", body)).status).toBe(400);
    }
    const wrong = await server.send("PATCH", "/v1/settings/invoicing", { finalization: "never" });
    expect([wrong.status, wrong.body.message]).toEqual([
      400,
      "finalization must be one of automatic, on_approval",
    ]);
  });
});
