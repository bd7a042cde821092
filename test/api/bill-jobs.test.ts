import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  use,
} from "../support/billing.ts";
import { type Organization, openOrganization } from "../support/organization.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let org: Organization;
let card: string;
let now = "2024-01-20T00:00:00Z";

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(now);
  org = await openOrganization(server);
  const tokens = await createUsageProduct(server.metronome, "tokens");
  card = await createRateCard(server.metronome, [[tokens, 2]]);
});
afterAll(() => server.close());

// biome-ignore lint/suspicious/noExplicitAny: bills and jobs as they come.
type Body = any;

/** Moves the clock, or lets all that is due happen. */
async function settle(at = now): Promise<void> {
  now = at;
  await server.setClock(at);
}

/** An account on the card for one month, which has used 1,000 tokens: 20 dollars. */
async function signAccount(month = "01"): Promise<{ id: string; bill: Body }> {
  const id = await createCustomer(server.metronome);
  const next = month === "01" ? "02" : "03";
  await createContract(server.metronome, id, card, {
    starting_at: `2024-${month}-01T00:00:00Z`,
    ending_before: `2024-${next}-01T00:00:00Z`,
  });
  await use(server.metronome, id, "tokens", `2024-${month}-01T12:00:00Z`, 1000);
  const [bill] = (await org.ask("GET", `/bills?accountId=${id}`)).data;
  return { id, bill };
}

const readBill = (id: string): Promise<Body> => org.ask("GET", `/bills/${id}`);

/** Runs a job to its end. */
async function run(path: string, body: unknown): Promise<Body> {
  const job = await org.ask("POST", path, body);
  expect(job.status).toBe("PENDING");
  await settle();
  return org.ask("GET", `/billjobs/${job.id}`);
}

describe("a bill job", () => {
  test("keeps a version of what it found, and only what has changed is a new one", async () => {
    const { id, bill } = await signAccount();
    const other = await signAccount();
    expect(bill).toMatchObject({ billTotal: 20, version: 1, lastCalculatedDate: null });

    const first = await run("/billjobs", { accountIds: [id] });
    expect(first).toMatchObject({
      type: "CREATE",
      status: "COMPLETE",
      accountIds: [id],
      total: 1,
      regenerated: 1,
    });
    expect(await readBill(bill.id)).toEqual({
      ...bill,
      lastCalculatedDate: now,
      dtLastModified: now,
      billJobId: first.id,
    });
    expect(await readBill(other.bill.id)).toMatchObject({ billJobId: null });
    const ofJob = await org.ask("GET", `/bills?billJobId=${first.id}`);
    expect(ofJob.data.map((each: Body) => each.id)).toEqual([bill.id]);

    // 500 more tokens are 10 dollars more; a read shows them and is no calculation.
    await use(server.metronome, id, "tokens", "2024-01-19T00:00:00Z", 500);
    expect(await readBill(bill.id)).toMatchObject({ billTotal: 30, version: 1 });

    const second = await run("/billjobs/recalculate", { billIds: [bill.id] });
    expect(second).toMatchObject({ type: "RECALCULATE", total: 1, regenerated: 1 });
    expect(await readBill(bill.id)).toMatchObject({ version: 2, billJobId: second.id });

    await settle("2024-01-20T01:00:00Z");
    const third = await run("/billjobs/recalculate", { billIds: [bill.id] });
    expect(third).toMatchObject({ total: 1, regenerated: 0 });
    expect(await readBill(bill.id)).toMatchObject({
      version: 2,
      lastCalculatedDate: "2024-01-20T01:00:00Z",
      dtLastModified: "2024-01-20T00:00:00Z",
    });
    const kept = await server.db
      .selectFrom("bill_calculations")
      .select(["version", "total"])
      .where("invoice_id", "=", bill.id)
      .orderBy("version")
      .execute();
    expect(kept).toEqual([
      { version: 1, total: "2000" },
      { version: 2, total: "3000" },
    ]);
  });

  test("gives its bills dates, and picks them by theirs", async () => {
    const { id, bill } = await signAccount();
    const dates = { dueDate: "2024-04-30", externalInvoiceDate: "2024-01-31" };
    const none = await run("/billjobs", { accountIds: [id], billDate: "2024-01-31", ...dates });
    expect(none).toMatchObject({ status: "COMPLETE", total: 0 });
    const last = { lastDateInBillingPeriod: "2024-01-31" };
    const one = await run("/billjobs", { accountIds: [id], ...last, ...dates });
    expect(one).toMatchObject({ total: 1, ...last, ...dates });
    expect(await readBill(bill.id)).toMatchObject({ ...dates, billDate: "2024-02-01" });
    const found = await org.ask("GET", `/bills?accountId=${id}&externalInvoiceDateEnd=2024-01-31`);
    expect(found.data).toHaveLength(1);
  });

  test("that is cancelled stops, and does nothing more", async () => {
    const { id, bill } = await signAccount();
    let job: Body;
    await server.db.transaction().execute(async (tx) => {
      // The job cannot begin on its account while somebody else is on it.
      await sql`select from customers where id = ${id} for update`.execute(tx);
      job = await org.ask("POST", "/billjobs", { accountIds: [id] });
      const cancelled = await org.ask("POST", `/billjobs/${job.id}/cancel`);
      expect(cancelled).toMatchObject({ status: "CANCELLED", version: job.version + 1 });
    });
    await settle();
    expect(await org.ask("GET", `/billjobs/${job.id}`)).toMatchObject({
      status: "CANCELLED",
      total: 0,
    });
    expect(await readBill(bill.id)).toMatchObject({ lastCalculatedDate: null });
    expect(await org.refusal("POST", `/billjobs/${job.id}/cancel`)).toMatch(
      /^409 Bill job .* is CANCELLED/,
    );
  });

  test("for all accounts takes each bill once; jobs are listed and paged", async () => {
    const all = (await org.ask("GET", "/bills?status=PENDING&pageSize=200")).data;
    const job = await run("/billjobs", {});
    expect(job).toMatchObject({ status: "COMPLETE", total: all.length });
    const page = await org.ask("GET", "/billjobs?status=COMPLETE&pageSize=2");
    expect(page.data).toHaveLength(2);
    const next = await org.ask(
      "GET",
      `/billjobs?status=COMPLETE&pageSize=2&nextToken=${page.nextToken}`,
    );
    expect(next.data[0].id).not.toBe(page.data[1].id);
    expect((await org.ask("GET", "/billjobs?status=CANCELLED")).data).toHaveLength(1);
  });

  test("the eleventh that is not finished answers 429", async () => {
    const { environment_id: environmentId } = await server.db
      .selectFrom("bill_jobs")
      .select("environment_id")
      .executeTakeFirstOrThrow();
    const waiting = await server.db
      .insertInto("bill_jobs")
      .values(
        Array.from({ length: 10 }, () => ({
          environment_id: environmentId,
          type: "CREATE" as const,
          terms: "{}",
          created_at: now,
          created_by: "test",
          updated_at: now,
          updated_by: "test",
        })),
      )
      .returning("id")
      .execute();
    expect(await org.refusal("POST", "/billjobs", {})).toBe(
      "429 10 bill jobs are not finished: wait for one, or cancel it",
    );
    for (const { id } of waiting) await org.ask("POST", `/billjobs/${id}/cancel`);
    expect((await run("/billjobs", {})).status).toBe("COMPLETE");
  });

  test.each([
    ["/billjobs", { accountIds: [] }, /^400 accountIds must NOT have fewer/],
    [
      "/billjobs",
      { accountIds: ["00000000-0000-4000-8000-000000000000"] },
      "400 accountIds[0]: there is no account 0000",
    ],
    ["/billjobs", { dueDate: "2024-02-30" }, "400 dueDate must be a calendar date"],
    ["/billjobs", { billingFrequency: "MONTHLY" }, "400 billingFrequency is not supported"],
    ["/billjobs", { timezone: "Europe/London" }, "400 timezone is not supported"],
    ["/billjobs", { planet: "x" }, "400 unknown field planet"],
    ["/billjobs/recalculate", {}, "400 billIds is required"],
    [
      "/billjobs/recalculate",
      { billIds: ["00000000-0000-4000-8000-000000000000"] },
      "400 billIds[0]: there is no bill 0000",
    ],
  ])("%s %j: %s", async (path, body, refusal) => {
    expect(await org.refusal("POST", path, body)).toMatch(refusal);
  });

  test("one that is not there is not found", async () => {
    const path = "/billjobs/00000000-0000-4000-8000-000000000000";
    expect(await org.refusal("GET", path)).toMatch(/^404 Bill job/);
    expect(await org.refusal("POST", `${path}/cancel`)).toMatch(/^404 Bill job/);
  });
});

describe("after the period", () => {
  test("an approved bill that changed is pending again; a locked one is left alone", async () => {
    const { id, bill } = await signAccount();
    await settle("2024-02-01T06:00:00Z");
    await run("/billjobs/recalculate", { billIds: [bill.id] });
    await org.ask("PUT", `/bills/${bill.id}/status`, { status: "APPROVED" });
    // Unchanged, it stays approved.
    await run("/billjobs/recalculate", { billIds: [bill.id] });
    expect(await readBill(bill.id)).toMatchObject({ status: "APPROVED", version: 1 });

    await use(server.metronome, id, "tokens", "2024-01-31T00:00:00Z", 250);
    expect(await readBill(bill.id)).toMatchObject({ status: "APPROVED", billTotal: 25 });
    await run("/billjobs/recalculate", { billIds: [bill.id] });
    expect(await readBill(bill.id)).toMatchObject({ status: "PENDING", version: 2 });

    await org.ask("PUT", `/bills/${bill.id}/status`, { status: "APPROVED" });
    await org.ask("PUT", `/bills/${bill.id}/lock`);
    expect(await org.refusal("POST", "/billjobs/recalculate", { billIds: [bill.id] })).toMatch(
      /^409 billIds\[0\]: bill .* is locked/,
    );
    expect(await run("/billjobs", { accountIds: [id] })).toMatchObject({ total: 0 });
    expect(await readBill(bill.id)).toMatchObject({ locked: true, version: 2, billTotal: 25 });
  });
});

describe("the schedule", () => {
  const scheduledJobs = async (): Promise<Body[]> =>
    (await org.ask("GET", "/billjobs?pageSize=200")).data.filter((job: Body) => job.scheduled);

  test("is off, then calculates all drafts at its interval on the environment's clock", async () => {
    await settle("2024-02-02T00:00:00Z");
    const config = await org.ask("GET", "/organizationconfig");
    expect(config).toMatchObject({
      scheduledBillInterval: null,
      daysBeforeBillDue: null,
      version: 1,
    });
    const { id, bill } = await signAccount("02");
    const set = await org.ask("PUT", "/organizationconfig", {
      ...config,
      scheduledBillInterval: 6,
      daysBeforeBillDue: 30,
    });
    expect(set).toMatchObject({ scheduledBillInterval: 6, version: 2 });
    expect(await org.ask("GET", "/organizationconfig")).toEqual(set);

    await settle("2024-02-02T05:59:59Z");
    expect(await scheduledJobs()).toEqual([]);
    await settle("2024-02-02T06:00:00Z");
    expect(await readBill(bill.id)).toMatchObject({
      version: 1,
      lastCalculatedDate: "2024-02-02T06:00:00Z",
      billDate: "2024-03-01",
      dueDate: "2024-03-31",
    });
    await use(server.metronome, id, "tokens", "2024-02-02T05:00:00Z", 500);
    await settle("2024-02-03T00:00:00Z");
    const jobs = await scheduledJobs();
    expect(jobs.map(({ dtCreated }) => dtCreated)).toEqual(
      ["02T06", "02T12", "02T18", "03T00"].map((hour) => `2024-02-${hour}:00:00Z`),
    );
    expect(jobs.map(({ type, status }) => `${type} ${status}`)).toEqual(
      Array(4).fill("RECALCULATE COMPLETE"),
    );
    // Found at noon, and not again.
    expect(jobs.map(({ regenerated }) => regenerated)).toEqual([expect.any(Number), 1, 0, 0]);
    expect(await readBill(bill.id)).toMatchObject({
      version: 2,
      billTotal: 30,
      lastCalculatedDate: "2024-02-03T00:00:00Z",
    });

    const off = await org.ask("PUT", "/organizationconfig", { version: 2 });
    expect(off).toMatchObject({ scheduledBillInterval: null, daysBeforeBillDue: null });
    await settle("2024-02-04T00:00:00Z");
    expect(await scheduledJobs()).toHaveLength(4);
  });

  test.each([
    [{ scheduledBillInterval: 0.3 }, /^400 scheduledBillInterval must be whole quarters/],
    [{ scheduledBillInterval: 25 }, /^400 scheduledBillInterval must be at most 24/],
    [{ scheduledBillInterval: -1 }, /^400 scheduledBillInterval must be at least 0/],
    [{ daysBeforeBillDue: 1.5 }, /^400 daysBeforeBillDue must be integer/],
    [{ timezone: "Europe/London" }, "400 timezone is not supported"],
    [{ currency: "USD" }, "400 currency is not supported"],
    [{ planet: "x" }, "400 unknown field planet"],
    [{ lastModifiedBy: "somebody" }, "400 lastModifiedBy is read-only"],
    [{ version: 99 }, /^409 The organization's configuration has version/],
  ])("PUT %j: %s", async (body, refusal) => {
    const config = await org.ask("GET", "/organizationconfig");
    const given = { ...config, ...body };
    expect(await org.refusal("PUT", "/organizationconfig", given)).toMatch(refusal);
    expect(await org.ask("GET", "/organizationconfig")).toEqual(config);
  });
});
