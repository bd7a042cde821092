import type { FastifyInstance } from "fastify";
import { AppError, invalid } from "../errors.ts";

const MAX_BYTES = 65_536;

/** What clients send that put an empty object into every request. */
const EMPTY_JSON = /^\{\s*\}$/;

/** Adds what a form says to the query. Throws AppError (invalid) where one filter would hide another. */
function mergeForm(query: Record<string, unknown>, text: string): void {
  for (const [name, value] of new URLSearchParams(text)) {
    if (Object.hasOwn(query, name) && query[name] !== value) {
      throw invalid(`${name} is given twice, and not as the same`, name);
    }
    query[name] = value;
  }
}

/**
 * Some clients send the filters of a GET as a form body, whatever content type they name. Such a
 * body is merged into the query. JSON is refused: unread, its filters would choose nothing.
 */
export function mergeGetBodies(http: FastifyInstance): void {
  http.addHook("onRequest", async (request) => {
    if (request.method !== "GET") return;
    const length = request.headers["content-length"];
    if ((length === undefined || length === "0") && !request.headers["transfer-encoding"]) return;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request.raw) {
      size += (chunk as Buffer).length;
      if (size > MAX_BYTES)
        throw new AppError("too_large", "too_large", "The request body is too large");
      chunks.push(chunk as Buffer);
    }
    const text = Buffer.concat(chunks).toString("utf8").trim();
    if (text === "" || EMPTY_JSON.test(text)) return;
    if (/^[{[]/.test(text)) {
      throw invalid("A GET takes its fields in the query or as a form body, not as JSON");
    }
    mergeForm(request.query as Record<string, unknown>, text);
  });
}
