import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCompatibility } from "../../scripts/stripe/compatibility.ts";
import { compatibilityPage } from "../../scripts/stripe/compatibility-page.ts";
import { withStripePackage } from "../../scripts/stripe/open-package.ts";
import { responseSchemas } from "../../scripts/stripe/response-schemas.ts";
import type { Endpoint } from "../../src/collect/http/endpoint.ts";
import type { Node } from "../../src/collect/http/schema-node.ts";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import schemas from "./stripe-schemas.json" with { type: "json" };

const { compatibility, fresh } = withStripePackage((stripe) => ({
  compatibility: readCompatibility(stripe),
  fresh: responseSchemas(stripe),
}));

let collect: TestCollect;
beforeAll(async () => {
  collect = await openTestCollect();
});
afterAll(() => collect?.close());

/** The shortest values that a parameter and what it requires can have. */
function leastValues(node: Node, name: string): [string, string][] {
  const [form = node] = (node.anyOf ?? [node]).filter(({ type }) => type !== "null");
  if (form.items !== undefined) return leastValues(form.items, `${name}[0]`);
  if (form.properties !== undefined) {
    return (form.required ?? []).flatMap((member) =>
      leastValues(form.properties?.[member] ?? {}, name === "" ? member : `${name}[${member}]`),
    );
  }
  if (form.enum !== undefined) return [[name, form.enum[0] ?? ""]];
  if (form.format === "currency") return [[name, "usd"]];
  if (form.type === "boolean") return [[name, "true"]];
  return [[name, form.type === "string" && form.format === undefined ? "x" : "1"]];
}

/** What must stand beside a parameter: what its hash requires, and each hash around it. */
function besides(node: Node, steps: readonly string[], at: string): [string, string][] {
  const forms = (node.anyOf ?? [node]).flatMap((form) => [form, ...(form.items?.anyOf ?? [])]);
  const form = forms.find(({ properties, items }) => properties ?? items);
  const [step, ...rest] = steps;
  if (form === undefined || step === undefined) return [];
  if (form.properties === undefined) return besides(form.items ?? {}, rest, `${at}[0]`);
  const name = (member: string): string => (at === "" ? member : `${at}[${member}]`);
  const beside = (form.required ?? []).filter((member) => member !== step);
  return [
    ...beside.flatMap((member) => leastValues(form.properties?.[member] ?? {}, name(member))),
    ...besides(form.properties[step] ?? {}, rest, name(step)),
  ];
}

/** Sends one parameter, with what must stand beside it. */
async function send({ method, path, params }: Endpoint, name: string, value: string) {
  const steps = name.replaceAll("]", "").split("[");
  const form = new URLSearchParams(besides(params as unknown as Node, steps, ""));
  form.append(name, value);
  const url = path.replace(/:\w+/g, "none");
  const init = method === "GET" ? {} : { method, body: form };
  const response = await collect.request(method === "GET" ? `${url}?${form}` : url, init);
  const { error = {} } = (await response.json()) as { error?: Record<string, unknown> };
  return { status: response.status, code: error.code, param: error.param };
}

/** "lines[][tax]" as it is sent and named: "lines[0][tax]". */
const indexed = (name: string): string => name.replaceAll("[]", "[0]");

describe("the pages and data that are generated from the package", () => {
  test("docs/collect-compatibility.md is what the code says", () => {
    const { version } = JSON.parse(readFileSync("node_modules/stripe/package.json", "utf8"));
    const page = readFileSync("docs/collect-compatibility.md", "utf8");
    expect(page === compatibilityPage(compatibility, version)).toBe(true);
  });

  test("the schemas that replies are held against are the installed package's", () => {
    expect(JSON.stringify(schemas) === JSON.stringify(fresh)).toBe(true);
  });
});

const served = compatibility.served.flatMap(({ endpoint, comparison }) =>
  comparison === undefined
    ? []
    : [{ title: `${endpoint.method} ${endpoint.path}`, endpoint, comparison }],
);

describe("nothing is accepted and then ignored", () => {
  const withRefused = served.filter(({ comparison }) => comparison.refused.length > 0);

  test.each(withRefused)("$title refuses what it does not support", async (each) => {
    for (const refused of each.comparison.refused) {
      const name = indexed(refused);
      expect(await send(each.endpoint, name, "1"), name).toEqual({
        status: 400,
        code: "parameter_unknown",
        param: name.replace(/\[0\]$/, ""),
      });
    }
  });

  test.each(served)("$title knows what it supports", async ({ endpoint, comparison }) => {
    for (const supported of comparison.supported) {
      const { code, param } = await send(endpoint, indexed(supported), "1");
      expect(code === "parameter_unknown" ? param : undefined, supported).toBeUndefined();
    }
  });

  const withValues = served.filter(({ comparison }) => comparison.refusedValues.length > 0);

  test.each(withValues)("$title refuses values that it does not support", async (each) => {
    for (const [refused, value] of each.comparison.refusedValues) {
      const name = indexed(refused);
      expect(await send(each.endpoint, name, value), name).toMatchObject({
        status: 400,
        param: name,
      });
    }
  });

  test.each(compatibility.missing)("%s is not served", async (route) => {
    const [method = "GET", path = ""] = route.split(" ");
    const url = path.replaceAll(":", "none");
    const response = await collect.request(url, { method });
    expect([404, 405]).toContain(response.status);
  });
});
