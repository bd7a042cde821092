import { refused } from "../errors.ts";

/** What read-params.ts looks at in a schema of params.ts: the JSON Schema it is made of. */
export interface Node {
  readonly type?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  /** With format "pattern": what the text must match, and how to say so. */
  readonly pattern?: string;
  readonly what?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
}

/** 400 in Stripe's words. */
export const unknownParameter = (param: string) =>
  refused("parameter_unknown", `Received unknown parameter: ${param}`, param);
