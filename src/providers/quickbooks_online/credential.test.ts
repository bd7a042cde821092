import { expect, test } from "vitest";
import { readQuickBooksCredential } from "./credential.ts";

const APP = { client_id: "app", client_secret: "s3cret" };

test.each<[string, object, object]>([
  ["the app alone", APP, APP],
  [
    "with its verifier token",
    { ...APP, webhook_verifier_token: "v" },
    { ...APP, webhook_verifier_token: "v" },
  ],
  ["null takes a part away", { ...APP, webhook_verifier_token: null }, APP],
  [
    "tokens that somebody has already",
    { ...APP, access_token: "a", refresh_token: "r", refresh_expires_at: "2026-06-09T12:00:00Z" },
    { ...APP, access_token: "a", refresh_token: "r", refresh_expires_at: "2026-06-09T12:00:00Z" },
  ],
  [
    "as long as a token may be",
    { ...APP, access_token: "a".repeat(4096) },
    { ...APP, access_token: "a".repeat(4096) },
  ],
])("is taken: %s", (_name, given, expected) => {
  expect(readQuickBooksCredential({ ...given })).toEqual(expected);
});

test.each<[string, object, string]>([
  ["no app", {}, "client_id"],
  ["no secret", { client_id: "app" }, "client_secret"],
  ["a secret that is taken away", { ...APP, client_secret: null }, "client_secret"],
  ["an empty one", { ...APP, client_secret: "" }, "client_secret"],
  ["one that is no text", { ...APP, client_secret: 7 }, "client_secret"],
  [
    "a line break, which would end a header",
    { ...APP, access_token: "top\nhidden" },
    "access_token",
  ],
  [
    "a blank, as when it was copied badly",
    { ...APP, client_secret: "top hidden" },
    "client_secret",
  ],
  ["letters that no token has", { ...APP, refresh_token: "hiddén" }, "refresh_token"],
  ["longer than any token", { ...APP, access_token: "a".repeat(4097) }, "access_token"],
  ["a key of another system", { ...APP, api_key: "sk_hidden" }, "api_key"],
  ["a name that every object has", { ...APP, toString: "hidden" }, "toString"],
])("is refused by the name of the field and never its value: %s", (_name, given, field) => {
  const read = () => readQuickBooksCredential({ ...given });
  expect(read).toThrow(`credential.${field}`);
  expect(read).not.toThrow(/hidd|top|aaaa|s3cret/);
});
