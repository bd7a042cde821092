import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import { FINALIZED_WEBHOOK, REPLY_EXAMPLES } from "./openapi-examples.ts";
import { toOperationId } from "./operation-id.ts";

type SchemaNode = Record<string, unknown>;

/** Our own keywords in terms that every OpenAPI reader knows. */
function toPublicSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toPublicSchema);
  if (typeof node !== "object" || node === null) return node;
  const { decimal, instant, anyCaseEnum, uuid, cleanText, unsupportedFields, ...rest } =
    node as SchemaNode;
  const shown = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, toPublicSchema(value)]),
  );
  if (instant !== undefined) shown.format = "date-time";
  if (uuid !== undefined) shown.format = "uuid";
  if (anyCaseEnum !== undefined) shown.enum = anyCaseEnum;
  if (decimal !== undefined) shown.description ??= "Exact decimal: a number or its text";
  return shown;
}

function addReplyExamples(paths: object): void {
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const { operationId, responses } = operation as SchemaNode;
    const example = REPLY_EXAMPLES[String(operationId)];
    const reply = (responses as Record<string, SchemaNode> | undefined)?.["200"];
    if (example !== undefined && reply !== undefined) {
      reply.content = { "application/json": { schema: { type: "object" }, example } };
    }
  }
}

/** `GET /openapi.json`: made from the very schemas that validate, so it lists what answers. */
export const toOpenApi = (): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "Ledgerline",
      description: "Usage-based billing and invoicing.",
      version: "0.1.0",
    },
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    security: [{ token: [] }],
    webhooks: { "invoice.finalized": FINALIZED_WEBHOOK },
  },
  transform: ({ schema, url, route }) => {
    const shown = Object.fromEntries(
      Object.entries(schema ?? {}).map(([part, value]) => [part, toPublicSchema(value)]),
    );
    const operationId = toOperationId(String(route.method), url);
    return { schema: { operationId, ...shown }, url };
  },
  transformObject: (document) => {
    if ("openapiObject" in document) addReplyExamples(document.openapiObject.paths ?? {});
    return "openapiObject" in document ? document.openapiObject : document.swaggerObject;
  },
});
