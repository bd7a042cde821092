import { ENTITY_NAMES, type EntityName } from "../books/entity.ts";
import { refuse } from "../faults.ts";

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

export type Scalar = string | number | boolean;

export interface Condition {
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

export interface Query {
  readonly name: EntityName;
  readonly isCount: boolean;
  readonly conditions: readonly Condition[];
  readonly order: { readonly property: string; readonly isDescending: boolean } | undefined;
  readonly start: number;
  readonly most: number;
}

/** Reads a query; what is no query, or asks for what cannot be asked, is refused. */
export function parseQuery(text: string): Query {
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
