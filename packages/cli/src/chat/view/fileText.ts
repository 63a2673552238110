import type { FileEntry } from '@quietroom/chat';

/** A file entry in one line. */
export function fileText(file: FileEntry): string {
  const { number, direction, name, status, note } = file;
  const size = file.totalBytes === undefined ? '' : ` (${byteText(file.totalBytes)})`;
  const what = `${name}${size}`;
  switch (status) {
    case 'preparing':
      return `File ${number}: ${what} is being prepared`;
    case 'offered':
      return direction === 'in'
        ? `File ${number}: ${what} is offered. /accept ${number} or /decline ${number}`
        : `File ${number}: ${what} is offered; /cancel ${number} takes it back`;
    case 'waiting':
      return `File ${number}: ${what} waits for its turn`;
    case 'transferring':
      return `File ${number}: ${what}`;
    case 'done':
      return direction === 'in'
        ? `File ${number}: ${what} is saved${note === undefined ? '' : ` as ${note}`}`
        : `File ${number}: ${what} has arrived`;
    case 'declined':
      return `File ${number}: ${what} was declined`;
    case 'withdrawn':
      return `File ${number}: ${what} is offered no more`;
    case 'failed':
      return `File ${number}: ${what} failed. ${note ?? ''}`.trimEnd();
  }
}

/** The progress bar and its text, within the width. */
export function progressBar(
  { bytes, totalBytes }: FileEntry,
  width: number,
): { readonly done: string; readonly left: string; readonly text: string } {
  if (totalBytes === undefined) return { done: '', left: '', text: byteText(bytes) };
  const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes);
  const text = ` ${String(Math.floor(share * 100)).padStart(3)} %  ${byteText(bytes)} of ${byteText(totalBytes)}`;
  const room = Math.min(30, width - text.length);
  if (room < 5) return { done: '', left: '', text: text.trim() };
  const full = Math.floor(share * room);
  return { done: '━'.repeat(full), left: '─'.repeat(room - full), text };
}

export function byteText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  for (const unit of ['kB', 'MB', 'GB']) {
    value /= 1000;
    if (value < 999.5 || unit === 'GB')
      return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
  }
  return `${bytes} B`;
}
