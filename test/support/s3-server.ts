import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface S3Server {
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** What is to be seen, by "bucket/key". */
  readonly objects: Map<string, Buffer>;
  /** Uploads that were begun and neither completed nor aborted. */
  readonly openUploads: Map<string, Map<number, Buffer>>;
  /** How many parts each completed upload had. */
  readonly completedParts: number[];
  /** The next requests of this kind are refused with this code. */
  fail(method: string, code: string, status: number, times?: number): void;
  /** The next request of this kind gets no answer before it is let go. */
  hold(method: string): HeldRequest;
  close(): Promise<void>;
}

interface Refusal {
  readonly code: string;
  readonly status: number;
}

export interface HeldRequest {
  readonly arrived: Promise<void>;
  /** Answers it as any other, or refuses it with this code. */
  letGo(refusal?: Refusal): void;
}

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac("sha256", key).update(data).digest();
const md5 = (data: Buffer): string => createHash("md5").update(data).digest("hex");

/** As "Authenticating Requests (AWS Signature Version 4)" has it, for keys without odd characters. */
function isSigned(request: IncomingMessage, url: URL, body: Buffer, secret: string): boolean {
  const authorization = request.headers.authorization ?? "";
  const [, scope = "", names = "", signature = ""] =
    /Credential=[^/]+\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)/.exec(
      authorization,
    ) ?? [];
  const hash = String(request.headers["x-amz-content-sha256"]);
  if (hash !== sha256(body)) return false;
  const query = [...url.searchParams].map((pair) => pair.map(encodeURIComponent).join("=")).sort();
  const canonical = [
    request.method,
    url.pathname,
    query.join("&"),
    ...names.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}`),
    "",
    names,
    hash,
  ].join("\n");
  const text = `AWS4-HMAC-SHA256\n${request.headers["x-amz-date"]}\n${scope}\n${sha256(canonical)}`;
  const [day = "", region = "", service = "", end = ""] = scope.split("/");
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), end);
  return hmac(key, text).toString("hex") === signature;
}

/** A store that speaks as much of the S3 protocol as uploads need, and believes no signature unseen. */
export async function startS3Server(bucket: string): Promise<S3Server> {
  const accessKeyId = "AKIATESTTESTTEST";
  const secretAccessKey = "the-secret-of-the-store";
  const objects = new Map<string, Buffer>();
  const openUploads = new Map<string, Map<number, Buffer>>();
  const completedParts: number[] = [];
  const failing: { method: string; code: string; status: number }[] = [];
  const holding: { method: string; wait: (answer: (refusal?: Refusal) => void) => void }[] = [];

  const refuse = (response: ServerResponse, status: number, code: string) =>
    response
      .writeHead(status, { "content-type": "application/xml" })
      .end(`<Error><Code>${code}</Code><Message>Refused: ${code}</Message></Error>`);
  const answer = (response: ServerResponse, xml: string) =>
    response
      .writeHead(200, { "content-type": "application/xml" })
      .end(`<?xml version="1.0"?>${xml}`);

  function complete(name: string, uploadId: string, body: Buffer): boolean {
    const parts = openUploads.get(uploadId);
    const asked = [
      ...body
        .toString("utf8")
        .matchAll(
          /<Part>(?=.*?<ETag>(?:"|&quot;)?([0-9a-f]+))(?=.*?<PartNumber>(\d+)).*?<\/Part>/gs,
        ),
    ];
    const chunks = asked.map(([, etag, number]) => {
      const chunk = parts?.get(Number(number));
      return chunk !== undefined && md5(chunk) === etag ? chunk : undefined;
    });
    if (chunks.length === 0 || chunks.includes(undefined)) return false;
    objects.set(name, Buffer.concat(chunks as Buffer[]));
    completedParts.push(chunks.length);
    openUploads.delete(uploadId);
    return true;
  }

  function handle(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): ServerResponse {
    const url = new URL(request.url ?? "", "http://s3");
    const authorization = request.headers.authorization ?? "";
    if (!authorization.includes(`Credential=${accessKeyId}/`)) {
      return refuse(response, 403, "InvalidAccessKeyId");
    }
    if (!isSigned(request, url, body, secretAccessKey)) {
      return refuse(response, 403, "SignatureDoesNotMatch");
    }
    const at = failing.findIndex(({ method }) => method === request.method);
    if (at >= 0) {
      const [{ status, code } = { status: 500, code: "InternalError" }] = failing.splice(at, 1);
      return refuse(response, status, code);
    }
    const name = decodeURIComponent(url.pathname.slice(1));
    if (!name.startsWith(`${bucket}/`)) return refuse(response, 404, "NoSuchBucket");
    const uploadId = url.searchParams.get("uploadId");
    if (request.method === "POST" && url.searchParams.has("uploads")) {
      const id = `upload-${openUploads.size + completedParts.length + 1}`;
      openUploads.set(id, new Map());
      return answer(
        response,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    if (request.method === "POST" && uploadId !== null) {
      if (!complete(name, uploadId, body)) return refuse(response, 400, "InvalidPart");
      return answer(response, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
    }
    if (request.method === "DELETE" && uploadId !== null) {
      openUploads.delete(uploadId);
      return response.writeHead(204).end();
    }
    if (request.method !== "PUT") return refuse(response, 405, "MethodNotAllowed");
    if (uploadId === null) objects.set(name, body);
    else openUploads.get(uploadId)?.set(Number(url.searchParams.get("partNumber")), body);
    return response.writeHead(200, { etag: `"${md5(body)}"` }).end();
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const at = holding.findIndex(({ method }) => method === request.method);
      const [held] = at < 0 ? [] : holding.splice(at, 1);
      const answer = (refusal?: Refusal) => {
        if (refusal !== undefined) refuse(response, refusal.status, refusal.code);
        else handle(request, response, Buffer.concat(chunks));
      };
      if (held === undefined) answer();
      else held.wait(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accessKeyId,
    secretAccessKey,
    objects,
    openUploads,
    completedParts,
    fail(method, code, status, times = 1) {
      for (let n = 0; n < times; n += 1) failing.push({ method, code, status });
    },
    hold(method) {
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
      let letGo: HeldRequest["letGo"] = () => {};
      holding.push({
        method,
        wait(answer) {
          letGo = answer;
          arrive();
        },
      });
      return { arrived, letGo: (refusal) => letGo(refusal) };
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
