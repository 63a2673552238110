import { MAX_NAME_BYTES, NAME_CLASS } from './names.js';
import { WHITE_SPACE_CLASS } from './whiteSpace.js';

/** The pattern of each kind of field. */
const FIELDS = {
  name: `[${NAME_CLASS}]{1,${MAX_NAME_BYTES}}`,
  room: `#[^${WHITE_SPACE_CLASS}]*`,
  /** One word of a user's command, which can hold anything but white space. */
  word: `[^${WHITE_SPACE_CLASS}]+`,
  time: '\\d\\d:\\d\\d:\\d\\d',
  /** The id of a transfer: names and a number, joined. */
  id: `[${NAME_CLASS}]+`,
  /** The name of a file. */
  file: `[^${WHITE_SPACE_CLASS}]+`,
  sha256: '[0-9a-fA-F]{64}',
  seconds: '\\d+(?:\\.\\d+)?',
  text: '[^]*',
} as const;

type FieldKind = keyof typeof FIELDS;

/** The names of the fields in a template. */
export type FieldsOf<T extends string> = T extends `${string}{${infer F}}${infer Rest}`
  ? F | FieldsOf<Rest>
  : never;

const FIELD = /\{(\w+)\}/g;

/**
 * A text with fields in braces, such as `[DM from {name}]: {text}`, parsed and formatted by the same
 * template. Parsing is anchored at both ends; the kinds of fields make it unambiguous.
 */
export class Template {
  /** The fixed start of all texts of this form. */
  readonly prefix: string;
  /** Literals at even places, and the names of the fields between them. */
  readonly #parts: readonly string[];
  /** The fields, each once, in the order of the groups of the pattern. */
  readonly #fields: readonly string[];
  readonly #pattern: RegExp;

  constructor(template: string) {
    this.#parts = template.split(FIELD);
    this.prefix = this.#parts[0] ?? '';
    const fields: string[] = [];
    const source = this.#parts.map((part, index) => {
      if (!isField(index)) return escapePattern(part);
      const group = fields.indexOf(part) + 1;
      // A repeated field has one value.
      if (group > 0) return `\\${group}`;
      fields.push(part);
      return `(${FIELDS[part as FieldKind]})`;
    });
    this.#fields = fields;
    this.#pattern = new RegExp(`^${source.join('')}$`);
  }

  /** The fields, with `type` and `reason` before them where they are given. */
  parse(text: string, type?: string, reason?: string): Record<string, string> | undefined {
    const match = this.#pattern.exec(text);
    if (match === null) return undefined;
    // Built one by one: a copy of another object has no room for more properties, and costs four times as much.
    const fields: Record<string, string> = {};
    if (type !== undefined) fields['type'] = type;
    if (reason !== undefined) fields['reason'] = reason;
    let group = 1;
    for (const field of this.#fields) fields[field] = match[group++] ?? '';
    return fields;
  }

  format(fields: Readonly<Record<string, string>>): string {
    let text = '';
    let index = 0;
    for (const part of this.#parts) text += isField(index++) ? (fields[part] ?? '') : part;
    return text;
  }
}

function isField(index: number): boolean {
  return index % 2 === 1;
}

function escapePattern(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
