import type { FastifyRequest } from "fastify";

/** For POST routes whose every field is optional: no body at all means none of them. */
export async function makeBodyOptional(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}
