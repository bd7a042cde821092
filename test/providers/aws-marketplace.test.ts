import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { instant } from "../../src/domain/time.ts";
import { awsMarketplaceReporter } from "../../src/providers/aws_marketplace/reporter.ts";
import type { ProviderConnection } from "../../src/providers/provider-connection.ts";
import { readSettings } from "../../src/providers/setting-fields.ts";
import type { UsageRecord } from "../../src/providers/usage-reporter.ts";
import { type Marketplace, openMarketplace } from "../aws-marketplace/marketplace.ts";

/** The reporter of AWS Marketplace by its official client, against a stand-in with AWS's rules. */
const KEY = "AKIA0000000000000001";
const SECRET = "secret-access-key-of-the-test";
const OPTIONS = {
  aws_customer_account_id: "123456789012",
  aws_product_code: "prod-1",
  aws_region: "us-east-1",
  aws_is_subscription_product: true,
};

let marketplace: Marketplace;
let hour = 0;
const reporter = () => awsMarketplaceReporter(marketplace.url);

const connection: ProviderConnection = {
  id: "connection",
  environment: "SANDBOX",
  builtIn: false,
  credential: { access_key_id: KEY, secret_access_key: SECRET },
  settings: {},
};

function record(quantity: bigint, options: Record<string, unknown> = {}): UsageRecord {
  const start = instant("2024-01-10T00:00:00Z").add({ hours: hour });
  const window = { start, end: start.add({ hours: 1 }) };
  return reporter().toRecord(
    { window, quantity },
    { ...OPTIONS, ...options },
    { dimension: "usd_cents" },
  );
}

beforeAll(async () => {
  marketplace = await openMarketplace({
    accessKeyId: KEY,
    productCode: "prod-1",
    dimension: "usd_cents",
    now: async () => instant("2024-01-10T01:30:00Z").add({ hours: hour }).toString(),
  });
});
afterAll(() => marketplace.close());
beforeEach(() => {
  hour += 1;
});

describe("records", () => {
  test("are the buyer's cents of an hour, in one dimension", () => {
    hour = 0;
    expect(record(2034n)).toEqual({
      batchKey: "us-east-1/prod-1",
      record: {
        CustomerAWSAccountId: "123456789012",
        Dimension: "usd_cents",
        Quantity: 2034,
        Timestamp: "2024-01-10T00:00:00Z",
      },
    });
    const older = { aws_customer_account_id: undefined, aws_customer_id: "cust-1" };
    expect(record(1n, older).record).toMatchObject({ CustomerIdentifier: "cust-1" });
    expect(() => record(2_147_483_648n)).toThrow(/2147483647/);
  });

  test("are taken once, however often they are sent", async () => {
    const one = record(5n);
    const first = await reporter().report(connection, [one]);
    const [taken] = marketplace.records.slice(-1);
    expect(first).toEqual({
      outcome: "answered",
      results: [{ outcome: "accepted", recordId: taken?.id }],
    });
    const count = marketplace.records.length;
    expect(await reporter().report(connection, [one])).toEqual(first);
    expect(marketplace.records).toHaveLength(count);
  });

  test("of another quantity for the same hour are unclear", async () => {
    await reporter().report(connection, [record(5n)]);
    expect(await reporter().report(connection, [record(6n)])).toMatchObject({
      results: [{ outcome: "unclear", code: "duplicate_record" }],
    });
  });

  test("each have their own result in a call", async () => {
    marketplace.unsubscribed.add("999999999999");
    const outcome = await reporter().report(connection, [
      record(5n, { aws_customer_account_id: "999999999999" }),
      record(7n),
    ]);
    expect(outcome).toMatchObject({
      results: [{ outcome: "refused", code: "customer_not_subscribed" }, { outcome: "accepted" }],
    });
  });
});

describe("what goes wrong", () => {
  test.each([
    ["throttle", { outcome: "refused", code: "throttled", oneIsWrong: false }, 0],
    ["deny", { outcome: "refused", code: "access_denied", oneIsWrong: false }, 0],
    ["break", { outcome: "unknown", code: "provider_unavailable" }, 0],
    ["cut", { outcome: "unknown", code: "provider_unavailable" }, 0],
    ["lose", { outcome: "unknown", code: "provider_unavailable" }, 1],
  ] as const)("%s comes to %j, with %s records taken", async (fault, wanted, taken) => {
    const before = marketplace.records.length;
    marketplace.faults.push(fault);
    expect(await reporter().report(connection, [record(5n)])).toMatchObject(wanted);
    expect(marketplace.records.length - before).toBe(taken);
    // As it was, it is sent again: in the end it is there once.
    expect(await reporter().report(connection, [record(5n)])).toMatchObject({
      results: [{ outcome: "accepted" }],
    });
    expect(marketplace.records.length - before).toBe(1);
  });

  test("what was not processed may be sent again", async () => {
    marketplace.faults.push("unprocessed");
    expect(await reporter().report(connection, [record(5n)])).toMatchObject({
      results: [{ outcome: "refused", code: "unprocessed" }],
    });
  });

  test.each([
    [{ aws_product_code: "other" }, "invalid_product_code", false],
    [{ aws_customer_account_id: "12345" }, "invalid_customer_identifier", true],
  ])("%j is refused as %s", async (options, code, oneIsWrong) => {
    const outcome = await reporter().report(connection, [record(5n, options)]);
    expect(outcome).toMatchObject({ outcome: "refused", code, oneIsWrong });
  });

  test("a key that is not known is refused without a word of it", async () => {
    const credential = { access_key_id: "AKIA0000000000000002", secret_access_key: SECRET };
    const outcome = await reporter().report({ ...connection, credential }, [record(5n)]);
    expect(outcome).toMatchObject({ outcome: "refused", code: "unrecognized_client" });
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });

  test("a record that is too late is refused", async () => {
    const late = record(5n);
    hour += 6;
    expect(await reporter().report(connection, [late])).toMatchObject({
      outcome: "refused",
      code: "timestamp_out_of_bounds",
      oneIsWrong: true,
    });
  });
});

describe("what is given", () => {
  test.each([
    [{}, /one of aws_customer_account_id and aws_customer_id/],
    [{ ...OPTIONS, aws_customer_id: "c" }, /one of aws_customer_account_id and aws_customer_id/],
    [
      { ...OPTIONS, aws_customer_account_id: "12" },
      /aws_customer_account_id must be an AWS account id/,
    ],
    [{ ...OPTIONS, aws_product_code: undefined }, /aws_product_code is required/],
    [{ ...OPTIONS, aws_region: "mars-1" }, /aws_region must be a region/],
    [{ ...OPTIONS, aws_is_subscription_product: false }, /must be true/],
    [{ ...OPTIONS, aws_expiration: "2025" }, /unknown field configuration.aws_expiration/],
  ])("the configuration %j is refused", (configuration, message) => {
    expect(() => reporter().readRouteOptions(configuration)).toThrow(message);
  });

  test("a configuration is kept as it is", () => {
    expect(reporter().readRouteOptions(OPTIONS)).toEqual(OPTIONS);
  });

  test.each([
    [{ access_key_id: KEY }, /credential.secret_access_key is not/],
    [{ access_key_id: "x", secret_access_key: SECRET }, /credential.access_key_id is not/],
    [{ ...connection.credential, role_arn: "arn:aws:iam::1:role/x" }, /role_arn is not supported/],
    [{ ...connection.credential, token: "x" }, /unknown field credential.token/],
  ])("the credential %# is refused by name, without its value", (credential, message) => {
    expect(() => reporter().readCredential(credential, "PRODUCTION")).toThrow(message);
  });

  test("the sandbox takes an account only where a stand-in answers", () => {
    const real = awsMarketplaceReporter(undefined);
    expect(() => real.readCredential(connection.credential, "SANDBOX")).toThrow(/no test mode/);
    expect(real.readCredential(connection.credential, "PRODUCTION")).toEqual(connection.credential);
    expect(reporter().readCredential(connection.credential, "SANDBOX")).toEqual(
      connection.credential,
    );
  });

  test("the dimension is a setting", () => {
    expect(() => readSettings(reporter().settings, { dimension: "a b" }, {})).toThrow(/dimension/);
    expect(readSettings(reporter().settings, { dimension: "spend" }, {})).toEqual({
      dimension: "spend",
    });
  });
});
