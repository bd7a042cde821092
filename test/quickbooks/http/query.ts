import { type Books, list } from "../books/books.ts";
import { withBalance } from "../books/company.ts";
import type { Entity } from "../books/entity.ts";
import { compare, dec } from "../decimal.ts";
import { describeCompany, describePreferences } from "./describe-company.ts";
import { type Condition, parseQuery, type Query, type Scalar } from "./parse-query.ts";

function readFrom(entity: Entity, property: string): Scalar | undefined {
  const [first = "", second] = property.split(".");
  const value = (entity as unknown as Record<string, unknown>)[first];
  if (typeof value !== "object" || value === null) return value as Scalar | undefined;
  const inner = value as Record<string, Scalar | undefined>;
  return inner[second ?? ("value" in inner ? "value" : "Address")];
}

/** Instants as instants, numbers and ids as numbers, all else as text in any case. */
function order(property: string, a: Scalar, b: Scalar): number {
  if (property.startsWith("MetaData.")) return Date.parse(String(a)) - Date.parse(String(b));
  const isNumber = property === "Id" || typeof a === "number";
  const areDecimals = [a, b].every((each) => /^-?\d+(\.\d+)?$/.test(String(each)));
  if (isNumber && areDecimals) return compare(dec(String(a)), dec(String(b)));
  return String(a).toLowerCase().localeCompare(String(b).toLowerCase());
}

function isLike(value: string, pattern: string): boolean {
  const parts = pattern.split("%").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "is").test(value);
}

function isMet(entity: Entity, { property, operator, values }: Condition): boolean {
  const value = readFrom(entity, property);
  if (value === undefined) return false;
  const by = (wanted: Scalar | undefined): number => order(property, value, wanted ?? "");
  switch (operator) {
    case "LIKE":
      return isLike(String(value), String(values[0]));
    case "<":
      return by(values[0]) < 0;
    case ">":
      return by(values[0]) > 0;
    case "<=":
      return by(values[0]) <= 0;
    case ">=":
      return by(values[0]) >= 0;
    default:
      return values.some((wanted) => by(wanted) === 0);
  }
}

/** Who asks for no order gets the newest first: pages must be asked for in an order that stays. */
function inOrder(found: Entity[], query: Query): Entity[] {
  if (query.order === undefined) return found.reverse();
  const { property, isDescending } = query.order;
  const sign = isDescending ? -1 : 1;
  return found.sort(
    (a, b) => sign * order(property, readFrom(a, property) ?? "", readFrom(b, property) ?? ""),
  );
}

/** The answer to a query, without its envelope. Who is inactive is found by who asks for the inactive. */
export function answerQuery(books: Books, text: string): Record<string, unknown> {
  const single = /^\s*select\s+\*\s+from\s+(companyinfo|preferences)\s*$/i.exec(text)?.[1];
  if (single !== undefined) {
    const isInfo = single.toLowerCase() === "companyinfo";
    const found = isInfo
      ? { CompanyInfo: [describeCompany(books)] }
      : { Preferences: [describePreferences(books)] };
    return { ...found, startPosition: 1, maxResults: 1 };
  }
  const query = parseQuery(text);
  const asksForActive = query.conditions.some(({ property }) => property === "Active");
  const found = list(books, query.name)
    .map((entity) => withBalance(books, query.name, entity))
    .filter((entity) => asksForActive || entity.Active !== false)
    .filter((entity) => query.conditions.every((condition) => isMet(entity, condition)));
  if (query.isCount) return { totalCount: found.length };
  const page = inOrder(found, query).slice(query.start - 1, query.start - 1 + query.most);
  if (page.length === 0) return {};
  return { [query.name]: page, startPosition: query.start, maxResults: page.length };
}
