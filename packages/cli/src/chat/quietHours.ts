const SPAN = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/;

/** True when `at` lies in a period such as `22:00-07:00`, in local time. */
export function isQuiet(span: string | undefined, at: Date): boolean {
  const [from, to] = minutesOf(span);
  if (from === undefined || to === undefined) return false;
  const now = at.getHours() * 60 + at.getMinutes();
  return from <= to ? now >= from && now < to : now >= from || now < to;
}

function minutesOf(span = ''): number[] {
  const [, ...parts] = SPAN.exec(span) ?? [];
  const [fromHour, fromMinute, toHour, toMinute] = parts.map(Number);
  if (fromHour === undefined || fromMinute === undefined || toHour === undefined || toMinute === undefined) {
    return [];
  }
  return [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
}
