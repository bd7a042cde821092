import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, TEST_KEY, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
beforeAll(async () => {
  collect = await openTestCollect();
});
afterAll(() => collect?.close());

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const basic = `Basic ${Buffer.from(`${TEST_KEY}:`).toString("base64")}`;

interface ErrorBody {
  error: { type: string; code?: string; param?: string; message: string };
}

const errorOf = async (response: Response): Promise<ErrorBody["error"]> =>
  ((await response.json()) as ErrorBody).error;

describe("keys", () => {
  test("a bearer token and Basic with the key as user name both work", async () => {
    expect((await collect.request("/v1/customers")).status).toBe(200);
    const response = await fetch(`${collect.url}/v1/customers`, {
      headers: { authorization: basic },
    });
    expect(response.status).toBe(200);
  });

  test.each<[Record<string, string>, string]>([
    [{}, "no key"],
    [{ authorization: "Bearer sk_test_wrong" }, "an unknown key"],
    [{ authorization: "Bearer pk_test_0123456789" }, "a publishable key"],
    [{ authorization: "Digest abc" }, "another scheme"],
  ])("%j is 401: %s", async (headers) => {
    const response = await fetch(`${collect.url}/v1/customers`, { headers });
    expect(response.status).toBe(401);
    expect(await errorOf(response)).toMatchObject({ type: "invalid_request_error" });
  });

  test("the client sees an authentication error, and never the whole key", async () => {
    const wrong = collect.client({}, "sk_test_abcdefghijklmnop");
    const refusal = await wrong.customers.list().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect(String(refusal)).not.toContain("abcdefghijklmnop");
  });

  test("another account's name is refused", async () => {
    const call = collect.stripe.customers.list({}, { stripeAccount: "acct_other" });
    await expect(call).rejects.toBeInstanceOf(Stripe.errors.StripePermissionError);
  });
});

describe("replies", () => {
  test("carry the request's id and echo version and key", async () => {
    const customer = await collect.stripe.customers.create({}, { idempotencyKey: "echo-1" });
    expect(customer.lastResponse.requestId).toMatch(/^req_/);
    expect(customer.lastResponse.headers["idempotency-key"]).toBe("echo-1");
    expect(customer.lastResponse.headers["stripe-version"]).toBe("2026-10-28.endive");
  });

  test.each([
    ["GET", "/v1/nothing", 404],
    ["GET", "/", 404],
    ["GET", "/v1/customers/%00", 404],
    ["PUT", "/v1/customers", 405],
    ["DELETE", "/v1/customers", 405],
    ["POST", "/v1/events", 405],
  ])("%s %s is %i, in JSON with an error", async (method, path, status) => {
    const response = await collect.request(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("request-id")).toMatch(/^req_/);
    expect((await errorOf(response)).type).toBe("invalid_request_error");
  });

  test.each([
    [{ method: "POST", headers: { "content-type": "application/json" }, body: "{}" }, 400],
    [{ method: "POST", headers: FORM, body: `name=${"x".repeat(5_000_000)}` }, 413],
    [{ method: "POST", headers: FORM, body: "name=%00" }, 400],
    [{ method: "POST", headers: FORM, body: "metadata[a][b][c][d][e][f][g][h]=1" }, 400],
    [{ method: "POST", headers: { ...FORM, "stripe-version": "latest" }, body: "" }, 400],
    [{ method: "POST", headers: { ...FORM, "idempotency-key": "k".repeat(256) }, body: "" }, 400],
  ])("malformed request %# is refused", async (init, status) => {
    const response = await collect.request("/v1/customers", init);
    expect(response.status).toBe(status);
    expect((await errorOf(response)).message).not.toBe("");
  });

  test.each([
    ["nmae=x", "parameter_unknown", "nmae"],
    ["address[planet]=Mars", "parameter_unknown", "address[planet]"],
    ["balance=1.5", "parameter_invalid_integer", "balance"],
    ["balance=NaN", "parameter_invalid_integer", "balance"],
    ["source=tok_visa", "parameter_unknown", "source"],
    ["metadata=x&metadata[a]=1", "parameter_invalid", "metadata[a]"],
  ])("POST /v1/customers %s is %s", async (body, code, param) => {
    const response = await collect.request("/v1/customers", {
      method: "POST",
      headers: FORM,
      body,
    });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code, param });
  });

  test.each(["%ZZ", "%E0%A4%A", "%ED%A0%80", "x".repeat(300)])(
    "an id of %.9s is refused in JSON",
    async (id) => {
      const response = await collect.request(`/v1/customers/${id}`);
      expect([400, 404]).toContain(response.status);
      expect((await errorOf(response)).type).toBe("invalid_request_error");
    },
  );

  test("unknown query parameters are refused too", async () => {
    const response = await collect.request("/v1/customers?limt=3");
    expect(await errorOf(response)).toMatchObject({ code: "parameter_unknown", param: "limt" });
  });
});

describe("expand", () => {
  test("open and indexed brackets, from body and query", async () => {
    const customer = await collect.stripe.customers.create({
      payment_method: "pm_card_visa",
      invoice_settings: { default_payment_method: "pm_card_visa" },
    });
    const path = `/v1/customers/${customer.id}`;
    for (const name of ["expand[]", "expand[0]"]) {
      const query = `${name}=invoice_settings.default_payment_method`;
      const shown = await collect.request(`${path}?${query}`);
      expect(await shown.json()).toMatchObject({
        invoice_settings: { default_payment_method: { object: "payment_method" } },
      });
    }
  });

  test("goes through lists and several levels", async () => {
    const customer = await collect.stripe.customers.create({ payment_method: "pm_card_visa" });
    const list = await collect.stripe.paymentMethods.list({
      customer: customer.id,
      expand: ["data.customer.invoice_settings.default_payment_method", "data.customer"],
    });
    expect(list.data[0]?.customer).toMatchObject({ id: customer.id, object: "customer" });
  });

  test.each([["name"], ["nothing"], ["data.customer"], ["invoice_settings"], [""]])(
    "%j cannot be expanded on a customer",
    async (path) => {
      const before = await collect.stripe.customers.list({ limit: 1 });
      const call = collect.stripe.customers.create({ expand: [path] });
      await expect(call).rejects.toMatchObject({ statusCode: 400 });
      const after = await collect.stripe.customers.list({ limit: 1 });
      expect(after.data).toEqual(before.data);
    },
  );

  test("is at most four levels deep", async () => {
    const deep = "data.customer.invoice_settings.default_payment_method.customer";
    await collect.stripe.paymentMethods.list({ expand: [deep] });
    const deeper = `${deep}.invoice_settings.default_payment_method`;
    await expect(collect.stripe.paymentMethods.list({ expand: [deeper] })).rejects.toMatchObject({
      statusCode: 400,
    });
  });
});

test("an address that is too long to be read is refused in the same shape", async () => {
  const response = await collect.request(`/v1/customers?email=${"x".repeat(20_000)}`);
  expect(response.status).toBe(431);
  expect(await response.json()).toMatchObject({
    error: { type: "invalid_request_error", message: expect.stringContaining("too long") },
  });
});
