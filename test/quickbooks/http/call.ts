import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { toJson } from "../json.ts";

/** One request as it came. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const reply = (type: string, status: number, body: string, headers = {}): Reply => ({
  status,
  headers: { "content-type": type, intuit_tid: randomUUID(), ...headers },
  body,
});

export const jsonReply = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply => reply("application/json;charset=UTF-8", status, toJson(body), headers);

export const htmlReply = (status: number, body: string): Reply =>
  reply("text/html;charset=UTF-8", status, body);

export const xmlReply = (status: number, body: string): Reply =>
  reply("application/xml;charset=UTF-8", status, body);

export const pdfReply = (body: string): Reply => reply("application/pdf", 200, body);

export const redirectReply = (location: string): Reply =>
  reply("text/html;charset=UTF-8", 302, "", { location });
