import type { TestServer } from "./server.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
type Body = any;

/** Requests under the organization of the sandbox's token. */
export async function openOrganization(server: Pick<TestServer, "send">) {
  const { body } = await server.send("GET", "/v1/environment");
  const base = `/organizations/${body.data.org_id}`;
  const send = (method: string, path: string, json?: unknown) =>
    server.send(method, `${base}${path}`, json);
  return {
    base,
    send,
    /** As send, of a request that must succeed. */
    async ask(method: string, path: string, json?: unknown): Promise<Body> {
      const reply = await send(method, path, json);
      if (reply.status !== 200) {
        throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
      }
      return reply.body;
    },
    /** Status and message of a refusal in one text. */
    async refusal(method: string, path: string, json?: unknown): Promise<string> {
      const reply = await send(method, path, json);
      return `${reply.status} ${reply.body?.message}`;
    },
  };
}

export type Organization = Awaited<ReturnType<typeof openOrganization>>;
