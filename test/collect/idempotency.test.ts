import { sql } from "kysely";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
beforeAll(async () => {
  collect = await openTestCollect();
});
afterAll(() => collect?.close());

const count = async (): Promise<number> =>
  (await collect.stripe.customers.list({ limit: 100 })).data.length;

test("the same key replays the reply and does nothing again", async () => {
  const before = await count();
  const create = () => collect.stripe.customers.create({ name: "A" }, { idempotencyKey: "a" });
  const first = await create();
  const second = await create();
  expect(second.id).toBe(first.id);
  expect(second.lastResponse.headers["idempotent-replayed"]).toBe("true");
  expect(second.lastResponse.headers["original-request"]).toBe(first.lastResponse.requestId);
  expect(first.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
  expect(await count()).toBe(before + 1);
});

test("the same key with other parameters, or on another path, is refused", async () => {
  const { id } = await collect.stripe.customers.create({ name: "B" }, { idempotencyKey: "b" });
  const other = collect.stripe.customers.create({ name: "C" }, { idempotencyKey: "b" });
  await expect(other).rejects.toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  const elsewhere = collect.stripe.customers.update(id, { name: "B" }, { idempotencyKey: "b" });
  await expect(elsewhere).rejects.toMatchObject({
    statusCode: 400,
    type: "StripeIdempotencyError",
  });
});

test("of many requests at once with one key exactly one takes effect", async () => {
  const before = await count();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () =>
      collect.stripe.customers.create({ name: "D" }, { idempotencyKey: "d" }),
    ),
  );
  const ids = new Set(
    outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.id] : [])),
  );
  expect(ids.size).toBe(1);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ statusCode: 409 });
  }
  expect(await count()).toBe(before + 1);
});

test("a refusal that came of the work is replayed; one of the parameters is not stored", async () => {
  const update = () =>
    collect.stripe.customers
      .update("cus_missing", { name: "E" }, { idempotencyKey: "e" })
      .catch((error: Stripe.errors.StripeError) => error);
  expect(await update()).toMatchObject({ statusCode: 404, code: "resource_missing" });
  const again = (await update()) as Stripe.errors.StripeError;
  expect(again.headers?.["idempotent-replayed"]).toBe("true");

  const unknown = collect.stripe.customers.create({ nmae: "F" } as Stripe.CustomerCreateParams, {
    idempotencyKey: "f",
  });
  await expect(unknown).rejects.toMatchObject({ code: "parameter_unknown" });
  const right = await collect.stripe.customers.create({ name: "F" }, { idempotencyKey: "f" });
  expect(right.name).toBe("F");
});

test("a refused request leaves nothing of what it did before", async () => {
  const before = await count();
  const events = await collect.stripe.events.list({ limit: 1 });
  const create = collect.stripe.customers.create(
    { name: "G", payment_method: "pm_card_chargeDeclined" },
    { idempotencyKey: "g" },
  );
  await expect(create).rejects.toMatchObject({ statusCode: 402, decline_code: "generic_decline" });
  expect(await count()).toBe(before);
  expect((await collect.stripe.events.list({ limit: 1 })).data).toEqual(events.data);
});

/** Holds a customer's row until `release`, so that requests that change it stand still. */
async function holdCustomer(id: string) {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let locked = (): void => {};
  const holding = new Promise<void>((resolve) => {
    locked = resolve;
  });
  const done = collect.db.transaction().execute(async (tx) => {
    await sql`select from collect.customers where id = ${id} for update`.execute(tx);
    locked();
    await released;
  });
  await holding;
  return {
    async release() {
      release();
      await done;
    },
  };
}

/** The database session that waits for a lock, once there is one. */
async function waitingSession(): Promise<number> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(collect.db);
    if (rows[0] !== undefined) return rows[0].pid;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("No session came to wait for the lock");
}

test("while the first is under way, a second gets 409; killed on the way, the first left nothing", async () => {
  const { id } = await collect.stripe.customers.create({ balance: -100 });
  const grant = () =>
    collect.stripe.customers.createBalanceTransaction(
      id,
      { amount: -5, currency: "usd" },
      { idempotencyKey: "killed" },
    );
  const hold = await holdCustomer(id);
  const first = grant().catch((error: unknown) => error);
  const pid = await waitingSession();
  await expect(grant()).rejects.toMatchObject({
    statusCode: 409,
    code: "idempotency_key_in_use",
  });
  await sql`select pg_terminate_backend(${pid})`.execute(collect.db);
  expect(await first).toMatchObject({ statusCode: 500, type: "StripeAPIError" });
  await hold.release();
  expect((await collect.stripe.customers.listBalanceTransactions(id)).data).toHaveLength(1);

  const granted = await grant();
  expect(granted.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
  expect((await grant()).id).toBe(granted.id);
  expect(await collect.stripe.customers.retrieve(id)).toMatchObject({ balance: -105 });
});

test("keys are forgotten 24 hours later, on the sandbox's clock", async () => {
  const create = () => collect.stripe.customers.create({ name: "H" }, { idempotencyKey: "h" });
  const first = await create();
  await collect.advanceTo("2024-01-01T23:59:59Z");
  expect((await create()).id).toBe(first.id);
  await collect.advanceTo("2024-01-02T00:00:00Z");
  expect((await create()).id).not.toBe(first.id);
});
