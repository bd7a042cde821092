import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { fromReadError, fromWriteError, isMissing } from "./errors.ts";

const { StripeError, StripeConnectionError } = Stripe.errors;

/** The error that the official client makes of a reply. */
function reply(
  statusCode: number | undefined,
  code?: string,
  headers: Record<string, string> = {},
): Stripe.errors.StripeError {
  const raw = { statusCode, code, headers, message: "No", requestId: "req_1", type: "x" };
  return StripeError.generate(raw as never);
}
const REPLAYED = { "idempotent-replayed": "true" };

describe("a write that failed", () => {
  test.each([
    [
      "a connection that broke",
      new StripeConnectionError({ message: "reset" } as never),
      "retry, same key",
    ],
    ["a reply that is no JSON", reply(undefined), "retry, same key"],
    ["500", reply(500), "retry, same key"],
    ["503", reply(503), "retry, same key"],
    ["a 500 that was only repeated", reply(500, undefined, REPLAYED), "retry, new key"],
    [
      "another request with the key is on its way",
      reply(409, "idempotency_key_in_use"),
      "retry, same key",
    ],
    ["the rate limit", reply(429, "rate_limit"), "retry, same key"],
    ["a lock timeout, which is stored under the key", reply(429, "lock_timeout"), "retry, new key"],
    [
      "the wait that was asked for",
      reply(429, "rate_limit", { "retry-after": "7" }),
      "retry, same key, after 7 s",
    ],
    [
      "a wait of a day is cut",
      reply(503, undefined, { "retry-after": "86400" }),
      "retry, same key, after 60 s",
    ],
    [
      "a wait until a date is not understood",
      reply(503, undefined, { "retry-after": "Fri, 02 Feb 2024 00:00:00 GMT" }),
      "retry, same key",
    ],
    [
      "a refusal that may be tried again",
      reply(400, "x", { "stripe-should-retry": "true" }),
      "retry, same key",
    ],
    ["no such customer", reply(400, "resource_missing"), "rejected resource_missing"],
    [
      "the same refusal repeated",
      reply(400, "resource_missing", REPLAYED),
      "rejected resource_missing, replayed",
    ],
    [
      "other parameters under the key",
      reply(400, "idempotency_error"),
      "rejected idempotency_error",
    ],
    ["a key that is not valid", reply(401, "api_key_expired"), "rejected auth_failed"],
    ["a key that may not", reply(403, "more_permissions_required"), "rejected permission_denied"],
    [
      "a key that does not belong to the account it names",
      reply(403, "account_invalid"),
      "rejected auth_failed",
    ],
  ])("%s", (_what, error, expected) => {
    const result = fromWriteError(error);
    if (result.outcome === "accepted") throw new Error("accepted");
    const wait = "afterSeconds" in result ? `, after ${result.afterSeconds} s` : "";
    const shown =
      result.outcome === "retry"
        ? `retry, ${result.newKey ? "new" : "same"} key${wait}`
        : `rejected ${result.code}${result.replayed ? ", replayed" : ""}`;
    expect(shown).toBe(expected);
  });

  test("says what support will ask for", () => {
    expect(fromWriteError(reply(400, "resource_missing"))).toMatchObject({
      message: "No (resource_missing, req_1)",
    });
  });

  test("that is not Stripe's is a fault of ours", () => {
    expect(() => fromWriteError(new TypeError("x"))).toThrow(TypeError);
    expect(() => fromReadError(new TypeError("x"))).toThrow(TypeError);
  });
});

test.each([
  [500, undefined, false],
  [429, "rate_limit", false],
  [401, "api_key_expired", true],
  [404, "resource_missing", true],
])("a read that failed with %s: permanent = %s", (status, code, permanent) => {
  const error = reply(status, code, { "retry-after": "3" });
  expect(fromReadError(error)).toMatchObject({ permanent, afterSeconds: 3 });
  expect(isMissing(error)).toBe(status === 404);
});
