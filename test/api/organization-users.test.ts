import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let base: string;
let productionBase: string;
beforeAll(async () => {
  server = await startTestServer();
  const orgOf = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await server.send("GET", "/v1/environment", undefined, headers);
    return `/organizations/${body.data.org_id}`;
  };
  base = await orgOf(server.sandboxToken);
  productionBase = await orgOf(server.productionToken);
});
afterAll(() => server.close());

const add = async (name: string, email: string) => {
  const { body } = await server.send("POST", `${base}/users`, { name, email });
  return body;
};

describe("users", () => {
  test("are added, read, replaced with their version, and deleted", async () => {
    const user = await add("Bea", " bea@example.com ");
    expect(user).toEqual({
      id: expect.any(String),
      name: "Bea",
      email: "bea@example.com",
      version: 1,
      dtCreated: expect.any(String),
      dtLastModified: expect.any(String),
    });
    const url = `${base}/users/${user.id}`;
    expect((await server.send("GET", url)).body).toEqual(user);
    // What was read may be sent back whole.
    const replaced = await server.send("PUT", url, { ...user, name: "Beatrix" });
    expect(replaced.body).toMatchObject({ id: user.id, name: "Beatrix", version: 2 });
    const late = await server.send("PUT", url, { ...user, name: "Bee" });
    expect([late.status, late.body.message]).toEqual([
      409,
      "The user is at version 2, not 1: read it again and repeat the change",
    ]);
    expect((await server.send("DELETE", url)).body).toMatchObject({ id: user.id, version: 2 });
    expect((await server.send("GET", url)).status).toBe(404);
    expect((await server.send("DELETE", url)).status).toBe(404);
  });

  test("are listed oldest first, a page at a time", async () => {
    const names = ["List 1", "List 2", "List 3"];
    for (const name of names) await add(name, "list@example.com");
    const seen: string[] = [];
    let token: string | null = "";
    while (token !== null) {
      const query: string = token === "" ? "" : `&nextToken=${token}`;
      const { status, body } = await server.send("GET", `${base}/users?pageSize=2${query}`);
      expect(status).toBe(200);
      expect(body.data.length).toBeLessThanOrEqual(2);
      seen.push(...body.data.map(({ name }: { name: string }) => name));
      token = body.nextToken;
    }
    expect(seen.filter((name) => name.startsWith("List"))).toEqual(names);
    expect((await server.send("GET", `${base}/users?pageSize=201`)).status).toBe(400);
    expect((await server.send("GET", `${base}/users?nextToken=x`)).status).toBe(400);
  });

  test("of another organization are not found", async () => {
    const user = await add("Ours", "ours@example.com");
    expect((await server.send("GET", `${productionBase}/users`)).status).toBe(404);
    const theirs = await server.send("GET", `${productionBase}/users/${user.id}`, undefined, {
      authorization: `Bearer ${server.productionToken}`,
    });
    expect(theirs.status).toBe(404);
  });

  test.each([
    [{ name: "A" }, "email is required"],
    [{ email: "a@example.com" }, "name is required"],
    [{ name: "", email: "a@example.com" }, "name"],
    [{ name: "A", email: "a@example.com", role: "admin" }, "unknown field role"],
  ])("%j is refused", async (body, message) => {
    const reply = await server.send("POST", `${base}/users`, body);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  test.each([
    ["a", "no address"],
    ["a@b", "no domain that mail goes to"],
    ["a@example..com", "an empty label"],
    ["a@-example.com", "a label that begins with a hyphen"],
    ["a b@example.com", "a blank"],
    ["a@example.com, b@example.com", "two of them"],
    ["A <a@example.com>", "a display name"],
    ["a@example.com\nBcc: b@example.com", "a header"],
    [`${"a".repeat(65)}@example.com`, "more before the @ than there may be"],
  ])("the address %j is refused: %s", async (email, _why) => {
    const { status, body } = await server.send("POST", `${base}/users`, { name: "A", email });
    expect([status, body.message]).toEqual([
      400,
      "email must be one mail address such as bea@example.com",
    ]);
  });

  test("that configurations want to be told cannot be deleted; the message names them", async () => {
    const user = await add("Told", "told@example.com");
    const config = {
      entityType: "Bill",
      destination: "STRIPE_TEST",
      name: "EU bills",
      configData: { disabledNotificationUserIds: [user.id] },
    };
    const made = (await server.send("POST", `${base}/integrationconfigs`, config)).body;
    const url = `${base}/users/${user.id}`;
    const refused = await server.send("DELETE", url);
    expect(refused.status).toBe(409);
    expect(refused.body.message).toContain(`EU bills (${made.id})`);
    const { version } = made;
    const without = { ...config, configData: {}, version };
    expect(
      (await server.send("PUT", `${base}/integrationconfigs/${made.id}`, without)).status,
    ).toBe(200);
    expect((await server.send("DELETE", url)).status).toBe(200);
  });
});
