import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePort } from "../support/provider-proxy.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let base: string;
let url: string;
beforeAll(async () => {
  const collectPort = await findFreePort();
  // Nothing of this leaves the machine, whatever the keys look like.
  server = await startTestServer({
    collectPort,
    stripeApiBase: `http://127.0.0.1:${collectPort}`,
  });
  const { body } = await server.send("GET", "/v1/environment");
  base = `/organizations/${body.data.org_id}`;
  url = `${base}/integrationcredentials`;
});
afterAll(() => server.close());

const newKey = () => `sk_test_${randomBytes(12).toString("hex")}`;
const STATIC = { type: "STATIC_API_KEY", destination: "STRIPE_TEST" };

/** A credential but for its status, which changes by itself. */
const withoutStatus = ({ status: _status, ...rest }: Record<string, unknown>) => rest;

const add = async (name: string, apiKey = newKey()) =>
  (await server.send("POST", url, { ...STATIC, name, apiKey })).body;

const addConfig = async (credentialId: string) =>
  (
    await server.send("POST", `${base}/integrationconfigs`, {
      entityType: "Bill",
      destination: "STRIPE_TEST",
      integrationCredentialsId: credentialId,
    })
  ).body;

describe("credentials", () => {
  test("show their name and the last four characters of the key, and never the key", async () => {
    const apiKey = newKey();
    const webhookSecret = `whsec_${randomBytes(12).toString("hex")}`;
    const made = await server.send("POST", url, {
      type: "stripe_signed_request",
      name: "EU",
      destination: "stripe_test",
      apiKey,
      webhookSecret,
    });
    expect(made.status).toBe(200);
    expect(made.body).toEqual({
      id: expect.any(String),
      name: "EU",
      type: "STRIPE_SIGNED_REQUEST",
      destination: "STRIPE_TEST",
      status: expect.any(String),
      keyHint: apiKey.slice(-4),
      usedBy: [],
      // The first account of the user's own, as over /v1/connections.
      isDefault: true,
      builtIn: false,
      version: 1,
      dtCreated: expect.any(String),
    });
    const one = await server.send("GET", `${url}/${made.body.id}`);
    expect(withoutStatus(one.body)).toEqual(withoutStatus(made.body));
    const list = await server.send("GET", url);
    expect(list.body.data.map(withoutStatus)).toContainEqual(withoutStatus(made.body));
    const shown = JSON.stringify([made.body, one.body, list.body]);
    expect(shown).not.toContain(apiKey);
    expect(shown).not.toContain(webhookSecret);
    const { rows } = await sql`select 1 from audit_logs
      where audit_logs::text like ${`%${apiKey}%`}`.execute(server.db);
    expect(rows).toEqual([]);
  });

  test("are connections: each is seen in the other's API, a second one is no default", async () => {
    const second = await add("Second");
    expect(second).toMatchObject({ isDefault: false });
    const connection = await server.send("GET", `/v1/connections/${second.id}`);
    expect(connection.body.data).toMatchObject({ name: "Second", provider: "stripe" });
    const other = await server.send("POST", "/v1/connections", {
      provider: "stripe",
      name: "Other way",
      credential: { api_key: "sk_test_abcd1234" },
    });
    const { body } = await server.send("GET", `${url}/${other.body.data.id}`);
    expect(body).toMatchObject({ name: "Other way", type: "STATIC_API_KEY", keyHint: "1234" });
    const builtIn = (await server.send("GET", url)).body.data[0];
    expect(builtIn).toMatchObject({ name: "Collect (built in)", builtIn: true });
    const change = { ...STATIC, name: "Mine", version: builtIn.version };
    expect((await server.send("PUT", `${url}/${builtIn.id}`, change)).status).toBe(409);
    expect((await server.send("DELETE", `${url}/${builtIn.id}`)).status).toBe(409);
  });

  test("can be renamed and get another key; configurations over them stay", async () => {
    const credential = await add("Before", "sk_test_oldold1111");
    const config = await addConfig(credential.id);
    const read = (await server.send("GET", `${url}/${credential.id}`)).body;
    expect(read).toMatchObject({ usedBy: [config.id], keyHint: "1111" });
    const renamed = await server.send("PUT", `${url}/${credential.id}`, { ...read, name: "After" });
    expect(renamed.body).toMatchObject({ name: "After", version: 2, keyHint: "1111" });
    const swapped = await server.send("PUT", `${url}/${credential.id}`, {
      ...STATIC,
      name: "After",
      apiKey: "sk_test_newnew2222",
      version: 2,
    });
    expect(swapped.body).toMatchObject({ id: credential.id, keyHint: "2222", version: 3 });
    const stale = await server.send("PUT", `${url}/${credential.id}`, {
      ...STATIC,
      name: "Late",
      version: 2,
    });
    expect(stale.status).toBe(409);
    const { body } = await server.send("GET", `${base}/integrationconfigs/${config.id}`);
    expect(body).toMatchObject({ integrationCredentialsId: credential.id, status: "CONNECTED" });
  });

  test.each(["integrationcredentials", "connections"])(
    "deleted over /%s, leave their configurations without one",
    async (surface) => {
      const credential = await add("Gone");
      const config = await addConfig(credential.id);
      expect(config).toMatchObject({ authorized: true, status: "CONNECTED", version: 1 });
      const at = surface === "connections" ? "/v1/connections" : url;
      expect((await server.send("DELETE", `${at}/${credential.id}`)).status).toBe(200);
      expect((await server.send("GET", `${url}/${credential.id}`)).status).toBe(404);
      const { body } = await server.send("GET", `${base}/integrationconfigs/${config.id}`);
      expect(body).toMatchObject({
        authorized: false,
        status: "NOT_CONNECTED",
        destinationId: null,
        enabled: true,
        version: 2,
      });
    },
  );

  test.each([
    [{ ...STATIC, name: "A" }, "apiKey is required for STATIC_API_KEY"],
    [{ ...STATIC, apiKey: " " }, "apiKey is required"],
    [
      { ...STATIC, type: "STRIPE_SIGNED_REQUEST", apiKey: "sk_test_1234" },
      "webhookSecret is required for STRIPE_SIGNED_REQUEST",
    ],
    [{ ...STATIC, apiKey: "sk_live_1234" }, "live mode key"],
    [{ ...STATIC, apiKey: "pk_test_1234" }, "secret or restricted"],
    [{ ...STATIC, apiKey: "sk_test_1234", stripeAccount: "cus_1" }, "stripeAccount must be the id"],
    [{ ...STATIC, apiKey: "sk_test_1234", webhookSecret: "x" }, "webhookSecret must be"],
    [{ ...STATIC, apiKey: "sk_test_1234", apiSecret: "x" }, "unknown field apiSecret"],
    [
      { ...STATIC, type: "HTTP_BASIC", apiKey: "sk_test_1234" },
      "must be one of STATIC_API_KEY, STRIPE_SIGNED_REQUEST",
    ],
    [
      { ...STATIC, destination: "STRIPE", apiKey: "sk_live_1234" },
      "only the PRODUCTION environment",
    ],
    [{ ...STATIC, destination: "NETSUITE", apiKey: "x" }, "NETSUITE is not supported yet"],
  ])("%j is refused", async (body, message) => {
    const before = (await server.send("GET", url)).body.data.length;
    const reply = await server.send("POST", url, body);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect((await server.send("GET", url)).body.data.length).toBe(before);
  });

  test.each([
    [{ type: "STRIPE_SIGNED_REQUEST" }, "type cannot be changed"],
    [{ destination: "STRIPE" }, "destination cannot be changed"],
    [{ keyHint: "9999" }, "keyHint is read-only"],
    [{ usedBy: ["x"] }, "usedBy is read-only"],
    [{ apiKey: "sk_live_1234" }, "live mode key"],
  ])("a replacement with %j is refused and changes nothing", async (change, message) => {
    const credential = await add("Stays");
    const body = { ...credential, ...change };
    const reply = await server.send("PUT", `${url}/${credential.id}`, body);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
    const { body: kept } = await server.send("GET", `${url}/${credential.id}`);
    expect(withoutStatus(kept)).toEqual(withoutStatus(credential));
  });

  test("are listed a page at a time, and by destination", async () => {
    const first = (await server.send("GET", `${url}?pageSize=1&destination=stripe_test`)).body;
    expect(first.data).toHaveLength(1);
    const next = await server.send("GET", `${url}?pageSize=1&nextToken=${first.nextToken}`);
    expect(next.body.data[0].id).not.toBe(first.data[0].id);
    expect((await server.send("GET", `${url}?destination=XERO`)).status).toBe(400);
  });
});
