import type Stripe from "stripe";
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

/** Accounts, their keys and settings; what one of them may not see of another. */
let collect: TestCollect;
beforeAll(async () => {
  collect = await openTestCollect();
});
afterAll(() => collect.close());

// biome-ignore lint/suspicious/noExplicitAny: replies of every shape.
type Reply = { status: number; body: any };

async function manage(
  method: string,
  path: string,
  body?: unknown,
  token = SANDBOX_TOKEN,
): Promise<Reply> {
  const response = await fetch(`${collect.url}/ledgerline/accounts${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const newAccount = async (name: string, terms = {}): Promise<string> =>
  (await manage("POST", "", { name, ...terms })).body.id;

const newKey = async (account: string, terms = {}, token = SANDBOX_TOKEN): Promise<string> =>
  (await manage("POST", `/${account}/keys`, { mode: "test", ...terms }, token)).body.key;

const endpoints = createEndpoints({
  outgoing: createOutgoing({ allowPrivateNetwork: false, trustedHosts: () => [] }),
});

describe("accounts", () => {
  test("are made, changed and listed, by JSON and by form", async () => {
    const made = await manage("POST", "", {
      name: "Acme",
      business_name: "Acme GmbH",
      country: "DE",
    });
    expect(made).toMatchObject({
      status: 200,
      body: {
        object: "ledgerline.account",
        business_name: "Acme GmbH",
        default_api_version: "2015-10-16",
        subscription_retries: [3, 5, 7],
        subscription_retries_end: "cancel",
      },
    });
    const response = await fetch(`${collect.url}/ledgerline/accounts/${made.body.id}`, {
      method: "POST",
      headers: { authorization: `Bearer ${SANDBOX_TOKEN}` },
      body: new URLSearchParams({
        "subscription_retries[0]": "1",
        default_api_version: "2026-10-28.endive",
        business_name: "",
      }),
    });
    expect(await response.json()).toMatchObject({
      name: "Acme",
      business_name: null,
      subscription_retries: [1],
      default_api_version: "2026-10-28.endive",
    });
    const { body } = await manage("GET", "");
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(["sandbox", "Acme"]);
  });

  test.each<[string, unknown, string]>([
    ["no name", {}, "parameter_missing name"],
    ["a name that is taken", { name: "sandbox" }, "resource_already_exists name"],
    ["an unknown field", { name: "x", colour: 1 }, "parameter_unknown colour"],
    ["a country's name", { name: "x", country: "Germany" }, "undefined country"],
    [
      "a version of another kind",
      { name: "x", default_api_version: "v3" },
      "undefined default_api_version",
    ],
    [
      "a retry after no day",
      { name: "x", subscription_retries: [0] },
      "undefined subscription_retries[0]",
    ],
    [
      "an unknown end",
      { name: "x", subscription_retries_end: "pray" },
      "undefined subscription_retries_end",
    ],
    ["no object", [], "parameter_invalid undefined"],
  ])("refused: %s", async (_what, body, refusal) => {
    const { status, body: reply } = await manage("POST", "", body);
    expect(`${status} ${reply.error.code} ${reply.error.param}`).toMatch(
      new RegExp(`^400 (\\w+ )?.*${refusal.split(" ").at(-1)?.replaceAll(/[[\]]/g, "\\$&")}$`),
    );
    expect((await manage("GET", "")).body.data).toHaveLength(2);
  });

  test.each([
    ["", 401],
    ["sk_test_unknown", 401],
  ])("token %j: %i", async (token, status) => {
    expect((await manage("GET", "", undefined, token)).status).toBe(status);
  });

  test("a key of an account does not manage accounts; the configured one does", async () => {
    const key = await newKey(await newAccount("Beta"));
    expect((await manage("GET", "", undefined, key)).status).toBe(401);
    expect((await manage("GET", "", undefined, TEST_KEY)).status).toBe(200);
  });
});

describe("keys", () => {
  test("are shown once, and work at once", async () => {
    const account = await newAccount("Gamma");
    const { body } = await manage("POST", `/${account}/keys`, { mode: "test", name: "ci" });
    expect(body).toMatchObject({ type: "secret", livemode: false, name: "ci" });
    expect(body.key).toMatch(/^sk_test_\w{32}$/);
    const stripe = collect.client({}, body.key);
    expect((await stripe.customers.create({})).livemode).toBe(false);
    expect((await stripe.accounts.retrieveCurrent()).id).toBe(account);
    const [listed] = (await manage("GET", `/${account}/keys`)).body.data;
    expect(listed).toMatchObject({ id: body.id, masked: `sk_test_...${body.key.slice(-4)}` });
    expect(listed).not.toHaveProperty("key");
    expect(listed.last_used_at).toBeGreaterThan(0);
  });

  test("can be rolled: the old one works as long as it is given, or not at all", async () => {
    const account = await newAccount("Delta");
    const first = (await manage("POST", `/${account}/keys`, { mode: "test" })).body;
    const inAnHour = Math.floor(Date.now() / 1000) + 3600;
    const second = (
      await manage("POST", `/${account}/keys/${first.id}/roll`, { expires_at: inAnHour })
    ).body;
    const works = (key: string) =>
      collect
        .client({}, key)
        .customers.list()
        .then(
          () => true,
          () => false,
        );
    expect([await works(first.key), await works(second.key)]).toEqual([true, true]);
    const third = (await manage("POST", `/${account}/keys/${second.id}/roll`, {})).body;
    expect([await works(second.key), await works(third.key)]).toEqual([false, true]);
    await manage("DELETE", `/${account}/keys/${third.id}`);
    expect(await works(third.key)).toBe(false);
    await expect(collect.client({}, third.key).customers.list()).rejects.toMatchObject({
      type: "StripeAuthenticationError",
      statusCode: 401,
      code: "api_key_expired",
    });
    const past = await manage("POST", `/${account}/keys/${first.id}/roll`, { expires_at: 1 });
    expect(past.body.error).toMatchObject({ param: "expires_at" });
    const [configured] = (await manage("GET", `/${(await sandbox()).id}/keys`)).body.data;
    const roll = await manage("POST", `/${(await sandbox()).id}/keys/${configured.id}/roll`, {});
    expect([roll.status, roll.body.error.param]).toEqual([400, "key"]);
  });

  test("of live mode are the production token's, and see nothing of test mode", async () => {
    const account = await newAccount("Epsilon");
    const refused = await manage("POST", `/${account}/keys`, { mode: "live" });
    expect([refused.status, refused.body.error.param]).toEqual([403, "mode"]);
    const live = collect.client({}, await newKey(account, { mode: "live" }, PRODUCTION_TOKEN));
    const testing = collect.client({}, await newKey(account));
    const { id, livemode } = await live.customers.create({});
    expect(livemode).toBe(true);
    await expect(testing.customers.retrieve(id)).rejects.toMatchObject({
      code: "resource_missing",
    });
    expect((await testing.customers.list()).data).toEqual([]);
    const modes = async (token: string) =>
      (await manage("GET", `/${account}/keys`, undefined, token)).body.data.map(
        (key: { livemode: boolean }) => key.livemode,
      );
    expect(await modes(SANDBOX_TOKEN)).toEqual([false]);
    expect(await modes(PRODUCTION_TOKEN)).toEqual([false, true]);
  });
});

test("the configured key gives way to the next; keys of other making stay", async () => {
  const server = await openTestCollect();
  try {
    const list = (key: string) =>
      server
        .client({}, key)
        .customers.list()
        .then(
          () => "works",
          (error) => error.code ?? error.message,
        );
    const make = async (path: string, body: unknown) => {
      const response = await fetch(`${server.url}/ledgerline/accounts${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${SANDBOX_TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await response.json()) as { id: string; key: string };
    };
    const account = (await server.stripe.accounts.retrieveCurrent()).id;
    const made = await make(`/${account}/keys`, { mode: "test" });
    const rolled = await make(`/${account}/keys/${made.id}/roll`, {});
    const next = "sk_test_collect_of_the_next_start";
    await server.configure(next);
    expect(await Promise.all([TEST_KEY, next, rolled.key].map(list))).toEqual([
      expect.stringContaining("Invalid API Key"),
      "works",
      "works",
    ]);
    // A key that has ended works again when the operator names it, and is the only configured one.
    expect(await list(made.key)).toBe("api_key_expired");
    await server.configure(made.key);
    expect(await Promise.all([made.key, next].map(list))).toEqual([
      "works",
      expect.stringContaining("Invalid API Key"),
    ]);
    const other = await make("", { name: "Other" });
    const foreign = await make(`/${other.id}/keys`, { mode: "test" });
    await expect(server.configure(foreign.key)).rejects.toThrow("another account");
    expect(await list(made.key)).toBe("works");
  } finally {
    await server.close();
  }
});

test("settings of an account that has live keys are the production token's", async () => {
  const account = await newAccount("Kappa", { payment_instructions: "IBAN of Kappa" });
  const instruct = (token: string, words: string) =>
    manage("POST", `/${account}`, { payment_instructions: words }, token);
  expect((await instruct(SANDBOX_TOKEN, "still of tests only")).status).toBe(200);
  await newKey(account, { mode: "live" }, PRODUCTION_TOKEN);
  for (const token of [SANDBOX_TOKEN, TEST_KEY]) {
    expect((await instruct(token, "IBAN of somebody else")).status).toBe(403);
  }
  const shown = await manage("GET", `/${account}`);
  expect(shown.body.payment_instructions).toBe("still of tests only");
  expect((await instruct(PRODUCTION_TOKEN, "IBAN of Kappa")).body.payment_instructions).toBe(
    "IBAN of Kappa",
  );
});

test("Stripe-Account may name the key's own account", async () => {
  const stripeAccount = (await sandbox()).id;
  const listed = await collect.stripe.customers.list({}, { stripeAccount });
  expect(listed.object).toBe("list");
});

const sandbox = async () => (await manage("GET", "")).body.data[0];

describe("restricted keys", () => {
  test("read what they may read, write what they may write, expand no further", async () => {
    const { id } = await sandbox();
    const restricted = async (permissions: Record<string, string>) =>
      collect.client({}, await newKey(id, { type: "restricted", permissions }));
    const reader = await restricted({ invoices: "read", customers: "none" });
    const writer = await restricted({ customers: "write" });
    const customer = await writer.customers.create({ name: "Ann" });
    expect((await writer.customers.retrieve(customer.id)).id).toBe(customer.id);
    await collect.stripe.invoices.create({ customer: customer.id, currency: "usd" });
    expect((await reader.invoices.list()).data).toHaveLength(1);
    const refusal = (call: Promise<unknown>) =>
      call.then(
        () => "accepted",
        (error) => `${error.statusCode} ${error.message}`,
      );
    expect(await refusal(reader.invoices.create({ customer: customer.id }))).toMatch(
      /^403 .*'write' permission on invoices/,
    );
    expect(await refusal(reader.invoices.list({ expand: ["data.customer"] }))).toMatch(
      /^403 .*'read' permission on customers/,
    );
    expect(await refusal(writer.invoices.list())).toMatch(/^403/);
  });

  test.each([
    [{ type: "restricted" }, "permissions"],
    [{ permissions: { customers: "read" } }, "permissions"],
    [{ type: "restricted", permissions: { customers: "own" } }, "permissions[customers]"],
    [{ type: "restricted", permissions: { moon: "read" } }, "permissions[moon]"],
  ])("refused: %j", async (terms, param) => {
    const { id } = await sandbox();
    const { status, body } = await manage("POST", `/${id}/keys`, { mode: "test", ...terms });
    expect([status, body.error.param]).toEqual([400, param]);
  });

  test("without rights no endpoint answers", async () => {
    const { id } = await sandbox();
    const key = await newKey(id, { type: "restricted", permissions: {} });
    const answers = await Promise.all(
      endpoints.map(async ({ method, path }) => {
        const url = `${collect.url}${path.replaceAll(/:\w+/g, "x_1")}`;
        const headers = { authorization: `Bearer ${key}` };
        return `${method} ${path} ${(await fetch(url, { method, headers })).status}`;
      }),
    );
    expect(answers.length).toBeGreaterThan(80);
    expect(answers.filter((answer) => !answer.endsWith(" 403"))).toEqual([]);
  });
});

describe("settings", () => {
  test("say when what is sent falls due, unless the request does", async () => {
    const account = await newAccount("Iota", { days_until_due: 14 });
    const stripe = collect.client({}, await newKey(account));
    const DAY = 24 * 3600;
    const { id: customer } = await stripe.customers.create({ email: "iota@example.com" });
    const draft = async (terms: Partial<Stripe.InvoiceCreateParams>) => {
      const invoice = await stripe.invoices.create({ customer, ...terms });
      return invoice.due_date === null ? null : (invoice.due_date - invoice.created) / DAY;
    };
    const sent = { collection_method: "send_invoice" } as const;
    expect(await draft(sent)).toBe(14);
    expect(await draft({ ...sent, days_until_due: 3 })).toBe(3);
    expect(await draft({ collection_method: "charge_automatically" })).toBeNull();
    const charged = await stripe.invoices.create({ customer });
    const changed = await stripe.invoices.update(charged.id, sent);
    expect(Number(changed.due_date) - changed.created).toBe(14 * DAY);

    const price = await stripe.prices.create({
      currency: "usd",
      unit_amount: 500,
      recurring: { interval: "month" },
      product_data: { name: "Sent" },
    });
    const items = [{ price: price.id }];
    const subscription = await stripe.subscriptions.create({ customer, items, ...sent });
    expect(subscription.days_until_due).toBe(14);
    await manage("POST", `/${account}`, { days_until_due: null });
    await expect(draft(sent)).rejects.toMatchObject({
      code: "parameter_missing",
      param: "days_until_due",
    });
    const refused = await manage("POST", `/${account}`, { days_until_due: -1 });
    expect([refused.status, refused.body.error.param]).toEqual([400, "days_until_due"]);
  });

  test("name the seller, number invoices by account, and set the hour of a draft", async () => {
    const account = await newAccount("Theta", {
      business_name: "Theta Ltd",
      country: "GB",
      invoice_number_scheme: "account",
      invoice_prefix: "THETA",
      invoice_grace_hours: 48,
      default_api_version: "2026-10-28.endive",
    });
    const stripe = collect.client({}, await newKey(account));
    const finalize = async () => {
      const { id } = await stripe.customers.create({});
      const invoice = await stripe.invoices.create({ customer: id, auto_advance: true });
      expect(Number(invoice.automatically_finalizes_at) - invoice.created).toBe(48 * 3600);
      await stripe.invoiceItems.create({ customer: id, invoice: invoice.id, amount: 500 });
      return stripe.invoices.finalizeInvoice(invoice.id);
    };
    const first = await finalize();
    expect(first).toMatchObject({
      number: "THETA-0001",
      account_name: "Theta Ltd",
      account_country: "GB",
    });
    const rest = await Promise.all([finalize(), finalize(), finalize()]);
    expect(rest.map(({ number }) => number).sort()).toEqual([
      "THETA-0002",
      "THETA-0003",
      "THETA-0004",
    ]);
  });
});
