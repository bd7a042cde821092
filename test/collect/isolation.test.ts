import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEndpoints } from "../../src/collect/http/endpoints.ts";
import { createOutgoing } from "../../src/platform/network/outgoing.ts";
import {
  openTestCollect,
  PRODUCTION_TOKEN,
  SANDBOX_TOKEN,
  TEST_KEY,
  type TestCollect,
} from "./open-test-collect.ts";
import { subscriptionWorld } from "./subscription-world.ts";
import { openReceiver } from "./webhook-receiver.ts";

/** One account's objects, asked for with the keys of another account and of the other mode. */
let collect: TestCollect;
/** An object of each kind, by the name that paths and parameters give it. */
let ids: Readonly<Record<string, string>>;
/** Keys that may see none of them: another account's, and the same account's in live mode. */
let strangers: Readonly<Record<"another account" | "the other mode", string>>;

async function manage(
  path: string,
  body: unknown,
  token: string,
): Promise<{ [name: string]: string }> {
  const response = await fetch(`${collect.url}/ledgerline/accounts${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { [name: string]: string };
}

async function makeStrangers(account: string): Promise<typeof strangers> {
  const { id } = await manage("", { name: "Stranger" }, SANDBOX_TOKEN);
  const another = await manage(`/${id}/keys`, { mode: "test" }, SANDBOX_TOKEN);
  const live = await manage(`/${account}/keys`, { mode: "live" }, PRODUCTION_TOKEN);
  return { "another account": another.key ?? "", "the other mode": live.key ?? "" };
}

beforeAll(async () => {
  collect = await openTestCollect();
  const { stripe } = collect;
  const world = subscriptionWorld(collect);
  const subscription = await world.subscribe(await world.price(1000));
  const customer = String(subscription.customer);
  const item = await stripe.invoiceItems.create({ customer, amount: 100 });
  const coupon = await stripe.coupons.create({ percent_off: 5 });
  const rate = await stripe.taxRates.create({ display_name: "x", percentage: 1, inclusive: true });
  const draft = await stripe.invoices.create({
    customer,
    pending_invoice_items_behavior: "exclude",
  });
  const withLine = await stripe.invoices.addLines(draft.id, { lines: [{ amount: 100 }] });
  const transaction = await stripe.customers.createBalanceTransaction(customer, {
    amount: -5,
    currency: "usd",
  });
  const [method] = (await stripe.customers.listPaymentMethods(customer)).data;
  const [payment] = (await stripe.invoicePayments.list()).data;
  const [intent] = (await stripe.paymentIntents.list()).data;
  const [charge] = (await stripe.charges.list()).data;
  const [event] = (await stripe.events.list()).data;
  const hook = await stripe.webhookEndpoints.create({
    url: `${collect.url}/x`,
    enabled_events: ["*"],
  });
  const price = subscription.items.data[0]?.price;
  const refund = await stripe.refunds.create({ charge: charge?.id ?? "", amount: 1 });
  const record = await stripe.paymentRecords.reportPayment({
    amount_requested: { value: 100, currency: "usd" },
    initiated_at: 1_700_000_000,
    payment_method_details: { type: "custom", custom: { display_name: "Bank" } },
  });
  const note = await stripe.creditNotes.create({
    invoice: String(subscription.latest_invoice),
    amount: 1,
    credit_amount: 1,
  });
  const account = (await stripe.accounts.retrieveCurrent()).id;
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_700_000_000 });
  const found: Record<string, string | undefined> = {
    account,
    charge: charge?.id,
    clock: clock.id,
    coupon: coupon.id,
    customer,
    endpoint: hook.id,
    event: event?.id,
    intent: intent?.id,
    invoice: draft.id,
    invoiceitem: item.id,
    item: subscription.items.data[0]?.id,
    line: withLine.lines.data[0]?.id,
    method: method?.id,
    note: note.id,
    payment: payment?.id,
    plan: price?.id,
    price: price?.id,
    product: String(price?.product),
    rate: rate.id,
    record: record.id,
    refund: refund.id,
    subscription: subscription.id,
    transaction: transaction.id,
  };
  ids = Object.fromEntries(
    Object.entries(found).map(([name, id]) => {
      if (id === undefined) throw new Error(`No object for :${name}`);
      return [name, id];
    }),
  );
  strangers = await makeStrangers(account);
});
afterAll(() => collect?.close());

const endpoints = createEndpoints({
  outgoing: createOutgoing({ allowPrivateNetwork: true, trustedHosts: () => [] }),
});

/** A path or form with the names in it replaced by ids: "customer=:customer". */
const withIds = (template: string): string =>
  template.replaceAll(/:(\w+)/g, (_all, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`isolation.test.ts needs an object for :${name}`);
    return id;
  });

// biome-ignore lint/suspicious/noExplicitAny: replies of every shape.
type Answer = { status: number; body: any };

async function ask(key: string, method: string, path: string, form = ""): Promise<Answer> {
  const inBody = method === "POST";
  const response = await fetch(`${collect.url}${path}${inBody || form === "" ? "" : `?${form}`}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(inBody ? { "content-type": "application/x-www-form-urlencoded" } : {}),
    },
    ...(inBody ? { body: form } : {}),
  });
  return { status: response.status, body: await response.json() };
}

/** Every row that belongs to the owner, as one text. */
async function ownersRows(): Promise<string> {
  const { rows } = await sql<{ name: string }>`select table_name as name
    from information_schema.columns
    where table_schema = 'collect' and column_name = 'livemode' and table_name <> 'secret_keys'
    order by 1`.execute(collect.db);
  const states: string[] = [];
  for (const { name } of rows) {
    const { rows: found } = await sql<{ state: string }>`select
      coalesce(sum(hashtextextended(row::text, 0)::numeric), 0)::text || '/' || count(*) as state
      from ${sql.table(`collect.${name}`)} row
      where account_id = ${ids.account} and not livemode`.execute(collect.db);
    states.push(`${name} ${found[0]?.state}`);
  }
  expect(states.length).toBeGreaterThan(15);
  return states.join("\n");
}

const REQUIRED: Readonly<Record<string, string>> = {
  "/v1/customers/:customer/balance_transactions": "amount=-5&currency=usd",
  "/v1/invoices/:invoice/add_lines": "lines[0][amount]=1",
  "/v1/invoices/:invoice/update_lines": "lines[0][id]=:line&lines[0][amount]=1",
  "/v1/invoices/:invoice/remove_lines": "lines[0][id]=:line&lines[0][behavior]=delete",
  "/v1/invoices/:invoice/attach_payment": "payment_record=:record",
  "/v1/payment_methods/:method/attach": "customer=:own",
  "/v1/payment_records/:record/report_payment_attempt_canceled": "canceled_at=1700000000",
  "/v1/payment_records/:record/report_payment_attempt_failed": "failed_at=1700000000",
  "/v1/payment_records/:record/report_payment_attempt_guaranteed": "guaranteed_at=1700000000",
  "/v1/payment_records/:record/report_refund": "outcome=refunded&processor_details[type]=custom",
  "/v1/test_helpers/test_clocks/:clock/advance": "frozen_time=1800000000",
  "/v1/subscriptions/:subscription/migrate": "billing_mode[type]=flexible",
};

/** Parameters that name an object: what a stranger says with them refers to nothing. */
const REFERENCES: readonly (readonly [path: string, form: string, param: string])[] = [
  ["/v1/customers", "payment_method=:method", "payment_method"],
  ["/v1/customers", "test_clock=:clock", "test_clock"],
  ["/v1/customers", "coupon=:coupon", "coupon"],
  ["/v1/coupons", "percent_off=5&applies_to[products][0]=:product", "applies_to"],
  ["/v1/invoiceitems", "customer=:customer&amount=1&currency=usd", "customer"],
  ["/v1/invoiceitems", "subscription=:subscription&amount=1&currency=usd", "subscription"],
  ["/v1/credit_notes", "invoice=:invoice&amount=1", "invoice"],
  ["/v1/invoices", "customer=:customer", "customer"],
  ["/v1/invoices/create_preview", "customer=:customer", "customer"],
  ["/v1/invoices/create_preview", "subscription=:subscription", "subscription"],
  ["/v1/payment_intents", "customer=:customer&amount=100&currency=usd", "customer"],
  [
    "/v1/payment_records/report_payment",
    "amount_requested[value]=1&amount_requested[currency]=usd&initiated_at=1700000000&payment_method_details[type]=custom&payment_method_details[custom][display_name]=B&customer_details[customer]=:customer",
    "customer",
  ],
  ["/v1/plans", "product=:product&currency=usd&amount=1&interval=month", "product"],
  ["/v1/prices", "product=:product&currency=usd&unit_amount=1", "product"],
  ["/v1/refunds", "charge=:charge", "charge"],
  ["/v1/refunds", "payment_intent=:intent", "payment_intent"],
  ["/v1/subscriptions", "customer=:customer&items[0][price]=:price", "customer"],
  ["/v1/subscription_items", "subscription=:subscription&price=:price", "subscription"],
];

/** Endpoints of which all is a preview: they ask for what they are a preview of. */
const PREVIEWS: readonly (readonly [path: string, form: string, param: string])[] = [
  ["/v1/credit_notes/preview", "invoice=:invoice&amount=1", "invoice"],
  ["/v1/credit_notes/preview/lines", "invoice=:invoice&amount=1", "invoice"],
];

/** What can be made without naming anything that exists. */
const WITHOUT_REFERENCES = [
  "/v1/payment_methods",
  "/v1/products",
  "/v1/tax_rates",
  "/v1/test_helpers/test_clocks",
  "/v1/webhook_endpoints",
];

test("every endpoint that makes something is looked at", () => {
  const makers = endpoints.filter(({ method, path }) => method === "POST" && !path.includes(":"));
  const looked = new Set([...REFERENCES.map(([path]) => path), ...WITHOUT_REFERENCES]);
  expect(makers.map(({ path }) => path).filter((path) => !looked.has(path))).toEqual([]);
});

const KINDS = ["another account", "the other mode"] as const;

describe.each(KINDS)("%s", (kind) => {
  const owned = endpoints.filter(({ path }) => path.includes(":"));
  test.each(owned.map(({ method, path }) => [method, path] as const))(
    "%s %s finds nothing",
    async (method, path) => {
      if (path === "/v1/accounts/:account" && kind === "the other mode") return;
      const before = await ownersRows();
      let form = method === "POST" ? (REQUIRED[path] ?? "") : "";
      if (form.includes(":own")) {
        const own = await ask(strangers[kind], "POST", "/v1/customers");
        form = form.replace(":own", own.body.id);
      }
      form = withIds(form);
      const { status, body } = await ask(strangers[kind], method, withIds(path), form);
      expect([status, body.error?.code], JSON.stringify(body)).toEqual([404, "resource_missing"]);
      if (kind === "the other mode") {
        expect(body.error.message).toContain("a similar object exists in test mode");
      } else expect(body.error.message).not.toContain("similar object");
      expect(await ownersRows()).toBe(before);
    },
  );

  const ROOTS = endpoints.filter(({ path }) => !path.includes(":"));
  const isPreview = (path: string) => PREVIEWS.some(([preview]) => preview === path);
  test.each(PREVIEWS)("GET %s with %s refers to nothing", async (path, form, param) => {
    const { status, body } = await ask(strangers[kind], "GET", path, withIds(form));
    expect([status, body.error?.code], JSON.stringify(body)).toEqual([400, "resource_missing"]);
    expect(body.error.param).toBe(param);
  });

  const lists = ROOTS.filter(({ method, path }) => method === "GET" && !isPreview(path));
  test.each(lists.map(({ path }) => path))("GET %s shows nothing of it", async (path) => {
    const query = path.endsWith("/search")
      ? "query=created>0"
      : path === "/v1/subscription_items"
        ? withIds("subscription=:subscription")
        : "";
    const own = await ask(TEST_KEY, "GET", path, query);
    expect(own.status).toBe(200);
    const shown = await ask(strangers[kind], "GET", path, query);
    if (path === "/v1/account") {
      expect(shown.body.id === ids.account).toBe(kind === "the other mode");
      return;
    }
    expect(own.body.data.length, "the owner sees something").toBeGreaterThan(0);
    if (shown.status !== 200) expect(shown.body.error.code).toBe("resource_missing");
    const owners = own.body.data.map(({ id }: { id: string }) => id);
    const text = JSON.stringify(shown.body.data ?? []);
    expect([...owners, ...Object.values(ids)].filter((id) => text.includes(id))).toEqual([]);
  });

  test.each(REFERENCES)("POST %s with %s refers to nothing", async (path, form, param) => {
    const before = await ownersRows();
    const { status, body } = await ask(strangers[kind], "POST", path, withIds(form));
    expect([status, body.error?.code], JSON.stringify(body)).toEqual([400, "resource_missing"]);
    expect(body.error.param).toContain(param);
    expect(await ownersRows()).toBe(before);
  });

  test("a customer of its own cannot be given the owner's things", async () => {
    const customer = (await ask(strangers[kind], "POST", "/v1/customers", "name=S")).body.id;
    const give = async (path: string, form: string) =>
      (await ask(strangers[kind], "POST", path, `customer=${customer}&${withIds(form)}`)).body.error
        ?.code;
    const codes = [
      await give("/v1/invoiceitems", "pricing[price]=:price"),
      await give("/v1/invoiceitems", "amount=1&currency=usd&invoice=:invoice"),
      await give("/v1/invoiceitems", "amount=1&currency=usd&subscription=:subscription"),
      await give("/v1/invoiceitems", "amount=1&currency=usd&tax_rates[0]=:rate"),
      await give("/v1/invoiceitems", "amount=1&currency=usd&discounts[0][coupon]=:coupon"),
      await give("/v1/invoices", "default_payment_method=:method"),
      await give("/v1/invoices", "default_tax_rates[0]=:rate"),
      await give("/v1/subscriptions", "items[0][price]=:price"),
      await give("/v1/payment_intents", "amount=100&currency=usd&payment_method=:method"),
    ];
    expect(codes).toEqual(codes.map(() => "resource_missing"));
  });
});

test("the same idempotency key is another one in each account and mode", async () => {
  const made = await Promise.all(
    [TEST_KEY, ...Object.values(strangers)].map((key) =>
      collect.client({}, key).customers.create({ name: "I" }, { idempotencyKey: "shared" }),
    ),
  );
  expect(new Set(made.map(({ id }) => id)).size).toBe(3);
  for (const { lastResponse } of made) {
    expect(lastResponse.headers["idempotent-replayed"]).toBeUndefined();
  }
});

test("what happens in an account is told to its own receivers, in its own mode, alone", async () => {
  const receivers = await Promise.all(
    [TEST_KEY, ...Object.values(strangers)].map(async (key) => {
      const receiver = await openReceiver();
      const client = collect.client({}, key);
      await client.webhookEndpoints.create({
        url: receiver.url,
        enabled_events: ["customer.created"],
      });
      return receiver;
    }),
  );
  try {
    const { id } = await collect.stripe.customers.create({ name: "Told" });
    await collect.advanceTo("2024-01-01T00:00:00Z");
    const told = receivers.map(({ received }) =>
      received.map(({ body }) => JSON.parse(body).data.object.id),
    );
    expect(told).toEqual([[id], [], []]);
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.close()));
  }
});
