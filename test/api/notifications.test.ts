import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { enqueueJob } from "../../src/platform/jobs/enqueue.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type NewContract,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startWebhookLog, type WebhookLog } from "../support/webhook-log.ts";

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const NOWHERE = "00000000-0000-4000-8000-000000000000";

/** A lifecycle message: its fields stand beside its type. */
type Told = Readonly<Record<string, unknown>> & { id: string; type: string; timestamp: string };

let server: TestServer;
let log: WebhookLog;
let fixed: string;
let card: string;
/** The clock only goes forwards: each test has a year of its own. */
let year = 2023;
let now = "";

beforeAll(async () => {
  server = await startTestServer();
  await setClock("2024-01-01");
  log = await startWebhookLog(server);
  fixed = await createFixedProduct(server.metronome, "Credit");
  card = await createRateCard(server.metronome, [
    [await createUsageProduct(server.metronome, "calls"), 100],
  ]);
});
afterAll(async () => {
  await server?.close();
  await log?.close();
});
afterEach(async () => {
  const { body: types } = await post("system/list");
  for (const { policy, is_enabled } of types.data) {
    if (is_enabled) await post("edit", { policy, is_enabled: false });
  }
  const { body: offsets } = await post("offset/list");
  for (const { id } of offsets.data) await post("archive", { id });
  log.clear();
});

async function setClock(date: string): Promise<void> {
  now = date.length === 10 ? `${date}T00:00:00Z` : date;
  await server.setClock(now);
}
/** What happened so far reaches its receivers. */
const settle = () => server.setClock(now);
/** Begins a year that no other test has; answers its dates. */
async function beginYear(): Promise<(monthDay: string) => string> {
  year += 2;
  await setClock(`${year}-01-01`);
  return (monthDay) => `${year}-${monthDay}T00:00:00Z`;
}
const nextYear = () => `${year + 1}-01-01T00:00:00Z`;

const post = (path: string, body?: object, headers?: Record<string, string>) =>
  server.send("POST", `/v2/notifications/${path}`, body, headers);
const asProduction = () => ({ authorization: `Bearer ${server.productionToken}` });
async function enable(...types: string[]): Promise<void> {
  for (const type of types) {
    const { status } = await post("edit", { policy: { type }, is_enabled: true });
    expect(status).toBe(200);
  }
  await settle();
}
async function createOffset(type: string, offset: string): Promise<string> {
  const { status, body } = await post("create", { name: "Note", policy: { type, offset } });
  expect([status, body]).toEqual([200, body]);
  // What is there is planned for by now.
  await settle();
  return body.data.id;
}
const sign = (customerId: string, terms: NewContract) =>
  createContract(server.metronome, customerId, card, terms);
const tellings = (): Told[] =>
  (log.messages() as unknown as Told[]).filter(({ type }) =>
    /^(contract|commit|credit)\./.test(type),
  );
const show = ({ type, timestamp, segment_index: index }: Told) =>
  `${type} ${timestamp.slice(0, 10)}${index === undefined ? "" : ` #${index}`}`;
const told = () => tellings().map(show).toSorted();

/** A commit of the customer with one segment from each date to the next. */
async function createCommit(customer_id: string, dates: readonly string[]): Promise<string> {
  const { data } = await server.metronome.v1.customers.commits.create({
    customer_id,
    product_id: fixed,
    type: "PREPAID",
    priority: 1,
    access_schedule: {
      schedule_items: dates.slice(1).map((ending_before, n) => ({
        amount: 100,
        starting_at: dates[n] ?? "",
        ending_before,
      })),
    },
  });
  return data.id;
}

describe("lifecycle events", () => {
  test("are told where they are switched on, once, and others are not", async () => {
    const day = await beginYear();
    const customer = await createCustomer(server.metronome);
    await enable("contract.start", "contract.create", "contract.edit", "contract.archive");
    const contractId = await sign(customer, {
      starting_at: day("03-01"),
      ending_before: day("06-01"),
    });
    await settle();
    expect(told()).toEqual([`contract.create ${year}-01-01`]);
    await server.metronome.v2.contracts.edit({
      customer_id: customer,
      contract_id: contractId,
      update_contract_name: "New name",
    });
    await setClock(`${year}-02-28`);
    expect(told()).toEqual([`contract.create ${year}-01-01`, `contract.edit ${year}-01-01`]);
    await setClock(`${year}-07-01`);
    // The end was not asked for.
    expect(told()).toEqual([
      `contract.create ${year}-01-01`,
      `contract.edit ${year}-01-01`,
      `contract.start ${year}-03-01`,
    ]);
    await server.metronome.v1.contracts.archive({
      customer_id: customer,
      contract_id: contractId,
      void_invoices: false,
    });
    await settle();
    expect(told()[0]).toBe(`contract.archive ${year}-07-01`);
    expect(tellings()).toHaveLength(4);
    for (const message of tellings()) {
      expect(message).toEqual({
        id: expect.any(String),
        type: message.type,
        timestamp: message.timestamp,
        environment_type: "SANDBOX",
        customer_id: customer,
        customer_custom_fields: {},
        contract_id: contractId,
        contract_custom_fields: {},
      });
    }
  });

  test("are off by default, and what happened before they were on is not told", async () => {
    const day = await beginYear();
    const customer = await createCustomer(server.metronome);
    await sign(customer, { starting_at: day("01-15"), ending_before: day("04-01") });
    await sign(customer, { starting_at: day("02-15"), ending_before: day("05-01") });
    await setClock(`${year}-02-01`);
    expect(told()).toEqual([]);
    await enable("contract.create", "contract.start", "contract.end");
    await setClock(`${year}-04-15`);
    expect(told()).toEqual([`contract.end ${year}-04-01`, `contract.start ${year}-02-15`]);
    await post("edit", { policy: { type: "contract.end" }, is_enabled: false });
    await setClock(`${year}-06-01`);
    expect(told()).toHaveLength(2);
    await enable("contract.end");
    // A contract that is agreed on late began when nobody knew of it.
    await sign(customer, { starting_at: day("03-01"), ending_before: day("08-01") });
    await setClock(nextYear());
    // Neither is it told what ended on May 1, while that was off.
    expect(told()).toEqual([
      `contract.create ${year}-06-01`,
      `contract.end ${year}-04-01`,
      `contract.end ${year}-08-01`,
      `contract.start ${year}-02-15`,
    ]);
  });

  test("of a commit come for each of its twelve segments, with index and count", async () => {
    await beginYear();
    const customer = await createCustomer(server.metronome);
    await enable("commit.create", "commit.segment.start", "commit.segment.end");
    const months = Array.from({ length: 12 }, (_, n) => String(n + 1).padStart(2, "0"));
    const starts = months.map((month) => `${year}-${month}-01`);
    const id = await createCommit(customer, [
      ...starts.map((date) => `${date}T00:00:00Z`),
      nextYear(),
    ]);
    await setClock(`${year + 1}-02-01`);
    const ends = [...starts.slice(1), `${year + 1}-01-01`];
    expect(told()).toEqual(
      [
        `commit.create ${year}-01-01`,
        ...starts.map((date, n) => `commit.segment.start ${date} #${n}`),
        ...ends.map((date, n) => `commit.segment.end ${date} #${n}`),
      ].toSorted(),
    );
    const segments = tellings().filter(({ type }) => type === "commit.segment.start");
    expect(new Set(segments.map((message) => message.segment_id)).size).toBe(12);
    expect(segments[0]).toEqual({
      id: expect.any(String),
      type: "commit.segment.start",
      timestamp: `${year}-01-01T00:00:00Z`,
      environment_type: "SANDBOX",
      customer_id: customer,
      customer_custom_fields: {},
      commit_id: id,
      commit_custom_fields: {},
      segment_id: expect.any(String),
      segment_index: 0,
      segment_count: 12,
    });
  });

  test("of an archived commit end with that; edits of it are told", async () => {
    const day = await beginYear();
    const customer_id = await createCustomer(server.metronome);
    const commit_id = await createCommit(customer_id, [day("03-01"), day("04-01"), day("05-01")]);
    await enable("commit.edit", "commit.archive", "commit.segment.start");
    await server.metronome.v2.contracts.editCommit({ customer_id, commit_id, priority: 2 });
    await server.metronome.v2.contracts.editCommit({ customer_id, commit_id, priority: 1 });
    await server.metronome.v2.contracts.editCommit({ customer_id, commit_id, priority: 2 });
    // It is so already.
    await server.metronome.v2.contracts.editCommit({ customer_id, commit_id, priority: 2 });
    await setClock(`${year}-03-15`);
    const edits = [1, 2, 3].map(() => `commit.edit ${year}-01-01`);
    expect(told()).toEqual([...edits, `commit.segment.start ${year}-03-01 #0`]);
    await server.send("POST", "/v2/contracts/commits/archive", { customer_id, commit_id });
    await setClock(nextYear());
    expect(told()).toEqual([
      `commit.archive ${year}-03-15`,
      ...edits,
      `commit.segment.start ${year}-03-01 #0`,
    ]);
  });

  test("of a contract's parts go with those of the contract", async () => {
    const day = await beginYear();
    const customer_id = await createCustomer(server.metronome);
    for (const [entity, key] of [
      ["customer", `plan ${year}`],
      ["contract", `deal ${year}`],
      ["contract_credit", `gift ${year}`],
    ] as const) {
      await server.metronome.v1.customFields.addKey({ entity, key, enforce_uniqueness: false });
    }
    await server.metronome.v1.customFields.setValues({
      entity: "customer",
      entity_id: customer_id,
      custom_fields: { [`plan ${year}`]: "gold" },
    });
    await enable("credit.create", "credit.archive", "credit.edit", "contract.edit");
    const contract_id = await sign(customer_id, {
      starting_at: day("01-01"),
      custom_fields: { [`deal ${year}`]: "big" },
      credits: [
        {
          product_id: fixed,
          priority: 1,
          custom_fields: { [`gift ${year}`]: "yes" },
          access_schedule: {
            schedule_items: [
              { amount: 5, starting_at: day("01-01"), ending_before: day("06-01") },
              { amount: 5, starting_at: day("06-01"), ending_before: day("12-01") },
            ],
          },
        },
      ],
    });
    await settle();
    expect(tellings()).toEqual([
      {
        id: expect.any(String),
        type: "credit.create",
        timestamp: `${year}-01-01T00:00:00Z`,
        environment_type: "SANDBOX",
        customer_id,
        customer_custom_fields: { [`plan ${year}`]: "gold" },
        contract_id,
        contract_custom_fields: { [`deal ${year}`]: "big" },
        credit_id: expect.any(String),
        credit_custom_fields: { [`gift ${year}`]: "yes" },
      },
    ]);
    // An earlier end takes the second segment away.
    await server.metronome.v1.contracts.updateEndDate({
      customer_id,
      contract_id,
      ending_before: day("05-01"),
    });
    await settle();
    expect(told()).toEqual([
      `contract.edit ${year}-01-01`,
      `credit.create ${year}-01-01`,
      `credit.edit ${year}-01-01`,
    ]);
    await server.metronome.v1.contracts.archive({ customer_id, contract_id, void_invoices: false });
    await settle();
    expect(told()).toContain(`credit.archive ${year}-01-01`);
    expect(told()).toHaveLength(4);
  });

  test("of all that a customer had end when it is archived", async () => {
    const day = await beginYear();
    const customer_id = await createCustomer(server.metronome);
    await enable("contract.archive", "commit.archive", "commit.segment.start", "contract.end");
    await sign(customer_id, { starting_at: day("01-01"), ending_before: day("04-01") });
    await createCommit(customer_id, [day("03-01"), day("04-01")]);
    await server.metronome.v1.customers.archive({ id: customer_id });
    await setClock(`${year}-05-01`);
    expect(told()).toEqual([`commit.archive ${year}-01-01`, `contract.archive ${year}-01-01`]);
  });

  test("of children name their recurring commit", async () => {
    const day = await beginYear();
    const customer_id = await createCustomer(server.metronome);
    await enable("commit.segment.start");
    const contract_id = await sign(customer_id, {
      starting_at: day("01-01"),
      ending_before: day("04-01"),
      recurring_commits: [
        {
          product_id: fixed,
          name: "Monthly",
          priority: 1,
          starting_at: day("01-01"),
          commit_duration: { unit: "PERIODS", value: 1 },
          recurrence_frequency: "MONTHLY",
          access_amount: { unit_price: 10, quantity: 1, credit_type_id: USD },
        },
      ],
    });
    await setClock(`${year}-06-01`);
    expect(told()).toEqual(
      ["01", "02", "03"].map((month) => `commit.segment.start ${year}-${month}-01 #0`),
    );
    const { data } = await server.metronome.v2.contracts.retrieve({ customer_id, contract_id });
    const parents = new Set(tellings().map((message) => message.parent_recurring_commit_id));
    expect(parents).toEqual(new Set([data.recurring_commits?.[0]?.id]));
    expect(new Set(tellings().map((message) => message.commit_id)).size).toBe(3);
  });

  test("of what follows from a payment or a renewal are told as well", async () => {
    const day = await beginYear();
    const customer_id = await createCustomer(server.metronome);
    await enable("commit.create", "commit.edit", "commit.segment.start");
    await enable("credit.create", "contract.create", "contract.end");
    const term = { starting_at: day("01-01"), ending_before: nextYear() };
    const from_contract_id = await sign(customer_id, {
      ...term,
      credits: [
        {
          product_id: fixed,
          priority: 1,
          rollover_fraction: 1,
          access_schedule: { schedule_items: [{ amount: 5, ...term }] },
        },
      ],
      commits: [
        {
          type: "PREPAID",
          product_id: fixed,
          access_schedule: {
            schedule_items: [{ amount: 100, ...term, starting_at: day("02-01") }],
          },
          invoice_schedule: { schedule_items: [{ timestamp: day("01-01"), amount: 80 }] },
          payment_gate_config: { payment_gate_type: "EXTERNAL" },
        } as NonNullable<NewContract["commits"]>[number],
      ],
    });
    await settle();
    const made = [`contract.create ${year}-01-01`, `credit.create ${year}-01-01`];
    // The commit is not there before it is paid.
    expect(told()).toEqual(made);
    const [{ properties } = { properties: {} }] = log.messages("payment_gate.external_initiate");
    await setClock(`${year}-01-05`);
    await server.send("POST", "/v1/contracts/commits/threshold-billing/release", {
      workflow_id: (properties as Record<string, unknown>).workflow_id,
      outcome: "PAID",
    });
    await settle();
    expect(told()).toEqual([`commit.create ${year}-01-05`, ...made]);
    await setClock(`${year}-02-01`);
    expect(told()).toContain(`commit.segment.start ${year}-02-01 #0`);
    expect(told()).toHaveLength(4);
    log.clear();
    await sign(customer_id, {
      starting_at: day("07-01"),
      transition: { type: "RENEWAL", from_contract_id },
    });
    await setClock(`${year}-07-01`);
    // The credit's rest has a life of its own, and the old contract's end moved to the new one's start.
    expect(told()).toEqual([
      `contract.create ${year}-02-01`,
      `contract.end ${year}-07-01`,
      `credit.create ${year}-02-01`,
    ]);
  });
});

describe("notifications before and after events", () => {
  test("come at their time, once, with the event's own time", async () => {
    const day = await beginYear();
    const customer = await createCustomer(server.metronome);
    const id = await createOffset("contract.end", "P-7D");
    const contract = await sign(customer, {
      starting_at: day("01-01"),
      ending_before: day("06-08"),
    });
    await setClock(`${year}-05-31T23:59:59Z`);
    expect(told()).toEqual([]);
    await setClock(`${year}-06-01`);
    expect(tellings()).toEqual([
      {
        id: expect.any(String),
        type: "contract.end",
        timestamp: day("06-08"),
        environment_type: "SANDBOX",
        customer_id: customer,
        customer_custom_fields: {},
        contract_id: contract,
        contract_custom_fields: {},
        offset_id: id,
        offset_duration: "P-7D",
      },
    ]);
    await setClock(nextYear());
    expect(tellings()).toHaveLength(1);
  });

  test("follow an end that moves, and go when the contract is archived", async () => {
    const day = await beginYear();
    const customer_id = await createCustomer(server.metronome);
    await createOffset("contract.end", "-P7D");
    const terms = { starting_at: day("01-01"), ending_before: day("06-08") };
    const contract_id = await sign(customer_id, terms);
    const archived = await sign(customer_id, terms);
    await server.metronome.v1.contracts.updateEndDate({
      customer_id,
      contract_id,
      ending_before: day("08-08"),
    });
    await server.metronome.v1.contracts.archive({
      customer_id,
      contract_id: archived,
      void_invoices: false,
    });
    await setClock(`${year}-07-31`);
    expect(told()).toEqual([]);
    await setClock(`${year}-08-01`);
    expect(tellings()).toMatchObject([{ timestamp: day("08-08"), contract_id }]);
    // Its time is over when the end moves back: nothing more is told.
    await server.metronome.v1.contracts.updateEndDate({
      customer_id,
      contract_id,
      ending_before: day("08-05"),
    });
    await setClock(nextYear());
    expect(tellings()).toHaveLength(1);
  });

  test("follow a segment that moves, and come as a child is made where that is late", async () => {
    const day = await beginYear();
    const customer_id = await createCustomer(server.metronome);
    await createOffset("commit.segment.end", "-P1M");
    const commit_id = await createCommit(customer_id, [day("02-01"), day("08-31")]);
    await server.send("POST", "/v1/contracts/customerCommits/updateEndDate", {
      customer_id,
      commit_id,
      access_ending_before: day("03-31"),
    });
    // A month before March 31 is the last of February.
    await setClock(`${year}-02-27`);
    expect(told()).toEqual([]);
    await setClock(`${year}-03-01`);
    expect(tellings()).toMatchObject([{ commit_id, timestamp: day("03-31") }]);
    await setClock(`${year}-08-01`);
    expect(tellings()).toHaveLength(1);
    log.clear();
    // Children are made when the one before begins, a month ahead, and not three.
    await createOffset("commit.segment.start", "-P3M");
    await sign(customer_id, {
      starting_at: day("08-01"),
      ending_before: day("11-01"),
      recurring_commits: [
        {
          product_id: fixed,
          priority: 1,
          starting_at: day("08-01"),
          commit_duration: { unit: "PERIODS", value: 1 },
          recurrence_frequency: "MONTHLY",
          access_amount: { unit_price: 10, quantity: 1, credit_type_id: USD },
        },
      ],
    });
    const starts = ["08", "09", "10"].map((month) => `commit.segment.start ${year}-${month}-01 #0`);
    await settle();
    expect(told().filter((text) => text.includes("start"))).toEqual(starts.slice(0, 2));
    await setClock(`${year}-09-01`);
    expect(told().filter((text) => text.includes("start"))).toEqual(starts);
    await setClock(nextYear());
    expect(told().filter((text) => text.includes("start"))).toEqual(starts);
  });

  test("count for what is there, except where their time is over", async () => {
    const day = await beginYear();
    const customer = await createCustomer(server.metronome);
    await sign(customer, { starting_at: day("01-01"), ending_before: day("03-01") });
    await sign(customer, { starting_at: day("01-01"), ending_before: day("03-20") });
    await setClock(`${year}-02-26`);
    const id = await createOffset("contract.end", "-P7D");
    const after = await createOffset("contract.create", "P3M");
    await setClock(`${year}-03-12`);
    // March 1 less 7 days was before.
    expect(told()).toEqual([]);
    await setClock(`${year}-04-02`);
    expect(tellings().map(({ offset_id, timestamp }) => [offset_id, timestamp])).toEqual([
      [id, day("03-20")],
      // Both were created three months ago.
      [after, day("01-01")],
      [after, day("01-01")],
    ]);
  });

  test("are moved, and archived, by their own edits", async () => {
    const day = await beginYear();
    const customer = await createCustomer(server.metronome);
    const moved = await createOffset("contract.start", "-P1M");
    const archived = await createOffset("contract.start", "-P1M");
    await sign(customer, { starting_at: day("06-01") });
    const { body } = await post("edit", {
      id: moved,
      policy: { type: "contract.start", offset: "P1W" },
    });
    expect(body.data).toMatchObject({ id: moved, policy: { offset: "P1W" }, archived_at: null });
    expect((await post("archive", { id: archived })).body.data.archived_at).toBe(day("01-01"));
    await setClock(`${year}-06-07`);
    expect(told()).toEqual([]);
    await setClock(`${year}-06-08`);
    expect(tellings()).toMatchObject([{ offset_id: moved, timestamp: day("06-01") }]);
    const edited = await post("edit", {
      id: archived,
      policy: { type: "contract.start", offset: "P1W" },
    });
    expect(edited).toMatchObject({ status: 400, body: { code: "BadRequest" } });
  });

  test("come after edits too", async () => {
    const day = await beginYear();
    const customer_id = await createCustomer(server.metronome);
    await createOffset("commit.edit", "P1D");
    await createOffset("contract.edit", "P2D");
    const contract_id = await sign(customer_id, { starting_at: day("01-01") });
    const commit_id = await createCommit(customer_id, [day("03-01"), day("04-01")]);
    await server.metronome.v2.contracts.editCommit({ customer_id, commit_id, priority: 2 });
    await server.metronome.v2.contracts.edit({
      customer_id,
      contract_id,
      update_contract_name: "New name",
    });
    await setClock(`${year}-01-02`);
    expect(told()).toEqual([`commit.edit ${year}-01-01`]);
    await setClock(`${year}-02-01`);
    expect(told()).toEqual([`commit.edit ${year}-01-01`, `contract.edit ${year}-01-01`]);
  });
});

describe("what is there", () => {
  const endOf = (day: (monthDay: string) => string) => ({
    starting_at: day("01-01"),
    ending_before: day("06-01"),
  });

  test("is found, however many customers there are", async () => {
    const day = await beginYear();
    // A job looks at 50 customers.
    const signing = Array.from({ length: 51 }, async () =>
      sign(await createCustomer(server.metronome), endOf(day)),
    );
    const contracts = new Set(await Promise.all(signing));
    await enable("contract.end");
    await setClock(`${year}-06-01`);
    expect(tellings()).toHaveLength(51);
    expect(new Set(tellings().map((message) => message.contract_id))).toEqual(contracts);
  });

  test("is told once, whether it came before or after the notification", async () => {
    const day = await beginYear();
    const customers = await Promise.all(
      Array.from({ length: 12 }, () => createCustomer(server.metronome)),
    );
    const sign12 = customers.map((customer) => sign(customer, endOf(day)));
    const policy = { type: "contract.end", offset: "-P1D" };
    const [ids] = await Promise.all([
      Promise.all(sign12),
      post("create", { name: "Note", policy }),
    ]);
    await setClock(`${year}-06-01`);
    expect(
      tellings()
        .map((message) => message.contract_id)
        .toSorted(),
    ).toEqual(ids.toSorted());
  });

  test("is told once by a job that runs twice", async () => {
    const day = await beginYear();
    const customerId = await createCustomer(server.metronome);
    await enable("contract.end");
    const id = await sign(customerId, endOf(day));
    await setClock(`${year}-06-01`);
    expect(tellings()).toHaveLength(1);
    await enqueueJob(server.db, "core_jobs", {
      clock: "SANDBOX",
      kind: "tell-notices",
      subject: customerId,
      payload: { customerId, id, at: now },
      dueAt: now,
    });
    await settle();
    expect(tellings()).toHaveLength(1);
    const { rows } = await sql`select from core_jobs where kind = 'tell-notices'
      and payload->>'id' = ${id}`.execute(server.db);
    expect(rows).toEqual([]);
  });

  test("has no jobs while nothing is on", async () => {
    const day = await beginYear();
    await sql`delete from core_jobs where kind = 'tell-notices'`.execute(server.db);
    const customer = await createCustomer(server.metronome);
    await sign(customer, endOf(day));
    await createCommit(customer, [day("03-01"), day("04-01")]);
    const { rows } = await sql`select from core_jobs where kind = 'tell-notices'`.execute(
      server.db,
    );
    expect(rows).toEqual([]);
  });
});

test("the environments are apart", async () => {
  const day = await beginYear();
  const customer = await createCustomer(server.metronome);
  const production = asProduction();
  await enable("contract.archive");
  await post("edit", { policy: { type: "contract.create" }, is_enabled: true }, production);
  const { body } = await post(
    "create",
    { name: "Theirs", policy: { type: "contract.start", offset: "P1D" } },
    production,
  );
  expect(body.data).toMatchObject({ environment_type: "PRODUCTION" });
  const { id } = body.data;
  await sign(customer, { starting_at: day("02-01") });
  await setClock(`${year}-03-01`);
  expect(told()).toEqual([]);
  expect((await post("offset/list")).body).toEqual({ data: [], cursor: null });
  for (const path of ["get", "archive"]) {
    expect(await post(path, { id })).toMatchObject({
      status: 404,
      body: { code: "NotificationConfigNotFound" },
    });
  }
  const edit = { id, policy: { type: "contract.start", offset: "P2D" } };
  expect(await post("edit", edit)).toMatchObject({
    status: 400,
    body: { code: "NotificationConfigNotFound" },
  });
  expect((await post("get", { id }, production)).body.data).toMatchObject({
    name: "Theirs",
    policy: { type: "contract.start", offset: "P1D" },
  });
  await post("archive", { id }, production);
  await post("edit", { policy: { type: "contract.create" }, is_enabled: false }, production);
});

test("lists show what is on, page by page", async () => {
  await enable("credit.edit");
  const { body: types } = await post("system/list");
  expect(types.cursor).toBeNull();
  expect(types.data).toHaveLength(15);
  expect(types.data.filter(({ is_enabled }: { is_enabled: boolean }) => is_enabled)).toEqual([
    { type: "SYSTEM_LIFECYCLE_EVENT", is_enabled: true, policy: { type: "credit.edit" } },
  ]);
  const first = await createOffset("contract.start", "P1D");
  const second = await createOffset("contract.start", "P2D");
  const idsOf = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
  const { body: page } = await post("offset/list", { limit: 1 });
  expect(idsOf(page)).toEqual([first]);
  const { body: rest } = await post("offset/list", { limit: 1, cursor: page.cursor });
  expect([idsOf(rest), rest.cursor]).toEqual([[second], null]);
  await post("archive", { id: first });
  expect(idsOf((await post("offset/list")).body)).toEqual([second]);
  const { body: archived } = await post("offset/list", { archive_filter: "ARCHIVED" });
  expect(idsOf(archived)).toContain(first);
  expect(idsOf(archived)).not.toContain(second);
  const { body: all } = await post("offset/list", { archive_filter: "ALL" });
  expect(idsOf(all)).toEqual(expect.arrayContaining([first, second]));
});

test("a uniqueness key is used once", async () => {
  const policy = { type: "contract.start", offset: "P1D" };
  const note = { name: "Note", policy, uniqueness_key: "only once" };
  expect((await post("create", note)).status).toBe(200);
  expect(await post("create", note)).toMatchObject({
    status: 409,
    body: { message: "This uniqueness key has already been used." },
  });
});

test.each<[string, string, object, string]>([
  ["an unknown type", "create", { type: "contract.sign", offset: "P1D" }, "policy.type"],
  ["a malformed offset", "create", { type: "contract.end", offset: "7 days" }, "policy.offset"],
  ["no offset", "create", { type: "contract.end" }, "policy.offset is required"],
  ["before a creation", "create", { type: "contract.create", offset: "-P1D" }, "before it happens"],
  ["before an edit", "create", { type: "commit.edit", offset: "-PT1H" }, "before it happens"],
  ["before an archival", "create", { type: "credit.archive", offset: "P-1D" }, "before it happens"],
  ["an unknown event", "edit", { type: "commit.start" }, "policy.type"],
  ["neither id nor switch", "edit", { type: "contract.end" }, "is_enabled"],
])("refuses %s", async (_name, path, policy, message) => {
  const body = path === "create" ? { name: "Note", policy } : { policy };
  expect(await post(path, body)).toMatchObject({
    status: 400,
    body: { code: "BadRequest", message: expect.stringContaining(message) },
  });
});

test.each<[string, object, string]>([
  ["an offset of a lifecycle event", { is_enabled: true, policy: { offset: "P1D" } }, "an id"],
  ["another type", { id: "own", policy: { type: "contract.start", offset: "P1D" } }, "must stay"],
  ["no offset", { id: "own", policy: {} }, "policy.offset is required"],
  ["a switch", { id: "own", is_enabled: false, policy: { offset: "P1D" } }, "without id"],
  ["an id of nothing", { id: NOWHERE, policy: { offset: "P1D" } }, "not found"],
])("an edit refuses %s", async (_name, body, message) => {
  const own = await createOffset("contract.end", "P1D");
  const given = body as { id?: string; policy: object };
  const answer = await post("edit", {
    ...body,
    ...(given.id === "own" ? { id: own } : {}),
    policy: { type: "contract.end", ...given.policy },
  });
  expect(answer).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining(message) },
  });
});
