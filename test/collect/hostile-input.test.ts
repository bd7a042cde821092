import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, SANDBOX_TOKEN, TEST_KEY, type TestCollect } from "./open-test-collect.ts";

/** Requests that no client library sends: bombs, broken encodings, strange headers. */
let collect: TestCollect;
beforeAll(async () => {
  collect = await openTestCollect();
});
afterAll(() => collect.close());

const FORM = "application/x-www-form-urlencoded";

interface Refusal {
  readonly status: number;
  readonly type: string | undefined;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly message: string;
}

async function refusalOf(response: Response): Promise<Refusal> {
  const { error } = (await response.json()) as { error?: Omit<Refusal, "status"> };
  return {
    status: response.status,
    type: error?.type,
    code: error?.code,
    param: error?.param,
    message: error?.message ?? "",
  };
}

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = "/v1/customers",
): Promise<Refusal> {
  const response = await collect.request(path, {
    method: "POST",
    headers: { "content-type": FORM, ...headers },
    body,
  });
  return refusalOf(response);
}

const countCustomers = async (): Promise<number> =>
  (await collect.stripe.customers.search({ query: "created>0", limit: 100 })).data.length;

/** What a refused request must leave as it was. */
async function changesNothing(attack: () => Promise<Refusal>): Promise<Refusal> {
  const before = await countCustomers();
  const refusal = await attack();
  expect(await countCustomers()).toBe(before);
  return refusal;
}

const pairs = (count: number, name: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => `${name(at)}=1`).join("&");

const JUST_TOO_MUCH = 4 * 1024 * 1024 + 1;

describe("bombs are refused in less than two seconds", () => {
  test.each<[string, () => string, number, string | undefined, string | undefined]>([
    ["1,000 levels", () => `metadata${"[a]".repeat(1000)}=1`, 400, "parameter_invalid", "metadata"],
    [
      "a million levels",
      () => `metadata${"[a]".repeat(1_000_000)}=1`,
      400,
      "parameter_invalid",
      "metadata",
    ],
    [
      "a million brackets that never close",
      () => `${"[".repeat(1_000_000)}=1`,
      400,
      "parameter_unknown",
      undefined,
    ],
    [
      "a name that nearly closes, a million times",
      () => `a${"[]".repeat(1_000_000)}[=1`,
      400,
      "parameter_unknown",
      undefined,
    ],
    ["10,000 unknown names", () => pairs(10_000, (at) => `k${at}`), 400, "parameter_unknown", "k0"],
    ["20,001 names", () => pairs(20_001, (at) => `k${at}`), 400, "parameter_invalid", undefined],
    [
      "10,000 metadata keys",
      () => pairs(10_000, (at) => `metadata[k${at}]`),
      400,
      undefined,
      "metadata",
    ],
    ["a huge index", () => "expand[99999999]=a", 400, undefined, "expand"],
    ["a negative index", () => "expand[-1]=a", 400, undefined, "expand"],
    ["20,000 elements", () => pairs(20_000, () => "expand[]"), 400, "array_max_items", "expand"],
    ["a list where a text belongs", () => "name[]=a", 400, undefined, "name"],
    [
      "a text and a hash",
      () => "address=a&address[city]=b",
      400,
      "parameter_invalid",
      "address[city]",
    ],
    ["a list and a hash", () => "expand[]=a&expand[b]=c", 400, undefined, "expand"],
    ["an inherited name", () => "__proto__[admin]=1", 400, "parameter_unknown", "__proto__"],
    [
      "an inherited name inside",
      () => "address[constructor]=1",
      400,
      "parameter_unknown",
      "address[constructor]",
    ],
    ["10 MB", () => `name=${"x".repeat(10_000_000)}`, 413, undefined, undefined],
    ["one byte too much", () => "x".repeat(JUST_TOO_MUCH), 413, undefined, undefined],
  ])("%s", async (_what, body, status, code, param) => {
    const began = performance.now();
    const refusal = await changesNothing(() => post(body()));
    expect(refusal).toMatchObject({ status, type: "invalid_request_error", code, param });
    expect(refusal.message.length).toBeLessThan(400);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test.each([
    ["__proto__", "polluted"],
    ["constructor", "polluted"],
    ["toString", "polluted"],
  ])("metadata may be called %s, and means nothing more", async (key, value) => {
    const body = `metadata[${key}]=${value}`;
    const response = await collect.request("/v1/customers", {
      method: "POST",
      headers: { "content-type": FORM },
      body,
    });
    const text = await response.text();
    expect([response.status, text]).toEqual([200, expect.stringContaining(`"${key}":"${value}"`)]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("encodings", () => {
  test.each<[string, string]>([
    ["name=%", "a percent sign alone"],
    ["name=%zz", "no hexadecimal digits"],
    ["name=%F0%9F%98", "a character cut off"],
    ["name=%C0%AF", "an overlong character"],
    ["name=%ED%A0%80", "half of a surrogate pair"],
    ["%FF=1", "a name of no character"],
  ])("%s is refused: %s", async (body) => {
    const refusal = await changesNothing(() => post(body));
    expect(refusal).toMatchObject({ status: 400, code: "parameter_invalid" });
    expect(refusal.message).toMatch(/UTF-8/);
  });

  test("bytes that are no UTF-8 are refused, not replaced", async () => {
    const bytes = Uint8Array.from([...Buffer.from("name="), 0xff, 0xfe]);
    expect(await changesNothing(() => post(bytes))).toMatchObject({ status: 400 });
    const asked = await collect.request("/v1/customers?email=%FF");
    expect(asked.status).toBe(400);
  });

  test("what other clients send is read: plus signs, charset, Basic, open brackets, raw UTF-8", async () => {
    const response = await fetch(`${collect.url}/v1/customers`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${TEST_KEY}:`).toString("base64")}`,
        "content-type": `${FORM}; charset=UTF-8`,
      },
      body: "name=J%C3%BCrgen+M\u00fcller%2B&metadata%5Ba%5D=1&expand%5B%5D=invoice_prefix&preferred_locales[]=de",
    });
    const body: unknown = await response.json();
    expect(body).toMatchObject({ error: { param: "expand" } });
    const again = await collect.request("/v1/customers", {
      method: "POST",
      headers: { "content-type": `${FORM}; charset=UTF-8` },
      body: "name=J%C3%BCrgen+M\u00fcller%2B&metadata%5Ba%5D=1&description=",
    });
    expect(await again.json()).toMatchObject({
      name: "J\u00fcrgen M\u00fcller+",
      metadata: { a: "1" },
      description: null,
    });
  });
});

describe("headers", () => {
  test.each<[string, Record<string, string>, number, RegExp]>([
    ["a compressed body", { "content-encoding": "gzip" }, 400, /not compressed/],
    ["a key of 256 characters", { "idempotency-key": "k".repeat(256) }, 400, /255/],
    ["an empty version", { "stripe-version": "" }, 400, /version/],
    ["a version of the future", { "stripe-version": "9999-99-99.x" }, 400, /version/],
    ["a version with a path", { "stripe-version": "../../etc/passwd" }, 400, /version/],
    ["another account", { "stripe-account": "acct_1" }, 403, /acct_1/],
    ["a JSON body", { "content-type": "application/json" }, 400, /content type/],
    [
      "a multipart body",
      { "content-type": "multipart/form-data; boundary=x" },
      400,
      /content type/,
    ],
  ])("%s", async (_what, headers, status, words) => {
    const refusal = await changesNothing(() => post("name=x", headers));
    expect(refusal).toMatchObject({ status, message: expect.stringMatching(words) });
  });

  test("a path tells which methods it has", async () => {
    const response = await collect.request("/v1/customers", { method: "PUT" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"]);
    expect((await refusalOf(response)).type).toBe("invalid_request_error");
  });

  /** Sends bytes as they are and returns all that comes back. */
  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(collect.url);
      const socket = connect(Number(port), hostname, () => socket.write(bytes, "latin1"));
      const got: Buffer[] = [];
      socket.on("data", (chunk) => got.push(chunk));
      socket.on("error", reject);
      socket.on("close", () => resolve(Buffer.concat(got).toString("latin1")));
    });

  test.each([
    ["no HTTP at all", "hello\r\n\r\n", "400"],
    [
      "a header of 20,000 characters",
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
      "431",
    ],
    [
      "a length and chunks at once",
      `POST /v1/customers HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      "400",
    ],
    [
      "a line break smuggled into a header",
      "GET /v1/customers HTTP/1.1\r\nhost: x\r\nidempotency-key: a\rset-cookie: b\r\n\r\n",
      "400",
    ],
  ])("%s is answered in JSON", async (_what, bytes, status) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toHaveProperty("error.message");
  });
});

describe("under /ledgerline", () => {
  const manage = async (body: string, path = ""): Promise<Refusal> =>
    refusalOf(
      await fetch(`${collect.url}/ledgerline/accounts${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${SANDBOX_TOKEN}`, "content-type": "application/json" },
        body,
      }),
    );
  test.each<[string, string]>([
    ["no JSON", "{"],
    ["a text", '"x"'],
    ["1,000,000 levels", "[".repeat(1_000_000)],
    ["a member 1,000 deep", `{"address":${'{"a":'.repeat(1000)}1${"}".repeat(1000)}}`],
    ["an inherited name", '{"name":"x","__proto__":{"a":1}}'],
    ["a number that is none", '{"name":"x","invoice_grace_hours":1e400}'],
    ["half a number", '{"name":"x","invoice_grace_hours":1.5}'],
    ["a NUL", '{"name":"a\\u0000b"}'],
    ["half of a surrogate pair", '{"name":"\\ud800"}'],
  ])("%s is refused", async (_what, body) => {
    expect(await manage(body)).toMatchObject({ status: 400, type: "invalid_request_error" });
  });

  test.each([
    ["GET", ""],
    ["POST", ""],
    ["GET", "/acct_x"],
    ["POST", "/acct_x"],
    ["GET", "/acct_x/keys"],
    ["POST", "/acct_x/keys"],
    ["POST", "/acct_x/keys/key_x/roll"],
    ["DELETE", "/acct_x/keys/key_x"],
  ])("%s %s needs an administrator, whatever else is wrong", async (method, path) => {
    for (const authorization of ["", "Bearer x", "Basic Og==", "Bearer pk_test_1"]) {
      const response = await fetch(`${collect.url}/ledgerline/accounts${path}`, {
        method,
        headers: {
          authorization,
          ...(method === "POST" && { "content-type": "application/json" }),
        },
        ...(method === "POST" && { body: "{" }),
      });
      expect([response.status, (await refusalOf(response)).type]).toEqual([
        401,
        "invalid_request_error",
      ]);
    }
  });

  test("a query beside a JSON body is not passed over", async () => {
    expect(await manage('{"name":"Eta"}', "?colour=red")).toMatchObject({
      status: 400,
      code: "parameter_unknown",
      param: "colour",
    });
  });
});
