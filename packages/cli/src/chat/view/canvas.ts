import { styled, type Span } from './style.js';

/** Spans beside each other, from a column on. */
export interface Piece {
  /** Counted from 0. */
  readonly column: number;
  readonly spans: readonly Span[];
}

/** A whole screen. */
export interface Frame {
  /** What stands in each row, from the left. */
  readonly rows: readonly (readonly Piece[])[];
  /** Where the cursor stands, counted from 0. */
  readonly cursor: { readonly column: number; readonly row: number };
}

/**
 * What makes a terminal, which shows the rows of the frame before, show this frame. Each piece is put at its column:
 * where a terminal takes a character for wider or narrower than it is, only the rest of that piece is displaced.
 */
export class Painter {
  #shown: string[] = [];

  /** Forgets what the terminal shows: all is painted anew. */
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
    // Shown at once by terminals that know how; the others ignore it.
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
