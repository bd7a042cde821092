import { randomBytes } from "node:crypto";

const BYTES = 24;

/** 192 bits of chance, in letters that a link can have. */
export const newLinkToken = (): string => randomBytes(BYTES).toString("base64url");
