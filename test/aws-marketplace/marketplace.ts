import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A stand-in for the metering service of AWS Marketplace, with the rules of BatchMeterUsage (AWS Marketplace
 * Metering API): signed calls, 25 records of one product, whole quantities, six hours, an hour's record once.
 */
export interface Marketplace {
  readonly url: string;
  /** What was taken, in the order in which it was. */
  readonly records: readonly TakenRecord[];
  /** How many records each call had that was looked at. */
  readonly calls: readonly number[];
  /** Buyers without a subscription. */
  readonly unsubscribed: Set<string>;
  /** What becomes of the next calls, one each. */
  readonly faults: Fault[];
  close(): Promise<void>;
}

/** deny: the key is unknown. lose: it works, and the answer is lost. cut: nothing happens, and there is no answer. */
export type Fault = "throttle" | "deny" | "break" | "lose" | "cut" | "unprocessed";

export interface TakenRecord {
  readonly customer: string;
  readonly dimension: string;
  /** ISO. */
  readonly at: string;
  readonly quantity: number;
  readonly id: string;
}

interface Options {
  readonly accessKeyId: string;
  readonly productCode: string;
  readonly dimension: string;
  /** What time it is there. */
  readonly now: () => Promise<string>;
}

interface SentRecord {
  readonly CustomerAWSAccountId?: string;
  readonly CustomerIdentifier?: string;
  readonly Dimension: string;
  readonly Quantity?: number;
  /** Seconds. */
  readonly Timestamp: number;
  readonly UsageAllocations?: readonly { readonly AllocatedUsageQuantity: number }[];
}

const HOUR_MS = 3_600_000;
const MAX_RECORDS = 25;
const SIGNATURE =
  /^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)\/\d{8}\/[a-z0-9-]+\/aws-marketplace\/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$/;

class Refusal extends Error {
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const customerOf = (record: SentRecord): string =>
  record.CustomerAWSAccountId ?? record.CustomerIdentifier ?? "";

function checkCall(request: IncomingMessage, { accessKeyId }: Options): void {
  if (request.headers["x-amz-target"] !== "AWSMPMeteringService.BatchMeterUsage") {
    throw new Refusal("UnknownOperationException", "no such operation");
  }
  const [, key] = SIGNATURE.exec(request.headers.authorization ?? "") ?? [];
  if (key !== accessKeyId) {
    throw new Refusal("UnrecognizedClientException", "The security token is invalid.");
  }
}

function checkRecord(record: SentRecord, { dimension }: Options, nowMs: number): void {
  const { CustomerAWSAccountId: account, CustomerIdentifier: identifier } = record;
  if ((account === undefined) === (identifier === undefined)) {
    throw new Refusal("ValidationException", "one of the two ways to name a customer");
  }
  if (account !== undefined && !/^\d{12}$/.test(account)) {
    throw new Refusal("InvalidCustomerIdentifierException", "no such account");
  }
  if (record.Dimension !== dimension) {
    throw new Refusal("InvalidUsageDimensionException", `no dimension ${record.Dimension}`);
  }
  const { Quantity: quantity = 0, UsageAllocations: allocations } = record;
  if (!Number.isInteger(quantity) || quantity < 0 || quantity > 2_147_483_647) {
    throw new Refusal("ValidationException", "Quantity must be a whole number");
  }
  const allocated = allocations?.reduce((sum, one) => sum + one.AllocatedUsageQuantity, 0);
  if (allocated !== undefined && allocated !== quantity) {
    throw new Refusal("InvalidUsageAllocationsException", "allocations must add up");
  }
  const atMs = record.Timestamp * 1000;
  if (atMs > nowMs || nowMs - atMs >= 6 * HOUR_MS) {
    throw new Refusal("TimestampOutOfBoundsException", "6 hours or more after the event");
  }
}

/** Opens one on a port of its own. */
export async function openMarketplace(options: Options): Promise<Marketplace> {
  const taken = new Map<string, TakenRecord>();
  const records: TakenRecord[] = [];
  const calls: number[] = [];
  const unsubscribed = new Set<string>();
  const faults: Fault[] = [];

  function take(record: SentRecord) {
    const hour = Math.floor((record.Timestamp * 1000) / HOUR_MS);
    const customer = customerOf(record);
    const key = `${customer} ${record.Dimension} ${hour}`;
    const { Quantity: quantity = 0 } = record;
    if (unsubscribed.has(customer)) return { Status: "CustomerNotSubscribed", UsageRecord: record };
    const before = taken.get(key);
    if (before !== undefined && before.quantity !== quantity) {
      return { Status: "DuplicateRecord", UsageRecord: record };
    }
    const at = new Date(record.Timestamp * 1000).toISOString().replace(".000Z", "Z");
    const { Dimension: dimension } = record;
    const kept = before ?? { customer, dimension, at, quantity, id: randomUUID() };
    if (before === undefined) {
      taken.set(key, kept);
      records.push(kept);
    }
    return { Status: "Success", MeteringRecordId: kept.id, UsageRecord: record };
  }

  async function meter(request: IncomingMessage, fault: Fault | undefined): Promise<unknown> {
    const body = JSON.parse(await readBody(request));
    checkCall(request, options);
    if (fault === "throttle") throw new Refusal("ThrottlingException", "Rate exceeded");
    if (fault === "deny") throw new Refusal("AccessDeniedException", "not authorized", 403);
    if (fault === "break") throw new Refusal("InternalServiceErrorException", "internal", 500);
    if (body.ProductCode !== options.productCode) {
      throw new Refusal("InvalidProductCodeException", `no product ${body.ProductCode}`);
    }
    const sent: readonly SentRecord[] = body.UsageRecords;
    if (sent.length > MAX_RECORDS) throw new Refusal("ValidationException", "25 records at most");
    const nowMs = Date.parse(await options.now());
    calls.push(sent.length);
    for (const record of sent) checkRecord(record, options, nowMs);
    if (fault === "unprocessed") return { Results: [], UnprocessedRecords: sent };
    return { Results: sent.map(take), UnprocessedRecords: [] };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = faults.shift();
    if (fault === "cut") {
      request.socket.destroy();
      return;
    }
    response.setHeader("content-type", "application/x-amz-json-1.1");
    try {
      const found = await meter(request, fault);
      if (fault === "lose") request.socket.destroy();
      else response.end(JSON.stringify(found));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.statusCode = error.status;
      response.end(JSON.stringify({ __type: error.type, message: error.message }));
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    records,
    calls,
    unsubscribed,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
