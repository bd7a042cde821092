import type { FastifyReply } from "fastify";
import type { CoreDb } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import type { Services } from "../../operations/context.ts";
import { isPageToken, openInvoicePage } from "../../operations/invoice-page.ts";
import { toInvoicePrintable } from "./invoice-printable.ts";
import { renderInvoicePage, renderNoPage } from "./render-invoice-page.ts";
import { sendCsv, sendPdf } from "./send-document.ts";

const HTML = "text/html; charset=utf-8";
const ADDRESS = /^\/i\/([^/?]+)(?:\/(pdf|csv))?(\?.*)?$/;

/** What an address asks for, when it is the page of an invoice of ours or a document of it. */
export interface PageRequest {
  readonly token: string;
  readonly kind: "page" | "pdf" | "csv";
  readonly query: URLSearchParams;
}

/** Reads an address below `/i/`; undefined: it is not of ours. */
export function readPageAddress(url: string): PageRequest | undefined {
  const [, token = "", kind = "page", query = ""] = ADDRESS.exec(url) ?? [];
  if (!isPageToken(token)) return undefined;
  return { token, kind: kind as PageRequest["kind"], query: new URLSearchParams(query) };
}

/** Nothing from elsewhere, no scripts, in no frame, no search engine and no cache, and no word of the link. */
const protect = (reply: FastifyReply): FastifyReply =>
  reply
    .header(
      "content-security-policy",
      "default-src 'none'; style-src 'self'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    )
    .header("x-content-type-options", "nosniff")
    .header("x-robots-tag", "noindex")
    .header("referrer-policy", "no-referrer")
    .header("cache-control", "private, no-store");

async function open(deps: { db: CoreDb; services: Services }, token: string) {
  try {
    const parts = await openInvoicePage(deps.db, deps.services, token);
    return parts ?? "This invoice is not final yet. Its page opens when it is.";
  } catch (error) {
    if (error instanceof AppError && error.kind === "not_found") return "There is no such page.";
    throw error;
  }
}

/** Answers the page of an invoice, or a document of it, to whoever has the link. */
export async function sendInvoicePage(
  reply: FastifyReply,
  deps: { readonly db: CoreDb; readonly services: Services },
  { token, kind, query }: PageRequest,
): Promise<FastifyReply> {
  protect(reply);
  const found = await open(deps, token);
  if (typeof found === "string") return reply.code(404).type(HTML).send(renderNoPage(found));
  if (kind === "csv") return sendCsv(reply, found);
  if (kind === "pdf") {
    const isLetter = query.get("paper")?.toLowerCase() === "letter";
    return sendPdf(reply, found, isLetter ? "LETTER" : "A4");
  }
  const page = renderInvoicePage(toInvoicePrintable(found), { token, logo: found.seller?.logo });
  return reply.type(HTML).send(page);
}
