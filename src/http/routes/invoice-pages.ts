import type { FastifyReply, FastifyRequest } from "fastify";
import { notFound } from "../../errors.ts";
import type { CoreServer } from "../server.ts";

/** Replies are whole before they go on: pages and documents of invoices are small. */
const PASSED = [
  "content-type",
  "content-disposition",
  "content-security-policy",
  "x-content-type-options",
  "x-robots-tag",
  "referrer-policy",
  "cache-control",
  "location",
];

/**
 * `/i/...`: pages of invoices for customers. Collect serves them; they are passed on here as well, so
 * that one public address (PUBLIC_URL) is enough. Only the path, the query and a form's body are passed.
 */
export function addInvoicePageRoutes(http: CoreServer, collectUrl: () => string | undefined): void {
  const pass = async (request: FastifyRequest, reply: FastifyReply) => {
    const base = collectUrl();
    const target = base === undefined ? undefined : new URL(`${base}${request.url}`);
    // "/i/%2e%2e/v1" would lead out of the pages, into Collect's API.
    if (target?.pathname.startsWith("/i/") !== true) throw notFound("page", request.url);
    const body = request.body as Record<string, string> | undefined;
    const response = await fetch(target, {
      method: request.method,
      redirect: "manual",
      ...(request.method === "POST" ? { body: new URLSearchParams(body ?? {}) } : {}),
    });
    reply.code(response.status);
    for (const name of PASSED) {
      const value = response.headers.get(name);
      if (value !== null) reply.header(name, value);
    }
    return reply.send(Buffer.from(await response.arrayBuffer()));
  };
  for (const method of ["GET", "POST"] as const) {
    http.route({
      method,
      url: "/i/*",
      config: { public: true, form: true },
      schema: { hide: true },
      handler: pass,
    });
  }
}
