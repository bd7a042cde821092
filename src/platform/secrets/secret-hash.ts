import { createHash, timingSafeEqual } from "node:crypto";

/**
 * How tokens and keys are stored: they are long and random, so one round of SHA-256 is enough and
 * looking one up stays a single index read.
 */
export const hashSecret = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** Compares in a time that does not tell where two secrets differ. */
export const sameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(hashSecret(a), hashSecret(b));
