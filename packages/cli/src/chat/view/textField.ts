import { graphemes } from '../../output/textWidth.js';

/** A text and its cursor. */
export interface TextField {
  readonly text: string;
  /** Index in the text, between two characters. */
  readonly cursor: number;
}

export const EMPTY_FIELD: TextField = { text: '', cursor: 0 };

/** The most characters of input. */
export const MAX_LENGTH = 100_000;

/** An edit, or a cursor movement. */
export type Edit = (field: TextField) => TextField;

/** Inserts at the cursor, dropping control characters other than tabs and line breaks. */
export function insert(given: string): Edit {
  const added = given
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, '')
    .toWellFormed();
  return ({ text, cursor }) => {
    if (text.length + added.length > MAX_LENGTH) return { text, cursor };
    return {
      text: text.slice(0, cursor) + added + text.slice(cursor),
      cursor: cursor + added.length,
    };
  };
}

/** Deletes from the cursor to the target of `move`. */
export function deleteTo(move: Edit): Edit {
  return (field) => {
    const { cursor: other } = move(field);
    const start = Math.min(field.cursor, other);
    const end = Math.max(field.cursor, other);
    return { text: field.text.slice(0, start) + field.text.slice(end), cursor: start };
  };
}

export const left: Edit = ({ text, cursor }) => {
  const last = graphemes(text.slice(0, cursor)).at(-1);
  return { text, cursor: cursor - (last?.text.length ?? 0) };
};

export const right: Edit = ({ text, cursor }) => {
  const [next] = graphemes(text.slice(cursor));
  return { text, cursor: cursor + (next?.text.length ?? 0) };
};

export const wordLeft: Edit = ({ text, cursor }) => ({
  text,
  cursor: Math.max(0, text.slice(0, cursor).search(/\S+\s*$/)),
});

export const wordRight: Edit = ({ text, cursor }) => {
  const [word = ''] = /^\s*\S+/.exec(text.slice(cursor)) ?? [];
  return { text, cursor: word === '' ? text.length : cursor + word.length };
};

/** Moves to the start of the cursor's line. */
export const home: Edit = ({ text, cursor }) => ({
  text,
  cursor: text.lastIndexOf('\n', cursor - 1) + 1,
});

export const end: Edit = ({ text, cursor }) => {
  const index = text.indexOf('\n', cursor);
  return { text, cursor: index < 0 ? text.length : index };
};

export const firstPosition: Edit = ({ text }) => ({ text, cursor: 0 });

export const lastPosition: Edit = ({ text }) => ({ text, cursor: text.length });
