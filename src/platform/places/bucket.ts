import { randomUUID } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { AppError } from "../../errors.ts";
import type { Outgoing } from "../network/outgoing.ts";
import { toDiskError } from "./disk-error.ts";
import type { FileStore } from "./file-place.ts";
import { PlaceError, refusedAddress } from "./place-error.ts";

export interface BucketOptions {
  readonly bucket: string;
  readonly region: string;
  /** undefined: Amazon's own. */
  readonly endpoint: string | undefined;
  /** The bucket in the path and not in the host's name. */
  readonly pathStyle: boolean;
  readonly credential: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
  readonly outgoing: Outgoing;
}

type Sdk = typeof import("@aws-sdk/client-s3");

/** What is longer goes in parts of this size; the smallest that S3 takes is 5 MiB. */
const PART_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
const MAX_ATTEMPTS = 3;

const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: "Create the bucket, or make a destination with the right name.",
  AccessDenied: "Let the key write to the bucket (s3:PutObject, s3:AbortMultipartUpload).",
  InvalidAccessKeyId: "Replace the destination's credential.",
  SignatureDoesNotMatch: "Replace the destination's credential.",
  ExpiredToken: "Replace the destination's credential.",
  PermanentRedirect: "Make a destination with the region or endpoint of the bucket.",
};

const NO_ANSWER = "See that a storage answers at its endpoint, then retry the run.";
const OTHER = "Look at what the storage says, mend it there, then retry the run.";

/** Refusals that pass: the upload begins anew with the next try ("Error responses" of the S3 API). */
const PASSING: ReadonlySet<string> = new Set([
  "NoSuchUpload",
  "OperationAborted",
  "RequestTimeout",
]);
const PASSING_STATUSES: readonly number[] = [408, 429];

/** Connections go only where the guard lets them, whatever the name resolves to. */
function guardedAgents(outgoing: Outgoing) {
  const lookup: LookupFunction = (host, { all }, done) => {
    outgoing.locate(host).then(
      ({ address, family }) =>
        all ? done(null, [{ address, family }]) : done(null, address, family),
      (error) => done(error, "", 0),
    );
  };
  const options = { keepAlive: true, maxSockets: 8, lookup };
  return { httpAgent: new http.Agent(options), httpsAgent: new https.Agent(options) };
}

/** Files wait in the temporary directory of this machine to be sent. */
const translateDisk = (error: unknown): unknown =>
  toDiskError(error, {
    code: "temporary_directory_not_writable",
    remedy: "Free space in the server's temporary directory (TMPDIR), then retry the run.",
  });

/** What S3 said, or that it said nothing, with what to do about it. */
function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof AppError) return refusedAddress(error);
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const known = REMEDIES[error.name];
  const isPassing = PASSING.has(error.name) || PASSING_STATUSES.includes(status ?? 0);
  const isRefused = status !== undefined && status >= 400 && status < 500 && !isPassing;
  const remedy = status === undefined ? NO_ANSWER : OTHER;
  return new PlaceError(
    known === undefined ? (isRefused ? "bucket_refused" : "bucket_unavailable") : "bucket_refused",
    `${error.name}: ${error.message}`,
    {
      remedy: known ?? remedy,
      permanent: isRefused,
      cause: error,
    },
  );
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new Error("A file became shorter while it was sent");
    filled += bytesRead;
  }
  return buffer;
}

interface Upload {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly target: { readonly Bucket: string; readonly Key: string };
}

/** Sends a file that is too long for one request. Nothing is there before all of it is. */
async function sendInParts(
  { sdk, client, target }: Upload,
  file: FileHandle,
  size: number,
): Promise<void> {
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(target));
  try {
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let from = 0; from < size; from += PART_BYTES) {
      const Body = await readAt(file, from, Math.min(PART_BYTES, size - from));
      const PartNumber = parts.length + 1;
      const part = { ...target, UploadId, PartNumber, Body };
      const { ETag } = await client.send(new sdk.UploadPartCommand(part));
      parts.push({ PartNumber, ETag });
    }
    const whole = { ...target, UploadId, MultipartUpload: { Parts: parts } };
    await client.send(new sdk.CompleteMultipartUploadCommand(whole));
  } catch (error) {
    // What is left of it costs storage; that it could not be taken back is not what went wrong.
    await client.send(new sdk.AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {});
    throw error;
  }
}

async function send(upload: Upload, localPath: string): Promise<void> {
  const file = await open(localPath, "r");
  try {
    const { size } = await file.stat();
    if (size > PART_BYTES) return await sendInParts(upload, file, size);
    const Body = await readAt(file, 0, size);
    await upload.client.send(new upload.sdk.PutObjectCommand({ ...upload.target, Body }));
  } catch (error) {
    throw translate(error);
  } finally {
    await file.close();
  }
}

/**
 * Keeps files in a bucket that speaks the S3 protocol. Each is written to this machine's temporary
 * directory first, so that its length is known and memory holds one part of it.
 */
export async function bucketStore(options: BucketOptions): Promise<FileStore> {
  const { bucket, region, endpoint, pathStyle, credential, outgoing } = options;
  if (endpoint !== undefined) outgoing.check(endpoint);
  // Loaded when it is needed: no start of the server pays for it.
  const sdk = await import("@aws-sdk/client-s3");
  const agents = guardedAgents(outgoing);
  const client = new sdk.S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: pathStyle,
    credentials: {
      accessKeyId: credential.accessKeyId,
      secretAccessKey: credential.secretAccessKey,
      ...(credential.sessionToken === undefined ? {} : { sessionToken: credential.sessionToken }),
    },
    maxAttempts: MAX_ATTEMPTS,
    // Stores that only speak the older protocol refuse checksums they were not asked for.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { ...agents, connectionTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS },
  });
  const folder = await mkdtemp(join(tmpdir(), "ledgerline-export-")).catch((error) => {
    throw translateDisk(error);
  });
  return {
    async prepare(path) {
      const localPath = join(folder, randomUUID());
      const discard = () => rm(localPath, { force: true });
      return {
        localPath,
        async publish() {
          await send({ sdk, client, target: { Bucket: bucket, Key: path } }, localPath);
          await discard();
        },
        discard,
      };
    },
    translate: translateDisk,
    async close() {
      client.destroy();
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
