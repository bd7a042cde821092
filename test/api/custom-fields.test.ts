import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

const fields = () => server.metronome.v1.customFields;
const newKey = () => `key_${randomUUID().slice(0, 8)}`;

async function addKey(key: string, enforceUniqueness = false): Promise<string> {
  await fields().addKey({ entity: "customer", key, enforce_uniqueness: enforceUniqueness });
  return key;
}

async function createCustomer(custom_fields: Record<string, string> = {}): Promise<string> {
  const { data } = await server.metronome.v1.customers.create({ name: "Acme", custom_fields });
  return data.id;
}

async function readFields(id: string): Promise<Record<string, string>> {
  return (await server.metronome.v1.customers.retrieve({ customer_id: id })).data.custom_fields;
}

describe("custom fields", () => {
  test("are set on creation, merged by setValues, removed by deleteValues", async () => {
    const [a, b, c] = [await addKey(newKey()), await addKey(newKey()), await addKey(newKey())];
    const id = await createCustomer({ [a]: "1", [b]: "2" });
    const target = { entity: "customer", entity_id: id } as const;
    await fields().setValues({ ...target, custom_fields: { [b]: "two", [c]: "" } });
    expect(await readFields(id)).toEqual({ [a]: "1", [b]: "two", [c]: "" });
    await fields().deleteValues({ ...target, keys: [a, "never added"] });
    expect(await readFields(id)).toEqual({ [b]: "two", [c]: "" });
  });

  test("of a removed key are hidden, and come back with the key", async () => {
    const key = await addKey(newKey());
    const id = await createCustomer({ [key]: "kept" });
    await fields().removeKey({ entity: "customer", key });
    expect(await readFields(id)).toEqual({});
    await expect(createCustomer({ [key]: "x" })).rejects.toMatchObject({ status: 400 });
    await expect(fields().removeKey({ entity: "customer", key })).rejects.toMatchObject({
      status: 404,
    });
    await addKey(key);
    expect(await readFields(id)).toEqual({ [key]: "kept" });
  });

  test("may be named like what every object has", async () => {
    await addKey("constructor");
    const id = await createCustomer({ constructor: "value" });
    expect(Object.entries(await readFields(id))).toEqual([["constructor", "value"]]);
    expect(await readFields(await createCustomer())).toEqual({});
  });

  test("that must be unique are refused when taken, also by an archived customer", async () => {
    const key = await addKey(newKey(), true);
    const first = await createCustomer({ [key]: "crm-1" });
    const second = await createCustomer({ [key]: "crm-2" });
    await server.metronome.v1.customers.archive({ id: first });
    await expect(createCustomer({ [key]: "crm-1" })).rejects.toMatchObject({ status: 409 });
    const set = (value: string) =>
      fields().setValues({
        entity: "customer",
        entity_id: second,
        custom_fields: { [key]: value },
      });
    await expect(set("crm-1")).rejects.toMatchObject({ status: 409 });
    expect(await readFields(second)).toEqual({ [key]: "crm-2" });
    await set("crm-2");
  });

  test("cannot become unique while stored values are not", async () => {
    const key = await addKey(newKey());
    await createCustomer({ [key]: "same" });
    await createCustomer({ [key]: "same" });
    await fields().removeKey({ entity: "customer", key });
    await expect(addKey(key, true)).rejects.toMatchObject({ status: 409 });
  });

  test("of other kinds of entity and the other environment are separate", async () => {
    const key = await addKey(newKey());
    const id = await createCustomer({ [key]: "1" });
    const values = { entity_id: id, custom_fields: { [key]: "2" } };
    await expect(fields().setValues({ entity: "contract", ...values })).rejects.toMatchObject({
      status: 404,
    });
    const live = server.production.v1.customFields;
    await expect(live.setValues({ entity: "customer", ...values })).rejects.toMatchObject({
      status: 404,
    });
    await expect(fields().setValues({ entity: "alert", ...values })).rejects.toMatchObject({
      status: 404,
    });
    expect(await readFields(id)).toEqual({ [key]: "1" });
  });

  test("keys are listed in order of creation, by entity", async () => {
    const contractKey = newKey();
    await fields().addKey({ entity: "contract", key: contractKey, enforce_uniqueness: true });
    const only = await fields().listKeys({ entities: ["contract"] });
    expect(only.data).toEqual([{ entity: "contract", key: contractKey, enforce_uniqueness: true }]);
    for (let count = 0; count < 101; count += 1)
      await addKey(`many_${String(count).padStart(3, "0")}`);
    const listed = [];
    for await (const { key } of fields().listKeys({}))
      if (key.startsWith("many_")) listed.push(key);
    expect(listed).toHaveLength(101);
    expect(listed).toEqual(listed.toSorted());
    expect((await server.send("POST", "/v1/customFields/listKeys")).status).toBe(200);
  });

  test("a key that exists is a conflict, and needs no retry", async () => {
    const key = await addKey(newKey());
    const again = await server.send("POST", "/v1/customFields/addKey", {
      entity: "customer",
      key,
      enforce_uniqueness: false,
    });
    expect([again.status, again.headers.get("x-should-retry")]).toEqual([409, "false"]);
  });

  test.each([
    ["addKey", { entity: "planet", key: "k", enforce_uniqueness: true }, "entity"],
    ["addKey", { entity: "customer", key: "", enforce_uniqueness: true }, "key"],
    ["addKey", { entity: "customer", key: "k" }, "enforce_uniqueness is required"],
    ["addKey", { entity: "customer", key: "k", enforce_uniqueness: "yes" }, "enforce_uniqueness"],
    ["addKey", { entity: "customer", key: "a\0", enforce_uniqueness: true }, "key"],
    ["setValues", { entity: "customer", entity_id: "x", custom_fields: {} }, "entity_id"],
    [
      "setValues",
      { entity: "customer", entity_id: randomUUID(), custom_fields: { k: 5 } },
      "custom_fields",
    ],
    ["deleteValues", { entity: "customer", entity_id: randomUUID(), keys: "k" }, "keys"],
  ])("%s refuses %j", async (name, body, message) => {
    const reply = await server.send("POST", `/v1/customFields/${name}`, body);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  });
});
