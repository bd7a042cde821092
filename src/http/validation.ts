import {
  Ajv,
  type ErrorObject,
  type FuncKeywordDefinition,
  type SchemaValidateFunction,
  type ValidateFunction,
} from "ajv";
import {
  isCleanText,
  normaliseDecimal,
  normaliseEnum,
  normaliseInstant,
  normaliseUuid,
} from "./normalise.ts";
import type { DecimalRule } from "./schemas/fields.ts";

/** A keyword that replaces the value in place by its normal form, or reports its own message. */
function normalising<Rule>(
  keyword: string,
  normalise: (value: unknown, rule: Rule) => string | { problem: string },
): FuncKeywordDefinition {
  const validate: SchemaValidateFunction = (
    rule: Rule,
    value: unknown,
    _schema,
    context,
  ): boolean => {
    // Whether null is allowed is for the field's type to say.
    if (value === null) return true;
    const result = normalise(value, rule);
    if (typeof result === "string") {
      if (context !== undefined) context.parentData[context.parentDataProperty] = result;
      return true;
    }
    validate.errors = [{ keyword, message: result.problem, params: {} }];
    return false;
  };
  return { keyword, modifying: true, errors: true, validate };
}

function createAjv(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    coerceTypes,
    removeAdditional: false,
    strict: false,
    useDefaults: false,
    verbose: true,
  });
  ajv.addKeyword(normalising<DecimalRule>("decimal", normaliseDecimal));
  ajv.addKeyword(normalising<{ onHour?: boolean }>("instant", normaliseInstant));
  ajv.addKeyword(normalising<readonly string[]>("anyCaseEnum", normaliseEnum));
  ajv.addKeyword(normalising<true>("uuid", normaliseUuid));
  ajv.addKeyword({
    keyword: "cleanText",
    // Whether null may stand in its place is the question of `type`.
    validate: (_rule: true, value: unknown) => value === null || isCleanText(value),
    error: { message: "must be text without lone surrogates or NUL characters" },
  });
  ajv.addKeyword({ keyword: "unsupportedFields" });
  return ajv;
}

const bodies = createAjv(false);
const queries = createAjv(true);

/**
 * A validator of a schema, compiled when it is first asked: a process uses few of the schemas it has.
 * Query strings and path parameters are coerced from text, bodies never.
 */
export function validatorOf(schema: object, part: string | undefined): ValidateFunction {
  let compiled: ValidateFunction | undefined;
  const validate = (value: unknown): boolean => {
    compiled ??= (part === "body" ? bodies : queries).compile(schema);
    const valid = compiled(value);
    validate.errors = compiled.errors;
    return valid;
  };
  validate.errors = undefined as ValidateFunction["errors"];
  return validate as ValidateFunction;
}

/** "/line_items/3/price" -> "line_items[3].price" */
const toFieldName = (path: string): string =>
  path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((name, part) => {
      if (/^\d+$/.test(part)) return `${name}[${part}]`;
      return name === "" ? part : `${name}.${part}`;
    }, "");

export interface Problem {
  readonly message: string;
  readonly field: string;
  /** An unknown field, which `X-Ignore-Unknown-Fields: true` downgrades to a warning. */
  readonly unknownField: boolean;
}

/** Whether the value is the default; in a query string a flag or number arrives as its text. */
const isDefault = (value: unknown, byDefault: unknown): boolean =>
  JSON.stringify(value) === JSON.stringify(byDefault) ||
  (typeof byDefault !== "object" && typeof value === "string" && value === String(byDefault));

function describe(error: ErrorObject): Problem | undefined {
  const field = toFieldName(error.instancePath);
  const named = (name: string) => (field === "" ? name : `${field}.${name}`);
  const plain = (message: string, at = field): Problem => ({
    message,
    field: at,
    unknownField: false,
  });
  switch (error.keyword) {
    case "additionalProperties": {
      const name = String(error.params.additionalProperty);
      const known: Record<string, unknown> =
        (error.parentSchema as { unsupportedFields?: Record<string, unknown> })
          ?.unsupportedFields ?? {};
      if (!Object.hasOwn(known, name)) {
        return { message: `unknown field ${named(name)}`, field: named(name), unknownField: true };
      }
      const value = (error.data as Record<string, unknown>)[name];
      if (value === null || isDefault(value, known[name])) return undefined;
      return plain(`${named(name)} is not supported`, named(name));
    }
    case "required": {
      const name = String(error.params.missingProperty);
      return plain(`${named(name)} is required`, named(name));
    }
    case "anyOf":
    case "oneOf":
      return plain(`${field || "the body"} has none of the accepted forms`);
    case "type":
      return plain(
        `${field || "the body"} must be ${String(error.params.type).replaceAll(",", " or ")}`,
      );
    case "enum":
      return plain(
        `${field} must be one of ${(error.params.allowedValues as unknown[]).join(", ")}`,
      );
    case "const":
      return plain(`${field} must be ${JSON.stringify(error.params.allowedValue)}`);
    default:
      return plain(`${field || "the body"} ${error.message ?? "is not valid"}`);
  }
}

/** Turns validation errors into sentences that name the field and say what was expected. */
export const describeProblems = (errors: readonly ErrorObject[]): Problem[] =>
  errors.map(describe).filter((problem) => problem !== undefined);
