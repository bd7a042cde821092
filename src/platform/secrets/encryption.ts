import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";

/** Encrypts what must be stored but not be read in the database: credentials, signing secrets. */
export interface Vault {
  encrypt(plain: string): string;
  /** Throws when the text was changed or written with another key. */
  decrypt(sealed: string): string;
  /** A key of its own for one purpose, always the same; it tells nothing about the key or other ones. */
  deriveKey(purpose: string): Buffer;
  /** Names the key without telling anything about it. */
  readonly fingerprint: string;
}

const VERSION = "v1";

/** What was stored, in clear: rows that are older than the encryption of their column stand as they are. */
export const unseal = (vault: Vault, stored: string): string =>
  stored.startsWith(`${VERSION}.`) ? vault.decrypt(stored) : stored;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under one 32-byte key; the text carries its version: `v1.<base64url>`. */
export function createVault(key: Buffer): Vault {
  if (key.length !== 32) throw new RangeError("The credentials key must have 32 bytes");
  return {
    fingerprint: createHash("sha256")
      .update("ledgerline-key:")
      .update(key)
      .digest("hex")
      .slice(0, 16),
    deriveKey: (purpose) => createHmac("sha256", key).update(`ledgerline-${purpose}`).digest(),
    encrypt(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const sealed = Buffer.concat([
        nonce,
        cipher.update(plain, "utf8"),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return `${VERSION}.${sealed.toString("base64url")}`;
    },
    decrypt(text) {
      const [version, body] = text.split(".", 2);
      if (version !== VERSION || body === undefined) throw new Error("Not a sealed secret");
      const sealed = Buffer.from(body, "base64url");
      if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error("Not a sealed secret");
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return Buffer.concat([
        decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]).toString("utf8");
    },
  };
}
