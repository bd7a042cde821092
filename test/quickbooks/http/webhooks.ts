import { createHmac, randomUUID } from "node:crypto";
import type { Change } from "../books/books.ts";

/** "cloudevents" is in force; "old" is what came before it. */
export type WebhookForm = "cloudevents" | "old";

/** What was posted, byte for byte, and what was answered: undefined when nobody did. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  status: number | undefined;
}

const WORDS = {
  Create: "created",
  Update: "updated",
  Delete: "deleted",
  Void: "voided",
  Emailed: "emailed",
} as const;

const toCloudEvent = ({ realmId, entity, id, kind, at }: Change) => ({
  specversion: "1.0",
  id: randomUUID(),
  source: "intuit.c3RhbmQtaW4gb2YgUXVpY2tCb29rcw==",
  type: `qbo.${entity.toLowerCase()}.${WORDS[kind]}.v1`,
  datacontenttype: "application/json",
  time: new Date(at).toISOString(),
  intuitentityid: id,
  intuitaccountid: realmId,
  data: {},
});

function toOldShape(changes: readonly Change[]) {
  const realms = [...new Set(changes.map(({ realmId }) => realmId))];
  return {
    eventNotifications: realms.map((realmId) => ({
      realmId,
      dataChangeEvent: {
        entities: changes
          .filter((change) => change.realmId === realmId)
          .map(({ entity, id, kind, at }) => ({
            name: entity,
            id,
            operation: kind,
            lastUpdated: new Date(at).toISOString(),
          })),
      },
    })),
  };
}

export const toBody = (form: WebhookForm, changes: readonly Change[]): string =>
  JSON.stringify(form === "old" ? toOldShape(changes) : changes.map(toCloudEvent));

export const signatureOf = (verifierToken: string, body: string): string =>
  createHmac("sha256", verifierToken).update(body).digest("base64");

/** Posts a delivery, again if need be: the bytes and the signature stay. */
export async function post(delivery: Delivery): Promise<Delivery> {
  const { url, headers, body } = delivery;
  try {
    const response = await fetch(url, { method: "POST", headers, body });
    await response.arrayBuffer();
    delivery.status = response.status;
  } catch {
    delivery.status = undefined;
  }
  return delivery;
}
