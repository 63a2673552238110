import { NAME_CLASS } from './names.js';
import { WHITE_SPACE_CLASS } from './whiteSpace.js';

/** What each field of a template matches. */
const FIELDS = {
  name: `[${NAME_CLASS}]{1,32}`,
  room: `#[^${WHITE_SPACE_CLASS}]*`,
  /** One word of a user's command, which can hold anything but white space. */
  word: `[^${WHITE_SPACE_CLASS}]+`,
  time: '\\d\\d:\\d\\d:\\d\\d',
  text: '[^]*',
} as const;

type FieldKind = keyof typeof FIELDS;

/** The names of the fields in a template. */
export type FieldsOf<T extends string> = T extends `${string}{${infer F}}${infer Rest}`
  ? F | FieldsOf<Rest>
  : never;

const FIELD = /\{(\w+)\}/g;

/**
 * A text with fields in braces, such as `[DM from {name}]: {text}`, which is read and written by the same
 * words. A reading is anchored at both ends; the field kinds are chosen so that there is only one.
 */
export class Template {
  /** What every text of this form begins with. */
  readonly prefix: string;
  readonly #template: string;
  readonly #pattern: RegExp;
  readonly #fields: readonly string[];

  constructor(template: string) {
    this.#template = template;
    this.prefix = template.split(FIELD)[0] ?? '';
    this.#fields = [...template.matchAll(FIELD)].map((match) => match[1] ?? '');
    const source = template
      .split(FIELD)
      .map((part, index) => (index % 2 === 0 ? escapePattern(part) : `(${FIELDS[part as FieldKind]})`))
      .join('');
    this.#pattern = new RegExp(`^${source}$`);
  }

  parse(text: string): Record<string, string> | undefined {
    const match = this.#pattern.exec(text);
    if (match === null) return undefined;
    const fields: Record<string, string> = {};
    this.#fields.forEach((field, index) => {
      fields[field] = match[index + 1] ?? '';
    });
    return fields;
  }

  format(fields: Readonly<Record<string, string>>): string {
    return this.#template.replace(FIELD, (_, field: string) => fields[field] ?? '');
  }
}

function escapePattern(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
