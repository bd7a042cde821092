import { type RawBuilder, sql } from "kysely";
import { Temporal } from "../../domain/time.ts";
import type { SearchClause, SearchQuery } from "../domain/search-query.ts";
import { refused } from "../errors.ts";

/** How a field that can be searched is stored. */
export interface SearchField {
  /** "invoices.status" */
  readonly column: string;
  /** `token`: equal or not; `text`: also a part of it; `number`, `time`: also in a range. */
  readonly kind: "token" | "text" | "number" | "time" | "metadata";
}

export type SearchFields = Readonly<Record<string, SearchField>>;

const cannot = (message: string) => refused("parameter_invalid", message, "query");

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** The literal of a range: a number as it is, Unix seconds as an instant. */
function toBound({ kind }: SearchField, { field, value }: SearchClause): string {
  if (value === null || !/^-?\d{1,15}$/.test(value)) {
    throw cannot(`The field ${field} is compared with whole numbers, not with ${value}.`);
  }
  return kind === "time"
    ? Temporal.Instant.fromEpochMilliseconds(Number(value) * 1000).toString()
    : value;
}

function toRange(search: SearchField, clause: SearchClause): RawBuilder<boolean> {
  const column =
    search.kind === "time"
      ? sql`date_trunc('second', ${sql.ref(search.column)})`
      : sql`${sql.ref(search.column)}`;
  const operator = sql.raw(clause.operator === ":" ? "=" : clause.operator);
  const cast = sql.raw(search.kind === "time" ? "timestamptz" : "bigint");
  return sql`${column} ${operator} ${toBound(search, clause)}::${cast}`;
}

function toMetadata(search: SearchField, { key, operator, value }: SearchClause) {
  if (key === undefined || operator !== ":") {
    throw cannot(`Metadata is searched as metadata["key"]:"value".`);
  }
  const column = sql.ref(search.column);
  // Containment reads the index on the metadata.
  return value === null
    ? sql<boolean>`not (${column} ? ${key})`
    : sql<boolean>`${column} @> ${JSON.stringify({ [key]: value })}::jsonb`;
}

function toCondition(fields: SearchFields, clause: SearchClause): RawBuilder<boolean> {
  const search = Object.hasOwn(fields, clause.field) ? fields[clause.field] : undefined;
  if (search === undefined || (clause.key !== undefined && search.kind !== "metadata")) {
    throw cannot(`Field \`${clause.field}\` is an unsupported search field for this resource.`);
  }
  const column = sql.ref(search.column);
  if (search.kind === "metadata") return toMetadata(search, clause);
  if (clause.operator === ":" && clause.value === null) return sql`${column} is null`;
  if (search.kind === "number" || search.kind === "time") return toRange(search, clause);
  if (clause.operator === ":") {
    return search.kind === "text"
      ? sql`lower(${column}) = lower(${clause.value})`
      : sql`${column} = ${clause.value}`;
  }
  if (clause.operator === "~" && search.kind === "text") {
    return sql`${column} ilike ${`%${escapeLike(clause.value ?? "")}%`}`;
  }
  throw cannot(`The field ${clause.field} does not support the operator ${clause.operator}.`);
}

/** The condition of a parsed search over a table's fields. Throws 400 on a field that it does not have. */
export function searchCondition(fields: SearchFields, query: SearchQuery): RawBuilder<boolean> {
  const conditions = query.clauses.map((clause) => {
    const condition = toCondition(fields, clause);
    return clause.negated ? sql`not coalesce(${condition}, false)` : sql`(${condition})`;
  });
  return sql`(${sql.join(conditions, sql.raw(` ${query.joined} `))})`;
}
