import { parseExact } from "../../platform/json/exact-json.ts";

/** A fault as the gate tells it in XML, whatever was asked for; a code may have zeros before it. */
const XML_FAULT = /<Error\b[^>]*\bcode="0*(\d+)"[^>]*>/i;
const XML_MESSAGE = /<Message>([^<]*)<\/Message>/i;

function readXmlFault(text: string): unknown {
  const [, code] = XML_FAULT.exec(text) ?? [];
  if (code === undefined) return undefined;
  const [, message] = XML_MESSAGE.exec(text) ?? [];
  return { Fault: { Error: [{ code, Message: message }] } };
}

/** What an answer says: JSON, or a fault in XML as the same in JSON; undefined where it is neither. Pure. */
export function readAnswer(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return readXmlFault(text);
  }
}
