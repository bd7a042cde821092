import type { AuthorizationOutcome } from "../../operations/complete-authorization.ts";
import { escapeText } from "../../platform/html/escape-text.ts";

interface Notice {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

const AGAIN =
  "Ask for a new page of consent (POST /v1/connections/{id}/authorize) and open its authorize_url.";

function toNotice(outcome: AuthorizationOutcome): Notice {
  switch (outcome.outcome) {
    case "connected":
      return {
        status: 200,
        title: "Connected",
        text: `"${outcome.name}" is connected with the company ${outcome.account}. You can close this page. POST /v1/connections/{id}/test tells what else the company needs.`,
      };
    case "denied":
      return {
        status: 400,
        title: "Not connected",
        text: `Access was not granted, and nothing has changed. ${AGAIN}`,
      };
    case "used":
      return {
        status: 400,
        title: "This link was used already",
        text: `Each link of consent is good once. If the connection is not connected: ${AGAIN}`,
      };
    case "expired":
      return {
        status: 400,
        title: "This link has ended",
        text: `A link of consent is good for ten minutes. ${AGAIN}`,
      };
    case "other_account":
      return {
        status: 409,
        title: "Another company was chosen",
        text: `The connection belongs to the company ${outcome.expected}, and ${outcome.given} was chosen: nothing has changed. ${AGAIN} Choose ${outcome.expected} there, or make a connection of its own for ${outcome.given}.`,
      };
    case "changed":
      return {
        status: 409,
        title: "The connection was changed",
        text: `Its app was replaced while the page of consent was open. ${AGAIN}`,
      };
    case "failed":
      return {
        status: 502,
        title: "Not connected",
        text: `The provider did not let us in: ${outcome.message} ${AGAIN}`,
      };
    case "unknown":
      return {
        status: 400,
        title: "Not a link of ours",
        text: `This link is not known here, or its connection is gone. ${AGAIN}`,
      };
    default:
      return outcome satisfies never;
  }
}

/** What a person sees who comes back from a page of consent: whole in itself, without scripts. */
export function renderConsentPage(outcome: AuthorizationOutcome): {
  readonly status: number;
  readonly html: string;
} {
  const { status, title, text } = toNotice(outcome);
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeText(title)}</title></head>
<body><main><h1>${escapeText(title)}</h1><p>${escapeText(text)}</p></main></body></html>
`;
  return { status, html };
}
