import { expect, test } from "vitest";
import { toOpenApi30 } from "./openapi-30.ts";

const shownAs = (schema: object): unknown => toOpenApi30({ paths: { x: { schema } } }).paths;

test.each<[object, object, string]>([
  [{ type: ["string", "null"] }, { type: "string", nullable: true }, "null is a word of its own"],
  [{ type: ["number", "string"] }, { type: "number" }, "a decimal is a number"],
  [
    { type: ["number", "string", "null"] },
    { type: "number", nullable: true },
    "or a number or nothing",
  ],
  [{ type: ["array", "null"] }, { type: "array", nullable: true, items: {} }, "3.0 needs items"],
  [{ type: ["string", "array"], items: {} }, { type: "string" }, "items are of lists alone"],
  [{ type: "string", const: "a" }, { enum: ["a"], type: "string" }, "there is no const"],
  [
    { anyOf: [{ type: "object" }, { type: "null" }] },
    { type: "object", nullable: true },
    "one thing or nothing",
  ],
  [
    { anyOf: [{ type: "object" }, { type: "string" }] },
    { anyOf: [{ type: "object" }, { type: "string" }] },
    "a choice that 3.0 has as well",
  ],
  [
    {
      type: "object",
      properties: { type: { type: ["string", "null"] }, anyOf: { type: "string" } },
    },
    {
      type: "object",
      properties: { type: { type: "string", nullable: true }, anyOf: { type: "string" } },
    },
    "fields may be called as keywords are",
  ],
])("%j becomes %j: %s", (schema, expected, _why) => {
  expect(shownAs(schema)).toEqual({ x: { schema: expected } });
});

test("examples stay as they are, and webhooks go", () => {
  const example = { type: ["a"], schema: null };
  expect(toOpenApi30({ openapi: "3.1.0", webhooks: {}, paths: { example } })).toEqual({
    openapi: "3.0.3",
    paths: { example },
  });
});
