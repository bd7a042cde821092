import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const publicGet = (path: string) => fetch(`${server.url}${path}`);

describe("what the server says about itself", () => {
  test("it lives, is ready, and no billing work is overdue", async () => {
    expect(await (await publicGet("/health/live")).json()).toEqual({ status: "ok" });
    expect(await (await publicGet("/health/ready")).json()).toEqual({ status: "ok", degraded: [] });
    const billing = await publicGet("/health/billing");
    expect(billing.status).toBe(200);
    expect(await billing.json()).toEqual({ status: "ok", reasons: [] });
  });

  test("the API description lists the routes that answer and no others", async () => {
    const description = (await (await publicGet("/openapi.json")).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    expect(description.paths["/v1/sandbox/clock"]).toHaveProperty("post");
    expect(description.paths).not.toHaveProperty("/v1/dashboards/getEmbeddableUrl");
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const method of Object.keys(methods)) {
        const url = path.replace(/\{\w+\}/g, "00000000-0000-4000-8000-000000000000");
        const { status, body } = await server.send(
          method.toUpperCase(),
          `${url}?nonsense=1`,
          method === "get" ? undefined : {},
        );
        const answer = `${method} ${path} ${status} ${body.message ?? ""}`;
        expect(answer).not.toMatch(
          /No such route| (GET|POST|PUT|PATCH|DELETE) \/\S+ is not supported$/,
        );
        // Its schemas are compiled by the first request: none of them is broken.
        expect(status, answer).toBeLessThan(500);
      }
    }
  });

  test.each([
    ["GET", "/v1/services"],
    ["POST", "/v1/rotateDeltaStreamSecret"],
  ])("%s %s is known and not done: a 400 that need not be repeated", async (method, url) => {
    const { status, body, headers } = await server.send(method, url);
    expect(status).toBe(400);
    expect(body).toEqual({ message: `${method} ${url} is not supported` });
    expect(headers.get("x-should-retry")).toBe("false");
  });

  test("the index of documents names each of them, and each can be read", async () => {
    const index = await (await publicGet("/llms.txt")).text();
    const links = [...index.matchAll(/\((http[^)]+\/docs\/[^)]+)\)/g)].map((match) => match[1]);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) {
      const document = await fetch(String(link));
      expect(document.status).toBe(200);
      expect(await document.text()).toMatch(/^# /);
    }
    expect((await publicGet("/docs/..%2fpackage.json")).status).toBe(404);
  });

  test("metrics are Prometheus text with routes as patterns", async () => {
    await publicGet("/health/live");
    const text = await (await publicGet("/metrics")).text();
    expect(text).toContain(
      'ledgerline_http_request_seconds_count{method="GET",route="/health/live",status="200"}',
    );
  });
});

describe("who may ask", () => {
  test.each([
    [{ authorization: "" }, 401, "no token"],
    [{ authorization: "Bearer nonsense" }, 401, "an unknown token"],
    [{ authorization: "Basic abc" }, 401, "another scheme"],
    [{ authorization: "Bearer " }, 401, "an empty token"],
  ])("%j is answered %i: %s", async (headers, status) => {
    const response = await fetch(`${server.url}/v1/sandbox/clock`, { headers });
    expect(response.status).toBe(status);
    expect(Object.keys((await response.json()) as object)).toEqual(["message"]);
  });

  test("every answer carries a request id, and takes over a sensible one", async () => {
    const given = await fetch(`${server.url}/health/live`, {
      headers: { "x-request-id": "abc-1" },
    });
    expect(given.headers.get("x-request-id")).toBe("abc-1");
    const forged = await fetch(`${server.url}/health/live`, {
      headers: { "x-request-id": "a b{}" },
    });
    expect(forged.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("what cannot be answered", () => {
  test("an unknown route is a 404 in the error shape", async () => {
    const { status, body } = await server.send("GET", "/v1/nothing");
    expect([status, body]).toEqual([404, { message: "No such route: GET /v1/nothing" }]);
  });

  test.each([
    ["cannot be decoded", "/v1/customers/%E0%A4%A", 400],
    ["has an endless part", `/v1/customers/${"a".repeat(600)}`, 414],
  ])("a URL that %s gets the one error shape", async (_what, url, expected) => {
    const { status, body } = await server.send("GET", url);
    expect(status).toBe(expected);
    expect(body).toEqual({ message: expect.any(String) });
  });

  test("the default of an unsupported query parameter passes", async () => {
    const { data } = await server.metronome.v1.customers.create({ name: "Acme" });
    const list = `/v1/customers/${data.id}/billable-metrics`;
    const send = async (value: string) =>
      (await server.send("GET", `${list}?on_current_plan=${value}`)).status;
    expect([await send("false"), await send("true")]).toEqual([200, 400]);
  });

  test("a known route that is not implemented says so and asks not to be retried", async () => {
    const { status, body, headers } = await server.send(
      "POST",
      "/v1/dashboards/getEmbeddableUrl",
      {},
    );
    expect([status, body]).toEqual([
      400,
      { message: "POST /v1/dashboards/getEmbeddableUrl is not supported" },
    ]);
    expect(headers.get("x-should-retry")).toBe("false");
  });

  test.each([
    ["cut off", "{"],
    ["NaN, which is no JSON", '{"now": NaN}'],
    ["text with a lone surrogate", '{"now": "\\ud800"}'],
    ["a megabyte of text", `{"now": "${"x".repeat(1_000_000)}"}`],
    ["an array instead of an object", "[1]"],
    ["a text instead of an object", '"text"'],
    ["missing", ""],
    ["a prototype", '{"__proto__": {"now": 1}}'],
    ["nested a hundred deep", `${"[".repeat(100)}${"]".repeat(100)}`],
  ])("a body is refused when it is %s", async (_what, body) => {
    const before = await server.send("GET", "/v1/sandbox/clock");
    const { status, body: reply } = await server.send(
      "POST",
      "/v1/sandbox/clock",
      body || undefined,
    );
    expect(status).toBe(400);
    expect(typeof reply.message).toBe("string");
    const after = await server.send("GET", "/v1/sandbox/clock");
    expect(after.body.data.frozen).toBe(before.body.data.frozen);
  });

  test("a body beyond 8 MB is a 413", async () => {
    const { status } = await server.send("POST", "/v1/sandbox/clock", `"${"x".repeat(9_000_000)}"`);
    expect(status).toBe(413);
  });

  test("another content type is refused with the one that is expected", async () => {
    const { status, body } = await server.send("POST", "/v1/sandbox/clock", "now=1", {
      "content-type": "text/plain",
    });
    expect([status, body.message]).toEqual([400, "Send the body as application/json"]);
  });

  test("an unknown field is refused by name, or warned of when that is asked for", async () => {
    const body = { now: "2031-01-01T00:00:00Z", later: true };
    const refused = await server.send("POST", "/v1/sandbox/clock", body);
    expect([refused.status, refused.body.message]).toEqual([400, "unknown field later"]);
    const warned = await server.send("POST", "/v1/sandbox/clock", body, {
      "x-ignore-unknown-fields": "true",
    });
    expect([warned.status, warned.headers.get("x-ignored-fields")]).toEqual([200, "later"]);
  });
});
