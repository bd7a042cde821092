import { type Instant, instant, instantText, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";

const FIRST = instant("1970-01-01T00:00:00Z");
const LAST = instant("2200-01-01T00:00:00Z");

/**
 * Refuses dates that no agreement has: a year that lost its digits, a far future meant as "never".
 * They would open thousands of billing periods, and the database cannot hold all of them. `path`
 * names the field.
 */
export function checkReach(at: Instant, path: string): void {
  if (isBefore(at, FIRST) || isBefore(LAST, at)) {
    throw invalid(`${path}: ${instantText(at)} is not between the years 1970 and 2200`, path);
  }
}
