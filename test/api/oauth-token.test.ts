import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let tokenId: string;
let clientId: string;
beforeAll(async () => {
  server = await startTestServer();
  const { body } = await server.send("GET", "/v1/environment");
  tokenId = body.data.token.id;
  clientId = body.data.client_id;
});
afterAll(() => server.close());

const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;

async function ask(body: string, headers: Record<string, string>) {
  const response = await fetch(`${server.url}/oauth/token`, { method: "POST", body, headers });
  // biome-ignore lint/suspicious/noExplicitAny: replies of every shape.
  return { status: response.status, body: (await response.json()) as any };
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_BODY = { "content-type": "application/json" };
const GRANT = "grant_type=client_credentials";

const asBearer = (token: string) =>
  server.send("GET", "/v1/environment", undefined, { authorization: `Bearer ${token}` });

test("a token's id and the token, as Basic, give an access token that works in its environment", async () => {
  const authorization = basic(tokenId, server.sandboxToken);
  const { status, body } = await ask(GRANT, { ...FORM, authorization });
  expect(status).toBe(200);
  expect(body).toEqual({
    access_token: expect.stringMatching(/^ll_access_/),
    token_type: "bearer",
    expires_in: 18000,
  });
  const environment = await asBearer(body.access_token);
  expect(environment.body.data).toMatchObject({ name: "SANDBOX", token: { id: tokenId } });
});

test.each([
  ["its name", () => "bootstrap"],
  ["its environment's client id", () => clientId],
])("%s is accepted in the place of the id, and so is a JSON body", async (_what, id) => {
  const { status, body } = await ask(
    JSON.stringify({
      grant_type: "client_credentials",
      client_id: id(),
      client_secret: server.sandboxToken,
    }),
    JSON_BODY,
  );
  expect(status).toBe(200);
  expect((await asBearer(body.access_token)).status).toBe(200);
});

test.each([
  ["a wrong token", () => basic(tokenId, "ll_test_wrong")],
  ["a wrong id", () => basic("00000000-0000-4000-8000-000000000000", server.sandboxToken)],
  ["another environment's token under this id", () => basic(tokenId, server.productionToken)],
  ["no credentials", () => ""],
  ["no colon", () => `Basic ${Buffer.from("nothing").toString("base64")}`],
])("%s is refused with a 401", async (_what, authorization) => {
  const { status, body } = await ask(GRANT, { ...FORM, authorization: authorization() });
  expect(status).toBe(401);
  expect(body).toMatchObject({ error: "invalid_client", message: expect.any(String) });
});

test.each([
  ["grant_type=password", "unsupported_grant_type"],
  ["", "unsupported_grant_type"],
  [`${GRANT}&audience=x`, undefined],
])("%j is a 400", async (form, error) => {
  const authorization = basic(tokenId, server.sandboxToken);
  const reply = await ask(form, { ...FORM, authorization });
  expect([reply.status, reply.body.error]).toEqual([400, error]);
});

test("an access token is no client secret, and dies with the API token that it stands for", async () => {
  const authorization = basic("bootstrap", server.productionToken);
  const { body } = await ask(GRANT, { ...FORM, authorization });
  const nested = await ask(GRANT, {
    ...FORM,
    authorization: basic("bootstrap", body.access_token),
  });
  expect(nested.status).toBe(401);
  await server.db
    .updateTable("api_tokens")
    .set({ revoked_at: "2024-01-01T00:00:00Z" })
    .where("id", "!=", tokenId)
    .execute();
  expect((await asBearer(body.access_token)).status).toBe(401);
  expect((await asBearer(`${body.access_token}x`)).status).toBe(401);
});
