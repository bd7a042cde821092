import { type Books, list } from "../books/books.ts";
import { withBalance } from "../books/company.ts";
import { ENTITY_NAMES, type Entity, type EntityName } from "../books/entity.ts";
import { compare, dec } from "../decimal.ts";
import { refuse } from "../faults.ts";
import { describeCompany, describePreferences } from "./describe-company.ts";

const MOST = 1000;
const DEFAULT = 100;

const DATES = ["MetaData.CreateTime", "MetaData.LastUpdatedTime"];
const PERSON =
  "Id DisplayName GivenName MiddleName FamilyName Suffix Title CompanyName PrintOnCheckName PrimaryEmailAddr Active Balance";
const TRANSACTION = "Id DocNumber TxnDate CustomerRef TotalAmt";

/** By which properties each entity can be asked for. */
const FILTERS: Readonly<Record<EntityName, string>> = {
  Customer: `${PERSON} FullyQualifiedName`,
  Vendor: PERSON,
  Employee: PERSON,
  Item: "Id Name Active FullyQualifiedName Type Sku UnitPrice",
  Account: "Id Name Active FullyQualifiedName AccountType AccountSubType Classification AcctNum",
  Invoice: `${TRANSACTION} DueDate Balance`,
  CreditMemo: `${TRANSACTION} Balance`,
  Payment: "Id TxnDate CustomerRef TotalAmt PaymentRefNum",
  Term: "Id Name Active DueDays",
  TaxCode: "Id Name Active",
  TaxRate: "Id Name Active",
};

type Scalar = string | number | boolean;

interface Condition {
  readonly property: string;
  readonly operator: string;
  readonly values: readonly Scalar[];
}

const invalid = (reason: string): never => refuse("4001", `QueryValidationError: ${reason}`);

const TOKEN = /\s*('(?:\\.|[^'\\])*'|<=|>=|[=<>(),*]|[\w.:+-]+)/y;

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const whole = text.trim();
  while (TOKEN.lastIndex < whole.length) {
    const at = TOKEN.lastIndex;
    const [, token] = TOKEN.exec(whole) ?? [];
    if (token === undefined)
      return invalid(`unexpected text at ${at}: ${whole.slice(at, at + 20)}`);
    tokens.push(token);
  }
  return tokens;
}

/** Reads tokens one after the other; words in any case. */
function openReader(tokens: readonly string[]) {
  let at = 0;
  return {
    isAtEnd: () => at >= tokens.length,
    take: (): string => tokens[at++] ?? invalid("the query ends too early"),
    takeIf(word: string): boolean {
      const isThere = tokens[at]?.toLowerCase() === word;
      if (isThere) at += 1;
      return isThere;
    },
    expect(word: string): void {
      const token = tokens[at++];
      if (token?.toLowerCase() !== word)
        invalid(`expected ${word} and found ${token ?? "the end"}`);
    },
  };
}

type Reader = ReturnType<typeof openReader>;

function readValue(token: string): Scalar {
  if (token.startsWith("'")) return token.slice(1, -1).replace(/\\(.)/g, "$1");
  if (/^(true|false)$/i.test(token)) return token.toLowerCase() === "true";
  if (/^-?\d+(\.\d+)?$/.test(token)) return Number(token);
  return invalid(`${token} is no value`);
}

function readProperty(name: EntityName, reader: Reader): string {
  const property = reader.take();
  if ([...FILTERS[name].split(" "), ...DATES].includes(property)) return property;
  return invalid(`property ${property} not found for entity ${name}, or it cannot be filtered`);
}

function readCondition(name: EntityName, reader: Reader): Condition {
  const property = readProperty(name, reader);
  const operator = reader.take().toUpperCase();
  if (operator !== "IN") {
    if (!["=", "<", ">", "<=", ">=", "LIKE"].includes(operator)) {
      return invalid(`${operator} is no operator`);
    }
    return { property, operator, values: [readValue(reader.take())] };
  }
  reader.expect("(");
  const values = [readValue(reader.take())];
  while (reader.takeIf(",")) values.push(readValue(reader.take()));
  reader.expect(")");
  return { property, operator, values };
}

function readCount(reader: Reader, least: number, most: number, word: string): number {
  const token = reader.take();
  const count = Number(token);
  if (!/^\d+$/.test(token) || count < least || count > most) {
    return invalid(`${word} must be from ${least} to ${most}: ${token}`);
  }
  return count;
}

interface Query {
  readonly name: EntityName;
  readonly isCount: boolean;
  readonly conditions: readonly Condition[];
  readonly order: { readonly property: string; readonly isDescending: boolean } | undefined;
  readonly start: number;
  readonly most: number;
}

function parseQuery(text: string): Query {
  const reader = openReader(tokenize(text));
  reader.expect("select");
  const isCount = reader.takeIf("count");
  if (isCount) reader.expect("(");
  reader.expect("*");
  if (isCount) reader.expect(")");
  reader.expect("from");
  const word = reader.take();
  const name =
    ENTITY_NAMES.find((each) => each.toLowerCase() === word.toLowerCase()) ??
    invalid(`invalid context declaration: ${word}`);
  const conditions: Condition[] = [];
  if (reader.takeIf("where")) {
    do conditions.push(readCondition(name, reader));
    while (reader.takeIf("and"));
  }
  let order: Query["order"];
  if (reader.takeIf("orderby")) {
    const property = readProperty(name, reader);
    const isDescending = reader.takeIf("desc");
    if (!isDescending) reader.takeIf("asc");
    order = { property, isDescending };
  }
  let start = 1;
  let most = DEFAULT;
  while (!reader.isAtEnd()) {
    if (reader.takeIf("startposition")) {
      start = readCount(reader, 1, Number.MAX_SAFE_INTEGER, "startposition");
    } else if (reader.takeIf("maxresults")) most = readCount(reader, 1, MOST, "maxresults");
    else return invalid(`unexpected ${reader.take()}`);
  }
  return { name, isCount, conditions, order, start, most };
}

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
