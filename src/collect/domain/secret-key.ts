import { createHash, randomBytes } from "node:crypto";

/** Keys are kept only as this: SHA-256, hex. They are random enough to need no salt. */
export const hashKey = (secretKey: string): string =>
  createHash("sha256").update(secretKey).digest("hex");

/** "sk_test_...1234": enough to recognise a key, not enough to use it. */
export const maskKey = (key: string): string => `${key.slice(0, 8)}...${key.slice(-4)}`;

export interface KeyKind {
  readonly livemode: boolean;
  readonly restricted: boolean;
}

const RANDOM_BYTES = 24;

/** A new key: "rk_test_" and 32 characters of chance. */
export const newKey = ({ livemode, restricted }: KeyKind): string =>
  `${restricted ? "rk" : "sk"}_${livemode ? "live" : "test"}_${randomBytes(RANDOM_BYTES).toString("base64url").replaceAll(/[-_]/g, "x")}`;
