/** The name most like `word`, or undefined when none is much like it. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  const plain = simplify(word);
  let nearest: string | undefined;
  let least = Math.ceil(plain.length / 3) + 1;
  for (const name of names) {
    const distance = editDistance(plain, simplify(name));
    if (distance >= least) continue;
    nearest = name;
    least = distance;
  }
  return nearest;
}

/** Other ways of joining words are no difference. */
function simplify(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** How many characters must be put in, taken out or changed to make `a` into `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
