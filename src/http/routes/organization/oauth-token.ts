import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { CoreDb } from "../../../db/database.ts";
import { ACCESS_TOKEN_SECONDS, issueAccessToken } from "../../../operations/access-tokens.ts";
import type { Services } from "../../../operations/context.ts";
import { hashSecret } from "../../../platform/secrets/secret-hash.ts";
import { findToken, type TokenRecord } from "../../../store/api-tokens.ts";
import { makeBodyOptional } from "../../optional-body.ts";
import { ObjectField, TextField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";

const GRANT = "client_credentials";

interface Client {
  readonly id: string;
  readonly secret: string;
}

/** RFC 6749 2.3.1: both parts of Basic are form-encoded; what is not stands as it is. */
function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readBasic({ headers }: FastifyRequest): Client | undefined {
  const [scheme, encoded = ""] = (headers.authorization ?? "").split(" ", 2);
  if (scheme?.toLowerCase() !== "basic") return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  return { id: decodePart(text.slice(0, colon)), secret: decodePart(text.slice(colon + 1)) };
}

/** A token is named by its id or its name, or by the `client_id` of its environment. */
const isNamed = ({ id, name, environment }: TokenRecord, given: string): boolean =>
  [id, name, environment.clientId].some((each) => each.toLowerCase() === given.toLowerCase());

function refuse(reply: FastifyReply, status: number, error: string, message: string) {
  if (status === 401) reply.header("www-authenticate", "Basic");
  return reply.code(status).send({ message, error, error_description: message });
}

/** `POST /oauth/token`: an API token for an access token that ends (RFC 6749, 4.4). */
export function addOauthTokenRoutes(
  http: CoreServer,
  { db, services }: { readonly db: CoreDb; readonly services: Pick<Services, "vault"> },
): void {
  http.route({
    method: "POST",
    url: "/oauth/token",
    preValidation: makeBodyOptional,
    schema: {
      tags: ["organization"],
      summary: "Get an access token for an API token",
      security: [],
      body: ObjectField({
        grant_type: Type.Optional(TextField({ max: 64 })),
        client_id: Type.Optional(TextField({ max: 256 })),
        client_secret: Type.Optional(TextField({ max: 512 })),
        // The matched API calls it "not used", and so it is: a token may do all of its environment.
        scope: Type.Optional(TextField({ min: 0, max: 1024 })),
      }),
    },
    config: { public: true, form: true },
    handler: async (request, reply) => {
      reply.header("cache-control", "no-store");
      const { grant_type: grant, client_id: id, client_secret: secret } = request.body;
      if (grant !== GRANT) {
        return refuse(reply, 400, "unsupported_grant_type", `grant_type must be ${GRANT}`);
      }
      const inBody = id && secret ? { id, secret } : undefined;
      const client = readBasic(request) ?? inBody;
      const token = client && (await findToken(db, hashSecret(client.secret)));
      if (client === undefined || token === undefined || !isNamed(token, client.id)) {
        return refuse(
          reply,
          401,
          "invalid_client",
          "Send the id of an API token and the token itself, as Basic or as client_id and client_secret",
        );
      }
      return reply.send({
        access_token: issueAccessToken(services.vault, token.id, Date.now()),
        token_type: "bearer",
        expires_in: ACCESS_TOKEN_SECONDS,
      });
    },
  });
}
