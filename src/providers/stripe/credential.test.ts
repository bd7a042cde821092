import { describe, expect, test } from "vitest";
import { readStripeCredential } from "./credential.ts";

describe("readStripeCredential", () => {
  test.each([
    ["SANDBOX", { api_key: "sk_test_abcd1234" }, "a test key in the sandbox"],
    ["PRODUCTION", { api_key: "rk_live_abcd1234" }, "a restricted live key in production"],
    [
      "SANDBOX",
      { api_key: "sk_test_abcd1234", stripe_account: "acct_1", webhook_secret: "whsec_123" },
      "every field",
    ],
  ] as const)("%s takes %j, because it is %s", (environment, credential, _reason) => {
    expect(readStripeCredential(credential, environment)).toEqual(credential);
  });

  test("leaves out what is null", () => {
    const credential = { api_key: "sk_test_abcd1234", webhook_secret: null };
    expect(readStripeCredential(credential, "SANDBOX")).toEqual({ api_key: "sk_test_abcd1234" });
  });

  test.each([
    ["PRODUCTION", { api_key: "sk_test_abcd1234" }, /test mode key.*PRODUCTION.*live/],
    ["SANDBOX", { api_key: "rk_live_abcd1234" }, /live mode key.*SANDBOX.*test/],
    ["SANDBOX", { api_key: "pk_test_abcd1234" }, /secret or restricted/],
    ["SANDBOX", { api_key: "sk_test_" }, /secret or restricted/],
    ["SANDBOX", { api_key: "sk_test_ab cd" }, /secret or restricted/],
    ["SANDBOX", { api_key: 7 }, /secret or restricted/],
    ["SANDBOX", {}, /secret or restricted/],
    [
      "SANDBOX",
      { api_key: "sk_test_abcd1234", account: "acct_1" },
      /unknown field credential.account/,
    ],
    ["SANDBOX", { api_key: "sk_test_abcd1234", stripe_account: "1" }, /stripe_account/],
  ] as const)("%s refuses %j", (environment, credential, message) => {
    expect(() => readStripeCredential(credential, environment)).toThrow(message);
  });
});
