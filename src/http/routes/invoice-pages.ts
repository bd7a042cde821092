import type { FastifyReply, FastifyRequest } from "fastify";
import type { CoreDb } from "../../db/database.ts";
import { notFound } from "../../errors.ts";
import type { Services } from "../../operations/context.ts";
import { readPageAddress, sendInvoicePage } from "../documents/send-invoice-page.ts";
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

export interface PageDeps {
  readonly db: CoreDb;
  readonly services: Services;
  readonly collectUrl: () => string | undefined;
}

/**
 * `/i/...`: pages of invoices for customers. Those of our own invoices are served here. All others are
 * Collect's and passed on to it, so that one public address (PUBLIC_URL) is enough. Only the path, the
 * query and a form's body are passed.
 */
export function addInvoicePageRoutes(
  http: CoreServer,
  { db, services, collectUrl }: PageDeps,
): void {
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
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const ours = request.method === "POST" ? undefined : readPageAddress(request.url);
    return ours === undefined
      ? pass(request, reply)
      : sendInvoicePage(reply, { db, services }, ours);
  };
  for (const method of ["GET", "POST"] as const) {
    http.route({
      method,
      url: "/i/*",
      config: { public: true, form: true },
      schema: { hide: true },
      handler: answer,
    });
  }
}
