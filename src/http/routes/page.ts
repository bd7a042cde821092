import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyReply } from "fastify";
import { DOCUMENT_STYLE } from "../../platform/html/document-style.ts";
import type { CoreServer } from "../server.ts";

const FOLDER = join(import.meta.dirname, "../page");

const FILES = [
  { url: "/", file: "index.html", type: "text/html; charset=utf-8" },
  { url: "/page/page.css", file: "page.css", type: "text/css; charset=utf-8" },
  {
    url: "/page/invoice.css",
    file: "invoice.css",
    type: "text/css; charset=utf-8",
    after: DOCUMENT_STYLE,
  },
  {
    url: "/page/credit-notes.js",
    file: "credit-notes.js",
    type: "text/javascript; charset=utf-8",
  },
  { url: "/page/page.js", file: "page.js", type: "text/javascript; charset=utf-8" },
] as const;

/** Nothing from elsewhere, in no frame, and no way to send the token anywhere but here. */
const protect = (reply: FastifyReply): FastifyReply =>
  reply
    .header(
      "content-security-policy",
      "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    )
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer")
    .header("cache-control", "no-cache");

/**
 * `/`: a plain page of invoices that speaks the public API with the token it is given; and the style of
 * the pages for customers.
 */
export function addPageRoutes(http: CoreServer): void {
  for (const { url, file, type, ...rest } of FILES) {
    const own = readFileSync(join(FOLDER, file), "utf8");
    const content = "after" in rest ? rest.after + own : own;
    http.route({
      method: "GET",
      url,
      config: { public: true },
      schema: { hide: true },
      handler: async (_request, reply) => protect(reply).type(type).send(content),
    });
  }
}
