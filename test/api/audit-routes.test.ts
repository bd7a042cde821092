import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretName } from "../../src/http/audit/without-secrets.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const LISTS = "answers what is there";
const QUERY = "counts usage";

/** Requests that are no GET and have no row in the audit log, each with the reason. */
const NOT_AUDITED: Readonly<Record<string, string>> = {
  "POST /sandbox/{client_id}/{environment}": "a provider's event: it has no token and no actor",
  "POST /stripe/{client_id}/{environment}": "a provider's event: it has no token and no actor",
  "POST /quickbooks/{client_id}/{environment}": "a provider's event: it has no token and no actor",
  "POST /oauth/token": "exchanges a token for one that ends: nothing is changed",
  "POST /i/{*}": "pages of invoices: no token and no actor",
  "POST /v1/ingest": "usage is data and not configuration; every event is kept",
  "POST /v1/usage": QUERY,
  "POST /v1/events/search": QUERY,
  "POST /v1/customer-alerts/get": LISTS,
  "POST /v1/customer-alerts/list": LISTS,
  "POST /v2/notifications/get": LISTS,
  "POST /v2/notifications/offset/list": LISTS,
  "POST /v2/notifications/system/list": LISTS,
  "POST /v1/customers/{customer_id}/previewEvents": "rates events that are not kept",
  "POST /v1/invoices/{id}/provider-requests": "shows what would be sent",
  "POST /organizations/{orgId}/integrationconfigs/preview-filter": "shows what a filter would take",
  "POST /v1/connections/{id}/test": "looks at the account and changes nothing",
  "POST /v1/customFields/listKeys": LISTS,
  "POST /v1/contract-pricing/products/get": LISTS,
  "POST /v1/contract-pricing/products/list": LISTS,
  "POST /v1/contract-pricing/rate-cards/get": LISTS,
  "POST /v1/contract-pricing/rate-cards/list": LISTS,
  "POST /v1/contract-pricing/rate-cards/getRates": LISTS,
  "POST /v1/contract-pricing/rate-cards/getRateSchedule": LISTS,
  "POST /v1/getCustomerBillingProviderConfigurations": LISTS,
  "POST /v1/listConfiguredBillingProviders": LISTS,
  "POST /v1/contracts/get": LISTS,
  "POST /v1/contracts/list": LISTS,
  "POST /v2/contracts/get": LISTS,
  "POST /v2/contracts/list": LISTS,
  "POST /v2/contracts/getEditHistory": LISTS,
  "POST /v1/contracts/getContractRateSchedule": LISTS,
  "POST /v1/contracts/getSubscriptionQuantityHistory": LISTS,
  "POST /v1/contracts/getSubscriptionSeatsHistory": LISTS,
  "POST /v1/contracts/seatBalances/list": LISTS,
  "POST /v1/contracts/customerCommits/list": LISTS,
  "POST /v1/contracts/customerCredits/list": LISTS,
  "POST /v1/contracts/customerBalances/list": LISTS,
  "POST /v1/contracts/customerBalances/getNetBalance": LISTS,
  "POST /v1/packages/get": LISTS,
  "POST /v1/packages/list": LISTS,
  "POST /v1/packages/listContractsOnPackage": LISTS,
};

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Schema of the body, or undefined. */
  readonly body: Schema | undefined;
}

let server: TestServer;
let routes: Route[];

beforeAll(async () => {
  // The keys are made up: calls with them must not leave this machine, and nobody listens there.
  server = await startTestServer({ stripeApiBase: "http://127.0.0.1:9" });
  const description = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
    paths: Record<
      string,
      Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>
    >;
  };
  routes = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== "get" && method !== "head")
      .map(([method, { requestBody }]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path: path.replace(/\{[\w*]+\}/g, "00000000-0000-4000-8000-000000000000"),
        body: Object.values(requestBody?.content ?? {})[0]?.schema,
      })),
  );
});
afterAll(() => server.close());

/** Sends a request to a route; answers how many rows of the log are of it. */
async function rowsOf({ method, path }: Route, body: unknown): Promise<number> {
  const id = randomUUID();
  await server.send(method, path, body, { "x-request-id": id });
  const rows = await server.db
    .selectFrom("audit_logs")
    .select(["action", "resource_type", "status"])
    .where("request_id", "=", id)
    .execute();
  for (const row of rows) {
    expect(row.action).toMatch(/^[a-z_]+$/);
    expect(row.resource_type).toMatch(/^[a-z_]+$/);
  }
  return rows.length;
}

describe("every route that is no GET", () => {
  test("has a row in the audit log, or is listed here with the reason", async () => {
    expect(routes.length).toBeGreaterThan(80);
    const silent: string[] = [];
    for (const route of routes) if ((await rowsOf(route, {})) === 0) silent.push(route.name);
    const unexplained = silent.filter((name) => !Object.hasOwn(NOT_AUDITED, name));
    expect(unexplained, "writes without a row: audit them, or say why not").toEqual([]);
    const declared = new Set(routes.map(({ name }) => name));
    const listed = Object.keys(NOT_AUDITED).filter((name) => declared.has(name));
    expect(silent.toSorted(), "listed as unaudited, but audited").toEqual(listed.toSorted());
  });
});

/** Fields whose name looks like a secret's and is none. */
const HARMLESS = new Set(
  `key keys line_key group_keys aggregation_key pricing_group_key presentation_group_key seat_group_key
  uniqueness_key release_uniqueness_key keyHint authorized`.split(/\s+/),
);
const MAY_BE_SECRET = /key|secret|token|credential|auth|passw|passphrase|cert|signature/i;

const namesIn = (node: unknown): string[] => {
  if (typeof node !== "object" || node === null) return [];
  const { properties } = node as Schema;
  return [...Object.keys(properties ?? {}), ...Object.values(node).flatMap(namesIn)];
};

describe("secrets", () => {
  test("every field that may hold one is removed, or is known to be harmless", () => {
    const names = new Set(routes.flatMap(({ body }) => namesIn(body)));
    const doubtful = [...names].filter((name) => MAY_BE_SECRET.test(name) && !HARMLESS.has(name));
    expect(doubtful).toEqual(
      expect.arrayContaining(["credential", "stripe_api_key", "webhook_secret", "secret"]),
    );
    expect(doubtful.filter((name) => !isSecretName(name))).toEqual([]);
    expect([...HARMLESS].filter(isSecretName)).toEqual([]);
  });

  /** Whether a text stands anywhere in the log. */
  async function isLogged(text: string): Promise<boolean> {
    const { rows } = await sql`select 1 from audit_logs
      where audit_logs::text like ${`%${text}%`}`.execute(server.db);
    return rows.length > 0;
  }

  test("none is in the log, whatever becomes of the request", async () => {
    const mark = randomBytes(8).toString("hex");
    const secret = `sk_test_${mark}`;
    const ignoring = { "x-ignore-unknown-fields": "true" };
    const connect = await server.send("POST", "/v1/connections", {
      provider: "stripe",
      name: "Marked",
      credential: { api_key: secret, webhook_secret: `whsec_${mark}` },
    });
    const endpoint = { url: "http://127.0.0.1:9/hooks" };
    const answers = [
      connect,
      await server.send("PATCH", `/v1/connections/${connect.body.data.id}`, {
        credential: { webhook_secret: `whsec_${mark}` },
      }),
      await server.send("PATCH", `/v1/connections/${randomUUID()}`, {
        credential: { api_key: secret },
      }),
      await server.send("POST", "/v1/client/billing-config/stripe", { stripe_api_key: secret }),
      await server.send("PATCH", "/v1/client/billing-config/stripe", { stripe_api_key: secret }),
      await server.send("POST", "/v1/client/config/webhook_secret", { webhook_secret: mark }),
      await server.send("POST", "/v1/webhook-endpoints", { ...endpoint, secret: mark }),
      // Refused, misspelt, and misspelt where that is ignored.
      await server.send("POST", "/v1/client/billing-config/stripe", {
        stripe_api_key: `sk_live_${mark}`,
      }),
      await server.send("POST", "/v1/connections", {
        provider: "stripe",
        credential: { api_key: `pk_${mark}` },
      }),
      await server.send("POST", "/v1/webhook-endpoints", { ...endpoint, sekret: mark }),
      await server.send("POST", "/v1/webhook-endpoints", { ...endpoint, sekret: mark }, ignoring),
    ];
    expect(answers.map(({ status }) => status)).toEqual([
      200, 200, 404, 200, 200, 200, 200, 400, 400, 400, 200,
    ]);
    expect(await isLogged("Marked"), "what is no secret is there").toBe(true);
    expect(await isLogged(mark)).toBe(false);
    // A secret that was made up is shown once, and is not kept either.
    const made = await server.send("POST", "/v1/webhook-endpoints", endpoint);
    expect(made.body.data.secret).toBeTypeOf("string");
    expect(await isLogged(made.body.data.secret)).toBe(false);
  });

  test("of every route with such a field: sent to it, it is not kept", async () => {
    const mark = randomBytes(8).toString("hex");
    const sent: string[] = [];
    for (const route of routes) {
      const fields = Object.keys(route.body?.properties ?? {}).filter(isSecretName);
      // What has no row keeps nothing.
      if (fields.length === 0 || Object.hasOwn(NOT_AUDITED, route.name)) continue;
      sent.push(route.name);
      for (const value of [mark, { api_key: mark }, [mark]]) {
        const body = Object.fromEntries(fields.map((name) => [name, value]));
        const isAudited = !Object.hasOwn(NOT_AUDITED, route.name);
        expect((await rowsOf(route, body)) > 0, route.name).toBe(isAudited);
      }
    }
    expect(sent.length).toBeGreaterThanOrEqual(6);
    expect(await isLogged(mark)).toBe(false);
  });
});
