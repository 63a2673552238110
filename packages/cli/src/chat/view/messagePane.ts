import type { Entry, PlaceId, Thread } from '@quietroom/chat';
import { terminalText } from '../../output/terminalText.js';
import { bodyColumn, entryRows, type EntryLayout, type EntryRows } from './entryRows.js';
import type { Marking } from './marks.js';
import type { Span } from './style.js';
import { textWidth } from '../../output/textWidth.js';
import type { Theme } from './theme.js';

/** Below this width, names precede the texts instead of having a column. */
const MIN_WIDTH_FOR_COLUMNS = 44;
const MIN_NAME_WIDTH = 4;
const MAX_NAME_WIDTH = 14;
/** The name column fits the names of this many entries. */
const NAMES_LOOKED_AT = 200;

const NO_MARKING: Marking = { words: [], search: '' };

/** The bottom row while the user has scrolled back. */
interface Anchor {
  readonly entry: number;
  /** Index among the rows of that entry. */
  readonly row: number;
}

interface CachedRows extends EntryRows {
  readonly layout: EntryLayout;
  readonly isUnfolded: boolean;
}

export interface PaneView {
  readonly rows: readonly (readonly Span[])[];
  /** Entries below the last visible row. */
  readonly below: number;
}

/** The visible rows of a thread: the newest, or those scrolled back to. */
export class MessagePane {
  readonly #anchors = new Map<PlaceId, Anchor>();
  readonly #rows = new WeakMap<Entry, CachedRows>();
  /** Entries that the user has unfolded. */
  readonly #unfolded = new Set<number>();
  /** The entries on the screen that can be folded. */
  #foldable: readonly number[] = [];
  #layout: EntryLayout | undefined;
  #height = 1;

  view(thread: Thread, width: number, height: number, theme: Theme, marking: Marking = NO_MARKING): PaneView {
    const layout = this.#layoutFor(thread, width, theme, marking);
    this.#height = height;
    const { entries } = thread;
    const anchor = this.#anchors.get(thread.id);
    const last = anchor === undefined ? entries.length - 1 : anchorIndex(entries, anchor);
    const reversed: (readonly Span[])[] = [];
    const foldable: number[] = [];
    for (let index = last; index >= 0 && reversed.length < height; index--) {
      const block = this.#block(thread, index, layout);
      const shown = index === last && anchor ? block.slice(0, anchor.row + 1) : block;
      reversed.push(...shown.toReversed());
      const entry = entries[index];
      if (entry && this.#rows.get(entry)?.isFoldable === true) foldable.push(entry.id);
    }
    this.#foldable = foldable;
    const rows = reversed.slice(0, height).toReversed();
    return { rows, below: entries.length - 1 - last };
  }

  /** Unfolds all that is folded on the screen; folds it again when nothing was folded. */
  toggleFolds(): void {
    const folded = this.#foldable.filter((id) => !this.#unfolded.has(id));
    for (const id of folded) this.#unfolded.add(id);
    if (folded.length === 0) for (const id of this.#foldable) this.#unfolded.delete(id);
  }

  /** Scrolls back by pages; forward when negative. Infinity goes to the oldest entry. */
  scroll(thread: Thread, pages: number): void {
    const layout = this.#layout;
    const { entries } = thread;
    if (layout === undefined || entries.length === 0) return;
    const heightAt = (index: number): number => this.#block(thread, index, layout).length;
    const anchor = this.#anchors.get(thread.id);
    let index = anchor ? anchorIndex(entries, anchor) : entries.length - 1;
    let row = anchor ? Math.min(anchor.row, heightAt(index) - 1) : heightAt(index) - 1;
    /** Moves by rows, down when positive, up to either end. Walks only over the entries in between. */
    const move = (rows: number): void => {
      row += rows;
      while (row < 0 && index > 0) row += heightAt(--index);
      while (row >= heightAt(index) && index < entries.length - 1) row -= heightAt(index++);
    };
    // Pages overlap by one line.
    if (pages === Infinity) [index, row] = [0, 0];
    else move(-Math.round(pages * Math.max(1, this.#height - 1)));
    // The first row goes no lower than the top of the screen.
    let above = Math.max(0, row);
    for (let at = index - 1; at >= 0 && above < this.#height; at--) above += heightAt(at);
    if (index === 0 && row < 0) row = 0;
    if (above < this.#height - 1) move(this.#height - 1 - above);
    const entry = entries[index];
    if (entry === undefined || (index === entries.length - 1 && row >= heightAt(index) - 1)) {
      this.#anchors.delete(thread.id);
    } else {
      this.#anchors.set(thread.id, { entry: entry.id, row });
    }
  }

  /** Scrolls to an entry, with the two that follow it below, and unfolds it. */
  lookAt(thread: Thread, id: number): void {
    const index = thread.entries.findLastIndex((entry) => entry.id === id);
    if (index < 0) return;
    this.#unfolded.add(id);
    const bottom = thread.entries[index + 2];
    if (bottom) this.#anchors.set(thread.id, { entry: bottom.id, row: Number.MAX_SAFE_INTEGER });
    else this.#anchors.delete(thread.id);
  }

  /** Scrolls to the last message of a thread. */
  follow(place: PlaceId): void {
    this.#anchors.delete(place);
  }

  /** The rows of an entry, with the separators above it. */
  #block(thread: Thread, index: number, layout: EntryLayout): readonly (readonly Span[])[] {
    const entry = thread.entries[index];
    if (entry === undefined) return [];
    let cached = this.#rows.get(entry);
    const isUnfolded = this.#unfolded.has(entry.id);
    if (cached?.layout !== layout || cached.isUnfolded !== isUnfolded) {
      cached = { layout, isUnfolded, ...entryRows(entry, layout, isUnfolded) };
      this.#rows.set(entry, cached);
    }
    const above: Span[][] = [];
    const before = thread.entries[index - 1];
    if (before && before.at.toDateString() !== entry.at.toDateString()) {
      above.push(rule(dayText(entry.at), layout));
    }
    if (entry.id === thread.newFrom) above.push(rule('new', layout));
    return above.length === 0 ? cached.rows : [...above, ...cached.rows];
  }

  /** The same object while nothing changes, so that rows can be cached. */
  #layoutFor(thread: Thread, width: number, theme: Theme, marking: Marking): EntryLayout {
    const nameWidth = width < MIN_WIDTH_FOR_COLUMNS ? undefined : widestName(thread);
    const last = this.#layout;
    if (
      last?.width === width &&
      last.nameWidth === nameWidth &&
      last.theme === theme &&
      last.marking.words === marking.words &&
      last.marking.search === marking.search
    ) {
      return last;
    }
    this.#layout = { width, nameWidth, theme, marking };
    return this.#layout;
  }
}

/** Index of the anchor's entry; of the first entry when it was dropped. */
function anchorIndex(entries: readonly Entry[], { entry }: Anchor): number {
  return Math.max(
    0,
    entries.findLastIndex(({ id }) => id <= entry),
  );
}

function widestName({ entries }: Thread): number {
  let widest = MIN_NAME_WIDTH;
  for (const entry of entries.slice(-NAMES_LOOKED_AT)) {
    if (entry.type === 'message') widest = Math.max(widest, textWidth(terminalText(entry.sender)));
  }
  return Math.min(widest, MAX_NAME_WIDTH);
}

function rule(text: string, layout: EntryLayout): Span[] {
  const { theme, width } = layout;
  const column = bodyColumn(layout);
  const room = Math.max(0, width - column - text.length - 2);
  return [
    { text: '─'.repeat(column), style: theme.line },
    { text: ` ${text} `, style: theme.quiet },
    { text: '─'.repeat(room), style: theme.line },
  ];
}

function dayText(at: Date): string {
  return at.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}
