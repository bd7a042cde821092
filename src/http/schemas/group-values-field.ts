import { Type } from "typebox";
import { TextField } from "./fields.ts";

/** Values of group-key properties, by property. */
export const GroupValuesField = () =>
  Type.Record(Type.String({ minLength: 1, maxLength: 200 }), TextField({ min: 0, max: 1024 }));
