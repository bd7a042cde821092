import type { FastifyInstance } from "fastify";
import { AppError } from "../errors.ts";

const MAX_BYTES = 65_536;

/**
 * Some clients send the filters of a GET as a form body, whatever content type they name. Such a
 * body is merged into the query; it is never read as JSON.
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
    if (text === "" || text.startsWith("{")) return;
    const query = request.query as Record<string, string>;
    for (const [name, value] of new URLSearchParams(text)) query[name] ??= value;
  });
}
