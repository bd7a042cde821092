import { instant, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import type { RateCardAlias } from "../store/rate-card-aliases.ts";
import { checkReach } from "./check-reach.ts";

/** Refuses aliases that end before they start, or one name twice at the same time. */
export function checkAliases(aliases: readonly RateCardAlias[]): void {
  for (const [n, alias] of aliases.entries()) {
    for (const at of [alias.startingAt, alias.endingBefore]) {
      if (at !== null) checkReach(instant(at), `aliases[${n}]`);
    }
    if (!startsBefore(alias.startingAt, alias.endingBefore)) {
      throw invalid(`aliases[${n}].ending_before must be after starting_at`, "aliases");
    }
    const clash = aliases.findIndex((other, m) => m < n && overlaps(alias, other));
    if (clash !== -1) {
      throw invalid(
        `aliases[${n}] overlaps aliases[${clash}]: ${JSON.stringify(alias.name)} is given twice for the same time`,
        "aliases",
      );
    }
  }
}

const overlaps = (a: RateCardAlias, b: RateCardAlias): boolean =>
  a.name === b.name &&
  startsBefore(a.startingAt, b.endingBefore) &&
  startsBefore(b.startingAt, a.endingBefore);

/** Open ends reach as far as time does. */
const startsBefore = (start: string | null, end: string | null): boolean =>
  start === null || end === null || isBefore(instant(start), instant(end));
