import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ProviderConnection } from "../provider-connection.ts";
import { isSignedBy, readChanges, verifyQuickBooksWebhook } from "./webhooks.ts";

const TOKEN = "verifier-token";
const sign = (body: string, token = TOKEN): string =>
  createHmac("sha256", token).update(body).digest("base64");

const connection = (realm: string | undefined, token: string | undefined): ProviderConnection => ({
  id: "connection",
  environment: "SANDBOX",
  builtIn: false,
  credential: { client_id: "a", webhook_verifier_token: token },
  settings: { realm_id: realm },
});

const cloud = (id: string, type: string, entity: string, realm: string) => ({
  specversion: "1.0",
  id,
  type,
  time: "2026-03-01T10:00:00Z",
  intuitentityid: entity,
  intuitaccountid: realm,
  data: {},
});

const NEW = JSON.stringify([
  cloud("e1", "qbo.invoice.updated.v1", "145", "1"),
  cloud("e2", "qbo.creditmemo.voided.v1", "9", "1"),
  cloud("e3", "qbo.payment.created.v1", "12", "1"),
  cloud("e4", "qbo.customer.updated.v1", "58", "1"),
  cloud("e5", "qbo.invoice.updated.v1", "145", "2"),
]);

const OLD = JSON.stringify({
  eventNotifications: [
    {
      realmId: "1",
      dataChangeEvent: {
        entities: [
          { name: "Invoice", id: "145", operation: "Update", lastUpdated: "2026-03-01T10:00:00Z" },
          { name: "Payment", id: "12", operation: "Create", lastUpdated: "2026-03-01T10:00:00Z" },
        ],
      },
    },
    {
      realmId: "2",
      dataChangeEvent: {
        entities: [
          { name: "Invoice", id: "145", operation: "Update", lastUpdated: "2026-03-01T10:00:00Z" },
        ],
      },
    },
  ],
});

const verify = (body: string, realm = "1") =>
  verifyQuickBooksWebhook(connection(realm, TOKEN), Buffer.from(body), sign(body));

describe("a delivery of webhooks", () => {
  test("in the newer shape is the events of the connection's own company, under their ids", () => {
    expect(
      verify(NEW)?.map(({ eventId, type, externalId, related }) => [
        eventId,
        type,
        externalId,
        related,
      ]),
    ).toEqual([
      ["e1", "invoice.updated", "145", undefined],
      ["e2", "creditmemo.voided", "creditmemo-9", undefined],
      ["e3", "payment.created", undefined, "payment-12"],
      ["e4", "customer.updated", undefined, undefined],
    ]);
    expect(verify(NEW, "2")?.map(({ eventId }) => eventId)).toEqual(["e5"]);
    expect(verify(NEW, "3")).toEqual([]);
  });

  test("in the older shape has ids of what it tells, the same when it comes again", () => {
    const events = verify(OLD) ?? [];
    expect(events.map(({ type, externalId, related }) => [type, externalId, related])).toEqual([
      ["invoice.update", "145", undefined],
      ["payment.create", undefined, "payment-12"],
    ]);
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(2);
    expect(verify(OLD)).toEqual(events);
    expect(verify(OLD, "2")?.[0]?.eventId).not.toBe(events[0]?.eventId);
  });

  test.each([
    ["another token", TOKEN, sign(NEW, "other")],
    ["another body", TOKEN, sign(`${NEW} `)],
    ["no header", TOKEN, undefined],
    ["two headers", TOKEN, [sign(NEW), sign(NEW)]],
    ["an empty header", TOKEN, ""],
    ["hexadecimal in the place of base64", TOKEN, Buffer.from(sign(NEW), "base64").toString("hex")],
    ["no verifier token", undefined, sign(NEW, "")],
    ["an empty verifier token", "", sign(NEW, "")],
  ])("is not believed with %s", (_, token, header) => {
    expect(isSignedBy(token, Buffer.from(NEW), header)).toBe(false);
    expect(
      verifyQuickBooksWebhook(connection("1", token), Buffer.from(NEW), header),
    ).toBeUndefined();
  });

  test.each([
    ["", 0],
    ["null", 0],
    ["{}", 0],
    ['{"eventNotifications":[null,{"realmId":"1"}]}', 0],
    ["[null,1,[]]", 0],
    [JSON.stringify([cloud("e", "qbo.invoice", "1", "1")]), 0],
    [JSON.stringify([cloud("e", "qbo.invoice.updated.v1", "../1", "1")]), 0],
    [JSON.stringify([{ ...cloud("e", "qbo.invoice.updated.v1", "1", "1"), id: 5 }]), 0],
    [JSON.stringify([cloud("e", "qbo.invoice.updated.v1", "1", "1")]), 1],
  ])("that is signed and says %j tells %i changes", (body, count) => {
    expect(readChanges(Buffer.from(body))).toHaveLength(count);
  });
});
