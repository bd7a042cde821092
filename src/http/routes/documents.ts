import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Type } from "typebox";
import { AppError } from "../../errors.ts";
import type { HttpMetrics } from "../metrics.ts";
import { toOpenApi30 } from "../openapi-30.ts";
import { EnumField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const ROOT = join(import.meta.dirname, "../../..");
const DOCS = join(ROOT, "docs");
const DOC_NAME = /^[a-z0-9-]+\.md$/;

/** First heading and first sentence of a document. */
function describeDocument(text: string): { title: string; summary: string } {
  const title = /^# (.+)$/m.exec(text)?.[1] ?? "";
  const body = text.replace(/^# .+$/m, "").trim();
  return { title, summary: body.split(/\n\s*\n/, 1)[0]?.replaceAll("\n", " ") ?? "" };
}

/** `GET /llms.txt`: every document with one sentence on what it answers. */
function writeIndex(base: string): string {
  const rows = readdirSync(DOCS)
    .filter((name) => DOC_NAME.test(name))
    .sort()
    .map((name) => {
      const { title, summary } = describeDocument(readFileSync(join(DOCS, name), "utf8"));
      return `- [${title}](${base}/docs/${name}): ${summary}`;
    });
  return [
    "# Ledgerline",
    "",
    "> Self-hosted usage-based billing: usage events become invoices, each delivered once.",
    "",
    "## Documents",
    ...rows,
    "",
    "## API",
    `- [OpenAPI description](${base}/openapi.json): every route that answers, with its fields`,
    "",
  ].join("\n");
}

const tags = ["system"];

/** What the server says about itself: its API, its documents, its metrics. */
export function addDocumentRoutes(
  http: CoreServer,
  { metrics, publicUrl }: { metrics: HttpMetrics; publicUrl: () => string },
): void {
  const config = { public: true };
  http.route({
    method: "GET",
    url: "/openapi.json",
    config,
    schema: {
      tags,
      summary: "This description, in OpenAPI 3.1 or 3.0",
      security: [],
      querystring: ObjectField({ version: Type.Optional(EnumField(["3.1", "3.0"])) }),
    },
    handler: async ({ query }) => {
      const description = { ...http.swagger(), servers: [{ url: publicUrl() }] };
      return query.version === "3.0" ? toOpenApi30(description) : description;
    },
  });
  http.route({
    method: "GET",
    url: "/llms.txt",
    config,
    schema: { tags, summary: "Index of the documents", security: [] },
    handler: async (_request, reply) =>
      reply.type("text/plain; charset=utf-8").send(writeIndex(publicUrl())),
  });
  http.route<{ Params: { name: string } }>({
    method: "GET",
    url: "/docs/:name",
    config,
    schema: { tags, summary: "One document, as Markdown", security: [] },
    handler: async (request, reply) => {
      const { name } = request.params;
      if (!DOC_NAME.test(name) || !readdirSync(DOCS).includes(name)) {
        throw new AppError("not_found", "DocumentNotFound", `No document named ${name}`);
      }
      return reply
        .type("text/markdown; charset=utf-8")
        .send(readFileSync(join(DOCS, name), "utf8"));
    },
  });
  http.route({
    method: "GET",
    url: "/metrics",
    config,
    schema: { tags, summary: "Prometheus metrics", security: [] },
    handler: async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  });
}
