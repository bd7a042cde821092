import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase } from "../../../test/support/database.ts";
import { openDatabase } from "../database/database.ts";
import { createVault } from "./encryption.ts";
import { readInstanceSecrets } from "./instance-secrets.ts";
import { checkKeyFingerprint } from "./key-fingerprint.ts";
import { hashSecret, sameSecret } from "./secret-hash.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KEY = Buffer.alloc(32, 7);
const OTHER_KEY = Buffer.alloc(32, 8);

test("what was sealed opens again, and no two seals are alike", () => {
  const vault = createVault(KEY);
  const first = vault.encrypt("sk_live_€");
  expect(vault.decrypt(first)).toBe("sk_live_€");
  expect(vault.encrypt("sk_live_€")).not.toBe(first);
  expect(vault.decrypt(vault.encrypt(""))).toBe("");
});

test("a changed, cut or foreign seal does not open", () => {
  const vault = createVault(KEY);
  const sealed = vault.encrypt("secret");
  const body = Buffer.from(sealed.slice(3), "base64url");
  for (let index = 0; index < body.length; index += 1) {
    const changed = Buffer.from(body);
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
    expect(() => vault.decrypt(`v1.${changed.toString("base64url")}`)).toThrow();
  }
  for (const length of [0, 12, 20, 27, body.length - 1]) {
    expect(() => vault.decrypt(`v1.${body.subarray(0, length).toString("base64url")}`)).toThrow();
  }
  expect(() => vault.decrypt(`v2${sealed.slice(2)}`)).toThrow("Not a sealed secret");
  expect(() => createVault(OTHER_KEY).decrypt(sealed)).toThrow();
});

test("a key's fingerprint names it and no other; a short key is refused", () => {
  expect(createVault(KEY).fingerprint).toBe(createVault(Buffer.alloc(32, 7)).fingerprint);
  expect(createVault(KEY).fingerprint).not.toBe(createVault(OTHER_KEY).fingerprint);
  expect(() => createVault(Buffer.alloc(31))).toThrow("32 bytes");
});

test("a derived key is the same each time, and another one for each purpose and key", () => {
  const vault = createVault(KEY);
  expect(vault.deriveKey("invoice-page")).toEqual(createVault(KEY).deriveKey("invoice-page"));
  expect(vault.deriveKey("invoice-page")).not.toEqual(vault.deriveKey("other"));
  expect(vault.deriveKey("invoice-page")).not.toEqual(
    createVault(OTHER_KEY).deriveKey("invoice-page"),
  );
  // printf 'ledgerline-invoice-page' | openssl dgst -sha256 -mac HMAC -macopt hexkey:<07 32 times>
  expect(vault.deriveKey("invoice-page").toString("hex")).toBe(
    "a5b70dc76f05726f8b6114f0cccc713b3ec492f31b39a5e4d6d9f9670650fdcd",
  );
});

test("tokens are compared and hashed by all of their bytes", () => {
  expect(sameSecret("abc", "abc")).toBe(true);
  expect(sameSecret("abc", "abd")).toBe(false);
  expect(sameSecret("abc", "abcd")).toBe(false);
  // echo -n abc | sha256sum
  expect(hashSecret("abc").toString("hex")).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("an installation's secrets are made once, privately, and never replaced", () => {
  const dataDir = join(folder, "new", "data");
  const first = readInstanceSecrets(dataDir);
  expect(first.credentialsKey).toHaveLength(32);
  expect(readInstanceSecrets(dataDir)).toEqual(first);
  expect(statSync(join(dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
  expect(statSync(dataDir).mode & 0o077).toBe(0);
  expect(readdirSync(dataDir)).toEqual(["secrets.json"]);
});

test.each(["", "{", "null", "{}", '{"credentials_key":"YQ==","database_password":"x"}'])(
  "a damaged file of secrets (%j) is not silently replaced",
  (content) => {
    writeFileSync(join(folder, "secrets.json"), content);
    expect(() => readInstanceSecrets(folder)).toThrow("Restore it from a backup");
  },
);

test("a database accepts its first key and refuses every other", async () => {
  const database = await createTestDatabase();
  const { db } = openDatabase({ url: database.url, maxConnections: 2 });
  try {
    await checkKeyFingerprint(db, "first");
    await checkKeyFingerprint(db, "first");
    await expect(checkKeyFingerprint(db, "second")).rejects.toThrow("former key");
  } finally {
    await db.destroy();
    await database.drop();
  }
});
