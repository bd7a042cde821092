import { type Receiver, startReceiver } from "./receiver.ts";
import type { TestServer } from "./server.ts";

/** A message as a webhook endpoint got it, its signature checked by the official client. */
export interface LoggedMessage {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface WebhookLog {
  /** What came so far of these types, oldest first, each message once. */
  messages(...types: string[]): LoggedMessage[];
  /** Forgets what came so far. */
  clear(): void;
  close(): Promise<void>;
}

const SECRET = "secret of the webhook log";

/** An endpoint that gets the sandbox's messages of these types; without any, every message. */
export async function startWebhookLog(
  server: TestServer,
  ...types: readonly string[]
): Promise<WebhookLog> {
  const receiver: Receiver = await startReceiver();
  await server.send("POST", "/v1/webhook-endpoints", {
    url: receiver.url,
    secret: SECRET,
    ...(types.length === 0 ? {} : { event_types: types }),
  });
  return {
    messages(...types) {
      const all = receiver.received.map(
        ({ body, headers }) =>
          server.metronome.webhooks.unwrap(
            body,
            headers as Record<string, string>,
            SECRET,
          ) as LoggedMessage,
      );
      const once = new Map(all.map((message) => [message.id, message]));
      return [...once.values()].filter(({ type }) => types.length === 0 || types.includes(type));
    },
    clear: () => {
      receiver.received.length = 0;
    },
    close: () => receiver.close(),
  };
}
