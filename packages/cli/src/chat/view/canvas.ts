import { styled, type Span } from './style.js';

/** Adjacent spans, starting at a column. */
export interface Piece {
  /** Counted from 0. */
  readonly column: number;
  readonly spans: readonly Span[];
}

/** A whole screen. */
export interface Frame {
  /** The pieces of each row, from the left. */
  readonly rows: readonly (readonly Piece[])[];
  /** The cursor position, from 0. */
  readonly cursor: { readonly column: number; readonly row: number };
}

/**
 * The escape sequences that turn the previous frame into this one. Each piece is placed at its column:
 * if a terminal disagrees about the width of a character, only the rest of that piece shifts.
 */
export class Painter {
  #shown: string[] = [];

  /** Forgets the previous frame, so that everything is drawn again. */
  reset(): void {
    this.#shown = [];
  }

  paint({ rows, cursor }: Frame): string {
    const changes: string[] = [];
    const painted = rows.map(rowText);
    painted.forEach((text, index) => {
      if (text !== this.#shown[index]) changes.push(`\x1b[${index + 1};1H\x1b[K${text}`);
    });
    this.#shown = painted;
    const place = `\x1b[${cursor.row + 1};${cursor.column + 1}H`;
    if (changes.length === 0) return place;
    // Synchronised output: terminals without it ignore the sequence.
    return `\x1b[?2026h\x1b[?25l${changes.join('')}${place}\x1b[?25h\x1b[?2026l`;
  }
}

function rowText(pieces: readonly Piece[]): string {
  return pieces
    .map(({ column, spans }) => {
      const text = spans.map(styled).join('');
      return column === 0 ? text : `\x1b[${column + 1}G${text}`;
    })
    .join('');
}
