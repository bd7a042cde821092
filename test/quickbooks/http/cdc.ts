import { type Books, list } from "../books/books.ts";
import { ENTITY_NAMES, type EntityName } from "../books/entity.ts";
import { toTimestamp } from "../clock.ts";
import { refuse } from "../faults.ts";

const DAYS_BACK = 30;
const MOST = 1000;

const nameOf = (word: string): EntityName =>
  ENTITY_NAMES.find((name) => name.toLowerCase() === word.trim().toLowerCase()) ??
  refuse("4001", `QueryValidationError: invalid entity: ${word}`);

/** The times of the last deletion of each, as the change feed tells them. */
function deletionsOf(books: Books, name: EntityName, since: number) {
  return books.changes
    .filter(({ entity, kind, at }) => entity === name && kind === "Delete" && at >= since)
    .map(({ id, at }) => ({
      domain: "QBO",
      status: "Deleted",
      Id: id,
      MetaData: { LastUpdatedTime: toTimestamp(at) },
    }));
}

/** All that changed since then, a list for each entity that is asked for. */
export function answerChanges(books: Books, query: URLSearchParams): Record<string, unknown> {
  const since = Date.parse(query.get("changedSince") ?? "");
  if (Number.isNaN(since)) return refuse("4001", "QueryValidationError: changedSince is no time");
  if (books.clock.now() - since > DAYS_BACK * 86_400_000) {
    return refuse("4001", `QueryValidationError: changedSince is more than ${DAYS_BACK} days ago`);
  }
  // Changes are dated by the second.
  const whole = Math.floor(since / 1000) * 1000;
  let left = MOST;
  const responses = (query.get("entities") ?? "").split(",").map((word) => {
    const name = nameOf(word);
    const changed = list(books, name).filter(
      ({ MetaData }) => Date.parse(MetaData.LastUpdatedTime) >= whole,
    );
    const all = [...changed, ...deletionsOf(books, name, whole)].slice(0, left);
    left -= all.length;
    return all.length === 0 ? {} : { [name]: all, startPosition: 1, maxResults: all.length };
  });
  return { CDCResponse: [{ QueryResponse: responses }] };
}
