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
  /** Literals at even places, and the names of the fields between them. */
  readonly #parts: readonly string[];
  readonly #pattern: RegExp;

  constructor(template: string) {
    this.#parts = template.split(FIELD);
    this.prefix = this.#parts[0] ?? '';
    const source = this.#parts.map((part, index) =>
      isField(index) ? `(${FIELDS[part as FieldKind]})` : escapePattern(part),
    );
    this.#pattern = new RegExp(`^${source.join('')}$`);
  }

  parse(text: string): Record<string, string> | undefined {
    const match = this.#pattern.exec(text);
    if (match === null) return undefined;
    const fields: Record<string, string> = {};
    let group = 1;
    for (const [index, part] of this.#parts.entries()) {
      if (isField(index)) fields[part] = match[group++] ?? '';
    }
    return fields;
  }

  format(fields: Readonly<Record<string, string>>): string {
    let text = '';
    for (const [index, part] of this.#parts.entries()) text += isField(index) ? (fields[part] ?? '') : part;
    return text;
  }
}

function isField(index: number): boolean {
  return index % 2 === 1;
}

function escapePattern(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
