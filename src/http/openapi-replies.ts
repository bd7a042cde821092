import { MAY_BE_NULL, REPLY_EXAMPLES } from "./openapi-examples.ts";

type Node = Record<string, unknown>;

/** What every failure answers (error-handler.ts). */
const ERROR_SCHEMA = {
  type: "object",
  required: ["message"],
  properties: {
    message: { type: "string", description: "What is wrong, and with which field" },
    code: { type: "string", description: "For programs, where the matched API has one" },
  },
};

const errorReply = (description: string) => ({
  description,
  content: { "application/json": { schema: ERROR_SCHEMA } },
});

const UNAUTHENTICATED = errorReply("The token is missing, wrong or revoked");
const REFUSED = errorReply("The request is refused, and nothing was done");
const FAILED = errorReply("Something is wrong on our side, not with the request");
/** These answer what is wrong in the shape of their good answer. */
const REPORTS_HEALTH = /^\/health\/(ready|billing)$/;

/** Operations that answer before what they ask for is done. */
const TAKEN_UP = new Set(["pollConnection", "rotateConnectionWebhookSecret"]);

function failuresOf(path: string, { security }: Node): Node {
  if (REPORTS_HEALTH.test(path)) return { "503": { description: "Not in order; it says why" } };
  return {
    ...(security === undefined ? { "401": UNAUTHENTICATED } : {}),
    "4XX": REFUSED,
    "5XX": FAILED,
  };
}

const orNull = (schema: Node): Node => ({ ...schema, type: [schema.type, "null"] });

/** A schema that the example follows, for tools that offer fields by it. What else may come is left open. */
export function schemaOf(example: unknown): Node {
  if (Array.isArray(example)) {
    return { type: "array", items: example.length === 0 ? {} : schemaOf(example[0]) };
  }
  if (example === null) return {};
  if (typeof example !== "object") return { type: typeof example };
  const properties = Object.entries(example).map(([name, value]) => {
    const schema = schemaOf(value);
    return [name, MAY_BE_NULL.has(name) ? orNull(schema) : schema];
  });
  return { type: "object", properties: Object.fromEntries(properties) };
}

/** Gives every operation its failures, and those of a recipe what they answer. Changes `paths`. */
export function describeReplies(paths: object): void {
  for (const [path, methods] of Object.entries(paths)) {
    for (const operation of Object.values(methods as Record<string, Node>)) {
      const example = REPLY_EXAMPLES[String(operation.operationId)];
      const json = { "application/json": { schema: schemaOf(example), example } };
      const done = { description: "Done", ...(example === undefined ? {} : { content: json }) };
      const status = TAKEN_UP.has(String(operation.operationId)) ? "202" : "200";
      operation.responses = { [status]: done, ...failuresOf(path, operation) };
    }
  }
}
