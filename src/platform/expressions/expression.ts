import { type ASTNode, Environment, type ParseResult } from "@marcbachmann/cel-js";
import { checkTree, MAX_DEPTH, MAX_NODES, type ReadField } from "./check-tree.ts";
import { ExpressionError } from "./expression-error.ts";
import { IS_PRESENT, translate } from "./translate.ts";

/** The names that an expression may use. */
export interface ExpressionScope {
  /** A value each; `optional`: it may be null. */
  readonly values: Readonly<Record<string, "text" | "optional">>;
  /** Records of texts, with the names of their fields. */
  readonly records: Readonly<Record<string, readonly string[] | "any">>;
}

/** What the names stand for: texts, or records of them. What is missing counts as null. */
export type ExpressionValues = Readonly<
  Record<string, string | null | Readonly<Record<string, string>>>
>;

export interface Expression {
  /** Whether it holds. Throws ExpressionError when it has no value: that is never a no. */
  readonly holds: (values: ExpressionValues) => boolean;
}

const MAX_LENGTH = 2000;

const ORDERINGS = ["<", "<=", ">", ">="] as const;
type Ordering = (typeof ORDERINGS)[number];

const compare = (order: Ordering, left: number | bigint, right: number | bigint): boolean => {
  if (order === "<") return left < right;
  if (order === "<=") return left <= right;
  return order === ">" ? left > right : left >= right;
};

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

const toNumber = (text: string): number | bigint | undefined => {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  return trimmed.includes(".") ? Number(trimmed) : BigInt(trimmed);
};

function orderedNumber(value: unknown): number | bigint {
  if (typeof value !== "string") return value as number | bigint;
  const number = toNumber(value);
  if (number !== undefined) return number;
  throw new ExpressionError(
    `"${value.slice(0, 100)}" is no number, so it is neither more nor less`,
  );
}

/** Numbers that are kept as text compare as numbers with a number; null is neither more nor less. */
function addOperators(env: Environment): void {
  for (const order of ORDERINGS) {
    for (const type of ["int", "double", "string", "bool"]) {
      env.registerOperator(`null ${order} ${type}`, () => false);
      env.registerOperator(`${type} ${order} null`, () => false);
    }
    env.registerOperator(`null ${order} null`, () => false);
    for (const type of ["int", "double"]) {
      const ordered = (left: unknown, right: unknown) =>
        compare(order, orderedNumber(left), orderedNumber(right));
      env.registerOperator(`string ${order} ${type}`, ordered);
      env.registerOperator(`${type} ${order} string`, ordered);
    }
  }
  for (const type of ["int", "double"]) {
    // The engine uses it for both orders, and for != as well.
    env.registerOperator(`string == ${type}`, (left: unknown, right: unknown) => {
      const [text, number] = typeof left === "string" ? [left, right] : [String(right), left];
      const read = toNumber(text);
      // biome-ignore lint/suspicious/noDoubleEquals: 5n and 5 are the same number.
      return read !== undefined && read == number;
    });
  }
}

function openEnvironment(scope: ExpressionScope): Environment {
  const env = new Environment({
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH },
  });
  for (const [name, kind] of Object.entries(scope.values)) {
    env.registerVariable(name, kind === "text" ? "string" : "dyn");
  }
  for (const name of Object.keys(scope.records)) env.registerVariable(name, "dyn");
  addOperators(env);
  env.registerFunction(`${IS_PRESENT}(dyn): bool`, (value: unknown) => value !== null);
  for (const name of ["startsWith", "endsWith", "contains"]) {
    env.registerFunction(`null.${name}(string): bool`, () => false);
  }
  env.registerFunction("size(null): int", () => 0n);
  env.registerFunction("null.size(): int", () => 0n);
  return env;
}

interface EngineError {
  readonly message: string;
  readonly summary?: string;
  readonly code?: string;
  readonly range?: { readonly start: number };
}

/** The engine's words without its drawing of the place. */
const reasonOf = (error: EngineError): string =>
  error.code === "limit_exceeded"
    ? `the expression is too large: at most ${MAX_NODES} parts, nested at most ${MAX_DEPTH} deep`
    : (error.summary ?? error.message.split("\n")[0] ?? error.message);

/** Every field that is read, null where it is missing. */
function complete(
  scope: ExpressionScope,
  fields: readonly ReadField[],
  values: ExpressionValues,
): Record<string, unknown> {
  const context = Object.fromEntries(
    Object.keys(scope.values).map((name) => [name, values[name] ?? null]),
  ) as Record<string, unknown>;
  for (const record of Object.keys(scope.records)) {
    const given = values[record];
    const known = typeof given === "object" && given !== null ? given : {};
    const missing = fields.filter(
      (each) => each.record === record && !Object.hasOwn(known, each.field),
    );
    // A map inherits nothing, whatever a field is called.
    context[record] = new Map<string, string | null>([
      ...Object.entries(known),
      ...missing.map(({ field }) => [field, null] as const),
    ]);
  }
  return context;
}

/**
 * Opens the filter language over these names (docs/integration-runs.md has its dialect): answers what
 * reads one expression. That throws ExpressionError with the reason and the position.
 */
export function createLanguage(scope: ExpressionScope): (source: string) => Expression {
  const env = openEnvironment(scope);
  return (source) => {
    if (source.trim() === "") throw new ExpressionError("the expression is empty", 0);
    if (source.length > MAX_LENGTH) {
      throw new ExpressionError(
        `the expression is longer than ${MAX_LENGTH} characters`,
        MAX_LENGTH,
      );
    }
    const { text, origins } = translate(source);
    const locate = (position: number | undefined) =>
      position === undefined ? undefined : (origins[position] ?? source.length);
    const parsed = parse(env, text, locate);
    const fields = checkAt(parsed.ast, scope, locate);
    const { valid, type, error } = parsed.check();
    if (!valid || type !== "bool") {
      const reason =
        error === undefined
          ? "the expression must be a condition that is true or false"
          : reasonOf(error as EngineError);
      throw new ExpressionError(
        reason,
        locate((error as EngineError | undefined)?.range?.start ?? 0),
      );
    }
    return { holds: (values) => evaluate(parsed, complete(scope, fields, values)) };
  };
}

type Locate = (position: number | undefined) => number | undefined;

function parse(env: Environment, text: string, locate: Locate): ParseResult {
  try {
    return env.parse(text);
  } catch (error) {
    const engine = error as EngineError;
    throw new ExpressionError(reasonOf(engine), locate(engine.range?.start), error);
  }
}

function checkAt(root: ASTNode, scope: ExpressionScope, locate: Locate): ReadField[] {
  try {
    return checkTree(root, scope);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(error.message, locate(error.position), error);
  }
}

function evaluate(parsed: ParseResult, context: Record<string, unknown>): boolean {
  let value: unknown;
  try {
    value = parsed(context);
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw new ExpressionError(reasonOf(error as EngineError), undefined, error);
  }
  if (typeof value !== "boolean")
    throw new ExpressionError("the expression is neither true nor false");
  return value;
}
