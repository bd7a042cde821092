import { Type } from "typebox";
import { CUSTOM_FIELD_ENTITIES } from "../../domain/custom-fields/entity.ts";
import {
  addCustomFieldKey,
  hideCustomFieldKey,
} from "../../operations/change-custom-field-keys.ts";
import { changeCustomFields, dropCustomFields } from "../../operations/change-custom-fields.ts";
import { listCustomFieldKeys } from "../../store/custom-field-keys.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import {
  CustomFieldsField,
  EnumField,
  IdField,
  ObjectField,
  TextField,
} from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const tags = ["custom fields"];
const PAGE_SIZE = 100;
const EntityField = () => EnumField(CUSTOM_FIELD_ENTITIES);
const KeyField = () => TextField({ max: 200 });

/** Values of the user's own on any entity: their keys first, then the values. */
export function addCustomFieldRoutes(http: CoreServer): void {
  addKeyRoutes(http);
  http.route({
    method: "POST",
    url: "/v1/customFields/setValues",
    schema: {
      tags,
      summary: "Set custom fields of one entity, beside those it has",
      body: ObjectField({
        entity: EntityField(),
        entity_id: IdField(),
        custom_fields: CustomFieldsField(),
      }),
    },
    handler: async (request) => {
      const { entity, entity_id: id, custom_fields: fields } = request.body;
      await changeCustomFields(operationOf(request), entity, id, fields);
    },
  });
  http.route({
    method: "POST",
    url: "/v1/customFields/deleteValues",
    schema: {
      tags,
      summary: "Delete custom fields of one entity",
      body: ObjectField({
        entity: EntityField(),
        entity_id: IdField(),
        keys: Type.Array(KeyField(), { maxItems: 1000 }),
      }),
    },
    handler: async (request) => {
      const { entity, entity_id: id, keys } = request.body;
      await dropCustomFields(operationOf(request), entity, id, keys);
    },
  });
}

function addKeyRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/customFields/addKey",
    schema: {
      tags,
      summary: "Allow a key on one kind of entity",
      body: ObjectField({
        entity: EntityField(),
        key: KeyField(),
        enforce_uniqueness: Type.Boolean(),
      }),
    },
    handler: async (request) => {
      const { entity, key, enforce_uniqueness: enforceUniqueness } = request.body;
      await addCustomFieldKey(operationOf(request), { entity, key, enforceUniqueness });
    },
  });
  http.route({
    method: "POST",
    url: "/v1/customFields/removeKey",
    schema: {
      tags,
      summary: "Disallow a key and hide its values",
      body: ObjectField({ entity: EntityField(), key: KeyField() }),
    },
    handler: async (request) =>
      hideCustomFieldKey(operationOf(request), request.body.entity, request.body.key),
  });
  http.route({
    method: "POST",
    url: "/v1/customFields/listKeys",
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "List the allowed keys",
      querystring: ObjectField({ next_page: Type.Optional(TextField({ max: 512 })) }),
      body: ObjectField({
        entities: Type.Optional(Type.Array(EntityField(), { maxItems: 100 })),
      }),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const rows = await listCustomFieldKeys(
        db,
        environment.id,
        request.body.entities ?? [],
        fromPageToken(request.query.next_page),
        PAGE_SIZE,
      );
      const page = toPage(rows, PAGE_SIZE);
      const data = page.rows.map(({ entity, key, enforceUniqueness }) => ({
        entity,
        key,
        enforce_uniqueness: enforceUniqueness,
      }));
      return { data, next_page: toPageToken(page.next) };
    },
  });
}
