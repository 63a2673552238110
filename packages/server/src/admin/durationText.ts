/** Rounded up, in the largest unit that fits. */
export function durationText(seconds: number): string {
  if (seconds < 120) return plural(Math.ceil(seconds), 'second');
  if (seconds < 7200) return plural(Math.ceil(seconds / 60), 'minute');
  if (seconds < 172_800) return plural(Math.ceil(seconds / 3600), 'hour');
  return plural(Math.ceil(seconds / 86_400), 'day');
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
