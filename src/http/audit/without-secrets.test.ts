import { expect, test } from "vitest";
import { dec } from "../../domain/decimal.ts";
import { isSecretName, withoutSecrets } from "./without-secrets.ts";

test.each([
  ["credential", true, "a provider's, whole"],
  ["api_key", true, "a key of an API"],
  ["stripe_api_key", true, "whoever's it is"],
  ["clientSecret", true, "in any spelling"],
  ["Authorization", true, "a header that was passed on"],
  ["webhook_verifier_token", true, "a token"],
  ["uniqueness_key", false, "names a request"],
  ["pricing_group_key", false, "names properties of events"],
  ["transaction_id", false, "names an event"],
  ["token_count", false, "counts tokens"],
])("%s is a secret: %s, because it is %s", (name, expected) => {
  expect(isSecretName(name)).toBe(expected);
});

test("secrets go at any depth, and all below them; the rest stays as it is", () => {
  expect(
    withoutSecrets({
      name: "Acme",
      amount: dec("1.10"),
      credential: { api_key: "a", settings: { more: "b" } },
      list: [{ secret: "c", kept: 1 }],
      webhook_secret: null,
    }),
  ).toEqual({
    name: "Acme",
    amount: dec("1.10"),
    credential: "[removed]",
    list: [{ secret: "[removed]", kept: 1 }],
    // That there is none is no secret.
    webhook_secret: null,
  });
});
