import type { Decimal } from "../decimal.ts";
import type { Instant } from "../time.ts";
import type { TraceStep } from "./trace.ts";

/** A value as it is kept with an invoice: numbers and instants are canonical text. */
type Stored<T> = T extends Decimal | Instant | bigint
  ? string
  : T extends readonly (infer Item)[]
    ? Stored<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Stored<T[Key]> }
      : T;

/** A step from events to the amount of a line, as it is kept. */
export type StoredStep = Stored<TraceStep>;
