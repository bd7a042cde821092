import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const move = (now: string) => server.send("POST", "/v1/sandbox/clock", { now });

test("the clock runs until it is set, then stands at the very instant", async () => {
  const before = await server.send("GET", "/v1/sandbox/clock");
  expect(before.body.data.frozen).toBe(false);
  const set = await move("2025-03-01T12:00:00.5+02:00");
  expect([set.status, set.body]).toEqual([
    200,
    { data: { now: "2025-03-01T10:00:00.5Z", frozen: true } },
  ]);
  const read = await server.send("GET", "/v1/sandbox/clock");
  expect(read.body).toEqual(set.body);
});

test("without contracts it may go anywhere, with one only forwards", async () => {
  expect((await move("2025-06-01T00:00:00Z")).status).toBe(200);
  expect((await move("2024-01-01T00:00:00Z")).status).toBe(200);
  await sql`update clocks set pinned = true where name = 'SANDBOX'`.execute(server.db);
  const back = await move("2023-12-31T00:00:00Z");
  expect(back.status).toBe(400);
  expect(back.body.message).toContain("must not be before 2024-01-01T00:00:00Z");
  expect((await move("2024-01-01T00:00:00Z")).status).toBe(200);
  expect((await move("2024-01-02T00:00:00Z")).status).toBe(200);
});

test("it can be let run from where it stands", async () => {
  const { status, body } = await server.send("POST", "/v1/sandbox/clock", { frozen: false });
  expect(status).toBe(200);
  expect(body.data.frozen).toBe(false);
  expect(body.data.now.slice(0, 15)).toBe("2024-01-02T00:0");
});

test.each([
  [{}, "Send either"],
  [{ now: "2030-01-01T00:00:00Z", frozen: false }, "Send either"],
  [{ frozen: true }, "frozen must be false"],
  [{ now: 5 }, "now must be string"],
  [{ now: "tomorrow" }, "RFC 3339"],
  [{ now: "2030-02-30T00:00:00Z" }, "RFC 3339"],
])("%j is refused: %s", async (body, reason) => {
  const reply = await server.send("POST", "/v1/sandbox/clock", body);
  expect(reply.status).toBe(400);
  expect(reply.body.message).toContain(reason);
});

test("PRODUCTION runs on real time", async () => {
  const authorization = `Bearer ${server.productionToken}`;
  const read = await server.send("GET", "/v1/sandbox/clock", undefined, { authorization });
  const moved = await server.send(
    "POST",
    "/v1/sandbox/clock",
    { frozen: false },
    { authorization },
  );
  expect([read.status, moved.status]).toEqual([403, 403]);
});
