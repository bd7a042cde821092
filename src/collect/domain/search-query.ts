import { refused } from "../errors.ts";

export type SearchOperator = ":" | "~" | ">" | "<" | ">=" | "<=";

export interface SearchClause {
  /** "status", or "metadata" with a key. */
  readonly field: string;
  readonly key?: string;
  readonly operator: SearchOperator;
  /** null matches where there is no value. */
  readonly value: string | null;
  readonly negated: boolean;
}

/** Clauses of which all, or at least one, must hold. */
export interface SearchQuery {
  readonly joined: "and" | "or";
  readonly clauses: readonly SearchClause[];
}

const MAX_CLAUSES = 10;

/** -metadata["key"]:"value", status:'open', total>1000, metadata["key"]:null */
const CLAUSE =
  /^(?<negated>-)?(?<field>[a-z_.]+)(?:\[(?<key>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\])?(?<operator>>=|<=|[:~<>])(?<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"']+)/;

const JOINER = /^\s+(?:(?<word>AND|OR)\s+)?/i;

const unreadable = (rest: string) =>
  refused(
    "parameter_invalid",
    `We were unable to parse your search query at: ${rest.slice(0, 60)}`,
    "query",
  );

const unquote = (text: string): string => text.slice(1, -1).replace(/\\(.)/g, "$1");

function readClause(groups: Readonly<Record<string, string | undefined>>): SearchClause {
  const { negated, field = "", key, operator = ":", value = "" } = groups;
  return {
    field,
    ...(key === undefined ? {} : { key: unquote(key) }),
    operator: operator as SearchOperator,
    value: /^["']/.test(value) ? unquote(value) : value === "null" ? null : value,
    negated: negated !== undefined,
  };
}

/**
 * Reads a query of Stripe's search language (Stripe docs: Search query language). Clauses are joined
 * by AND, which may be left out, or by OR, but not by both. Throws 400 on anything else.
 */
export function parseSearch(query: string): SearchQuery {
  const clauses: SearchClause[] = [];
  const words = new Set<string>();
  let rest = query.trim();
  for (;;) {
    const match = CLAUSE.exec(rest);
    if (match?.groups === undefined) throw unreadable(rest);
    clauses.push(readClause(match.groups));
    rest = rest.slice(match[0].length);
    if (rest === "") break;
    const joiner = JOINER.exec(rest);
    if (joiner === null) throw unreadable(rest);
    words.add((joiner.groups?.word ?? "and").toLowerCase());
    rest = rest.slice(joiner[0].length);
  }
  if (words.size > 1) {
    throw refused("parameter_invalid", "A search query cannot combine AND and OR.", "query");
  }
  if (clauses.length > MAX_CLAUSES) {
    throw refused("parameter_invalid", `At most ${MAX_CLAUSES} clauses can be searched.`, "query");
  }
  return { joined: words.has("or") ? "or" : "and", clauses };
}
