import { expect, test } from "vitest";
import { createVault } from "../platform/secrets/encryption.ts";
import { ACCESS_TOKEN_SECONDS, issueAccessToken, readAccessToken } from "./access-tokens.ts";

const vault = createVault(Buffer.alloc(32, 7));
const ID = "0b6f6bd6-52a4-4b27-9b3e-5c6d1d5e8f00";
const NOW = Date.parse("2024-01-01T00:00:00Z");
const END = NOW + ACCESS_TOKEN_SECONDS * 1000;

test("an access token names its API token until it ends, and not a moment longer", () => {
  const token = issueAccessToken(vault, ID, NOW);
  expect(readAccessToken(vault, token, NOW)).toEqual({ tokenId: ID, untilMs: END });
  expect(readAccessToken(vault, token, END - 1)).toEqual({ tokenId: ID, untilMs: END });
  expect(() => readAccessToken(vault, token, END)).toThrow("has expired");
});

const token = issueAccessToken(vault, ID, NOW);

test.each([
  [token.replace(String(END), String(END + 1)), "a later end than was signed"],
  [token.replace("0b6f6bd6", "0b6f6bd7"), "another API token than was signed"],
  [
    `${token.slice(0, -2)}${token.at(-2) === "A" ? "B" : "A"}${token.at(-1)}`,
    "a changed signature",
  ],
  [`${token}A`, "more than was issued"],
  [token.slice(0, -1), "less than was issued"],
  ["ll_access_", "nothing but the prefix"],
  [issueAccessToken(createVault(Buffer.alloc(32, 8)), ID, NOW), "another installation's key"],
])("%s is refused: %s", (forged) => {
  expect(() => readAccessToken(vault, forged, NOW)).toThrow("is not valid");
});
