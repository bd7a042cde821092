import {
  type Checker,
  SymbolFlags,
  type Type,
  TypeFlags,
  type Symbol as TypeSymbol,
} from "typescript/unstable/sync";

type JsonType = "array" | "boolean" | "null" | "number" | "object" | "string";

/** The part of JSON Schema that types of the package need. */
export interface JsonSchema {
  readonly type?: JsonType | readonly JsonType[];
  readonly enum?: readonly (string | number | boolean)[];
  readonly pattern?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly $ref?: string;
  readonly not?: JsonSchema;
}

export type Definitions = Readonly<Record<string, JsonSchema>>;

const NOTHING = TypeFlags.Undefined | TypeFlags.Void;
/** On the wire the package's decimals are texts. */
const NEVER: JsonSchema = { not: {} };
const DECIMAL: JsonSchema = { type: "string", pattern: "^-?\\d+(\\.\\d+)?$" };

/** Any of several forms, the plain ones ("string or null") in one. */
function oneOf(forms: readonly JsonSchema[]): JsonSchema {
  const plain = forms.flatMap(({ type, ...rest }) =>
    type !== undefined && Object.keys(rest).length === 0 ? [type].flat() : [],
  );
  const rest = forms.filter(
    ({ type, ...rest }) => type === undefined || Object.keys(rest).length > 0,
  );
  const types = [...new Set(plain)];
  const [first] = types;
  const all = [
    ...(first === undefined ? [] : [{ type: types.length === 1 ? first : types }]),
    ...rest,
  ];
  const [only = NEVER] = all;
  return all.length > 1 ? { anyOf: all } : only;
}

/** Turns types into schemas; named interfaces go into `definitions` once and are referred to. */
export interface SchemaWriter {
  readonly definitions: Definitions;
  /** Throws for a type that no JSON can have. */
  write(type: Type): JsonSchema;
}

/**
 * `isKnown` says of the `object` of a resource whether it may appear; other resources are left out
 * of the unions that name them (an expandable `string | Application` is a string).
 */
export function schemaWriter(checker: Checker, isKnown: (object: string) => boolean): SchemaWriter {
  const definitions: Record<string, JsonSchema> = {};
  const names = new Map<number, string>();

  const typeOf = (symbol: TypeSymbol): Type => {
    const type = checker.getTypeOfSymbol(symbol);
    if (type === undefined) throw new Error(`No type for ${symbol.name}`);
    return type;
  };

  /** "Invoice.StatusTransitions": the names of namespaces around it, up to its module. */
  const fullName = (symbol: TypeSymbol): string => {
    const parent = symbol.getParent();
    const outside = parent === undefined || (parent.flags & SymbolFlags.ValueModule) !== 0;
    return outside && !/^\w+$/.test(parent?.name ?? '"')
      ? symbol.name
      : `${fullName(parent as TypeSymbol)}.${symbol.name}`;
  };

  const objectOf = (type: Type): string | undefined => {
    const symbol = checker.getPropertyOfType(type, "object");
    const value = symbol === undefined ? undefined : typeOf(symbol);
    return value?.isStringLiteralType() ? String(value.value) : undefined;
  };

  /** `{ type: "customer" } & ...`: what is no interface of its own is written where it stands. */
  const nameOf = (type: Type): string | undefined => {
    const known = names.get(type.id);
    if (known !== undefined) return known;
    const symbol = type.getSymbol();
    if (symbol === undefined || symbol.name.startsWith("__")) return undefined;
    const args = type.isTypeReference() ? checker.getTypeArguments(type) : [];
    const suffix =
      args.length === 0 ? "" : `<${args.map((arg) => checker.typeToString(arg)).join(", ")}>`;
    const name = `${fullName(symbol)}${suffix}`;
    if ([...names.values()].includes(name)) throw new Error(`Two types of one name: ${name}`);
    names.set(type.id, name);
    return name;
  };

  const writeMembers = (type: Type): JsonSchema => {
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [];
    for (const symbol of checker.getPropertiesOfType(type)) {
      const value = typeOf(symbol);
      // `deleted?: void` tells an object from what is left of a deleted one: never there.
      if ((value.flags & NOTHING) !== 0) continue;
      if (members(value).every((member) => (member.flags & NOTHING) !== 0)) continue;
      properties[symbol.name] = write(value);
      if ((symbol.flags & SymbolFlags.Optional) === 0) required.push(symbol.name);
    }
    const [index] = checker.getIndexInfosOfType(type);
    // An interface without members (an event's `object`) says only that there is an object.
    if (index === undefined && Object.keys(properties).length === 0) return { type: "object" };
    const additionalProperties = index === undefined ? false : write(index.valueType);
    return { type: "object", properties, required, additionalProperties };
  };

  const writeObject = (type: Type): JsonSchema => {
    const name = nameOf(type);
    if (name === undefined) return writeMembers(type);
    if (!(name in definitions)) {
      definitions[name] = {};
      definitions[name] = writeMembers(type);
    }
    return { $ref: `#/definitions/${name}` };
  };

  const writeUnion = (all: readonly Type[]): JsonSchema => {
    const present = all.filter((member) => (member.flags & NOTHING) === 0);
    const literals = present.filter((member) => member.isLiteralType());
    const values = literals.map((member) => member.value as string | boolean);
    const texts = values.filter((value) => typeof value !== "boolean").toSorted();
    const forms = present.flatMap((member): JsonSchema[] => {
      if (member.isLiteralType()) return [];
      // `OtherString` leaves an enum open for values of tomorrow; today's are the ones listed.
      if (texts.length > 0 && member.isIntersectionType() && !isDecimal(member)) return [];
      return isForeign(member) ? [] : [write(member)];
    });
    if (texts.length > 0) forms.push({ enum: texts });
    if (texts.length < values.length) forms.push({ type: "boolean" });
    return oneOf(forms);
  };

  /** `Decimal`: a class of the package, branded. */
  const isDecimal = (type: Type): boolean =>
    type.isIntersectionType() &&
    (type.getTypes() ?? []).some((part) => part.getSymbol()?.name === "DecimalImpl");

  const isForeign = (type: Type): boolean => {
    const object = type.isObjectType() ? objectOf(type) : undefined;
    return object !== undefined && !isKnown(object);
  };

  const members = (type: Type): readonly Type[] =>
    type.isUnionType() ? (type.getTypes() ?? []) : [type];

  const write = (type: Type): JsonSchema => {
    if (type.isUnionType()) return writeUnion(type.getTypes() ?? []);
    if (type.isLiteralType()) return { enum: [type.value as string] };
    if ((type.flags & TypeFlags.String) !== 0) return { type: "string" };
    if ((type.flags & TypeFlags.Number) !== 0) return { type: "number" };
    if ((type.flags & TypeFlags.Null) !== 0) return { type: "null" };
    if ((type.flags & (TypeFlags.Any | TypeFlags.Unknown)) !== 0) return {};
    if (checker.isArrayType(type) && type.isTypeReference()) {
      const [item] = checker.getTypeArguments(type);
      return { type: "array", items: item === undefined ? {} : write(item) };
    }
    if (isForeign(type)) return NEVER;
    if (isDecimal(type)) return DECIMAL;
    if (type.isIntersectionType() || type.isObjectType()) return writeObject(type);
    throw new Error(`No schema for ${checker.typeToString(type)}`);
  };

  return { definitions, write };
}
