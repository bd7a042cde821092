import { type Instant, instant, instantText, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";

const FIRST = instant("2000-01-01T00:00:00Z");
const LAST = instant("2200-01-01T00:00:00Z");

/**
 * Refuses dates that no agreement has and that would only open thousands of billing periods: a year
 * that lost its digits, a far future meant as "never". `path` names the field.
 */
export function checkReach(at: Instant, path: string): void {
  if (isBefore(at, FIRST) || isBefore(LAST, at)) {
    throw invalid(`${path}: ${instantText(at)} is not between the years 2000 and 2200`, path);
  }
}
