import { type Static, type TSchema, type TUnsafe, Type } from "typebox";

/**
 * The same field, or null. Works on schemas of one JSON type, whose keywords say nothing about null,
 * so that messages stay those of the field.
 */
export const NullableField = <Schema extends TSchema>(
  schema: Schema,
): TUnsafe<Static<Schema> | null> => {
  const { type } = schema as { type?: string | string[] };
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [type ?? "object", "null"].flat() });
};
