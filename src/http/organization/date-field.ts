import { Type } from "typebox";
import { Temporal } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";

/** A calendar date. Read it with readDate, which knows the calendar. */
export const DateField = () =>
  Type.Unsafe<string>({ type: "string", maxLength: 64, description: "A date: 2024-01-31" });

/** A date in its canonical text; nothing is undefined. Throws invalid, naming the field. */
export function readDate(given: string | null | undefined, name: string): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (/^\d{4}-\d\d-\d\d$/.test(given)) {
    try {
      return Temporal.PlainDate.from(given).toString();
    } catch {
      // A day that its month does not have: the message below says what was expected.
    }
  }
  throw invalid(`${name} must be a calendar date such as 2024-01-31`, name);
}
