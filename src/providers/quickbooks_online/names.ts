import { cut } from "../../domain/cut.ts";

/** The most characters of a name that every part of QuickBooks takes. */
const MAX_NAME = 100;

/** What a name must not hold (Intuit docs: "Customer", "Item": DisplayName and Name). */
const FORBIDDEN = /[:\t\r\n\p{Cc}]+/gu;

/** The name with the head of our id behind it, for when somebody else has the plain one. */
export function toOwnName(name: string, ourId: string): string {
  const ending = ` (${ourId.slice(0, 8)})`;
  return `${cut(name, MAX_NAME - ending.length)}${ending}`;
}

/**
 * A name as QuickBooks takes it, of the thing with our id: forbidden characters become a blank. One that has to be
 * cut, or of which nothing is left, could be another one's as well, and carries the head of the id.
 */
export function toName(text: string, ourId: string): string {
  const name = text.replaceAll(FORBIDDEN, " ").replaceAll(/ +/g, " ").trim();
  if (name === "") return toOwnName("Unnamed", ourId);
  return name.length > MAX_NAME ? toOwnName(name, ourId) : name;
}
