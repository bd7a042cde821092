import { randomBytes } from "node:crypto";

/** In the order of their codes, so that ids sort by their text in collation "C". */
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TIME_LENGTH = 9;
const RANDOM_LENGTH = 15;

let lastTick = 0n;

/** Microseconds of real time, made strictly increasing within this process. */
function nextTick(): bigint {
  const now = BigInt(Date.now()) * 1000n;
  lastTick = now > lastTick ? now : lastTick + 1n;
  return lastTick;
}

function toBase62(value: bigint, length: number): string {
  let text = "";
  let rest = value;
  while (text.length < length) {
    text = ALPHABET.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}

/**
 * A new id: "cus_" + 9 characters of time + 15 of chance. Objects made one after the other sort in
 * that order, which keeps "newest first" true when a frozen clock gives them the same `created`.
 */
export function newId(prefix: string): string {
  const chance = BigInt(`0x${randomBytes(12).toString("hex")}`);
  return `${prefix}_${toBase62(nextTick(), TIME_LENGTH)}${toBase62(chance, RANDOM_LENGTH)}`;
}
