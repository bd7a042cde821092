import { expect, test } from "vitest";
import { instant } from "../time.ts";
import { httpDate, signWebhook } from "./signature.ts";

test("the date is RFC 1123 in GMT", () => {
  expect(httpDate(instant("2024-03-05T09:08:07.5Z"))).toBe("Tue, 05 Mar 2024 09:08:07 GMT");
});

test("the signature is HMAC-SHA256 over date, line feed and body", () => {
  // printf 'Tue, 05 Mar 2024 09:08:07 GMT\n{"id":"1"}' | openssl dgst -sha256 -hmac secret
  expect(signWebhook("secret", "Tue, 05 Mar 2024 09:08:07 GMT", '{"id":"1"}')).toBe(
    "e274ad02d85410dbf6e8c0eac789c71c4eb46b428502eff0e4a82920b810735a",
  );
});
