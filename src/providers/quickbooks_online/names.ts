/** The most characters of a name that every part of QuickBooks takes. */
const MAX_NAME = 100;

/** What a name must not hold (Intuit docs: "Customer", "Item": DisplayName and Name). */
const FORBIDDEN = /[:\t\r\n\p{Cc}]+/gu;

/** Cut between characters, not between the halves of one. */
export const cut = (text: string, max: number): string =>
  text.length <= max
    ? text
    : text
        .slice(0, max)
        .replace(/[\uD800-\uDBFF]$/, "")
        .trimEnd();

/** A name as QuickBooks takes it: forbidden characters become a blank. */
export const toName = (text: string): string =>
  cut(text.replaceAll(FORBIDDEN, " ").replaceAll(/ +/g, " ").trim() || "Unnamed", MAX_NAME);

/** The name with the head of our id behind it, for when somebody else has the plain one. */
export function toOwnName(name: string, ourId: string): string {
  const ending = ` (${ourId.slice(0, 8)})`;
  return `${cut(name, MAX_NAME - ending.length)}${ending}`;
}
