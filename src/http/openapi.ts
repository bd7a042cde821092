import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import { FINALIZED_WEBHOOK } from "./openapi-examples.ts";
import { describeReplies } from "./openapi-replies.ts";
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
    if ("openapiObject" in document) describeReplies(document.openapiObject.paths ?? {});
    return "openapiObject" in document ? document.openapiObject : document.swaggerObject;
  },
});
